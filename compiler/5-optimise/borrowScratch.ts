/**
 * Arrays of numbers that a function makes for itself are borrowed from the runtime and given back: what writes into a
 * buffer of its caller's is to make nothing at all.
 *
 * Needs: a finished function. Guarantees: the same numbers. What is borrowed is as long as what would have been made, and
 * zero or a copy as that; nobody else reaches it, and no loop makes it.
 *
 * before: t = allocate n; …; return …        after: t = borrowZeros n; …; giveBack t; return …
 */
import type { Block, IrFunction, Statement, Value } from "../ir/ir.js";
import { isScalar } from "../ir/types.js";
import { blocksOf, constantsIn, operandsOf, usesAtEnd } from "../ir/walk.js";
import { lend } from "./lending.js";

/** The engine makes shorter arrays as fast. */
const shortest = 9;

export function borrowScratch(fn: IrFunction): IrFunction {
  const constants = constantsIn(fn.body);
  return lend(fn, (statement, block, owner) => {
    const borrowed = borrowedFor(statement, constants);
    if (!borrowed?.result || !isScratch(block, owner, borrowed.result)) return null;
    return { borrowed, last: borrowed.result };
  });
}

/** What makes an array as the statement does, of what lies there. */
function borrowedFor(
  statement: Statement,
  constants: ReadonlyMap<Value, number>,
): (Statement & { kind: "runtimeCall" }) | null {
  if (statement.kind !== "allocate" && statement.kind !== "slice") return null;
  const { result, span } = statement;
  // What is kept is written before it is read: it is borrowed as it is.
  if (result.role === "kept") return null;
  if (result.type.kind !== "typedArray" || result.type.name !== "Float64Array") return null;
  if (statement.kind === "slice") {
    if (statement.start || statement.end || statement.object.type.kind !== "typedArray") return null;
    if (statement.object.type.name !== "Float64Array") return null;
    return { kind: "runtimeCall", result, name: "borrowCopy", arguments: [statement.object], writes: [], span };
  }
  if (statement.fill || (constants.get(statement.length) ?? shortest) < shortest) return null;
  return { kind: "runtimeCall", result, name: "borrowZeros", arguments: [statement.length], writes: [], span };
}

/** Nothing but the numbers in the array leaves the block. */
function isScratch(block: Block, owner: Statement | null, array: Value): boolean {
  if (usesAtEnd(owner, block).includes(array)) return false;
  return block.statements.every((statement) => {
    if (!blocksOf(statement).every((nested) => isScratch(nested, statement, array))) return false;
    return !operandsOf(statement).includes(array) || touchesNumbers(statement, array);
  });
}

function touchesNumbers(statement: Statement, array: Value): boolean {
  switch (statement.kind) {
    case "load":
    case "length":
    case "copy":
    case "slice":
    case "zerosLike":
      return true;
    case "store":
    case "addTo":
    case "fill":
      return statement.value !== array;
    case "arrayPrimitive":
      return isScalar(statement.result.type);
    case "runtimeCall":
      return statement.result === null || isScalar(statement.result.type);
    default:
      return false;
  }
}
