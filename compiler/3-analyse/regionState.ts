/**
 * What the state of a part of the program is, so that it can be run again from there: a loop, whose state is that before
 * an iteration, or a branch.
 *
 * Needs: alias classes, finality. Guarantees: every object that the part may write, or reaches by what it carries, is
 * reached from `carried` or `changing`; what else it reads, and what may be written behind it, from `read`.
 *
 * before: loop (x = x0) {a[0] += x[0] * w[0]; yield next}        carried: x; changing: a, x0; read: w, if it is written later
 */
import type { LoopStatement, Statement, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { blocksOf, freeValues, operandsOf, usesAtEnd, visitStatements } from "../ir/walk.js";
import type { Block } from "../ir/ir.js";
import { type AliasFacts, makesObject, type MemoryClass } from "./aliases.js";
import { classesBelow, reachableFrom } from "./entangled.js";
import { memoryWrittenIn } from "./writtenMemory.js";

export interface RegionState {
  /** Positions of the references that a loop carries. */
  readonly carried: readonly number[];
  /** Other objects that are changed, or may be one of those that are carried. */
  readonly changing: readonly Value[];
  /** Objects that are only read here, but may be written before the reverse sweep. */
  readonly read: readonly Value[];
}

export interface RegionFacts {
  readonly root: Block;
  readonly aliases: AliasFacts;
  isSettledAfter(statement: Statement, object: Value): boolean;
}

/** `body`: the loop's body, or the branch. */
export function regionState(facts: RegionFacts, statement: Statement, body: Block): RegionState {
  const { aliases } = facts;
  const loop = statement.kind === "loop" ? statement : null;
  const carried = (loop?.parameters ?? []).flatMap((parameter, k) => (isReference(parameter.type) ? [k] : []));
  const memory = new Set<MemoryClass>();
  for (const written of memoryWrittenIn(body, aliases))
    for (const below of classesBelow(aliases, written)) memory.add(below);
  for (const k of carried) for (const below of reachableFrom(aliases, loop!.parameters[k]!)) memory.add(below);
  const isMeant = (value: Value): boolean => [...reachableFrom(aliases, value)].some((one) => memory.has(one));
  const own = new Set<Value>(loop ? [loop.counter, ...loop.parameters] : []);
  const free = freeValues(body, loop).filter((value) => isReference(value.type) && !own.has(value));
  const initial = carried.map((k) => loop!.initial[k]!).filter((value) => !isOnlyCarried(facts.root, loop!, value));
  const all = [...new Set([...free, ...initial])];
  return {
    carried,
    changing: all.filter(isMeant),
    read: all.filter((value) => !isMeant(value) && !facts.isSettledAfter(statement, value)),
  };
}

/** The loop alone has the object, once it begins: it is made before, and nobody else can reach it. */
function isOnlyCarried(root: Block, loop: LoopStatement, value: Value): boolean {
  let isAlone = loop.initial.filter((one) => one === value).length === 1;
  let isMade = false;
  let isBehind = false;
  const enter = (block: Block, owner: Statement | null): void => {
    for (const statement of block.statements) {
      if ("result" in statement && statement.result === value)
        isMade = makesObject(statement) && statement.kind !== "view";
      const uses = operandsOf(statement).filter((one) => one === value).length;
      if (statement === loop) isBehind = true;
      else if (uses > 0 && (isBehind || !isOnlyTouched(statement, value))) isAlone = false;
      for (const nested of blocksOf(statement)) enter(nested, statement);
    }
    if (usesAtEnd(owner, block).includes(value)) isAlone = false;
  };
  enter(root, null);
  return isMade && isAlone && !isInLoop(root, loop);
}

/** Where the loop is run several times, an object from before it is there each time. */
function isInLoop(root: Block, loop: LoopStatement): boolean {
  let found = false;
  visitStatements(root, (statement) => {
    if (statement.kind !== "loop" || statement === loop) return;
    visitStatements(statement.body, (inside) => {
      found ||= inside === loop;
    });
  });
  return found;
}

/** What the object holds is read or written, and nothing is given a name of it. */
function isOnlyTouched(statement: Statement, object: Value): boolean {
  switch (statement.kind) {
    case "load":
      return !isReference(statement.result.type);
    case "store":
    case "addTo":
    case "fill":
      return statement.object === object && !isReference(statement.value.type);
    case "length":
    case "slice":
    case "arrayPrimitive":
      return true;
    case "copy":
      return statement.object !== statement.source;
    default:
      return false;
  }
}
