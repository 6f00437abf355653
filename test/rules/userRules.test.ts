/** Rules across files and packages: how generated code names what rules mention, and what is told where it cannot. */
import { fileURLToPath } from "node:url";
import { Project, ts } from "ts-morph";
import { afterEach, expect, test } from "vitest";
import { compileFiles, type CompileResult } from "../../compiler/index.js";
import { checkGradient } from "../../runtime/index.js";
import { runModule } from "../support/compile.js";
import { makeWorkFolder, type WorkFolder } from "../support/workFolder.js";

const runtime = (file: string): string => fileURLToPath(new URL(`../../runtime/${file}.ts`, import.meta.url));
const folders: WorkFolder[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

function folderWith(files: Readonly<Record<string, string>>): WorkFolder {
  const folder = makeWorkFolder();
  folders.push(folder);
  folder.write(
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: {
        target: "es2022",
        lib: ["es2023"],
        module: "esnext",
        moduleResolution: "bundler",
        strict: true,
        noUnusedLocals: true,
        verbatimModuleSyntax: true,
        skipLibCheck: true,
        types: [],
        paths: { adjoint: [runtime("index")], "adjoint/runtime": [runtime("generated")] },
      },
      include: ["src"],
    }),
  );
  for (const [file, text] of Object.entries(files)) folder.write(file, text);
  return folder;
}

const compileIn = (folder: WorkFolder, ...files: string[]): Promise<CompileResult> =>
  compileFiles({ files: files.map((file) => `${folder.path}/${file}`), project: `${folder.path}/tsconfig.json` });

const told = ({ diagnostics }: CompileResult): readonly string[] =>
  diagnostics.map(({ code, message }) => `${code}: ${message}`);

/** The generated text, once it type-checks in the folder's own project. */
function checked(folder: WorkFolder, result: CompileResult): string {
  expect(told(result)).toEqual([]);
  const [file] = result.files;
  folder.write(file!.sibling.slice(folder.path.length + 1), file!.text!);
  const project = new Project({ tsConfigFilePath: `${folder.path}/tsconfig.json` });
  const problems = project
    .getPreEmitDiagnostics()
    .filter((one) => one.getSourceFile()?.getFilePath().includes("/src/"));
  expect(problems.map((one) => ts.flattenDiagnosticMessageText(one.compilerObject.messageText, " "))).toEqual([]);
  return file!.text!;
}

const library = {
  "node_modules/special/package.json": JSON.stringify({ name: "special", types: "index.d.ts", main: "index.js" }),
  "node_modules/special/index.d.ts": `
export function erf(x: number): number;
export declare const besselJ: (order: number, x: number) => number;
export default function zeta(s: number): number;
`,
};

/** Abramowitz and Stegun 7.1.5; enough terms for small arguments. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 40; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

test("a function of a package, with its rule in another file of the project", async () => {
  const folder = folderWith({
    ...library,
    "src/rules.ts": `
import { defineRule } from "adjoint";
import { besselJ, erf as errorFunction } from "special";
defineRule(errorFunction, { partials: [(x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x)] });
defineRule(besselJ, { partials: [null, (n, x) => (besselJ(n - 1, x) - besselJ(n + 1, x)) / 2] });
`,
    "src/model.ts": `
import { besselJ, erf } from "special";
/** @differentiable valueAndGrad wrt x */
export function model(x: number): number {
  return x * erf(x / 2) + besselJ(0, x);
}
`,
  });
  const text = checked(folder, await compileIn(folder, "src/model.ts"));
  expect(text).toContain("erf as errorFunction");
  const besselJ = (n: number, x: number): number => {
    const steps = 2000;
    let sum = 0;
    for (let k = 0; k < steps; k++) {
      const t = ((k + 0.5) / steps) * Math.PI;
      sum += Math.cos(n * t - x * Math.sin(t));
    }
    return sum / steps;
  };
  const { valueAndGradModel } = runModule(text, { erf, besselJ });
  const model = (x: number): number => x * erf(x / 2) + besselJ(0, x);
  expect(checkGradient(model, valueAndGradModel as never, [0.8], { wrt: 0 }).message).toMatch(/agrees/);
});

test("default and namespace imports, and a rule by name", async () => {
  const folder = folderWith({
    ...library,
    "src/model.ts": `
