/** The conventions as generated code follows them: guards at zero adjoints, branches, dead code, routers. */
import { beforeAll, describe, expect, test } from "vitest";
import { compile, type Compiled } from "../support/compile.js";

const source = `
/** @differentiable grad, jvp */
export function scaledRoot(x: number, s: number): number { return s * Math.sqrt(x); }
/** @differentiable grad, jvp */
export function scaledCubeRoot(x: number, s: number): number { return s * Math.cbrt(x); }
/** @differentiable grad, jvp wrt x, p */
export function scaledPower(x: number, p: number, s: number): number { return s * x ** p; }
/** @differentiable grad, jvp */
export function halfPower(x: number, s: number): number { return s * x ** 0.5; }
/** @differentiable grad, jvp */
export function square(x: number): number { return x ** 2; }
/** @differentiable grad, jvp wrt x, y, z */
export function largest(x: number, y: number, z: number): number { return Math.max(x, y, z); }
/** @differentiable grad, jvp wrt x, y, z */
export function smallest(x: number, y: number, z: number): number { return Math.min(x, y, z); }
/** @differentiable grad, jvp wrt x, y */
export function distance(x: number, y: number): number { return Math.hypot(x, y); }
/** @differentiable grad, jvp wrt y, x */
export function angle(y: number, x: number): number { return Math.atan2(y, x); }
/** @differentiable grad, jvp wrt a, b */
export function rest(a: number, b: number): number { return a % b; }
/** @differentiable grad, jvp */
export function absolute(x: number): number { return Math.abs(x); }
/** @differentiable grad, jvp */
export function steps(x: number): number { return Math.floor(x) * x + (x | 0) * x + Math.round(x) + Math.sign(x) * x; }
/** @differentiable grad, jvp */
export function branch(x: number): number { return x > 0 ? Math.log(x) : 3 * x; }
/** @differentiable grad, jvp wrt a, b */
export function replaced(a: number, b: number): number { let r = a / b; if (Number.isNaN(r)) r = 0; return r; }
/** @differentiable valueAndGrad wrt x */
export function cleared(x: number, a: number[], zero: number): number { a[0] = 0; a[0] += zero; return x / a[0]; }
/** @differentiable grad, jvp */
export function dead(x: number): number { const unused = Math.log(x) + 1 / x; return 2 * x; }
/** @differentiable grad, jvp */
export function single(x: number): number { return Math.fround(x) * 2; }
/** @differentiable grad, jvp */
export function stored(x: number): number { const a = new Float32Array(1); a[0] = x; return a[0] * x; }
/** @differentiable valueAndGrad */
export function noisy(x: number): number { return x * Math.random(); }
`;

let compiled: Compiled;
beforeAll(async () => {
  compiled = await compile(source);
});

type Run = (...args: unknown[]) => unknown;
const derived = (name: string): Run => compiled.derived[name] as unknown as Run;
const grad = (name: string, ...args: number[]): unknown => derived(`grad${name}`)(...args);
const slope = (name: string, args: number[], tangents: unknown): number =>
  (derived(`jvp${name}`)(args, tangents) as { tangent: number }).tangent;

test("nothing is refused", () => {
  expect(compiled.diagnostics).toEqual([]);
});

describe("an infinite slope, and nothing coming in", () => {
  test.each(["ScaledRoot", "ScaledCubeRoot", "HalfPower"])("%s", (name) => {
    expect(grad(name, 0, 1)).toBe(Infinity);
    expect(grad(name, 0, 0)).toBeCloseTo(0, 15);
    expect(slope(name, [0, 1], 1)).toBe(Infinity);
    expect(slope(name, [0, 1], 0)).toBeCloseTo(0, 15);
  });

  test("powers", () => {
    expect(grad("ScaledPower", 0, 0.5, 1)).toEqual([Infinity, 0]);
    expect(grad("ScaledPower", 0, 0.5, 0)).toEqual([0, 0]);
    expect(grad("ScaledPower", 0, 0, 1)).toEqual([0, -Infinity]);
    expect(grad("ScaledPower", 0, 0, 0)).toEqual([0, 0]);
    expect(grad("ScaledPower", 0, 1, 1)).toEqual([1, 0]);
    expect(grad("ScaledPower", 0, 2, 1)).toEqual([0, 0]);
    expect(grad("ScaledPower", -2, 2, 1)).toEqual([-4, NaN]);
    expect(slope("ScaledPower", [-2, 2, 1], [1, 0])).toBe(-4);
    expect(slope("ScaledPower", [0, 0.5, 1], [0, 1])).toBe(0);
    expect(slope("ScaledPower", [0, 0.5, 1], [1, 0])).toBe(Infinity);
  });

  test("the slope by an exponent that is not asked for is not computed", () => {
    expect(grad("Square", -2)).toBe(-4);
    expect(compiled.text).toMatch(/gradSquare\(x: number\): number \{[^}]*\}/);
    expect(/gradSquare\(x: number\): number \{([^}]*)\}/.exec(compiled.text)![1]).not.toMatch(/Math\.log/);
  });
});

