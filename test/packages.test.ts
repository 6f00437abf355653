/**
 * Packages from npm, as they are published, and plain JavaScript of every kind, differentiated through their own source:
 * against central differences and the tangent. What is written stands beside the functions;
 * `UPDATE_GOLDENS=1 npx vitest run test/packages.test.ts` writes it.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { type CompileResult, compileFiles } from "../compiler/index.js";
import { checkNumbers, checkPartials, doubleTolerances, type Subject } from "./support/checkNumbers.js";
import type { Callable } from "./support/modules.js";

const folder = join(dirname(fileURLToPath(import.meta.url)), "packages");
const isUpdating = process.env["UPDATE_GOLDENS"] === "1";

type Points = Readonly<Record<string, readonly (() => unknown[])[]>>;

describe.each(["subjects", "plainJavaScript"])("%s", (name) => {
  const source = join(folder, `${name}.ts`);
  const golden = join(folder, `${name}.adjoint.ts`);
  let result: CompileResult;
  let points: Points;

  beforeAll(async () => {
    result = await compileFiles({ files: [source], project: join(folder, "../../tsconfig.json") });
    points = ((await import(join(folder, `${name}.points.ts`))) as { points: Points }).points;
    const text = result.files[0]?.text;
    if (isUpdating && text) writeFileSync(golden, text);
  }, 240_000);

  test("compiles without a diagnostic", () => {
    expect(result.diagnostics).toEqual([]);
  });

  test("is what stands beside it", () => {
    expect(result.files[0]?.text).toBe(existsSync(golden) ? readFileSync(golden, "utf8") : null);
  });

  const names = [
    ...readFileSync(source, "utf8").matchAll(/@differentiable([^*]*)\*\/\s*export function (\w+)\(([^)]*)/g),
  ];

  test.each(names.map(([, tag, fn, parameters]) => ({ tag: tag!, fn: fn!, parameters: parameters! })))(
    "$fn",
    async ({ tag, fn, parameters }) => {
      const primal = ((await import(source)) as Record<string, Callable>)[fn]!;
      const derived = (await import(golden)) as Record<string, Callable>;
      const stem = fn[0]!.toUpperCase() + fn.slice(1);
      const all = parameters.split(",").map((parameter) => parameter.split(":")[0]!.trim());
      const wanted = /wrt ([\w, ]+)/
        .exec(tag)?.[1]
        ?.split(",")
        .map((one) => one.trim()) ?? [all[0]!];
      const subject: Subject = {
        primal,
        wrt: wanted.map((one) => all.indexOf(one)),
        isBare: wanted.length === 1,
        derived: {
          grad: derived[`grad${stem}`]!,
          valueAndGrad: derived[`valueAndGrad${stem}`]!,
          jvp: derived[`jvp${stem}`]!,
        },
      };
      expect(points[fn]?.length).toBeGreaterThan(1);
      for (const make of points[fn]!) {
        const { problems, gradient } = checkNumbers(subject, make, doubleTolerances);
        expect([...problems, ...checkPartials(subject, make, doubleTolerances, gradient)]).toEqual([]);
      }
    },
  );
});
