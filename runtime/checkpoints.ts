/**
 * Where to take snapshots of a loop, so that its iterations can be run again from the last to the first with as little
 * running as possible: the binomial schedule of A. Griewank and A. Walther, Algorithm 799: Revolve, ACM Transactions on
 * Mathematical Software 26 (2000), whose optimality is shown there.
 */
import { isFloatArray, isIntegerArray } from "./structure.js";

/**
 * At which counter value the next snapshot is to be taken on the way from the state before iteration `from`, of which there
 * is one, to the last iteration that has not been reversed; Infinity for none. What follows a loop, which is reversed
 * first, counts as one more iteration. `free`: for how many snapshots there is room.
 */
export function nextSnapshot(from: number, last: number, free: number, step = 1): number {
  const iterations = (last - from) / step + 1;
  if (free < 1 || iterations < 2) return Infinity;
  // With `slots` snapshots, and every iteration run at most `repeats` times, at most choose(slots + repeats, slots)
  // iterations are within reach.
  const slots = free + 1;
  let repeats = 1;
  let reach = slots + 1;
  let before = 1;
  while (reach < iterations) {
    repeats++;
    before = reach;
    reach = (reach * (slots + repeats)) / repeats;
  }
  // What lies behind the next snapshot has one slot fewer, and at least choose(slots + repeats - 2, slots - 1) iterations.
  const behind = (before * slots) / (slots + repeats - 1);
  return from + step * Math.max(1, Math.round(Math.min(before, iterations - behind)));
}

/** For how many snapshots of so many bytes each there is room: at least one, and no more than there are iterations. */
export function snapshotsWithin(budget: number, each: number, iterations: number): number {
  return Math.max(1, Math.min(Math.floor(budget / each), iterations));
}

/** The memory that data takes, in bytes: eight for a number outside of typed arrays. What is shared counts once. */
export function bytesOf(data: unknown, seen: Set<object> = new Set()): number {
  if (typeof data !== "object" || data === null) return 8;
  if (seen.has(data)) return 0;
  seen.add(data);
  if (isFloatArray(data) || isIntegerArray(data)) return data.byteLength;
  let sum = 0;
  for (const part of Object.values(data)) sum += bytesOf(part, seen);
  return sum;
}
