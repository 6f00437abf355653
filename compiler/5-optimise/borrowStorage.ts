/**
 * Storage of kept values is borrowed from the runtime and given back when it has been read: a derivative that is called
 * again and again makes it once.
 *
 * Needs: a finished function, which no pass sees any more. Guarantees: what is borrowed is written before it is read, since
 * it holds kept values only, and is reached by nobody who is there when the function has returned.
 *
 * before: k = allocate n; …; return …        after: k = borrow n; …; giveBack k; return …
 */
import type { AllocateStatement, Block, IrFunction, Statement, Value } from "../ir/ir.js";
import { blocksOf, constantsIn, operandsOf, usesAtEnd } from "../ir/walk.js";
import { lend } from "./lending.js";

/** A shorter array is made as fast as it is borrowed. */
const shortest = 64;

export function borrowStorage(fn: IrFunction): IrFunction {
  const constants = constantsIn(fn.body);
  return lend(fn, (statement, block, owner) => {
    if (!mayBeBorrowed(statement, constants)) return null;
    const use = useOf(block, owner, statement.result);
    return use && { borrowed: borrowed(statement, use), last: use.last };
  });
}

function mayBeBorrowed(statement: Statement, constants: ReadonlyMap<Value, number>): statement is AllocateStatement {
  if (statement.kind !== "allocate" || statement.result.role !== "kept" || statement.fill) return false;
  const { type } = statement.result;
  return (
    type.kind === "typedArray" &&
    (type.name === "Float64Array" || type.name === "Uint8Array") &&
    (constants.get(statement.length) ?? shortest) >= shortest
  );
}

function borrowed({ result, length, span }: AllocateStatement, { isGrowing }: Use): Statement {
  const isBytes = result.type.kind === "typedArray" && result.type.name === "Uint8Array";
  const name = `borrow${isGrowing ? "Growing" : ""}${isBytes ? "Bytes" : ""}`;
  return { kind: "runtimeCall", result, name, arguments: [length], writes: [], span };
}

interface Use {
  /** The name that the storage has at the end of the block: loops and branches may have made it longer. */
  readonly last: Value;
  readonly isGrowing: boolean;
}

/** How storage is used in the block that makes it; null where it is used for anything but numbers, or leaves the block. */
function useOf(block: Block, owner: Statement | null, storage: Value): Use | null {
  const names = new Set<Value>([storage]);
  let last = storage;
  let isGrowing = false;
  const follow = (inside: Block): boolean =>
    inside.statements.every((statement) => {
      const isOurs = operandsOf(statement).some((operand) => names.has(operand));
      if (statement.kind === "ensure" && names.has(statement.object)) {
        names.add(statement.result);
        isGrowing = true;
      } else if (statement.kind === "loop") {
        statement.initial.forEach((initial, k) => {
          if (names.has(initial)) names.add(statement.parameters[k]!);
        });
        if (!blocksOf(statement).every(follow)) return false;
        return passesOn(statement.results, [statement.initial, statement.body.yields]);
      } else if (statement.kind === "if") {
        if (!blocksOf(statement).every(follow)) return false;
        return passesOn(statement.results, [statement.then.yields, statement.else.yields]);
      } else if (isOurs) return touchesNumbers(statement, names);
      return true;
    });
  /** Where one way leads to the storage, all do. */
  const passesOn = (results: readonly Value[], ways: readonly (readonly Value[])[]): boolean =>
    results.every((result, k) => {
      const isStorage = ways.map((way) => names.has(way[k]!));
      if (!isStorage.includes(true)) return true;
      names.add(result);
      return isStorage.every(Boolean);
    });
  if (!follow(block) || usesAtEnd(owner, block).some((value) => names.has(value))) return null;
  for (const statement of block.statements) {
    if (statement.kind === "ensure" && names.has(statement.result)) last = statement.result;
    if (statement.kind === "loop" || statement.kind === "if")
      for (const result of statement.results) if (names.has(result)) last = result;
  }
  return { last, isGrowing };
}

function touchesNumbers(statement: Statement, names: ReadonlySet<Value>): boolean {
  if (statement.kind === "load") return true;
  return statement.kind === "store" && !names.has(statement.value);
}
