/**
 * Prints what derivatives cost next to functions, as the tool times them, at moderate sizes. They must have been generated.
 */
import { median } from "../measure.js";
import { baInput } from "./checks/ba.js";
import { gmmInput } from "./checks/gmm.js";
import { htInput } from "./checks/ht.js";
import { lstmInput } from "./checks/lstm.js";
import { uniform } from "./checks/random.js";
import { startTool, type Tool } from "./client.js";

interface Row {
  readonly module: string;
  readonly size: string;
  readonly input: object;
  readonly functions: readonly [primal: string, derivative: string];
}

const points = uniform(6).matrix(1000, 8);

const rows: readonly Row[] = [
  row("gmm", "d=10, k=10, n=1000", gmmInput({ d: 10, k: 10, n: 1000 }), "objective", "jacobian"),
  row("ba", "n=49, m=7776, p=31843", baInput(49, 7776, 31843), "objective", "jacobian"),
  row("ht", "500 vertices, 200 points, simple", htInput(500, 200, false), "objective", "jacobian"),
  row("ht", "500 vertices, 200 points, complicated", htInput(500, 200, true), "objective", "jacobian"),
  row("lstm", "l=2, c=1024", lstmInput(2, 1024, 7), "objective", "jacobian"),
  row("kmeans", "k=100, n=1000, d=8", { points, centroids: points.slice(-100) }, "cost", "dir"),
  row("lse", "n=40000", { x: uniform(1).vector(40_000) }, "primal", "gradient"),
  row("llsq", "n=1024, m=128", { x: uniform(1).vector(128), n: 1024 }, "primal", "gradient"),
  row("ode", "n=1000, s=10", { x: uniform(1).vector(1000), s: 10 }, "primal", "gradient"),
  row("det", "8", { A: uniform(1).vector(64), ell: 8 }, "primal", "gradient"),
];

function row(module: string, size: string, input: object, primal: string, derivative: string): Row {
  return { module, size, input, functions: [primal, derivative] };
}

async function milliseconds(tool: Tool, module: string, name: string, input: object): Promise<number> {
  const asked = { ...input, min_runs: 5, min_seconds: 1 };
  const { timings, error } = await tool.send({ kind: "evaluate", module, function: name, input: asked });
  if (!timings) throw new Error(error);
  // The first runs are of code that is not yet optimised.
  const steady = timings.slice(Math.floor(timings.length / 3));
  return median(steady.map(({ nanoseconds }) => nanoseconds)) / 1e6;
}

for (const { module, size, input, functions } of rows) {
  const tool = startTool();
  const times = [];
  for (const name of functions) times.push(await milliseconds(tool, module, name, input));
  const [primal, derivative] = times as [number, number];
  console.log(
    `| ${module} | ${size} | ${primal.toFixed(3)} | ${derivative.toFixed(3)} | ${(derivative / primal).toFixed(2)} |`,
  );
  await tool.close();
}
for (const [module, input] of [
  ["particle", { w: 0 }],
  ["saddle", { start: [1, 1] }],
] as const) {
  const tool = startTool();
  for (const name of ["rr", "rf", "fr", "ff"])
    console.log(`| ${module}::${name} | | ${(await milliseconds(tool, module, name, input)).toFixed(3)} |`);
  await tool.close();
}
