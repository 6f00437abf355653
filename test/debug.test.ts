/** `adjoint explain --debug`: the first line at which the adjoint is not what the tangent or a difference says, and NaN. */
import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeWorkFolder, type Run, type WorkFolder } from "./support/workFolder.js";

let folder: WorkFolder;

beforeAll(() => {
  folder = makeWorkFolder("adjoint-debug-");
  mkdirSync(join(folder.path, "node_modules"));
  symlinkSync(resolve("."), join(folder.path, "node_modules/adjoint"));
  folder.write("rates.ts", "export const rates = [0.5, 2];\n");
  folder.write(
    "models.ts",
    `import { defineRule, hookCotangent, stopGradient } from "adjoint";
import { rates } from "./rates";

export const bump = (x: number): number => Math.exp(-x * x);
defineRule(bump, { pullback: (x, v, bar) => [-2 * x * v * bar], pushforward: (x, v, [xDot]) => 2 * x * v * xDot });
export const dent = (x: number): number => -Math.exp(-x * x);
defineRule(dent, { partials: [(x, v) => -x * v] });
export const lost = (xs: number[]): number => xs[0]! * xs[1]!;
defineRule(lost, { pullback: (xs, v, bar) => [[xs[1]! * bar, 0]] });

interface Model {
  scale: number;
  weights: Float64Array;
}

/** @differentiable wrt model */
export function right(model: Model, n: number): number {
  let state = model.scale;
  for (let i = 0; i < n; i++) {
    const w = model.weights[i % model.weights.length]!;
    state = state > 1 ? Math.sin(state) * w : state + rates[i % 2]! * w * Math.abs(state);
    model.weights[0]! += state;
  }
  return recursive(state, 3);
}

function recursive(x: number, n: number): number {
  return n === 0 ? x : recursive(x * x - 0.5 * x, n - 1);
}

/** @differentiable jvp */
export function several(x: number, y: number): { product: number; angles: [number, number] } {
  return { product: x * y, angles: [x + y, Math.atan2(x, y)] };
}

/** @differentiable */
export function wrongMode(x: number, ys: number[]): number {
  let sum = 0;
  for (const y of ys) {
    const d = x - y;
    sum += bump(d) * d;
  }
  return sum;
}

/** @differentiable */
export function wrongRule(x: number): number {
  const d = 2 * x;
  return dent(d) * d;
}

/** @differentiable */
export function withoutPushforward(x: number): number {
  return lost([x, x * x]);
}

/** @differentiable */
export function clipped(x: number): number {
  return hookCotangent(x * x, (bar) => Math.min(bar, 1)) * 3;
}

/** @differentiable */
export function bent(x: number): number {
  return Math.max(x, 1) + Math.floor(x) * x;
}

/** @differentiable */
export function halfStopped(x: number): number {
  return stopGradient(x * x) * x;
}

export const swapped = (xs: number[]): number[] => [xs[1]!, xs[0]!];
defineRule(swapped, { pullback: (xs, v, bar) => [[bar[0]!, bar[1]!]], pushforward: (xs, v, [d]) => [d[1]!, d[0]!] });
export const unsaid = (x: number): number => x * x;
defineRule(unsaid, { partials: [null] });
export const short = (xs: number[]): number => xs[0]! * xs[1]!;
defineRule(short, { pullback: (xs, v, bar) => [[bar * xs[1]!]] });

/** @differentiable */
export function throughArray(xs: number[]): number {
  const made = xs.map((x) => Math.tanh(x));
  const [a, b] = swapped(made);
  return 3 * a! + b!;
}

/** @differentiable */
export function throughNull(x: number): number {
  return unsaid(x) + x;
}

/** @differentiable */
export function throughShort(x: number): number {
  return short([x, 2 * x]);
}

/** @differentiable */
export function harmless(x: number): number {
  const inverse = 1 / x;
  return x > 0 ? inverse : x;
}

/** @differentiable */
export function guarded(x: number): number {
  if (x < 0) throw new RangeError("x must not be negative");
  return Math.sqrt(x);
}

/** @differentiable */
export function refused(x: number): number {
  return Number(new Intl.NumberFormat().format(x));
}

/** @differentiable */
export function atZero(x: number): number {
  const length = Math.sqrt(x * x);
  return length > 0 ? 1 : 2 * length;
}

/** @differentiable */
export function ofNegative(x: number, most: number): number {
  const room = Math.min(Infinity, most - x);
  return Math.log(room) + x;
}
`,
  );
});

afterAll(() => folder.remove());

const debug = (name: string, at: string): Promise<Run> =>
  folder.run("explain", "models.ts", name, "--debug", "--at", at);

describe("what agrees", () => {
  test("loops, branches, arrays that are written, calls, imports", async () => {
    const { status, out, error } = await debug("right", '[{ "scale": 0.4, "weights": [0.3, 1.2] }, 5]');
    expect({ status, error }).toEqual({ status: 0, error: "" });
    expect(out).toMatch(/agrees with the tangent at \d\d+ numbers/);
    expect(out).toMatch(/agrees with central differences at \d\d+ numbers/);
    expect(out).toContain("the generated code, which is optimised, gives the same gradient");
  });

  test("outputs that are no single number", async () => {
    const { status, out } = await debug("several", "[1, 2]");
    expect(status).toBe(0);
    expect(out).toContain('value {"product":2,"angles":[3,0.4636476090008061]}\n');
  });

  test("kinks and jumps are left out of differences", async () => {
    const { status, out } = await debug("bent", "[1]");
    expect(status).toBe(0);
    expect(out).toMatch(/with which it jumps or bends were left out/);
  });

  test("what is stopped is not compared with differences", async () => {
    const { status, out } = await debug("halfStopped", "[0.7]");
    expect(status).toBe(0);
    expect(out).toContain("not compared with differences");
  });
});

