/** Array primitives inside differentiated functions: the generated gradient against differences and the tangent. */
import { fileURLToPath } from "node:url";
import { Project, ts } from "ts-morph";
import { beforeAll, describe, expect, test } from "vitest";
import { findRequests } from "../../compiler/1-parse/findRequests.js";
import { lowerFile } from "../../compiler/2-lower/unit.js";
import { emitFile } from "../../compiler/6-emit/emitFile.js";
import { runPipeline } from "../../compiler/pipeline.js";
import { checkGradient } from "../../runtime/index.js";
import { runModule } from "../support/compile.js";

const names = "axpy, dot, logSumExp, matmul, matvec, mean, norm, softmax, sum, transpose";
const source = `
import { ${names} } from "adjoint";
/** @differentiable valueAndGrad, jvp wrt w, x */
export function layer(w: Float64Array, x: Float64Array): number {
  const h = matvec(w, x, 2, 3);
  const squares = dot(h, h);
  const size = norm(x);
  const soft = logSumExp(h);
  return squares * size + soft;
}
/** @differentiable valueAndGrad, jvp wrt a, b */
export function squared(a: number[], b: number[]): number {
  const t = transpose(a, 2, 2);
  const c = matmul(a, t, 2, 2, 2);
  const moved = axpy(2, c, b);
  const total = sum(moved);
  const shares = softmax(c);
  const middle = mean(b);
  return total + shares[0]! * middle;
}
/** @differentiable valueAndGrad, jvp wrt alpha, x */
export function repeated(alpha: number, x: Float64Array): number {
  let y = x;
  for (let k = 0; k < 3; k++) y = axpy(alpha * Math.sin(k + 1), y, x);
  const size = norm(y);
  return size;
}
/** @differentiable valueAndGrad, jvp wrt x */
export function shared(x: number[]): number {
  const squares = dot(x, x);
  const triple = axpy(2, x, x);
  const more = dot(triple, x);
  return squares + more;
}
/** @differentiable valueAndGrad, jvp wrt x */
export function unnamed(x: number[]): number {
  return dot(x, x) + Math.sin(norm(x));
}
`;

type Functions = Record<string, (...args: never[]) => unknown>;
let original: Functions;
let derived: Functions;

beforeAll(async () => {
  const runtime = fileURLToPath(new URL("../../runtime/index.ts", import.meta.url));
  const project = new Project({
    skipAddingFilesFromTsConfig: true,
    compilerOptions: {
      strict: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      types: [],
      paths: { adjoint: [runtime] },
    },
  });
  const path = fileURLToPath(new URL("compiledArrays.snippet.ts", import.meta.url));
  const file = project.createSourceFile(path, source);
  const parsed = findRequests(file);
  const lowered = lowerFile(file, parsed.functions);
  expect([...parsed.diagnostics, ...lowered.diagnostics]).toEqual([]);
  const { functions, helpers } = runPipeline(lowered.unit, lowered.requests, { verify: true });
  const text = await emitFile({
    unit: lowered.unit,
    functions,
    helpers,
    sourcePath: path,
    siblingPath: path.replace(".ts", ".adjoint.ts"),
    importSuffix: "",
    strictIndex: false,
    sourceText: () => source,
  });
  const runtimeOfSource = await import("../../runtime/index.js");
  original = runModule(source, runtimeOfSource);
  derived = runModule(text, original);
});

const cases: readonly [name: string, stem: string, wrt: readonly number[], args: unknown[]][] = [
  ["layer", "Layer", [0, 1], [Float64Array.of(0.1, -0.2, 0.3, 0.4, 0.5, -0.6), Float64Array.of(1, 2, -0.5)]],
  [
    "squared",
    "Squared",
    [0, 1],
    [
      [0.1, 0.2, -0.3, 0.4],
      [1, 2, 3, 4],
    ],
  ],
  ["repeated", "Repeated", [0, 1], [0.7, Float64Array.of(1, -2)]],
  ["shared", "Shared", [0], [[1, 2, -3]]],
];

// Values without a name are named after the primitive; none may hide the function of that name.
test("the runtime's names are not taken by values", () => {
  const gradient = derived["valueAndGradUnnamed"] as (x: number[]) => { value: number };
  expect(gradient([3, 4]).value).toBe(25 + Math.sin(5));
});

describe.each(cases)("%s", (name, stem, wrt, args) => {
  test("value, gradient and tangent", () => {
    const report = checkGradient(
      original[name] as (...args: unknown[]) => number,
      derived[`valueAndGrad${stem}`] as (...args: unknown[]) => unknown,
      args,
      { wrt, tangent: derived[`jvp${stem}`] as (args: never, tangents: never) => { tangent: unknown } },
    );
    expect(report.message).toMatch(/agrees along 5 directions/);
  });
});
