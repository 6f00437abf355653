/** Time and memory of calls. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const rounds = 15;

/** Results go here, so that no call can be left out. */
let sink = 0;

function timeBatch(call: () => number, count: number): number {
  const start = performance.now();
  for (let i = 0; i < count; i++) sink += call();
  return performance.now() - start;
}

/** Long functions are optimised late, by a thread of V8's own. */
const warmUp = 300;

/** Lets the call be optimised, then says how many of them fill the time. */
function callsThatFill(call: () => number, milliseconds: number): number {
  let count = 1;
  for (let spent = 0; spent < warmUp;) {
    const time = timeBatch(call, count);
    spent += time;
    if (time < warmUp / 8) count *= 2;
  }
  return Math.max(1, Math.round((count * milliseconds) / Math.max(timeBatch(call, count), 1e-3)));
}

/**
 * Microseconds per call: a row for each round, in which all take their turn. Other work on the machine slows a whole
 * round, so that ratios are best taken within one.
 */
export function timeInterleaved(calls: readonly (() => number)[], seconds: number): number[][] {
  const milliseconds = (1000 * seconds) / (calls.length * (rounds + 3));
  const counts = calls.map((call) => callsThatFill(call, milliseconds));
  return Array.from({ length: rounds }, () =>
    calls.map((call, which) => (1000 * timeBatch(call, counts[which]!)) / counts[which]!),
  );
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes that one call allocates, its result and garbage included: the median, since a collection may fall into a sample. */
export function bytesPerCall(call: () => number): number {
  return Math.max(0, median(Array.from({ length: 5 }, () => growthOver(call) - growthOver(() => 0))));
}

/** The heap's own upkeep, or a collection, shows in single samples: the medians are steady. */
function growthOver(call: () => number): number {
  collectGarbage();
  callsThatFill(call, 1); // a collection may have thrown optimised code away
  collectGarbage(); // one in a sample would hide what it allocates
  const samples = Array.from({ length: 15 }, () => {
    const before = process.memoryUsage();
    sink += call();
    const after = process.memoryUsage();
    return [after.heapUsed - before.heapUsed, after.arrayBuffers - before.arrayBuffers] as const;
  });
  return median(samples.map(([heap]) => heap)) + median(samples.map(([, buffers]) => buffers));
}
