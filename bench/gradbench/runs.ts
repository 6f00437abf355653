import type { Runs, Timing } from "./protocol.js";

const now = (): number => Number(process.hrtime.bigint());

/** Runs as often and as long as the input asks, at least once. */
export function run(evaluate: () => unknown, { min_runs = 1, min_seconds = 0 }: Partial<Runs>) {
  const timings: Timing[] = [];
  let output: unknown;
  let total = 0;
  do {
    const start = now();
    output = evaluate();
    const nanoseconds = now() - start;
    timings.push({ name: "evaluate", nanoseconds });
    total += nanoseconds;
  } while (timings.length < min_runs || total < min_seconds * 1e9);
  return { output, timings };
}
