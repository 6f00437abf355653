import { describe, expect, test } from "vitest";
import { checkGradient } from "../../runtime/index.js";

const f = (x: readonly number[], y: number): number => Math.sin(x[0]!) * y + x[1]! ** 3;
const gradients = (x: readonly number[], y: number): [number[], number] => [
  [Math.cos(x[0]!) * y, 3 * x[1]! ** 2],
  Math.sin(x[0]!),
];
const args: [number[], number] = [[0.4, 1.3], 2];

describe("right gradients", () => {
  test("bare, tuple of one, tuple of two, with a value beside it", () => {
    expect(checkGradient(f, (...at) => gradients(...at)[0], args).ok).toBe(true);
    expect(checkGradient(f, (...at) => [gradients(...at)[0]], args).ok).toBe(true);
    expect(checkGradient(f, (...at) => gradients(...at)[1], args, { wrt: 1 }).ok).toBe(true);
    const report = checkGradient(f, (...at) => ({ value: f(...at), grad: gradients(...at) }), args, { wrt: [0, 1] });
    expect(report.ok).toBe(true);
    expect(report.residual).toBeLessThan(1e-10);
    expect(report.directions).toHaveLength(5);
    expect(report.kinks).toEqual([]);
    expect(String(report)).toMatch(/agrees along 5 directions/);
  });

  test("records, instances, nested arrays, single precision", () => {
    const energy = (p: { mass: number; at: number[][]; name: string }): number => p.mass * p.at[0]![1]! ** 2;
    const slope = (p: { mass: number; at: number[][] }) => ({
      mass: p.at[0]![1]! ** 2,
      at: [[0, 2 * p.mass * p.at[0]![1]!]],
    });
    expect(checkGradient(energy, slope, [{ mass: 1.5, at: [[1, 2]], name: "a" }]).ok).toBe(true);
    const single = (x: Float32Array): number => x[0]! * x[1]!;
    expect(checkGradient(single, (x) => Float32Array.of(x[1]!, x[0]!), [Float32Array.of(0.1, 0.7)]).ok).toBe(true);
  });

  test("whole numbers without a gradient may be enumerations: they are reported", () => {
    const area = (p: { kind: number; size: number }): number => (p.kind === 2 ? p.size * p.size : 0);
    const report = checkGradient(area, (p) => ({ size: 2 * p.size }), [{ kind: 2, size: 1.5 }]);
    expect(report.ok).toBe(true);
    expect(report.unchecked).toEqual(["args[0].kind"]);
    expect(report.message).toMatch(/Not checked, since no gradient was given: args\[0\]\.kind/);
    const missing = checkGradient(area, () => ({ kind: 0 }), [{ kind: 2, size: 1.5 }]);
    expect(missing.ok).toBe(false);
  });

  test.each([1e-9, 1e-3, 1, 1e6])("log at %f, whose scale is its argument", (x) => {
    expect(checkGradient(Math.log, (y) => 1 / y, [x]).ok).toBe(true);
    expect(checkGradient(Math.log, (y) => 1.001 / y, [x]).ok).toBe(false);
  });

  test("constant and zero functions", () => {
    expect(
      checkGradient(
        (_x: number) => 1e6,
        () => 0,
        [1],
      ).ok,
    ).toBe(true);
    expect(
      checkGradient(
        (_x: number) => 0,
        () => 0,
        [1],
      ).ok,
    ).toBe(true);
  });

  test("shared memory: separate partials and total derivatives are both right", () => {
    const x = [3];
    const sum = (a: number[], b: number[]): number => 2 * a[0]! + 5 * b[0]!;
    expect(checkGradient(sum, () => [[2], [5]], [x, x], { wrt: [0, 1] }).ok).toBe(true);
    expect(checkGradient(sum, () => [[7], [0]], [x, x], { wrt: [0, 1] }).ok).toBe(true);
    expect(checkGradient(sum, () => [[7], [5]], [x, x], { wrt: [0, 1] }).ok).toBe(false);
    expect(checkGradient(sum, () => [2], [x, x]).ok).toBe(true);
    const written = (a: number[], b: number[]): number => {
      a[0]! *= 2;
      return b[0]!;
    };
    expect(checkGradient(written, () => [[2], [0]], [x, x], { wrt: [0, 1] }).ok).toBe(true);
    expect(x).toEqual([3]);
  });
});

describe("wrong gradients", () => {
  test("one wrong number among many is found and told", () => {
    const n = 50;
    const square = (x: Float64Array): number => x.reduce((total, item) => total + item * item, 0);
    const wrong = (x: Float64Array): Float64Array => x.map((item, i) => (i === 17 ? 2.01 * item : 2 * item));
    const report = checkGradient(square, wrong, [Float64Array.from({ length: n }, (_, i) => 1 + i / n)]);
    expect(report.ok).toBe(false);
    expect(report.residual).toBeGreaterThan(1e-5);
    expect(report.message).toMatch(/not right/);
    expect(report.message).toMatch(/Direction \d \(smooth\): gradient .*, differences .* ± /);
  });

  test("an all-zero gradient, a tiny one", () => {
    expect(checkGradient(f, () => [0, 0], args).ok).toBe(false);
    expect(
      checkGradient(
        (x: number) => 1e-12 * x * x,
        (x) => 3e-12 * x,
        [1],
      ).ok,
    ).toBe(false);
  });

  test("a wrong value beside a right gradient", () => {
    const report = checkGradient(f, (...at) => ({ value: f(...at) + 1e-12, grad: gradients(...at)[0] }), args);
    expect(report.ok).toBe(false);
    expect(report.message).toMatch(/value given beside the gradient/);
  });

  test("wrong shapes are named", () => {
    expect(checkGradient(f, () => [1], args).message).toMatch(/number\[2\].*number\[1\]/);
    expect(checkGradient(f, () => new Float64Array(2), args).message).toMatch(/number\[2\].*Float64Array\(2\)/);
    expect(checkGradient(f, (...at) => gradients(...at)[0], args, { wrt: [0, 1] }).ok).toBe(false);
  });

  test("a value that is not finite", () => {
    expect(checkGradient(Math.log, () => Infinity, [0]).message).toMatch(/-Infinity/);
  });
});

