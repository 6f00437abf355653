/** The command line, run in temporary folders: what it writes, prints and returns. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { passNames } from "../compiler/index.js";
import { header, makeWorkFolder, type WorkFolder } from "./support/workFolder.js";

const square = "/** @differentiable wrt x */\nexport function square(x: number): number {\n  return x * x;\n}\n";
const bad = "/** @differentiable wrt y */\nexport function bad(x: number): number {\n  return x * x;\n}\n";
const flat = "/** @differentiable wrt x */\nexport function flat(x: number): number {\n  return Math.floor(x);\n}\n";
const plain = "export const answer = 42;\n";
const config = '{ "compilerOptions": { "strict": true, "target": "es2022" }, "include": ["src"] }\n';

let folder: WorkFolder;

beforeEach(() => {
  folder = makeWorkFolder();
  folder.write("tsconfig.json", config);
});

afterEach(() => {
  folder.remove();
});

describe("generate", () => {
  test("writes the sibling, whole, with its header, and nothing else", async () => {
    folder.write("src/square.ts", square);
    const { status, out, error } = await folder.run("generate", "src/square.ts");
    expect({ status, error }).toEqual({ status: 0, error: "" });
    expect(out).toContain(join("src", "square.adjoint.ts"));
    expect(folder.files()).toEqual(["src/square.adjoint.ts", "src/square.ts", "tsconfig.json"]);
    expect(folder.read("src/square.adjoint.ts")).toMatch(header);
    expect(folder.read("src/square.adjoint.ts")).toContain("export function gradSquare(x: number): number");
  });

  test("the same source gives the same bytes, and an unchanged file is not written again", async () => {
    folder.write("src/square.ts", square);
    await folder.run("generate", "src/square.ts");
    const first = folder.read("src/square.adjoint.ts");
    const { out } = await folder.run("generate", "src/square.ts");
    expect(out).toContain("unchanged");
    expect(folder.read("src/square.adjoint.ts")).toBe(first);
  });

  test("globs, folders, and without any the files of the tsconfig", async () => {
    folder.write("src/square.ts", square);
    folder.write("src/deep/cube.ts", square.replaceAll("square", "cube"));
    folder.write("other/quad.ts", square.replaceAll("square", "quad"));
    expect((await folder.run("generate", "src/**/*.ts")).status).toBe(0);
    expect(folder.files().filter((file) => file.includes(".adjoint."))).toEqual([
      "src/deep/cube.adjoint.ts",
      "src/square.adjoint.ts",
    ]);
    expect((await folder.run("generate", "other")).status).toBe(0);
    expect(folder.has("other/quad.adjoint.ts")).toBe(true);
    const again = await folder.run("generate");
    expect(again.status).toBe(0);
    expect(again.out.match(/unchanged/g)).toHaveLength(2);
  });

  test("nothing annotated is a notice", async () => {
    folder.write("src/plain.ts", plain);
    const { status, out } = await folder.run("generate", "src/plain.ts");
    expect({ status, out }).toEqual({ status: 0, out: "No @differentiable functions found." });
    expect(folder.has("src/plain.adjoint.ts")).toBe(false);
  });

  test("good and bad files in one run: the good are written, the bad reported", async () => {
    folder.write("src/square.ts", square);
    folder.write("src/bad.ts", bad);
    const { status, error } = await folder.run("generate", "src");
    expect(status).toBe(1);
    expect(error).toMatch(/src[/\\]bad\.ts:1:5 - error unknownParameter/);
    expect(folder.has("src/square.adjoint.ts")).toBe(true);
    expect(folder.has("src/bad.adjoint.ts")).toBe(false);
  });

  test("the old sibling of a bad file stays, and is called stale", async () => {
    folder.write("src/bad.ts", square);
    await folder.run("generate", "src");
    const before = folder.read("src/bad.adjoint.ts");
    folder.write("src/bad.ts", bad);
    const { status, error } = await folder.run("generate", "src");
    expect(status).toBe(1);
    expect(error).toContain("stale");
    expect(folder.read("src/bad.adjoint.ts")).toBe(before);
  });

  test("broken syntax", async () => {
    folder.write("src/broken.ts", square.replace("x * x", "x * ("));
    const { status, error } = await folder.run("generate", "src");
    expect(status).toBe(1);
    expect(error).toContain("error syntaxError");
  });

  test("a foreign file is left alone", async () => {
    folder.write("src/square.ts", square);
    folder.write("src/square.adjoint.ts", "// mine\n");
    const { status, error } = await folder.run("generate", "src");
    expect(status).toBe(1);
    expect(error).toContain("foreignFile");
    expect(folder.read("src/square.adjoint.ts")).toBe("// mine\n");
  });

  test("another folder for what is generated, with imports that lead back", async () => {
    const imported = `import { k } from "./k.js";\nexport interface P { v: number }\n/** @differentiable wrt p */\nexport function f(p: P): number { return k * p.v * p.v; }\n`;
    folder.write("src/k.ts", "export const k = 3;\n");
    folder.write("src/deep/f.ts", imported.replace("./k.js", "../k.js"));
    const { status } = await folder.run("generate", "src", "--out-dir", "generated");
    expect(status).toBe(0);
    const text = folder.read("generated/src/deep/f.adjoint.ts");
    expect(text).toContain('from "../../../src/k.js"');
    expect(text).toContain('import type { P } from "../../../src/deep/f.js"');
    expect(folder.has("src/deep/f.adjoint.ts")).toBe(false);
  });

  test("another project", async () => {
    folder.write(
      "src/list.ts",
      "/** @differentiable wrt xs */\nexport function f(xs: number[]): number { return xs[0]! * xs[0]!; }\n",
    );
    folder.write("strict.json", '{ "compilerOptions": { "strict": true, "noUncheckedIndexedAccess": true } }\n');
    await folder.run("generate", "src/list.ts");
    const loose = folder.read("src/list.adjoint.ts");
    expect((await folder.run("generate", "src/list.ts", "--project", "strict.json")).status).toBe(0);
    expect(folder.read("src/list.adjoint.ts")).not.toBe(loose);
    expect(folder.read("src/list.adjoint.ts")).toContain("!");
    expect(loose).not.toContain("]!");
  });

  test("paths with spaces and letters of any script", async () => {
    folder.write("src/my models/größe 数.ts", square);
    const { status, error } = await folder.run("generate", "src/my models/größe 数.ts");
    expect({ status, error }).toEqual({ status: 0, error: "" });
    expect(folder.read("src/my models/größe 数.adjoint.ts")).toContain("from ./größe 数.ts.");
    expect((await folder.run("generate", "src/my models/*.ts", "--check")).status).toBe(0);
  });

  test("a folder behind a symbolic link", async () => {
    folder.write("real/square.ts", square);
    symlinkSync(join(folder.path, "real"), join(folder.path, "link"));
    const { status } = await folder.run("generate", "link/square.ts");
    expect(status).toBe(0);
    expect(folder.has("real/square.adjoint.ts")).toBe(true);
    expect(folder.read("real/square.adjoint.ts")).toMatch(header);
  });

  test("a sibling that cannot be written", async () => {
    const longest = `src/${"x".repeat(250)}.ts`;
    folder.write(longest, square);
    const { status, error } = await folder.run("generate", "src");
    expect(status).toBe(1);
    expect(error).toMatch(/ENAMETOOLONG/);
    expect(folder.files()).toEqual([longest, "tsconfig.json"]);
  });

  test("a sibling that is a folder", async () => {
    folder.write("src/square.ts", square);
    folder.write("src/square.adjoint.ts/file.txt", "");
    const { status, error } = await folder.run("generate", "src/square.ts");
    expect(status).toBe(1);
    expect(error).not.toContain("internal error");
    expect(folder.files()).toEqual(["src/square.adjoint.ts/file.txt", "src/square.ts", "tsconfig.json"]);
  });

  test.each([
    ["src/square.mts", "src/square.adjoint.mts"],
    ["src/square.cts", "src/square.adjoint.cts"],
    ["src/square.tsx", "src/square.adjoint.ts"],
  ])("%s gives %s", async (source, sibling) => {
    folder.write(source, square);
    expect((await folder.run("generate", source)).status).toBe(0);
    expect(folder.has(sibling)).toBe(true);
  });
});

