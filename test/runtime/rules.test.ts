/** `defineRule` is inert and typed against the function; `checkRule` tells right rules from wrong ones. */
import { describe, expect, expectTypeOf, test } from "vitest";
import { addCotangent } from "../../runtime/generated.js";
import { checkRule, defineRule, type Pullback, type Pushforward, type Rule } from "../../runtime/index.js";

const area = (width: number, height: number): number => width * height;
const scaled = (factor: number, xs: Float64Array): Float64Array => xs.map((x) => factor * x);
interface Body {
  mass: number;
  position: number[];
  name: string;
}
const moment = (body: Body, order: number): number => body.position.reduce((sum, x) => sum + body.mass * x ** order, 0);
const padded = (x: number, by?: number): number => x + (by ?? 1);

describe("defineRule", () => {
  test("does nothing", () => {
    expect(defineRule(area, { partials: [(_, height) => height, (width) => width] })).toBe(undefined);
  });

  test("is typed against the function", () => {
    defineRule(area, { partials: [(width, height, value) => width + height + value, null] });
    defineRule(scaled, {
      pullback: (factor, xs, value, cotangent) => {
        expectTypeOf(xs).toEqualTypeOf<Float64Array>();
        expectTypeOf(value).toEqualTypeOf<Float64Array>();
        return [cotangent.reduce((sum, c, i) => sum + c * xs[i]!, 0), cotangent.map((c) => factor * c)];
      },
      pushforward: (factor, xs, _value, [factorDot, xsDot]) => xs.map((x, i) => factorDot * x + factor * xsDot[i]!),
    });
    // @ts-expect-error one partial for each argument
    defineRule(area, { partials: [(_, height) => height] });
    // @ts-expect-error partials are for functions that give a number
    defineRule(scaled, { partials: [null, null] });
    // @ts-expect-error a cotangent for each argument
    defineRule(area, { pullback: (_width, height, _value, cotangent) => [cotangent * height] });
    // @ts-expect-error a pushforward alone is none
    defineRule(area, { pushforward: (_width, height, _value, [widthDot]) => widthDot * height });
    expectTypeOf<ReturnType<Pullback<typeof moment>>>().toEqualTypeOf<
      [body: { mass: number; position: number[] }, order: number]
    >();
    expectTypeOf<Parameters<Pullback<typeof padded>>>().toEqualTypeOf<
      [x: number, by: number | undefined, value: number, cotangent: number]
    >();
    expectTypeOf<ReturnType<Pullback<typeof padded>>>().toEqualTypeOf<[x: number, by: number]>();
    expectTypeOf<Parameters<Pushforward<typeof area>>>().toEqualTypeOf<
      [width: number, height: number, value: number, tangents: [width: number, height: number]]
    >();
  });
});

describe("checkRule", () => {
  const rule: Rule<typeof scaled> = {
    pullback: (factor, xs, _value, cotangent) => [
      cotangent.reduce((sum, c, i) => sum + c * xs[i]!, 0),
      cotangent.map((c) => factor * c),
    ],
    pushforward: (factor, xs, _value, [factorDot, xsDot]) => xs.map((x, i) => factorDot * x + factor * xsDot[i]!),
  };
  const args: [number, Float64Array] = [1.5, new Float64Array([1, -2, 0.3])];

  test("accepts right rules", () => {
    expect(checkRule(area, { partials: [(_, height) => height, (width) => width] }, [2, 3]).message).toMatch(/agrees/);
    expect(checkRule(scaled, rule, args).ok).toBe(true);
    const report = checkRule(
      moment,
      {
        pullback: ({ mass, position }, order, _value, cotangent) => [
          {
            mass: position.reduce((sum, x) => sum + cotangent * x ** order, 0),
            position: position.map((x) => cotangent * mass * order * x ** (order - 1)),
          },
          position.reduce((sum, x) => sum + cotangent * mass * x ** order * Math.log(x), 0),
        ],
      },
      [{ mass: 2, position: [1.5, 0.7], name: "a" }, 2],
    );
    expect(report.message).toMatch(/agrees/);
  });

  test("leaves alone what is declared constant", () => {
    expect(
      checkRule((x: number, n: number) => x ** Math.round(n), { partials: [(x, n) => n * x ** (n - 1), null] }, [2, 3])
        .ok,
    ).toBe(true);
  });

  test("finds a wrong partial, a wrong pullback and a wrong pushforward", () => {
    expect(checkRule(area, { partials: [(_, height) => height, () => 1] }, [2, 3]).ok).toBe(false);
    expect(checkRule(scaled, { ...rule, pullback: (_f, _xs, _v, c) => [0, c] }, args).ok).toBe(false);
    expect(checkRule(scaled, { ...rule, pushforward: (_f, _xs, _v, [, xsDot]) => xsDot.slice() }, args).ok).toBe(false);
  });

  test("finds a cotangent of another shape", () => {
    const report = checkRule(scaled, { pullback: (_f, _xs, _v, c) => [0, c.slice(1)] }, args);
    expect(report.message).toMatch(/must have the shape Float64Array\(3\)/);
  });
});

test("cotangents are added, and refused when they are too short", () => {
  const adjoint = [1, 2];
  addCotangent(adjoint, new Float64Array([0.5, 1]));
  expect(adjoint).toEqual([1.5, 3]);
  expect(() => addCotangent(adjoint, [1])).toThrow(RangeError);
});
