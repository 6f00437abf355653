/** Functions that the engine would not optimise are split, whatever they are made of. */
import { describe, expect, test } from "vitest";
import { runPipeline } from "../compiler/pipeline.js";
import { compile } from "./support/compile.js";
import { lowerText } from "./support/lowerSnippet.js";

const lines = (count: number, line: (k: number) => string): string =>
  Array.from({ length: count }, (_, k) => line(k)).join("\n");

const straight = (count: number): string => `
/** @differentiable valueAndGrad wrt x, y */
export function straight(x: number, y: number): number {
  const v0 = x;
  const v1 = y;
  ${lines(count, (k) => `const v${k + 2} = 0.5 * v${k + 1} + Math.sin(v${Math.max(0, k - 5)} * x);`)}
  return v${count + 1};
}`;

const insideLoop = (count: number): string => `
/** @differentiable valueAndGrad wrt x */
export function insideLoop(x: number[], steps: number): number {
  let s = 1;
  for (let t = 0; t < steps; t++) {
    ${lines(count, (k) => `s = 0.9 * s + 0.1 * Math.sin(s * x[${k % 4}]! + t);`)}
    if (s > 100) break;
  }
  return s;
}`;

describe("long functions", () => {
  test("short ones stay whole", () => {
    const { unit, requests } = lowerText(straight(100));
    expect(runPipeline(unit, requests).helpers.size).toBe(0);
  });

  test("long ones become parts, in which numbers travel by an array", () => {
    const { unit, requests } = lowerText(straight(600));
    const { functions, helpers } = runPipeline(unit, requests, { verify: true });
    expect(helpers.size).toBeGreaterThan(2);
    expect(Math.max(...[...helpers.values()].map(({ parameters }) => parameters.length))).toBeLessThan(8);
    expect(functions[0]!.body.statements.length).toBeLessThan(60);
  });

  test.each([
    ["straight", straight(600), [0.7, 0.3]],
    ["insideLoop", insideLoop(400), [[0.1, 0.2, 0.3, 0.4], 3]],
  ] as const)("%s: values and gradients are those of one piece", async (name, text, args) => {
    const ending = `valueAndGrad${name[0]!.toUpperCase()}${name.slice(1)}`;
    const results = [];
    for (const partSize of [undefined, 1e9]) {
      const { derived } = await compile(text, { partSize, verify: false });
      results.push((derived[ending] as (...args: unknown[]) => unknown)(...structuredClone(args)));
    }
    expect(results[0]).toEqual(results[1]);
  });
});