describe("generate --check", () => {
  beforeEach(async () => {
    folder.write("src/square.ts", square);
    await folder.run("generate", "src");
  });

  test("current files, whatever their line ends", async () => {
    expect((await folder.run("generate", "src", "--check")).status).toBe(0);
    folder.write("src/square.adjoint.ts", folder.read("src/square.adjoint.ts").replaceAll("\n", "\r\n"));
    expect((await folder.run("generate", "src", "--check")).status).toBe(0);
  });

  test("a stale file", async () => {
    folder.write("src/square.ts", square.replace("x * x", "x * x * x"));
    const before = folder.read("src/square.adjoint.ts");
    const { status, out } = await folder.run("generate", "src", "--check");
    expect(status).toBe(1);
    expect(out).toMatch(/square\.adjoint\.ts stale/);
    expect(folder.read("src/square.adjoint.ts")).toBe(before);
  });

  test("a missing file", async () => {
    folder.write("src/cube.ts", square.replaceAll("square", "cube"));
    const { status, out } = await folder.run("generate", "src", "--check");
    expect(status).toBe(1);
    expect(out).toMatch(/cube\.adjoint\.ts missing/);
    expect(folder.has("src/cube.adjoint.ts")).toBe(false);
  });

  test("an orphaned file: its source asks for nothing any more", async () => {
    folder.write("src/square.ts", plain);
    const { status, error } = await folder.run("generate", "src", "--check");
    expect(status).toBe(1);
    expect(error).toMatch(/square\.adjoint\.ts is orphaned/);
  });

  test("an orphaned file: its source is gone", async () => {
    folder.write("src/other.ts", square.replaceAll("square", "other"));
    await folder.run("generate", "src");
    folder.write("src/gone.adjoint.ts", folder.read("src/square.adjoint.ts").replaceAll("square", "gone"));
    const { status, error } = await folder.run("generate", "src", "--check");
    expect(status).toBe(1);
    expect(error).toMatch(/gone\.adjoint\.ts is orphaned/);
  });
});

