/** The command line beyond one run of generate: config files, --watch, init, doctor. */
import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Project } from "ts-morph";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runModule } from "./support/compile.js";
import { makeWorkFolder, type WorkFolder } from "./support/workFolder.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const square = "/** @differentiable wrt x */\nexport function square(x: number): number {\n  return x * x;\n}\n";

let folder: WorkFolder;

beforeEach(() => {
  folder = makeWorkFolder();
  folder.write("tsconfig.json", '{ "compilerOptions": { "strict": true, "target": "es2022" }, "include": ["src"] }\n');
});

afterEach(() => folder.remove());

describe("config files", () => {
  test.each([
    ["adjoint.config.ts", 'const outDir: string = "made";\nexport default { files: ["lib/*.ts"], outDir };\n'],
    ["adjoint.config.mjs", 'export default { files: ["lib/*.ts"], outDir: "made" };\n'],
    ["adjoint.config.json", '{ "files": ["lib/*.ts"], "outDir": "made" }\n'],
  ])("%s", async (name, text) => {
    folder.write(name, text);
    folder.write("lib/square.ts", square);
    folder.write("src/other.ts", square);
    expect(await folder.run("generate")).toMatchObject({ status: 0, error: "" });
    expect(folder.files().filter((file) => file.includes(".adjoint."))).toEqual(["made/lib/square.adjoint.ts"]);
  });

  test("flags and globs win over it, and another one can be named", async () => {
    folder.write("adjoint.config.json", '{ "files": ["lib/*.ts"], "outDir": "made" }\n');
    folder.write("other.json", '{ "outDir": "elsewhere", "strict": true }\n');
    folder.write("src/square.ts", square);
    await folder.run("generate", "src/*.ts", "--out-dir", "here");
    await folder.run("generate", "src/*.ts", "--config", "other.json");
    expect(folder.files().filter((file) => file.includes(".adjoint."))).toEqual([
      "elsewhere/src/square.adjoint.ts",
      "here/src/square.adjoint.ts",
    ]);
  });

  test.each([
    [
      '{ "outdir": "made" }',
      "there is no setting outdir; the settings are files, outDir, project, selfContained, strict.",
    ],
    ['{ "files": "lib/*.ts" }', "files is not a list of globs."],
    ["{ files }", "it cannot be read: "],
    ["[1]", "there is no setting 0; "],
    ["7", "it does not export an object: "],
  ])("wrong settings: %s", async (text, message) => {
    folder.write("adjoint.config.json", text);
    const { status, error } = await folder.run("generate");
    expect(status).toBe(2);
    expect(error).toContain(`adjoint.config.json: ${message}`);
  });

  test("a config that is not there", async () => {
    expect(await folder.run("generate", "--config", "none.ts")).toMatchObject({ status: 2 });
  });
});

test("--self-contained: generated files import nothing, type-check and compute the same", async () => {
  // Names that the runtime has for things of its own.
  const source = `
export const hasPartTwice = [0, 1];
const known = [1, 2];
/** @differentiable valueAndGrad, vjp, into wrt ps */
export function total(ps: { a: number; bs: number[] }[], checkApart: number): number {
  let sum = 0;
  for (const { a, bs } of ps) for (const b of bs) sum += (a * b) ** 2 * hasPartTwice[1]! * known[1]! * checkApart;
  return sum;
}
`;
  folder.write("src/total.ts", source);
  const javascript = source
    .replaceAll(/: (?:number|\{.*?\}\[\])(?=[,)])|(?<=\)): number|!/g, "")
    .replace("/** @diff", "/** @param {{ a: number, bs: number[] }[]} ps @param {number} checkApart @diff");
  folder.write("src/plain.js", javascript);
  expect(await folder.run("generate", "--self-contained", "src")).toMatchObject({ status: 0, error: "" });
  const text = folder.read("src/total.adjoint.ts");
  expect(text.match(/^import .*$/gm)).toEqual(['import { hasPartTwice } from "./total";']);
  const project = new Project({
    tsConfigFilePath: join(folder.path, "tsconfig.json"),
    compilerOptions: { strict: true },
  });
  const problems = project.getSourceFileOrThrow("total.adjoint.ts").getPreEmitDiagnostics();
  expect(problems.map((one) => one.getMessageText())).toEqual([]);
  const evaluate = (generated: string): Record<string, (...args: unknown[]) => unknown> =>
    runModule(generated, runModule(folder.read("src/total.ts"), {})) as never;
  const ps = [{ a: 1.5, bs: [2, -1] }];
  for (const file of ["src/total.adjoint.ts", "src/plain.adjoint.js"]) {
    const derivatives = evaluate(folder.read(file));
    const expected = { value: 2.25 * 5 * 2 * 3, grad: [{ a: 2 * 1.5 * 5 * 2 * 3, bs: [54, -27] }] };
    expect(derivatives["valueAndGradTotal"]!(ps, 3)).toEqual(expected);
    const out = [{ a: 0, bs: [0, 0] }];
    expect(derivatives["valueAndGradTotalInto"]!(out, ps, 3)).toBe(expected.value);
    expect(out).toEqual(expected.grad);
  }
});

