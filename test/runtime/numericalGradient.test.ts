import { describe, expect, test } from "vitest";
import { numericalGradient } from "../../runtime/index.js";

const close = (found: number, wanted: number, tolerance: number): void =>
  expect(Math.abs(found - wanted)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(wanted)));

class Circle {
  readonly name = "circle";
  constructor(
    readonly radius: number,
    readonly centre: readonly [number, number],
  ) {}
  area(): number {
    return Math.PI * this.radius * this.radius + this.centre[0] * this.centre[1];
  }
}

describe("accuracy", () => {
  const points = [1, -0.3, 1e3, 0, 1e-5];
  test.each(points)("of sin at %f", (x) => {
    // Steps grow with x, the waves of a sine do not.
    const scale = Math.max(1, Math.abs(x));
    close(numericalGradient(Math.sin)(x), Math.cos(x), 1e-10 * scale * scale);
    close(numericalGradient((y: number) => Math.sin(y), { method: "forward" })(x), Math.cos(x), 5e-8 * scale);
  });

  test("forward differences err by O(h), central ones by O(h²)", () => {
    const error = (method: "forward" | "central", step: number): number =>
      Math.abs(numericalGradient(Math.exp, { method, step })(0.7) - Math.exp(0.7));
    expect(error("forward", 1e-3) / error("forward", 5e-4)).toBeCloseTo(2, 1);
    expect(error("central", 1e-2) / error("central", 5e-3)).toBeCloseTo(4, 1);
  });

  test.each(points)("Richardson's extrapolation of sin at %f", (x) => {
    close(
      numericalGradient((y: number) => Math.sin(y), { method: "richardson" })(x),
      Math.cos(x),
      Math.abs(x) > 100 ? 1e-9 : 1e-12,
    );
  });

  test("Richardson's extrapolation inside of structures", () => {
    const f = (p: { a: number; b: number[] }): number => Math.exp(p.a) * p.b[0]! + Math.log(p.b[1]!);
    const { a, b } = numericalGradient(f, { method: "richardson" })({ a: 0.3, b: [2, 0.7] });
    close(a, 2 * Math.exp(0.3), 1e-12);
    close(b[0]!, Math.exp(0.3), 1e-12);
    close(b[1]!, 1 / 0.7, 1e-11);
  });

  test("single precision arguments get steps that they can hold", () => {
    const f = (x: Float32Array): number => x[0]! * x[0]! * x[1]!;
    const found = numericalGradient(f)(Float32Array.of(0.3, 0.7));
    expect(found).toBeInstanceOf(Float32Array);
    close(found[0]!, 0.42, 1e-4);
    close(found[1]!, 0.09, 1e-4);
  });
});

describe("shapes", () => {
  test("bare, tuple, omitted", () => {
    const f = (x: number, y: readonly number[], z?: number): number => x * y[0]! + y[1]! ** 2 + (z ?? 0);
    close(numericalGradient(f)(2, [3, 4]), 3, 1e-9);
    const [y, x, z] = numericalGradient(f, { wrt: [1, 0, 2] })(2, [3, 4]);
    close(y[0]!, 2, 1e-9);
    close(y[1]!, 8, 1e-9);
    close(x, 3, 1e-9);
    expect(z).toBe(0);
    expect(numericalGradient(f, { wrt: [0] })(2, [3, 4])).toHaveLength(1);
  });

  test("nested arrays, tuples, records and instances", () => {
    const nested = numericalGradient((x: number[][]) => x[0]![0]! * x[1]![1]!)([
      [2, 1],
      [0, 5],
    ]);
    close(nested[0]![0]!, 5, 1e-9);
    close(nested[1]![1]!, 2, 1e-9);
    const circle = numericalGradient((c: Circle) => c.area())(new Circle(2, [3, 4]));
    close(circle.radius, 4 * Math.PI, 1e-9);
    close(circle.centre[0], 4, 1e-9);
    expect(circle).not.toHaveProperty("name");
    const mixed = numericalGradient((p: { readonly a: number; readonly label: string; readonly xs: Float64Array }) =>
      p.label === "twice" ? 2 * p.a * p.xs[0]! : 0,
    )({ a: 3, label: "twice", xs: Float64Array.of(5, 6) });
    close(mixed.a, 10, 1e-9);
    close(mixed.xs[0]!, 6, 1e-9);
    expect(mixed.xs[1]).toBe(0);
  });
});

describe("memory", () => {
  test("arguments are never written, frozen ones work", () => {
    const x = Object.freeze([1, 2]) as readonly number[];
    const record = Object.freeze({ x: 1, inner: Object.freeze({ y: 2 }) });
    close(numericalGradient((v: readonly number[]) => v[0]! * v[1]!)(x)[0]!, 2, 1e-9);
    close(numericalGradient((r: typeof record) => r.x * r.inner.y)(record).inner.y, 1, 1e-9);
    const data = [1, 2, 3];
    const inPlace = (v: number[]): number => {
      for (let i = 1; i < v.length; i++) v[i]! *= v[i - 1]!;
      return v[2]!;
    };
    close(numericalGradient(inPlace)(data)[1]!, 3, 1e-9);
    expect(data).toEqual([1, 2, 3]);
  });

  test("the same array twice: separate partials while it is only read", () => {
    const x = [3];
    const [first, second] = numericalGradient((a: number[], b: number[]) => 2 * a[0]! + 5 * b[0]!, { wrt: [0, 1] })(
      x,
      x,
    );
    close(first[0]!, 2, 1e-9);
    close(second[0]!, 5, 1e-9);
  });

  test("the same array twice: the total to the first when it is written", () => {
    const x = [3];
    const f = (a: number[], b: number[]): number => {
      a[0]! *= 2;
      return b[0]!;
    };
    const [first, second] = numericalGradient(f, { wrt: [0, 1] })(x, x);
    close(first[0]!, 2, 1e-9);
    expect(second).toEqual([0]);
  });

  test("overlapping views that are written", () => {
    const base = Float64Array.of(1, 2, 3);
    const f = (a: Float64Array, b: Float64Array): number => {
      a[1]! *= 10;
      return b[0]! + b[1]!;
    };
    const [a, b] = numericalGradient(f, { wrt: [0, 1] })(base.subarray(0, 2), base.subarray(1));
    close(a[1]!, 10, 1e-9);
    expect(b[0]).toBe(0);
    close(b[1]!, 1, 1e-9);
  });
});

test("a function that gives no number is refused", () => {
  expect(() => numericalGradient((x: number) => [x] as unknown as number)(1)).toThrow(TypeError);
});