describe("messages", () => {
  test("--json is one object with stable fields, errors and all", async () => {
    folder.write("src/square.ts", square);
    folder.write("src/bad.ts", bad);
    const { status, out, error } = await folder.run("generate", "src", "--json");
    expect(status).toBe(1);
    expect(error).toBe("");
    const report = JSON.parse(out) as {
      version: number;
      files: { source: string; sibling: string; status: string }[];
      diagnostics: object[];
    };
    expect(Object.keys(report)).toEqual(["version", "files", "diagnostics"]);
    expect(report.files.map(({ status: outcome }) => outcome).sort()).toEqual(["failed", "written"]);
    expect(report.diagnostics).toEqual([
      {
        code: "unknownParameter",
        severity: "error",
        message: "There is no parameter y.",
        suggestion: "The parameters are x.",
        file: join(folder.path, "src/bad.ts"),
        line: 1,
        column: 5,
      },
    ]);
  });

  test("warnings are printed, and are errors with --strict", async () => {
    folder.write("src/flat.ts", flat);
    const { status, error } = await folder.run("generate", "src");
    expect(status).toBe(0);
    expect(error).toContain("warning zeroGradient");
    expect(folder.has("src/flat.adjoint.ts")).toBe(true);
    const strict = await folder.run("generate", "src", "--strict");
    expect(strict.status).toBe(1);
  });

  test("nothing is written under --strict for a file with warnings", async () => {
    folder.write("src/flat.ts", flat);
    await folder.run("generate", "src", "--strict");
    expect(folder.has("src/flat.adjoint.ts")).toBe(false);
  });

  test("--print-passes prints every pass, or one", async () => {
    folder.write("src/square.ts", square);
    const all = await folder.run("generate", "src", "--print-passes");
    for (const pass of passNames) expect(all.out).toContain(`-- after ${pass}\n`);
    const one = await folder.run("generate", "src", "--print-passes", "keep");
    expect(one.out.match(/^-- after \S+$/gm)).toEqual(["-- after keep", "-- after keep"]);
  });

  test.each([...passNames])("--stop-after %s prints and writes nothing", async (pass) => {
    folder.write("src/square.ts", square);
    const { status, out } = await folder.run("generate", "src/square.ts", "--stop-after", pass);
    expect(status).toBe(0);
    expect(out).toContain(`-- after ${pass}\n`);
    expect(folder.has("src/square.adjoint.ts")).toBe(false);
  });
});