import { defineRule, type Pullback } from "adjoint";
import zeta from "special";
import * as special from "special";
const zetaPullback: Pullback<typeof zeta> = (s, _value, cotangent) => [cotangent * special.erf(s)];
defineRule(zeta, { pullback: zetaPullback });
defineRule(special.erf, { partials: [(x) => special.besselJ(1, x)] });
/** @differentiable valueAndGrad wrt x */
export function model(x: number): number {
  return zeta(x) * special.erf(x);
}
`,
  });
  const text = checked(folder, await compileIn(folder, "src/model.ts"));
  expect(text).toContain('import * as special from "special";');
});

test("a rule for the annotated function itself, and one in the caller's file", async () => {
  const folder = folderWith({
    "src/parts.ts": `
export interface Part { size: number; label: string }
export function volume({ size }: Part): number { return size ** 3; }
`,
    "src/model.ts": `
import { defineRule } from "adjoint";
import { type Part, volume } from "./parts.js";
defineRule(volume, { pullback: ({ size }, _value, seed) => [{ size: scaleOf(seed) * size * size }] });
function scaleOf(seed: number): number { return factor * seed; }
const factor = 3;
/** @differentiable valueAndGrad wrt part */
export function weight(part: Part): number { return 2 * volume(part); }
/** @differentiable valueAndGrad wrt x */
export function own(x: number): number { return Math.sqrt(x) ** 2; }
defineRule(own, { partials: [() => 1] });
`,
  });
  const text = checked(folder, await compileIn(folder, "src/model.ts"));
  expect(text).toContain("value: own(x), grad: 1");
  expect(text.indexOf("function scaleOf")).toBeLessThan(text.indexOf("const volumePullback"));
});

test("what generated code cannot name is told", async () => {
  const folder = folderWith({
    "src/model.ts": `
import { defineRule } from "adjoint";
class Table { at(x: number): number { return 2 * x; } }
export function squared(x: number): number { return x * x; }
defineRule(squared, { pullback: (x, _value, seed) => [seed * new Table().at(x)] });
let calls = 0;
export function cubed(x: number): number { return x * x * x; }
defineRule(cubed, { pullback: (x, _value, seed) => { calls++; return [3 * seed * x * x]; } });
/** @differentiable valueAndGrad wrt x */
export function first(x: number): number { return squared(x); }
/** @differentiable valueAndGrad wrt x */
export function second(x: number): number { return cubed(x); }
`,
  });
  expect(told(await compileIn(folder, "src/model.ts"))).toEqual([
    "exportNeeded: Table is not exported, so that the generated file cannot name it.",
    "moduleState: calls is module state: it is assigned somewhere.",
  ]);
});

test("a rule that is for nothing the compiler can find stops everything, wherever it stands", async () => {
  const folder = folderWith({
    "src/rules.ts": `
import { defineRule } from "adjoint";
const table = { half: (x: number): number => x / 2 };
defineRule(table.half, { partials: [() => 0.5] });
`,
    "src/model.ts": `
/** @differentiable valueAndGrad wrt x */
export function model(x: number): number { return x * x; }
`,
  });
  const result = await compileIn(folder, "src/model.ts");
  expect(told(result)).toEqual([
    "unusableRule: table.half does not name a function that is declared or imported at the top of a module.",
  ]);
  expect(result.files[0]!.text).toBe(null);
});

test("stopGradient of a function that is not known", async () => {
  const folder = folderWith({
    ...library,
    "src/model.ts": `
import { stopGradient } from "adjoint";
import { erf } from "special";
/** @differentiable valueAndGrad wrt x */
export function model(x: number): number { return x * stopGradient(erf(x)); }
`,
  });
  const text = checked(folder, await compileIn(folder, "src/model.ts"));
  const { valueAndGradModel } = runModule(text, { erf });
  expect((valueAndGradModel as (x: number) => unknown)(0.5)).toEqual({ value: 0.5 * erf(0.5), grad: erf(0.5) });
});
