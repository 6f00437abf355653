/**
 * How long the plugin takes: `tsx bench/plugin.ts`. A project of ten modules, each with a model, data and a fit that asks
 * for its derivative: the first build, a build with a warm cache, and one module again after an edit. In a process of its
 * own, so that loading the compiler counts.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(tmpdir(), "adjoint-bench-plugin-"));

const model = (k: number): string => `
export interface Peak { height: number; centre: number; width: number }
export function peakAt(p: Peak, x: number): number {
  return p.height * Math.exp(-(((x - p.centre) / p.width) ** ${2 * (k + 1)}));
}
export function misfit(peaks: readonly Peak[], xs: Float64Array, ys: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < xs.length; i++) {
    const value = peaks.map((peak) => peakAt(peak, xs[i])).reduce((total, one) => total + one, 0);
    sum += (value - ys[i]) ** 2;
  }
  return sum / xs.length;
}
`;

const fit = (k: number): string => `
import { valueAndGrad } from "adjoint";
import { misfit, type Peak } from "./model${k}";
export function fit${k}(xs: Float64Array, ys: Float64Array, start: Peak[]): Peak[] {
  const step = valueAndGrad((peaks: Peak[]) => misfit(peaks, xs, ys));
  let peaks = start;
  for (let n = 0; n < 100; n++) {
    const { grad } = step(peaks);
    peaks = peaks.map((peak, i) => ({ ...peak, height: peak.height - 0.1 * grad[i].height }));
  }
  return peaks;
}
`;

const measure = `
const start = performance.now();
const { ModuleCompiler } = await import(${JSON.stringify(join(root, "dist/compiler/plugin/compileModule.js"))});
const { readFileSync } = await import("node:fs");
const paths = Array.from({ length: 10 }, (_, k) => ${JSON.stringify(folder)} + "/src/fit" + k + ".ts");
const compiler = new ModuleCompiler({ cache: ${JSON.stringify(join(folder, "cache"))} }, ${JSON.stringify(folder)});
const one = async (path, code) => { const r = await compiler.transform(code, path); if (r.error || r.replaced !== 1) throw new Error(r.error?.message ?? "not replaced"); };
const all = async () => { for (const path of paths) await one(path, readFileSync(path, "utf8")); };
await all();
const whole = performance.now() - start;
const edits = [];
if (process.argv.includes("--edits")) for (let n = 0; n < 20; n++) {
  const path = paths[n % 10];
  const code = readFileSync(path, "utf8").replace("0.1 *", "0.1" + n + " *");
  const before = performance.now();
  await one(path, code);
  edits.push(performance.now() - before);
}
console.log(JSON.stringify({ whole, edits }));
`;

interface Times {
  readonly whole: number;
  readonly edits: readonly number[];
}

function run(...args: string[]): Times {
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", measure, "--", ...args], {
    encoding: "utf8",
  });
  return JSON.parse(out) as Times;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1]!;
}

try {
  mkdirSync(join(folder, "src"));
  const compilerOptions = {
    strict: true,
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2023"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
  for (let k = 0; k < 10; k++) {
    writeFileSync(join(folder, `src/model${k}.ts`), model(k));
    writeFileSync(join(folder, `src/fit${k}.ts`), fit(k));
  }
  const cold = [0, 1, 2].map(() => {
    rmSync(join(folder, "cache"), { recursive: true, force: true });
    return run();
  });
  const warm = [0, 1, 2].map(() => run());
  const { edits } = run("--edits");
  console.log(
    `first build of ten derivatives, loading the compiler: ${median(cold.map(({ whole }) => whole)).toFixed(0)} ms`,
  );
  console.log(`the same from the cache: ${median(warm.map(({ whole }) => whole)).toFixed(0)} ms`);
  console.log(`one module after an edit: ${median(edits).toFixed(0)} ms (the first ${edits[0]!.toFixed(0)})`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
