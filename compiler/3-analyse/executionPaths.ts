/**
 * Where statements stand, and whether one may be executed after another.
 *
 * before: loop i {x = t[i]; t[i] = 0}        after: the load may be executed after the store, but never of the same element
 */
import type { Block, LoopStatement, Statement, Value } from "../ir/ir.js";
import { blocksOf } from "../ir/walk.js";
import { mayOverwrite } from "./dependence.js";
import type { IntegerFacts } from "./integers.js";

/** A statement's position: the blocks from the root and the place in each. */
export interface Step {
  readonly block: Block;
  readonly index: number;
  readonly isLoop: boolean;
}

/** Where each statement below a block stands, in order. */
export function pathsOf(root: Block): ReadonlyMap<Statement, readonly Step[]> {
  const paths = new Map<Statement, readonly Step[]>();
  const enter = (block: Block, outer: readonly Step[], isLoop: boolean): void =>
    block.statements.forEach((statement, index) => {
      const path = [...outer, { block, index, isLoop }];
      paths.set(statement, path);
      for (const nested of blocksOf(statement)) enter(nested, path, isLoop || statement.kind === "loop");
    });
  enter(root, [], false);
  return paths;
}

export function statementAt(path: readonly Step[]): Statement | undefined {
  const last = path.at(-1)!;
  return last.block.statements[last.index];
}

/** The loops that a statement stands in, outermost first. */
function loopsAlong(path: readonly Step[]): readonly LoopStatement[] {
  return path.slice(0, -1).flatMap((step) => {
    const around = step.block.statements[step.index];
    return around?.kind === "loop" ? [around] : [];
  });
}

/** In one iteration of all loops that hold both, the first comes before the second. */
export function isBefore(first: readonly Step[] | undefined, second: readonly Step[]): boolean {
  if (!first) return false;
  for (let k = 0; k < first.length && k < second.length; k++) {
    if (first[k]!.block !== second[k]!.block) return false;
    if (first[k]!.index !== second[k]!.index) return first[k]!.index < second[k]!.index;
  }
  return false;
}

/** In one iteration of all loops that hold both, the write comes after the read. */
function comesAfter(read: readonly Step[], write: readonly Step[]): boolean {
  for (let k = 0; k < read.length && k < write.length; k++) {
    // Different branches, or a loop's test and its body.
    if (read[k]!.block !== write[k]!.block) return true;
    if (read[k]!.index !== write[k]!.index) return write[k]!.index > read[k]!.index;
  }
  return true;
}

/** The write cannot execute after the read: no loop holds both (unless the object is born inside it), and it comes first. */
export function precedes(write: readonly Step[], read: readonly Step[], birth: readonly Step[] | undefined): boolean {
  let shared = 0;
  while (shared < write.length && shared < read.length && write[shared]!.block === read[shared]!.block) {
    if (write[shared]!.index !== read[shared]!.index) break;
    shared++;
  }
  const place = Math.min(shared, write.length - 1, read.length - 1);
  const common = write[place]!.block === read[place]!.block ? place : place - 1;
  const commonStep = read[common]!;
  const bornInside = birth !== undefined && birth.length > common && birth[common]!.block === commonStep.block;
  if (commonStep.isLoop && !bornInside) return false;
  if (write[common]!.index === read[common]!.index) {
    // Different branches of one `if`: they exclude each other.
    return true;
  }
  return write[common]!.index < read[common]!.index;
}

export interface MeetingQuestion {
  readonly first: readonly Step[];
  readonly later: readonly Step[];
  /** Where the object is made. */
  readonly birth: readonly Step[] | undefined;
  readonly integers: IntegerFacts;
  definitionOf(value: Value): Statement | undefined;
}

/** After `statement`, which stands at `first`, the other may name the same element, through the same reference. */
export function mayMeetLater(
  { first, later, birth, integers, definitionOf }: MeetingQuestion,
  statement: Statement,
): boolean {
  const other = statementAt(later);
  if (!other || !namesElement(statement) || !namesElement(other) || other.object !== statement.object) return true;
  const [around, aroundOther] = [loopsAlong(first), loopsAlong(later)];
  const isShared = (k: number): boolean => around[k] !== undefined && around[k] === aroundOther[k];
  let shared = 0;
  while (isShared(shared)) shared++;
  const born = birth ? loopsAlong(birth) : [];
  let fixed = 0;
  while (fixed < shared && born[fixed] === around[fixed]) fixed++;
  return mayOverwrite({
    read: { statement, loops: around },
    write: { statement: other, loops: aroundOther },
    shared,
    fixed,
    comesAfter: comesAfter(first, later),
    integers,
    definitionOf,
  });
}

function namesElement(statement: Statement): statement is Statement & { kind: "load" | "store" | "addTo" } {
  return statement.kind === "load" || statement.kind === "store" || statement.kind === "addTo";
}
