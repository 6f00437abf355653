/** The comparison as a page. */
import { cpus } from "node:os";
import { format } from "prettier";
import type { Comparison, Outcome } from "./compare.js";
import { versions } from "./peers.js";

type Row = readonly string[];

function tableOf([header, ...rows]: readonly Row[]): string {
  const rule = header!.map((_, at) => (at === 0 ? "---" : "--:"));
  return [header!, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function short(ratio: number): string {
  if (ratio >= 1000) return (Math.round(ratio / 10) * 10).toLocaleString("en");
  return ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(2);
}

function timeCell({ time, failure }: Outcome): string {
  if (time !== null) return short(time);
  return failure?.split(":")[0] === "wrong" ? "wrong" : failure?.startsWith("crashed") ? "crashes" : "";
}

export function timeTable(comparisons: readonly Comparison[]): string {
  const peers = comparisons[0]!.outcomes.map(({ peer }) => peer.name);
  const rows = comparisons.map(({ name, inputs, microseconds, byHand, outcomes }) => [
    name,
    inputs.toLocaleString("en"),
    microseconds.toFixed(1),
    short(byHand),
    ...outcomes.map(timeCell),
  ]);
  const means = comparisons[0]!.outcomes.map((_, at) =>
    geometricMean(comparisons.flatMap(({ outcomes }) => outcomes[at]!.time ?? [])),
  );
  const byHand = geometricMean(comparisons.map((comparison) => comparison.byHand));
  return tableOf([
    ["problem", "inputs", "generated, µs", "by hand", ...peers],
    ...rows,
    ["geometric mean of those there are", "", "", byHand, ...means],
  ]);
}

function geometricMean(ratios: readonly number[]): string {
  if (ratios.length === 0) return "";
  return short(Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length));
}

function differenceTable(comparisons: readonly Comparison[]): string {
  const { outcomes: first } = comparisons[0]!;
  return tableOf([
    ["problem", ...first.map(({ peer }) => peer.name)],
    ["numbers", ...first.map(({ peer }) => peer.numbers)],
    ["accepted", ...first.map(({ peer }) => peer.tolerance.toExponential(0))],
    ...comparisons.map(({ name, outcomes }) => [
      name,
      ...outcomes.map(({ difference }) => difference?.toExponential(0) ?? ""),
    ]),
  ]);
}

/** A line for each peer and reason, with the problems it holds for. */
function failures(comparisons: readonly Comparison[]): string {
  const problemsByReason = new Map<string, string[]>();
  const peers = comparisons[0]!.outcomes.map(({ peer }) => peer);
  for (const { name } of peers) {
    for (const { name: problem, outcomes } of comparisons) {
      const failure = outcomes.find(({ peer }) => peer.name === name)?.failure;
      if (failure === null || failure === undefined) continue;
      const key = `${failure}\u0000${name}`;
      problemsByReason.set(key, [...(problemsByReason.get(key) ?? []), problem]);
    }
  }
  return [...problemsByReason]
    .map(([key, problems]) => {
      const [reason, peer] = key.split("\u0000");
      return `- ${peer}, ${problems.join(", ")}: ${reason}.`;
    })
    .join("\n");
}

export async function pageOf(comparisons: readonly Comparison[]): Promise<string> {
  const machine = `Node ${process.version}, ${cpus().length} cores of ${cpus()[0]?.model.trim() ?? "an unknown kind"}`;
  const text = [
    "# Gradients by peers",
    `\`npx tsx bench/peers/run.ts --write\` wrote this: medians of one run, on ${machine}, with ${versions()}. Ratios within a round, in which all take their turn.`,
    "## Times the generated adjoint",
    "The time of a gradient as a multiple of the generated adjoint's: below 1 the peer is faster. What can be done once (compiling, tracing, making the constants) is not timed; the call and reading the gradient back are.",
    timeTable(comparisons),
    "![Times the generated adjoint, on a logarithmic scale](peers.svg)",
    "Central differences take 2n + 1 evaluations of the function. Where there are more than 50 inputs, about 50 of them are timed, evenly spread, and the time is multiplied by (2n + 1) over the evaluations that were timed; those are checked, too.",
    "## How far the gradients are from the generated one",
    "The largest difference, relative to the largest number of the parameter's gradient. One that is farther away than accepted is called wrong, and is not timed. jax-js computes in float64, but its exp, log, tanh, sin and cos are polynomials of single precision; TensorFlow.js computes in float32.",
    differenceTable(comparisons),
    "## What is not there, and why",
    failures(comparisons),
  ].join("\n\n");
  return format(text, { parser: "markdown", printWidth: 120, proseWrap: "always" });
}
