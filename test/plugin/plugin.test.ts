/** Modules with markers, built with the plugin and run: every derivative against central differences. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { Project } from "ts-morph";
import { afterAll, describe, expect, test } from "vitest";
import adjoint from "../../compiler/plugin/entries/esbuild.js";
import { ModuleCompiler } from "../../compiler/plugin/compileModule.js";
import { Session } from "../../compiler/plugin/session.js";
import { numericalGradient } from "../../runtime/index.js";
import type * as Around from "./modules/around.js";
import type * as Captured from "./modules/captured.js";
import type * as Models from "./modules/models.js";
import type * as Verbs from "./modules/verbs.js";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const folder = mkdtempSync(join(tmpdir(), "adjoint-plugin-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function built<Module>(name: string): Promise<Module> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(here, "modules", name)],
    bundle: true,
    format: "esm",
    outfile,
    logLevel: "silent",
    alias: { adjoint: join(root, "runtime/index.ts"), "adjoint/runtime": join(root, "runtime/generated.ts") },
    plugins: [adjoint({ cache: false })],
  });
  return (await import(pathToFileURL(outfile).href)) as Module;
}

type Numeric = (...args: never[]) => number;

function difference(f: Numeric, args: readonly unknown[], wrt: number | readonly number[] = 0): unknown {
  return (numericalGradient as (f: Numeric, options: object) => (...args: readonly unknown[]) => unknown)(f, {
    method: "central",
    wrt,
  })(...args);
}

function expectClose(found: unknown, expected: unknown): void {
  if (typeof expected === "number") return expect(found).toBeCloseTo(expected, 5);
  const [one, other] = [found as Record<string, unknown>, expected as Record<string, unknown>];
  expect(Object.keys(one)).toEqual(Object.keys(other));
  for (const key of Object.keys(other)) expectClose(one[key], other[key]);
}

describe("what functions have captured", async () => {
  const module = await built<typeof Captured>("captured.ts");

  test("local data, through local functions", () => {
    const data = { xs: [0, 1, 2, 3], ys: Float64Array.of(1, 3.1, 4.9, 7) };
    const { found, report } = module.fit(data, 1e-6);
    expect(report).toMatchObject({ ok: true });
    expect(found[0]).toBeCloseTo(1.98, 1);
    expect(found[1]).toBeCloseTo(1.03, 1);
  });

  test("variables of an iteration", () => {
    expect(module.slopes([1, 2, 5], 3)).toEqual([6, 12, 30]);
  });

  test("variables that change between calls", () => {
    expect(module.gradScaled(3, 4)).toEqual([6, 8]);
    module.setScale(10);
    expect(module.gradScaled(3, 4)).toEqual([30, 40]);
    module.setState(2, 3);
    expect(module.slopeAtState(0.5)).toBeCloseTo(2 + 3 * Math.cos(0.5), 12);
  });

  test("this", () => {
    const well = new module.Well(1.5, [0.2, -0.4]);
    const energy = (x: number, y: number): number => -well.energy(x, y);
    expectClose(well.force(0.7, 0.3), difference(energy, [0.7, 0.3], [0, 1]));
  });

  test("instances of classes that extend those of the code", () => {
    const losses = [new module.Loss(), new module.CubicLoss()];
    expect(losses.map((loss) => loss.slope(2))).toEqual([4, 12]);
    expect(module.slopesOf(losses, 2)).toEqual([4, 12]);
  });

  test("optional and rest parameters", () => {
    expect(module.powers(2)).toEqual([12, 54, 56]);
  });

  test("local functions that call themselves", () => {
    // k q³; k³ q² (q odd, odd even, even …); k² q times k.
    expect(module.recursive(2, 3)).toEqual([2 * 27, 8 * 2 * 3, 8]);
  });

  test("names that mean other things elsewhere", () => {
    expect(module.shadowing(1.5)).toBe(9);
  });
});

describe("what is around functions", async () => {
  const { pairs } = await built<typeof Around>("around.ts");

  test.each(Object.keys(pairs))("%s", (name) => {
    const [found, wanted] = pairs[name]!();
    expect(found).toBeCloseTo(wanted, 6);
  });
});

describe("verbs", async () => {
  const { asked, along, bends, gradBowl } = await built<typeof Verbs>("verbs.ts");
  const models = await built<typeof Models>("models.ts");
  const bowl = (x: number, y: number): number => x * x * y + Math.exp(y);

  test("gradients of functions of this module and of others, however they are named", () => {
    expect(gradBowl).toBe("taken");
    expectClose(asked.grad(2, 0.3), difference(bowl, [2, 0.3]));
    for (const one of [asked.both, asked.again]) expectClose(one(2, 0.3), difference(bowl, [2, 0.3], [0, 1]));
    expectClose(asked.second(2, 0.3), difference(bowl, [2, 0.3], 1));
    expect(asked.namespace(2, 0.3)).toBe(asked.grad(2, 0.3));
    expect(asked.alias(2, 0.3)).toBe(asked.grad(2, 0.3));
    expect(asked.value(2, 0.3)).toEqual({ value: bowl(2, 0.3), grad: asked.grad(2, 0.3) });
    expect(asked.cube(2)).toBe(12);
    expectClose(asked.weigh(0.4), difference(models.weigh, [0.4]));
    expect(asked.weighAll(0.4)).toBe(asked.weigh(0.4));
    expect(asked.line(2, 3)).toBe(3);
    expect(asked.area(2)).toBeCloseTo(4 * Math.PI, 12);
  });

  test("the others", () => {
    expectClose(asked.hessian(2, 0.3), [
      [0.6, 4],
      [4, Math.exp(0.3)],
    ]);
    const { grad, hvp } = asked.hvp([2, 0.3], [1, -1]);
    expect(grad).toEqual(asked.both(2, 0.3));
    expectClose(hvp, [0.6 - 4, 4 - Math.exp(0.3)]);
    expectClose(asked.polar(2, 0.5), [
      [Math.cos(0.5), -2 * Math.sin(0.5)],
      [Math.sin(0.5), 2 * Math.cos(0.5)],
    ]);
    const { value, pullback } = asked.pull([1, 2]);
    expect([value, pullback([1, 1]), pullback([0, 2])]).toEqual([
      [1, 4],
      [2, 4],
      [0, 8],
    ]);
    expect(asked.push([Float64Array.of(1, 2), 3], Float64Array.of(1, 0.5)).tangent).toEqual(Float64Array.of(6, 6));
    expect(along(2, Float64Array.of(3), Float64Array.of(1)).tangent).toEqual(Float64Array.of(12));
    expect(asked.inner(2)).toBe(36);
  });

  test("derivatives of derivatives", () => {
    expect(asked.bend(2)).toBe(12);
    expect(asked.third(0.1)).toBeCloseTo(8 * Math.exp(0.2), 12);
    expect(asked.hessianByRows(2, 0.3)).toEqual(asked.hessian(2, 0.3));
    expect(bends(5)).toEqual([12, 60]);
  });
});

test("plain JavaScript stays plain", async () => {
  const path = join(here, "modules/plain.js");
  const { rewritten } = await new Session().compile(path, readFileSync(path, "utf8"));
  expect(rewritten!.code).toMatchSnapshot();
  const { slope, wave } = await built<{ slope: (x: number) => number; wave: Numeric }>("plain.js");
  expectClose(slope(0.7), difference(wave, [0.7]));
});

test("every line of an adjoint is mapped to the line that it comes from", async () => {
  const path = join(here, "modules/captured.ts");
  const code = readFileSync(path, "utf8");
  const { rewritten } = await new Session().compile(path, code);
  const { TraceMap, originalPositionFor } = await import("@jridgewell/trace-mapping");
  const map = new TraceMap(rewritten!.map as never);
  const lines = rewritten!.code.split("\n");
  const originals = code.split("\n");
  const from = (generated: string): string | undefined => {
    const line = lines.findIndex((one) => one.includes(generated));
    const column = lines[line]!.length - lines[line]!.trimStart().length;
    const place = originalPositionFor(map, { line: line + 1, column });
    const text = place.source?.endsWith("models.ts")
      ? readFileSync(join(here, "modules/models.ts"), "utf8").split("\n")
      : originals;
    return place.line === null ? undefined : text[place.line - 1]!.trim();
  };
  expect(from("function gradScaled2(")).toBe("const scaled = (x: number, y: number): number => scale * x * y;");
  expect(from("export class Well")).toBe("export class Well {");
  expect(from("const root = Math.sqrt(")).toBe("return half * Math.sqrt(1 + x);");
  expect(from("const exp = Math.exp(")).toBe(
    "return this.depth * ((x - a) ** 2 - 1) ** 2 * Math.exp(-((y - b) ** 2));",
  );
});

test.each(["around.ts", "captured.ts", "verbs.ts"])(
  "%s passes strict TypeScript with what was written into it",
  async (name) => {
    const path = join(here, "modules", name);
    const { rewritten } = await new Session().compile(path, readFileSync(path, "utf8"));
    const project = new Project({
      tsConfigFilePath: join(root, "tsconfig.json"),
      skipAddingFilesFromTsConfig: true,
      compilerOptions: {
        paths: { adjoint: [join(root, "runtime/index.ts")], "adjoint/runtime": [join(root, "runtime/generated.ts")] },
      },
    });
    const file = project.createSourceFile(path, rewritten!.code, { overwrite: true });
    project.resolveSourceFileDependencies();
    const problems = project.getProgram().getSemanticDiagnostics(file);
    expect(problems.map((one) => `${one.getLineNumber()}: ${String(one.getMessageText())}`)).toEqual([]);
  },
);

test("a file that is new in the project, and extends a class, is seen: by the compiler at hand, and by the cache", async () => {
  const place = mkdtempSync(join(tmpdir(), "adjoint-new-file-"));
  const main = join(place, "main.ts");
  const code = [
    'import { grad } from "adjoint";',
    "export class Loss { at(x: number): number { return x * x; } }",
    "export const slope = (loss: Loss, x: number): number => grad((q: number) => loss.at(q))(x);",
  ].join("\n");
  try {
    writeFileSync(join(place, "tsconfig.json"), '{ "compilerOptions": { "strict": true }, "include": ["."] }');
    writeFileSync(main, code);
    const cache = join(place, "cache");
    const running = new ModuleCompiler({ cache }, place);
    const before = (await running.transform(code, main)).code;
    expect((await new ModuleCompiler({ cache }, place).transform(code, main)).code).toBe(before);
    const other =
      'import { Loss } from "./main";\nexport class Cubic extends Loss { override at(x: number) { return x ** 3; } }\n';
    writeFileSync(join(place, "cubic.ts"), other);
    const again = new ModuleCompiler({ cache }, place);
    // Generated code would have to name a class that is loaded later.
    expect((await again.transform(code, main)).error?.message).toContain("circularImport");
    expect((await running.transform(code, main)).error?.message).toContain("circularImport");
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});