describe("routers", () => {
  test("ties go to the first that attains the extremum", () => {
    expect(grad("Largest", 2, 2, 2)).toEqual([1, 0, 0]);
    expect(grad("Largest", 1, 2, 2)).toEqual([0, 1, 0]);
    expect(grad("Largest", 1, 2, 3)).toEqual([0, 0, 1]);
    expect(grad("Smallest", 2, 2, 2)).toEqual([1, 0, 0]);
    expect(grad("Smallest", 3, 2, 2)).toEqual([0, 1, 0]);
    expect(slope("Largest", [2, 2, 2], [1, 10, 100])).toBe(1);
    expect(slope("Smallest", [3, 2, 2], [1, 10, 100])).toBe(10);
  });

  test("NaN goes to all", () => {
    expect(grad("Largest", NaN, 1, 2)).toEqual([NaN, NaN, NaN]);
    expect(slope("Smallest", [1, NaN, 2], [1, 1, 1])).toBeNaN();
  });

  test("NaN goes to all, also when it comes last", () => {
    expect(grad("Largest", 1, 2, NaN)).toEqual([NaN, NaN, NaN]);
  });
});

describe("points without a slope", () => {
  test("hypot and atan2 at the origin, abs at 0", () => {
    expect(grad("Distance", 0, 0)).toEqual([0, 0]);
    expect(slope("Distance", [0, 0], [1, 1])).toBe(0);
    expect(grad("Angle", 0, 0)).toEqual([0, 0]);
    expect(slope("Angle", [0, 0], [1, 1])).toBe(0);
    expect(grad("Absolute", 0)).toBe(0);
    expect(slope("Absolute", [0], 1)).toBe(0);
  });

  test("the remainder where the quotient rounds up", () => {
    expect(grad("Rest", 0.3, 0.1)).toEqual([1, -2]);
    expect(slope("Rest", [0.3, 0.1], [0, 1])).toBe(-2);
  });

  test("steps have slope 0", () => {
    expect(grad("Steps", 2.6)).toBe(5);
    expect(slope("Steps", [2.6], 1)).toBe(5);
  });
});

describe("what is not evaluated", () => {
  test("only the branch taken is differentiated", () => {
    expect(grad("Branch", -1)).toBe(3);
    expect(grad("Branch", 0)).toBe(3);
    expect(grad("Branch", 2)).toBe(0.5);
    expect(slope("Branch", [0], 1)).toBe(3);
  });

  test("a value that the branch replaces has no slope", () => {
    expect(grad("Replaced", 0, 0)).toEqual([0, 0]);
    expect(slope("Replaced", [0, 0], [1, 1])).toBe(0);
  });

  test("the primal's zeros keep their sign", () => {
    expect(derived("valueAndGradCleared")(1, [2], -0)).toEqual({ value: Infinity, grad: Infinity });
  });

  test("nothing comes back from results that nobody uses", () => {
    expect(grad("Dead", 0)).toBe(2);
    expect(slope("Dead", [0], 1)).toBe(2);
  });
});

describe("rounding and chance", () => {
  test("rounding to single precision is not differentiated", () => {
    expect(grad("Single", 0.1)).toBe(2);
    expect(grad("Stored", 0.1)).toBeCloseTo(0.2, 7);
    expect(slope("Single", [0.1], 1)).toBe(2);
    expect(slope("Stored", [0.1], 1)).toBeCloseTo(0.2, 7);
  });

  test("a random number is drawn once and has no slope", () => {
    const { value, grad: slopeFound } = derived("valueAndGradNoisy")(4) as { value: number; grad: number };
    expect(slopeFound * 4).toBe(value);
  });
});
