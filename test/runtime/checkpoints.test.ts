/** The schedule of snapshots: it takes no more room than there is, and runs as little as can be. */
import { describe, expect, test } from "vitest";
import { bytesOf, nextSnapshot, snapshotsWithin } from "../../runtime/checkpoints.js";

/** Iterations that are run to get from one state to another, when all are reversed as generated code does it. */
function runs(iterations: number, slots: number, step = 1): number {
  const positions = [0];
  const last = (iterations - 1) * step;
  let count = 0;
  const advance = (from: number, to: number, end: number): void => {
    let next = nextSnapshot(from, end, slots - positions.length, step);
    for (let k = from; k !== to; k += step) {
      if (k === next) {
        positions.push(k);
        expect(positions.length).toBeLessThanOrEqual(slots);
        next = nextSnapshot(k, end, slots - positions.length, step);
      }
      count++;
    }
  };
  // What follows the loop is reversed first: it is as one more iteration.
  advance(0, last + step, last + step);
  for (let k = last; k * step >= 0; k -= step) {
    const from = positions.at(-1)!;
    if (from === k) positions.pop();
    else advance(from, k, k);
  }
  expect(positions).toEqual([]);
  return count;
}

/** The least number of runs, by trying every place for the next snapshot. */
function fewest(iterations: number, slots: number): number {
  const known = new Map<string, number>();
  // Runs until the last state of `n` iterations is reached and all of them are reversed; their first state is kept.
  const cost = (n: number, s: number): number => {
    if (n <= 1) return 0;
    if (s === 1) return (n * (n - 1)) / 2;
    const key = `${n} ${s}`;
    let best = known.get(key) ?? Infinity;
    if (best < Infinity) return best;
    for (let m = 1; m < n; m++) best = Math.min(best, m + cost(n - m, s - 1) + cost(m, s));
    known.set(key, best);
    return best;
  };
  return cost(iterations + 1, slots);
}

describe("nextSnapshot", () => {
  test.each([1, 2, 3, 4, 7, 12])("runs as little as can be with %i snapshots", (slots) => {
    for (let iterations = 1; iterations <= 60; iterations++)
      expect(runs(iterations, slots), `${iterations} iterations`).toBe(fewest(iterations, slots));
  });

  test("counts in steps of the loop", () => {
    expect(runs(40, 3, -2)).toBe(runs(40, 3));
    expect(runs(40, 3, 5)).toBe(runs(40, 3));
  });

  test("takes few snapshots for many iterations", () => {
    expect(runs(100_000, 32)).toBeLessThan(4.5 * 100_000);
  });
});

test("snapshots within a budget: at least one, at most one for each iteration", () => {
  expect(snapshotsWithin(100, 16, 1000)).toBe(6);
  expect(snapshotsWithin(10, 16, 1000)).toBe(1);
  expect(snapshotsWithin(1e9, 16, 1000)).toBe(1000);
  expect(snapshotsWithin(1e9, 16, 0)).toBe(1);
});

test("bytes of data", () => {
  const row = new Float64Array(4);
  expect(bytesOf([row, row, new Uint8Array(3), { x: 1, name: null }])).toBe(32 + 3 + 8 + 8);
});
