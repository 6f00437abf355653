/**
 * The package as users have it: packed, installed into a copy of examples/tools, and run by every tool that has an entry
 * here. The tools themselves are this project's own.
 */
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const place = mkdtempSync(join(tmpdir(), "adjoint-tools-"));
const folder = join(place, "some résumé");

let tarball = "";

const fitted = "height 2.503, rate 0.954, floor 0.513, misfit 8.4e-5\n";

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

async function run(command: string, args: readonly string[], from = folder): Promise<Ran> {
  const env = { ...process.env, NODE_OPTIONS: "", VITEST: "", NODE_ENV: "" };
  try {
    const { stdout, stderr } = await promisify(execFile)(command, [...args], { cwd: from, env, maxBuffer: 1e8 });
    return { status: 0, out: stdout, error: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, out: stdout, error: stderr };
  }
}

/** Of a tool that this project has. */
function tool(name: string, ...args: string[]): Promise<Ran> {
  return run(process.execPath, [join(folder, "node_modules", ".bin", name), ...args]);
}

async function succeed(ran: Promise<Ran>): Promise<string> {
  const { status, out, error } = await ran;
  expect(status, out + error).toBe(0);
  return out;
}

beforeAll(async () => {
  await succeed(run("npm", ["pack", "--pack-destination", place], root));
  tarball = readdirSync(place).find((entry) => entry.endsWith(".tgz"))!;
  const source = join(root, "examples/tools");
  const isOurs = (path: string): boolean => !/\/(node_modules|dist)$/.test(path);
  cpSync(source, folder, { recursive: true, filter: isOurs });
  const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  const tools = Object.keys(manifest.devDependencies);
  const installed = { ...manifest, dependencies: { adjoint: `file:../${tarball}` }, devDependencies: {} };
  writeFileSync(join(folder, "package.json"), JSON.stringify(installed));
  await succeed(run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"]));
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  for (const name of tools) {
    rmSync(join(modules, name), { recursive: true, force: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  for (const name of ["vite", "vitest", "rollup", "webpack", "tsc"])
    if (!existsSync(join(modules, ".bin", name)))
      symlinkSync(join(root, "node_modules", ".bin", name), join(modules, ".bin", name));
}, 300_000);

afterAll(() => rmSync(place, { recursive: true, force: true }));

describe("the package", () => {
  test("is as publint and attw ask", async () => {
    await succeed(run("npx", ["publint", join(place, tarball), "--strict"], root));
    await succeed(run("npx", ["attw", join(place, tarball), "--profile", "esm-only"], root));
  });

  const consumer = `
import { checkGradient, type Gradient, grad, hvp, valueAndGrad } from "adjoint";
import type { AdjointConfig } from "adjoint/config";
import { compileFiles } from "adjoint/compiler";
import { lbfgs } from "adjoint/optim";
import { zerosLike } from "adjoint/runtime";
import esbuild from "adjoint/esbuild";
import rollup from "adjoint/rollup";
import vite from "adjoint/vite";
import webpack from "adjoint/webpack";

interface Params { readonly w: readonly number[]; readonly name: string }
const loss = (params: Params, xs: Float64Array): number => params.w[0]! * xs[0]!;
export const step: (params: Params, xs: Float64Array) => { value: number; grad: { w: number[] } } = valueAndGrad(loss);
export const both: (params: Params, xs: Float64Array) => [params: { w: number[] }, xs: Float64Array] = grad(loss, { wrt: [0, 1] });
export const second = hvp((x: number) => x * x)([1], 2).hvp + 1;
export const zero: Gradient<Params> = { w: [0] };
export const config = { files: ["src"], strict: true } satisfies AdjointConfig;
export const plugins = [vite(), rollup({ strict: true }), webpack(), esbuild({ cache: false })];
export const found = lbfgs((x: number[]) => ({ value: x[0]!, grad: [1] }), [1]).x[0]! + 1;
export { checkGradient, compileFiles, zerosLike };
`;

  test.each(["typescript-5.9", "typescript-6", "typescript"])("has types for %s", async (version) => {
    writeFileSync(join(folder, "consumer.mts"), consumer);
    const compiler = join(root, "node_modules", version, "bin/tsc");
    for (const kind of [{ module: "nodenext" }, { module: "esnext", moduleResolution: "bundler" }]) {
      const compilerOptions = { noEmit: true, strict: true, skipLibCheck: true, target: "es2023", types: [], ...kind };
      writeFileSync(join(folder, "consumer.json"), JSON.stringify({ compilerOptions, files: ["consumer.mts"] }));
      await succeed(run(process.execPath, [compiler, "-p", "consumer.json"]));
    }
  });

  test("a bundle of one function of the runtime holds what that needs, and nothing else", async () => {
    writeFileSync(join(folder, "dot.js"), 'import { dot } from "adjoint";\nconsole.log(dot([1, 2], [3, 4]));\n');
    const { outputFiles } = await build({
      entryPoints: [join(folder, "dot.js")],
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
    });
    expect(outputFiles[0]!.contents.length).toBeLessThan(1100);
  });
});

describe("builds", () => {
  test.each([
    ["vite", ["vite", "build"], "dist/vite.js"],
    ["rollup", ["rollup", "-c"], "dist/rollup.js"],
    ["webpack", ["webpack"], "dist/webpack.cjs"],
  ])("%s", async (_, [name, ...args], built) => {
    await succeed(tool(name!, ...args));
    expect(await succeed(run(process.execPath, [built]))).toBe(fitted);
  });

  test("esbuild", async () => {
    await succeed(run(process.execPath, ["esbuild.js"]));
    expect(await succeed(run(process.execPath, ["dist/esbuild.js"]))).toBe(fitted);
  });

  test("vitest", async () => {
    await succeed(tool("vitest", "run"));
  });
});

test("vite's server writes a derivative anew when what it calls has changed", async () => {
  const script = `
    import { readFileSync, writeFileSync } from "node:fs";
    import { createServer } from "vite";
    const server = await createServer({ logLevel: "silent", server: { port: 0 } });
    await server.listen();
    const told = [];
    const { send } = server.environments.client.hot;
    server.environments.client.hot.send = (message) => (told.push(message.type), send(message));
    const load = async () => (await server.transformRequest("/src/fit.ts")).code;
    const before = await load();
    const text = readFileSync("src/decay.ts", "utf8");
    writeFileSync("src/decay.ts", text.replace("floor + height", "floor + 3 * height"));
    for (let wait = 0; wait < 100 && told.length === 0; wait++) await new Promise((done) => setTimeout(done, 100));
    const after = await load();
    writeFileSync("src/decay.ts", text);
    await server.close();
    console.log(JSON.stringify({ before: before.includes("3 * "), after: after.includes("3 * "), told }));
    process.exit();
  `;
  const out = await succeed(run(process.execPath, ["--input-type=module", "-e", script]));
  expect(JSON.parse(out)).toMatchObject({ before: false, after: true });
  expect((JSON.parse(out) as { told: string[] }).told).toContain("full-reload");
});

describe("without a build", () => {
  const register = ["--import", "adjoint/register", "src/main.ts"];

  test("node, which strips the types itself where nobody else does", async () => {
    expect(await succeed(run(process.execPath, register))).toBe(fitted);
    // What was compiled is kept.
    expect(readdirSync(join(folder, "node_modules/.cache/adjoint")).length).toBeGreaterThan(0);
    expect(await succeed(run(process.execPath, register))).toBe(fitted);
  });

  test("node with tsx", async () => {
    expect(await succeed(run(process.execPath, ["--import", "tsx", ...register]))).toBe(fitted);
  });
});

test("the command line, with files that import nothing", async () => {
  const source = "/** @differentiable vjp wrt xs */\nexport const squares = (xs: number[]) => xs.map((x) => x * x);\n";
  writeFileSync(join(folder, "src/squares.ts"), source);
  const adjoint = join(folder, "node_modules/.bin/adjoint");
  await succeed(run(process.execPath, [adjoint, "generate", "--self-contained", "src/squares.ts"]));
  expect(readFileSync(join(folder, "src/squares.adjoint.ts"), "utf8")).not.toMatch(/^import /m);
  await succeed(run(process.execPath, [adjoint, "generate", "--self-contained", "--check", "src/squares.ts"]));
  await succeed(run(process.execPath, [adjoint, "doctor"]));
});

test("many files are shared out among threads, and give what each gives alone", async () => {
  const many = join(folder, "many");
  mkdirSync(many);
  const names = Array.from({ length: 130 }, (_, k) => `model${k}.ts`);
  names.forEach((name, k) => {
    const helper = k === 0 ? "" : `import { scale } from "./model0.js";\n`;
    const own = k === 0 ? "export const scale = (x: number) => 2 * x;\n" : "";
    const body = k === 77 ? "new Intl.NumberFormat().format(x).length" : `scale(x) ** ${k}`;
    writeFileSync(
      join(many, name),
      `${helper}${own}/** @differentiable */\nexport const f = (x: number): number => ${body};\n`,
    );
  });
  const { status, out, error } = await tool("adjoint", "generate", "many");
  expect(status).toBe(1);
  expect(error).toContain("many/model77.ts:3:41 - error");
  const written = names.filter((_, k) => k !== 77).map((name) => `many/${name.replace(".ts", ".adjoint.ts")}`);
  expect(out.trim().split("\n")).toEqual(written.sort().map((path) => `${path} written`));
  expect(await succeed(tool("adjoint", "generate", "many/model5.ts", "many/model129.ts"))).toBe(
    "many/model129.adjoint.ts unchanged\nmany/model5.adjoint.ts unchanged\n",
  );
});

describe("a stack trace of an adjoint leads to the user's line", () => {
  const thrown = "RangeError: A decay has a positive rate.";
  const line =
    readFileSync(join(root, "examples/tools/src/decay.ts"), "utf8")
      .split("\n")
      .findIndex((one) => one.includes("throw")) + 1;

  test.each([
    ["node", ["--import", "adjoint/register", "src/main.ts", "--fail"]],
    ["esbuild", ["dist/esbuild.js", "--fail"]],
    ["rollup", ["dist/rollup.js", "--fail"]],
    ["vite", ["dist/vite.js", "--fail"]],
    ["webpack", ["dist/webpack.cjs", "--fail"]],
  ])("%s", async (_, args) => {
    const { status, error } = await run(process.execPath, ["--enable-source-maps", ...args]);
    expect(status).toBe(1);
    expect(error).toContain(thrown);
    expect(error).toMatch(new RegExp(`decay\\.ts:${line}:`));
  });
});

describe("what cannot be differentiated stops every tool, with its place", () => {
  const broken = join(folder, "src/fit.ts");
  let before: string;

  beforeAll(() => {
    before = readFileSync(broken, "utf8");
    writeFileSync(broken, before.replace("misfit(decay, measured)", "eval(String(decay.height))"));
  });
  afterAll(() => writeFileSync(broken, before));

  test.each([
    ["vite", () => tool("vite", "build")],
    ["rollup", () => tool("rollup", "-c")],
    ["webpack", () => tool("webpack")],
    ["esbuild", () => run(process.execPath, ["esbuild.js"])],
    ["node", () => run(process.execPath, ["--import", "adjoint/register", "src/main.ts"])],
  ])("%s", async (_, start) => {
    const { status, out, error } = await start();
    expect(status).not.toBe(0);
    expect(out + error).toMatch(/src\/fit\.ts:6:\d+ - error \w+: /);
    expect(out + error).toMatch(/ 6 \| +const step = valueAndGrad/);
  });
});