describe("what does not", () => {
  test("a rule whose parts differ", async () => {
    const { status, error } = await debug("wrongMode", "[0.3, [1, 2]]");
    expect(status).toBe(1);
    expect(error).toContain("models.ts:41:12 - error derivativesDisagree");
    expect(error).toContain("by -0.3212305088943722 with d, by the tangent 0.3212305088943722.");
  });

  test("a rule that is wrong in both modes", async () => {
    const { status, out, error } = await debug("wrongRule", "[0.3]");
    expect(status).toBe(1);
    expect(out).toContain("the adjoint agrees with the tangent");
    expect(error).toMatch(/models\.ts:\d+:10 - error derivativesDisagree: .* with d, by a central difference/);
  });

  test("a rule without a pushforward, by differences alone", async () => {
    const { status, out, error } = await debug("withoutPushforward", "[0.5]");
    expect(status).toBe(1);
    expect(out).not.toContain("tangent");
    expect(error).toMatch(/models\.ts:\d+:\d+ - error derivativesDisagree/);
  });

  test("a hook that changes what passes", async () => {
    const { error } = await debug("clipped", "[0.5]");
    expect(error).toMatch(
      /models\.ts:\d+:\d+ - error derivativesDisagree: .* changes by 1 with x \* x, by the tangent 3/,
    );
  });
});

describe("rules that take arrays, or nothing, or throw", () => {
  test("the call is named, with what flows into it", async () => {
    const { error } = await debug("throughArray", "[[0.3, 1]]");
    expect(error).toMatch(
      /derivativesDisagree: .* with Math\.tanh\(x\), by the tangent 3\. This is the first call behind it/,
    );
    expect(error).toContain("const [a, b] = swapped(made);\n     |                  ^");
  });

  test("what no derivative flows through shows in the gradient", async () => {
    const { status, error } = await debug("throughNull", "[3]");
    expect(status).toBe(1);
    expect(error).toMatch(/The gradient with respect to x is 1, a central difference 6\.99/);
  });

  test("errors of the function, and of rules, are told with where they come from", async () => {
    const wrong = await debug("throughShort", "[3]");
    expect(wrong.status).toBe(1);
    expect(wrong.error).toMatch(
      /error throws: .*RangeError: A pullback gave a cotangent of 1 numbers for an argument of 2/,
    );
    expect((await debug("guarded", "[-1]")).error).toContain("RangeError: x must not be negative");
  });

  test("what others of the file are refused for is no hindrance, nor what the generated code leaves out", async () => {
    expect(await debug("gradHarmless", "[0]")).toMatchObject({ status: 0, error: "" });
    expect((await debug("refused", "[0]")).error).toContain("unsupportedCall");
  });
});

describe("what is not finite", () => {
  test("in the reverse sweep: where Infinity arises, and where it meets zero", async () => {
    const { status, error } = await debug("atZero", "[0]");
    expect(status).toBe(1);
    expect(error).toMatch(
      /models\.ts:\d+:18 - error notFinite: .*cotangent of x \* x becomes Infinity here, where x \* x is 0\./,
    );
    expect(error).toMatch(/models\.ts:\d+:28 - error notFinite: .*cotangent of x becomes NaN here, where x is 0\./);
  });

  test("in the function itself; an Infinity that does no harm is none", async () => {
    const { error } = await debug("ofNegative", "[3, 1]");
    expect(error).toMatch(/models\.ts:\d+:10 - error notFinite: This gives NaN, where room is -2\./);
    expect(await debug("ofNegative", "[1, 3]")).toMatchObject({ status: 0, error: "" });
  });
});

describe("how it is used", () => {
  test("points that do not fit", async () => {
    expect(await debug("right", "[1, 2]")).toMatchObject({
      status: 2,
      error: expect.stringContaining("model is an object"),
    });
    expect(await debug("right", "[1]")).toMatchObject({
      status: 2,
      error: expect.stringContaining("takes 2 arguments"),
    });
    expect(await debug("right", "{}")).toMatchObject({
      status: 2,
      error: expect.stringContaining("--at takes a JSON array"),
    });
    expect(await debug("nowhere", "[1]")).toMatchObject({
      status: 2,
      error: expect.stringContaining("no annotated function nowhere in models.ts; there are right, several,"),
    });
  });

  test("flags that lack each other", async () => {
    expect((await folder.run("explain", "models.ts", "--debug")).status).toBe(2);
    expect((await folder.run("explain", "models.ts", "right", "--at", "[1]")).status).toBe(2);
  });

  test("as JSON", async () => {
    const { out } = await folder.run("explain", "models.ts", "wrongRule", "--debug", "--json", "--at", "[0.3]");
    expect(JSON.parse(out)).toMatchObject({ version: 1, diagnostics: [{ code: "derivativesDisagree" }] });
  });
});
