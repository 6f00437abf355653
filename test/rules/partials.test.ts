/**
 * Every row of the rule table at regular points: partials against differences, without the compiler. (Rounding to single precision
 * is not differentiated: `fround` has its test among the conventions.)
 */
import { describe, expect, test } from "vitest";
import { type PrimitiveName, primitives } from "../../compiler/ir/primitives.js";
import { rules } from "../../compiler/rules/index.js";
import { measure } from "../../runtime/differences.js";
import { regularPoints } from "./points.js";

type Numeric = (...args: number[]) => number;

const names = Object.keys(primitives) as PrimitiveName[];

test("there is one row for each primitive, and no other", () => {
  expect(Object.keys(rules).sort()).toEqual([...names].sort());
});

describe.each(names)("%s", (name) => {
  const rule = rules[name];
  const evaluate = primitives[name].evaluate as unknown as Numeric;
  const partial = (args: readonly number[], index: number): number | null => {
    const result = evaluate(...args);
    if ("variadic" in rule) return rule.variadic(args[index]!, result, NaN);
    const arrow = rule.partials[index];
    return arrow ? (arrow as Numeric)(...args, result) : null;
  };

  test("has an arrow, or a proved zero, for each argument", () => {
    const arity = regularPoints[name][0]?.length ?? Math.max(1, evaluate.length);
    if ("partials" in rule) expect(rule.partials).toHaveLength(arity);
    else expect(rule.variadic).toBeTypeOf("function");
  });

  test.each(regularPoints[name].map((point) => [point]))("at %j", (point) => {
    point.forEach((x, index) => {
      const along = (t: number): number => Number(evaluate(...point.map((other, k) => (k === index ? x + t : other))));
      const wanted = partial(point, index);
      if (wanted === null) {
        for (const t of [1e-5, -1e-5]) expect(along(t)).toBe(along(0));
        return;
      }
      const longest = 0.05 * Math.max(1e-2, Math.abs(x));
      const { central, place } = measure(
        along,
        along(0),
        longest,
        4 * Number.EPSILON * (Math.abs(along(0)) + Math.abs(x * wanted)),
      );
      expect(place).toBe("smooth");
      expect(Math.abs(central.value - wanted)).toBeLessThan(1e-8 * Math.max(1, Math.abs(wanted)) + 5 * central.error);
      expect(central.error).toBeLessThan(1e-8 * Math.max(1, Math.abs(wanted)));
    });
  });
});
