/**
 * Places: where a value is used, and whether one use can be followed by another while the value stays the same.
 *
 * before: r = literal …; s = if c {yield r} else {…}; store r, …        the store may follow the yield
 */
import type { Block } from "../ir/ir.js";

/** One level of nesting: a position in a block; the end of a block, where it yields, is after all its statements. */
export interface Step {
  readonly block: Block;
  readonly index: number;
  /** The block is run again and again while the loop that owns it runs. */
  readonly isLoop: boolean;
}

/** The steps from the function's body down to a use. */
export type Place = readonly Step[];

/**
 * Whether `second` may happen after `first` without the value being made anew in between. `depth` is the number of
 * steps above the block that makes it (a loop's parameters are made in its test and body).
 */
export function mayFollow(first: Place, second: Place, depth: number): boolean {
  let shared = depth;
  while (isSameStep(first[shared], second[shared])) {
    if (shared > depth && first[shared]!.isLoop) return true;
    shared++;
  }
  const [before, after] = [first[shared], second[shared]];
  // What a loop starts from is used before anything in the loop.
  if (!before) return true;
  if (!after) return false;
  if (before.block === after.block) return isRepeated(before, shared, depth) || after.index > before.index;
  // Different branches exclude each other, a loop's test and body do not.
  return isRepeated(before, shared, depth);
}

function isRepeated(step: Step, at: number, depth: number): boolean {
  return at > depth && step.isLoop;
}

function isSameStep(a: Step | undefined, b: Step | undefined): boolean {
  return a !== undefined && b !== undefined && a.block === b.block && a.index === b.index;
}
