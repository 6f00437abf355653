/** How the cost of a gradient grows with the number of inputs: that of the function times a constant. */
import { generateFile } from "./generate.js";
import { bytesPerCall, median, timeInterleaved } from "./measure.js";
import { softplusChain } from "./problems/softplusChain.js";
import { rosenbrock } from "./problems/rosenbrock.js";

const counts = [10, 100, 1000, 10_000, 100_000, 1_000_000];

export const inputsHeader = ["function", "inputs", "function µs", "gradient/function", "bytes a gradient"];

interface Growing {
  readonly name: string;
  readonly argumentsFor: (count: number) => readonly unknown[];
  readonly primal: (...args: never[]) => number;
}

const wave = (count: number, phase: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(i + phase) * 0.5);

const growing: readonly Growing[] = [
  { name: "rosenbrock", primal: rosenbrock, argumentsFor: (count) => [wave(count, 0)] },
  { name: "softplusChain", primal: softplusChain, argumentsFor: (count) => [wave(count, 0), wave(count, 1), 0.7, 0.2] },
];

export async function measureInputs(seconds: number): Promise<readonly (readonly string[])[]> {
  const rows: string[][] = [];
  for (const { name, primal, argumentsFor } of growing) {
    const generated = await generateFile(name);
    if (typeof generated === "string") throw new Error(generated);
    const derivative = generated(`valueAndGrad${name[0]!.toUpperCase()}${name.slice(1)}`);
    for (const count of counts) {
      const args = argumentsFor(count);
      const gradient = (): number => (derivative(...args) as { value: number }).value;
      const calls = [(): number => primal(...(args as never[])), gradient];
      const rounds = timeInterleaved(calls, seconds / (counts.length * growing.length));
      rows.push([
        name,
        count.toLocaleString("en"),
        median(rounds.map((round) => round[0]!)).toFixed(2),
        median(rounds.map((round) => round[1]! / round[0]!)).toFixed(2),
        bytesPerCall(gradient).toLocaleString("en"),
      ]);
    }
  }
  return rows;
}
