/** Imports that only a project of its own can show: path aliases, \`baseUrl\`, CommonJS. */
import { join } from "node:path";
import { Project } from "ts-morph";
import { afterEach, describe, expect, test } from "vitest";
import { checkGradient } from "../runtime/index.js";
import { Modules } from "./support/modules.js";
import { makeWorkFolder, type WorkFolder } from "./support/workFolder.js";

const repository = join(import.meta.dirname, "..");
let folder: WorkFolder | undefined;

afterEach(() => folder?.remove());

interface Config {
  readonly compilerOptions: Readonly<Record<string, unknown>>;
}

const packages = {
  adjoint: [join(repository, "runtime/index.ts")],
  "adjoint/runtime": [join(repository, "runtime/generated.ts")],
};

function configOf(options: Config["compilerOptions"], paths: Record<string, string[]> = {}): string {
  const compilerOptions = {
    strict: true,
    target: "es2022",
    lib: ["es2023"],
    types: [],
    skipLibCheck: true,
    noEmit: true,
  };
  return JSON.stringify({
    compilerOptions: { ...compilerOptions, ...options, paths: { ...packages, ...paths } },
    include: ["src"],
  });
}

async function generate(files: Readonly<Record<string, string>>): Promise<WorkFolder> {
  folder = makeWorkFolder("adjoint-modules-");
  for (const [name, text] of Object.entries(files)) folder.write(name, text);
  const { status, error, out } = await folder.run("generate");
  expect(status, `${out}\n${error}`).toBe(0);
  return folder;
}

function typeProblems({ path }: WorkFolder): readonly string[] {
  const project = new Project({ tsConfigFilePath: join(path, "tsconfig.json") });
  return project.getPreEmitDiagnostics().map((problem) => {
    const text = problem.getMessageText();
    return `${problem.getSourceFile()?.getBaseName()}: ${typeof text === "string" ? text : text.getMessageText()}`;
  });
}

type Scalar = (x: number) => number;

function expectGradient(modules: Modules, { path }: WorkFolder, name: string): void {
  const primal = modules.load(join(path, "src/model.ts"))[name] as Scalar;
  const stem = name[0]!.toUpperCase() + name.slice(1);
  const derived = modules.load(join(path, "src/model.adjoint.ts"))[`valueAndGrad${stem}`] as Scalar;
  for (const x of [0.7, -1.2]) expect(checkGradient(primal, derived, [x]).message).toMatch(/agrees/);
}

const library = {
  "src/lib/constants.ts": `
    const hidden = 3;
    export const base = hidden * 2;
    export const table = [base, hidden];
    export interface Range { low: number }
    export enum Kind { One = 1, Two }`,
  "src/lib/functions.ts": `
    import { base } from "./constants";
    const shift = base / 4;
    export const shifted = (x: number): number => x + shift;
    export default function cube(x: number): number { return x ** 3; }`,
  "src/lib/index.ts": `
    export * from "./constants";
    export { default as cubed, shifted } from "./functions";
    export * as functions from "./functions";`,
};

describe("aliases of the tsconfig", () => {
  const model = `
    import cube, { shifted } from "@lib/functions";
    import { cubed, functions, Kind, type Range } from "@lib";
    import * as Constants from "lib/constants";
    import { table } from "@lib/constants";
    const own = table[0] * Constants.base;
    /** @differentiable valueAndGrad, jvp wrt x */
    export function direct(x: number, range: Range = { low: 1 }): number {
      return cube(x) * own + shifted(x) * range.low;
    }
    /** @differentiable valueAndGrad, jvp wrt x */
    export function throughBarrel(x: number): number {
      return cubed(x) * functions.shifted(x) + Constants.table[1] * x * Kind.Two;
    }`;

  test("paths and baseUrl", async () => {
    const place = await generate({
      ...library,
      "src/model.ts": model,
      "tsconfig.json": configOf(
        { module: "esnext", moduleResolution: "bundler", baseUrl: "./src", ignoreDeprecations: "6.0" },
        { "@lib": ["./lib/index.ts"], "@lib/*": ["./lib/*"] },
      ),
    });
    expect(typeProblems(place)).toEqual([]);
    const resolveAlias = (name: string): string | null =>
      /^@?lib/.test(name) ? join(place.path, "src", name.replace("@", "").replace(/lib$/, "lib/index")) : null;
    const modules = new Modules({ resolveAlias });
    expectGradient(modules, place, "direct");
    expectGradient(modules, place, "throughBarrel");
    const text = place.read("src/model.adjoint.ts");
    expect(text.match(/^import .*/gm)).toMatchInlineSnapshot(`
      [
        "import type { Range } from "@lib";",
        "import { table } from "@lib/constants";",
        "import * as Constants from "lib/constants";",
        "import { base } from "./lib/constants";",
      ]
    `);
  });
});

describe("CommonJS", () => {
  test("import = require, of exports and of one thing", async () => {
    const place = await generate({
      ...library,
      "src/single.ts": "const half = (x: number): number => x / 2;\nexport = half;",
      "src/model.ts": `
        import Functions = require("./lib/functions");
        import half = require("./single");
        import Constants = require("./lib/constants");
        const own = Constants.base + 1;
        /** @differentiable valueAndGrad, jvp wrt x */
        export function required(x: number): number {
          return Functions.shifted(x) * half(x) * own + Functions.default(x) * Constants.table[0];
        }`,
      "tsconfig.json": configOf({ module: "commonjs", moduleResolution: "bundler", esModuleInterop: true }),
    });
    expect(typeProblems(place)).toEqual([]);
    expectGradient(new Modules(), place, "required");
    expect(place.read("src/model.adjoint.ts").match(/^import .*/gm)).toMatchInlineSnapshot(`
      [
        "import { base, table } from "./lib/constants";",
        "import * as Constants from "./lib/constants";",
      ]
    `);
  });
});