describe("the tangent as an oracle", () => {
  const tangent = ([x, y]: [number[], number], [xDot, yDot]: [number[], number]) => ({
    value: f(x, y),
    tangent: Math.cos(x[0]!) * xDot[0]! * y + Math.sin(x[0]!) * yDot + 3 * x[1]! ** 2 * xDot[1]!,
  });

  test("agrees", () => {
    const report = checkGradient(f, gradients, args, { wrt: [0, 1], tangent });
    expect(report.ok).toBe(true);
    expect(report.directions.every((direction) => direction.tangentResidual < 1e-13)).toBe(true);
  });

  test("finds what differences are too coarse for", () => {
    const slightly = (x: readonly number[], y: number): [number[], number] => {
      const [xBar, yBar] = gradients(x, y);
      return [xBar, yBar * (1 + 1e-7)];
    };
    expect(checkGradient(f, slightly, args, { wrt: [0, 1] }).ok).toBe(true);
    expect(checkGradient(f, slightly, args, { wrt: [0, 1], tangent }).ok).toBe(false);
  });

  test("takes a bare direction for a bare gradient", () => {
    const bare = ([x]: [number], xDot: number) => ({ value: x * x, tangent: 2 * x * xDot });
    expect(
      checkGradient(
        (x: number) => x * x,
        (x) => 2 * x,
        [3],
        { wrt: 0, tangent: bare },
      ).ok,
    ).toBe(true);
  });
});

describe("places that are not smooth", () => {
  test("a kink is named, and any slope between the sides accepted", () => {
    const kinked = (x: readonly number[]): number => Math.abs(x[1]!) + x[0]!;
    const report = checkGradient(kinked, () => [1, 0], [[2, 0]]);
    expect(report.ok).toBe(true);
    expect(report.kinks).toEqual([{ path: "args[0][1]", place: "kink" }]);
    expect(report.message).toMatch(/not smooth at this point: args\[0\]\[1\] \(the slope changes\)/);
    expect(checkGradient(kinked, () => [1, 1.5], [[2, 0]]).ok).toBe(false);
    expect(checkGradient(kinked, () => [2, 0], [[2, 0]]).ok).toBe(false);
  });

  test("a tie of max", () => {
    const report = checkGradient(
      (a: number, b: number) => Math.max(a, b),
      () => [1, 0],
      [2, 2],
      { wrt: [0, 1] },
    );
    expect(report.ok).toBe(true);
    expect(report.kinks.map((kink) => kink.path)).toEqual(["args[0]", "args[1]"]);
  });

  test("a jump, an edge of the domain, an infinite slope", () => {
    expect(checkGradient(Math.floor, () => 0, [2]).kinks).toEqual([{ path: "args[0]", place: "jump" }]);
    const root = checkGradient(Math.sqrt, () => Infinity, [0]);
    expect(root.ok).toBe(true);
    expect(root.kinks).toEqual([{ path: "args[0]", place: "edge" }]);
    expect(checkGradient(Math.sqrt, () => 1, [0]).ok).toBe(false);
    expect(
      checkGradient(
        (x: number) => x ** 1.5,
        () => 0,
        [0],
      ).ok,
    ).toBe(true);
  });

  test("near a kink is not on it", () => {
    const report = checkGradient(
      (x: number) => Math.abs(x - 1e-6),
      () => -1,
      [0],
    );
    expect(report.ok).toBe(true);
    expect(report.directions.every((direction) => direction.place === "smooth")).toBe(true);
  });
});

describe("manners", () => {
  test("arguments are never written, and the same seed tells the same", () => {
    const data = [1, 2, 3];
    const inPlace = (x: number[]): number => (x[0]! *= x[1]!) + (x[2]! += 1);
    const grad = (x: number[]): number[] => {
      const result = [x[1]!, x[0]!, 1];
      x.fill(0);
      return result;
    };
    const first = checkGradient(inPlace, grad, [data]);
    expect(first.ok).toBe(true);
    expect(data).toEqual([1, 2, 3]);
    expect(checkGradient(inPlace, grad, [data])).toEqual({ ...first, toString: expect.any(Function) as unknown });
    const other = checkGradient(inPlace, grad, [data], { seed: 2, directions: 3 });
    expect(other.directions).toHaveLength(3);
    expect(other.directions[0]!.analytic).not.toBe(first.directions[0]!.analytic);
  });

  test("a function that gives no number is refused", () => {
    expect(() =>
      checkGradient(
        (x: number) => String(x) as unknown as number,
        () => 0,
        [1],
      ),
    ).toThrow(TypeError);
  });
});