describe("explain", () => {
  test("says what is active and kept", async () => {
    folder.write("src/square.ts", square);
    const { status, out } = await folder.run("explain", "src/square.ts");
    expect(status).toBe(0);
    expect(out).toMatch(/square/);
    expect((await folder.run("explain", "src/square.ts", "square")).out).not.toBe("");
    expect(folder.has("src/square.adjoint.ts")).toBe(false);
  });

  test("as JSON", async () => {
    folder.write("src/square.ts", square);
    const { out } = await folder.run("explain", "src/square.ts", "--json");
    expect(Object.keys(JSON.parse(out) as object)).toEqual(["version", "functions", "diagnostics"]);
  });

  const checkpointed = `/** @differentiable valueAndGrad wrt x */
export function orbit(x: number, steps: number): number {
  // @checkpoint 8 snapshots
  for (let k = 0; k < steps; k++) x += 0.1 * Math.sin(x);
  return x;
}

/** @differentiable valueAndGrad wrt xs */
export function flow(xs: Float64Array, steps: number): number {
  // @checkpoint
  for (let k = 0; k < steps; k++) for (let i = 1; i < xs.length; i++) xs[i] = Math.sin(xs[i - 1]! * xs[i]!);
  return xs[0]!;
}
`;

  const scan = `/** @differentiable valueAndGrad wrt x */
export function scan(x: number, a: number, steps: number): number {
  let y = x;
  let sum = 0;
  for (let k = 0; k < steps; k++) {
    y = clamp(y + 0.1 * (a * y + x) * (y * y + 1));
    sum += y;
  }
  for (let k = 0; k < 3; k++) sum += k * x;
  return sum;
}
function clamp(y: number): number {
  return Math.min(y, 3);
}
`;

  test("says how much is kept, and what became of loops and calls", async () => {
    folder.write("src/scan.ts", scan);
    const { out } = await folder.run("explain", "src/scan.ts");
    expect(out).toContain("(8 * steps bytes)");
    expect(out).toContain("loop in line 5: run backwards in the reverse sweep, since y goes from one iteration");
    expect(out).toContain("loop in line 9: value and derivative in one loop, which keeps nothing");
    expect(out).toContain("inlined: clamp");
    const json = await folder.run("explain", "src/scan.ts", "--json");
    const [explained] = (JSON.parse(json.out) as { functions: Record<string, unknown>[] }).functions;
    expect(explained).toMatchObject({
      function: "scan",
      generated: "valueAndGradScan",
      loops: [
        { line: 5, how: "mirrored" },
        { line: 9, how: "fused", keeps: [] },
      ],
      calls: [{ name: "clamp", how: "inlined" }],
    });
  });

  test("says what snapshots a loop with @checkpoint takes", async () => {
    folder.write("src/orbit.ts", checkpointed);
    const { out } = await folder.run("explain", "src/orbit.ts");
    expect(out).toContain("kept: nothing but snapshots");
    expect(out).toContain("from snapshots (@checkpoint): 8 at most, each 16 bytes");
    expect(out).toContain("32 at most, each 8 bytes and a copy of xs");
    const json = await folder.run("explain", "src/orbit.ts", "--json");
    const { functions } = JSON.parse(json.out) as { functions: { loops: Record<string, unknown>[] }[] };
    expect(functions[0]!.loops[0]).toMatchObject({
      how: "checkpointed",
      snapshots: { count: 8, bytes: 16, copies: [] },
    });
  });

  test("--keep all keeps more, and generate takes it, too", async () => {
    folder.write("src/scan.ts", scan);
    const bytes = async (...flags: string[]): Promise<number> => {
      const { out } = await folder.run("explain", "src/scan.ts", ...flags);
      return Number(/kept in all: (\d+)/.exec(out)?.[1]);
    };
    const [all, minimal] = [await bytes("--keep", "all"), await bytes("--keep", "minimal")];
    expect(all).toBeGreaterThan(minimal);
    expect(await bytes()).toBe(minimal);
    expect((await folder.run("generate", "src/scan.ts", "--keep", "all")).status).toBe(0);
    expect((await folder.run("generate", "src/scan.ts", "--keep", "nothing")).status).toBe(2);
  });

  test("of a function that is not there", async () => {
    folder.write("src/square.ts", square);
    expect((await folder.run("explain", "src/square.ts", "cube")).status).toBe(2);
    expect((await folder.run("explain", "src/missing.ts")).status).toBe(2);
  });
});

describe("wrong usage gives 2 and says what was wrong", () => {
  test.each([
    ["a file that is not there", ["generate", "src/missing.ts"], "src/missing.ts matches no file"],
    ["a glob that matches nothing", ["generate", "nothing/**/*.ts"], "nothing/**/*.ts matches no file"],
    ["an unknown option", ["generate", "--fast"], "--fast"],
    ["an unknown command", ["differentiate"], "differentiate"],
    ["an unknown pass", ["generate", "--stop-after", "polish"], "there is no pass polish"],
    ["an unknown pass to print", ["generate", "--print-passes", "polish"], "there is no pass polish"],
    ["a project that is not there", ["generate", "--project", "missing.json"], "missing.json does not exist"],
    ["an option without its value", ["generate", "--out-dir"], "--out-dir"],
  ])("%s", async (_, args, message) => {
    const { status, error } = await folder.run(...args);
    expect(status).toBe(2);
    expect(error).toContain(message);
    expect(error).not.toMatch(/\n +at /);
  });

  test("a project that is broken", async () => {
    folder.write("src/square.ts", square);
    folder.write("broken.json", "{ nothing");
    const { status, error } = await folder.run("generate", "src", "--project", "broken.json");
    expect([1, 2]).toContain(status);
    expect(error).not.toMatch(/internal error|\n +at /);
  });

  test("--help and --version are no errors", async () => {
    const help = await folder.run("--help");
    expect(help.status).toBe(0);
    expect(help.out).toContain("generate");
    const version = await folder.run("--version");
    expect(version.status).toBe(0);
    expect(version.out).toMatch(/^\d+\.\d+\.\d+/);
  });
});
