/**
 * `npm run compare`: ways to the gradient of one function, by error, cost and ease. The error is against differences in 64
 * digits; the cost is measured side by side, in rounds that are interleaved, as a multiple of the function's own.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { numericalGradient } from "../../runtime/index.js";
import { median, timeInterleaved } from "../measure.js";
import { drawCosts, type Point } from "./chart.js";
import { gradHelmholtz, jvpHelmholtz } from "./helmholtz.adjoint.js";
import { helmholtz } from "./helmholtz.js";
import { byHand, byTape, inManyDigits, type Mixture, mixtureOf, symbolically } from "./otherWays.js";

interface Method {
  readonly name: string;
  readonly ease: string;
  /** Beyond so many inputs nobody would wait. */
  readonly most: number;
  prepare(mixture: Mixture): (at: Mixture) => ArrayLike<number>;
}

const differences = (method: "forward" | "central" | "richardson"): Method["prepare"] => {
  const gradient = numericalGradient(helmholtz, { method });
  return () =>
    ({ x, b, a }) =>
      gradient(x, b, a);
};

function byDirections({ x, b, a }: Mixture): Float64Array {
  const unit = new Float64Array(x.length);
  return x.map((_, i) => {
    unit[i] = 1;
    const { tangent } = jvpHelmholtz([x, b, a], unit);
    unit[i] = 0;
    return tangent;
  });
}

const methods: readonly Method[] = [
  { name: "forward differences", ease: "a call", most: 64, prepare: differences("forward") },
  { name: "central differences", ease: "a call", most: 64, prepare: differences("central") },
  { name: "Richardson's extrapolation", ease: "a call", most: 64, prepare: differences("richardson") },
  { name: "by hand", ease: "an afternoon, for each function", most: 256, prepare: () => byHand },
  { name: "symbolic (mathjs)", ease: "a formula as text, no loops", most: 16, prepare: symbolically },
  { name: "tape of objects", ease: "the function written anew", most: 256, prepare: () => byTape },
  { name: "forward mode (jvp)", ease: "a tag", most: 256, prepare: () => byDirections },
  {
    name: "reverse mode (grad)",
    ease: "a tag",
    most: 256,
    prepare:
      () =>
      ({ x, b, a }) =>
        gradHelmholtz(x, b, a),
  },
];

function largestError(found: ArrayLike<number>, wanted: Float64Array): number {
  const size = wanted.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  return wanted.reduce((most, one, i) => Math.max(most, Math.abs(found[i]! - one) / size), 0);
}

function costs(n: number, seconds: number): ReadonlyMap<string, number> {
  const mixture = mixtureOf(n);
  const used = methods.filter(({ most }) => n <= most);
  const calls = used.map(({ prepare }) => {
    const gradient = prepare(mixture);
    return () => gradient(mixture)[0]!;
  });
  const rounds = timeInterleaved([() => helmholtz(mixture.x, mixture.b, mixture.a), ...calls], seconds);
  return new Map(used.map(({ name }, k) => [name, median(rounds.map((row) => row[k + 1]! / row[0]!))]));
}

async function main(): Promise<void> {
  const sizes = [2, 4, 8, 16, 32, 64, 128, 256];
  const shown = [4, 16, 64, 256];
  const [errorSize] = [8];
  const mixture = mixtureOf(errorSize);
  const reference = inManyDigits(mixture);
  const points: Point[] = [];
  const table = new Map(methods.map(({ name }) => [name, new Map<number, number>()]));
  for (const n of sizes) {
    process.stderr.write(`${n} inputs\n`);
    for (const [method, cost] of costs(n, 6)) {
      points.push({ method, inputs: n, cost });
      table.get(method)!.set(n, cost);
    }
  }
  const cost = (value: number | undefined): string =>
    value === undefined ? "" : value.toPrecision(value < 10 ? 2 : 3);
  const rows = methods.map(({ name, ease, prepare }) => {
    const error = largestError(prepare(mixture)(mixture), reference).toExponential(1);
    return [name, error, ...shown.map((n) => cost(table.get(name)!.get(n))), ease];
  });
  const titles = ["method", "error", ...shown.map((n) => `n = ${n}`), "ease"];
  const all = [titles, titles.map(() => "---"), ...rows];
  const markdown = all.map((row) => `| ${row.join(" | ")} |`).join("\n");
  const machine = `${cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}`;
  const text = [
    "# Ways to a gradient",
    "",
    "`npm run compare` writes this page. The gradient of the Helmholtz energy of a mixture of n gases",
    "([helmholtz.ts](helmholtz.ts)): the largest error for 8 inputs, relative to the largest component, against differences in",
    "64 digits; the cost as a multiple of the function's own, medians of interleaved rounds; and what it asks of its user.",
    "",
    markdown,
    "",
    "![Cost against the number of inputs](costs.svg)",
    "",
    `Measured on: ${machine}.`,
    "",
  ].join("\n");
  const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  writeFileSync(here("RESULTS.md"), await format(text, { parser: "markdown", printWidth: 120, proseWrap: "preserve" }));
  await drawCosts(points, here("costs.svg"));
  console.log(markdown);
}

await main();