describe("--watch", () => {
  let running: ChildProcess | null = null;

  afterEach(() => void running?.kill("SIGKILL"));

  test("generates, generates again after a change, and ends with Ctrl-C", async () => {
    folder.write("src/square.ts", square);
    const started = spawn(
      process.execPath,
      ["--import", import.meta.resolve("tsx"), join(root, "compiler/cli.ts"), "generate", "--watch"],
      { cwd: folder.path },
    );
    running = started;
    let printed = "";
    started.stdout.on("data", (text) => (printed += String(text)));
    started.stderr.on("data", (text) => (printed += String(text)));
    const saying = async (what: string, times: number): Promise<void> => {
      for (let k = 0; k < 600 && printed.split(what).length <= times; k++)
        await new Promise((wait) => setTimeout(wait, 100));
      expect(printed.split(what).length - 1, printed).toBe(times);
    };
    await saying("watching\n", 1);
    expect(folder.has("src/square.adjoint.ts")).toBe(true);
    folder.write("src/square.ts", square.replace("x * x", "x * x * x"));
    await saying("watching\n", 2);
    expect(printed).toContain("src/square.ts changed");
    expect(folder.read("src/square.adjoint.ts")).toContain("product * x");
    folder.write("src/square.ts", square.replace("x * x", "x *"));
    await saying("watching\n", 3);
    expect(printed).toContain("syntaxError");
    const ended = new Promise<number | null>((end) => started.once("exit", (code) => end(code)));
    started.kill("SIGINT");
    expect(await ended).toBe(1);
  });

  test("goes with nothing that writes no files", async () => {
    expect(await folder.run("generate", "--watch", "--check")).toMatchObject({ status: 2 });
  });
});

describe("init", () => {
  test("writes a config and an example that works, and touches nothing that is there", async () => {
    const first = await folder.run("init");
    expect(first).toMatchObject({ status: 0, error: "" });
    expect(folder.files()).toEqual(["adjoint.config.ts", "src/misfit.ts", "tsconfig.json"]);
    expect((await folder.run("generate", "src")).status).toBe(0);
    expect(folder.read("src/misfit.adjoint.ts")).toContain("export function valueAndGradMisfit(");
    folder.write("src/misfit.ts", "mine\n");
    const second = await folder.run("init");
    expect(second.out).toContain("src/misfit.ts is there already");
    expect(folder.read("src/misfit.ts")).toBe("mine\n");
    expect(JSON.parse((await folder.run("init", "--json")).out)).toEqual({
      version: 1,
      files: [
        { path: "adjoint.config.ts", status: "there already" },
        { path: "src/misfit.ts", status: "there already" },
      ],
    });
  });
});

describe("doctor", () => {
  const manifest = (dependencies: object, scripts: object = {}): void =>
    void folder.write("package.json", JSON.stringify({ dependencies: { adjoint: "1.0.0", ...dependencies }, scripts }));
  const marked = 'import { grad } from "adjoint";\nexport const slope = grad((x: number) => x * x);\n';

  test("a project that is well", async () => {
    manifest({ vite: "8.0.0" });
    folder.write("vite.config.ts", 'import adjoint from "adjoint/vite";\nexport default { plugins: [adjoint()] };\n');
    folder.write("src/slope.ts", marked);
    const { status, out } = await folder.run("doctor");
    expect(out).toContain("Vite has the plugin");
    expect(out).toContain("1 modules with markers");
    expect(out).not.toContain("PROBLEM");
    expect(status).toBe(0);
  });

  test("markers that nobody replaces", async () => {
    manifest({ rollup: "4.0.0" });
    folder.write("src/slope.ts", marked);
    const { status, out } = await folder.run("doctor");
    expect(status).toBe(1);
    expect(out).toContain("PROBLEM  1 modules with markers (src/slope.ts), and no plugin that replaces them");
    expect(out).toContain('import adjoint from "adjoint/rollup"');
    manifest({ rollup: "4.0.0" }, { start: "node --import adjoint/register src/slope.ts" });
    expect((await folder.run("doctor")).status).toBe(0);
  });

  test("what cannot be read, as JSON", async () => {
    folder.write("tsconfig.json", "{ strict");
    folder.write("adjoint.config.json", '{ "outdir": 1 }');
    const { status, out } = await folder.run("doctor", "--json");
    const { findings } = JSON.parse(out) as { findings: readonly { status: string; what: string }[] };
    expect(status).toBe(1);
    expect(findings.filter((one) => one.status === "problem").map((one) => one.what)).toEqual([
      expect.stringContaining("tsconfig.json cannot be read"),
      expect.stringContaining("there is no setting outdir"),
    ]);
  });
});
