/** The conventions of the calculus at singular points, row by row (DESIGN.md, section 3). */
import { describe, expect, test } from "vitest";
import { type PrimitiveName, primitives } from "../../compiler/ir/primitives.js";
import { rules } from "../../compiler/rules/index.js";

type Numeric = (...args: number[]) => number;

/** All partials of a row at a point. */
function partials(name: PrimitiveName, ...args: number[]): number[] {
  const rule = rules[name];
  const result = (primitives[name].evaluate as unknown as Numeric)(...args);
  if ("variadic" in rule) return args.map((x) => rule.variadic(x, result, NaN));
  return rule.partials.map((partial) => (partial ? (partial as Numeric)(...args, result) : 0));
}

const cases: readonly [name: PrimitiveName, at: number[], expected: number[]][] = [
  ["max", [2, 2], [1, 0]],
  ["max", [1, 2], [0, 1]],
  ["max", [2, 1], [1, 0]],
  ["max", [NaN, 1], [NaN, NaN]],
  ["max", [1, NaN], [NaN, NaN]],
  ["max", [Infinity, Infinity], [1, 0]],
  ["min", [2, 2], [1, 0]],
  ["min", [1, 2], [1, 0]],
  ["min", [2, 1], [0, 1]],
  ["min", [NaN, 1], [NaN, NaN]],
  ["min", [1, NaN], [NaN, NaN]],
  ["abs", [0], [0]],
  ["sqrt", [0], [Infinity]],
  ["cbrt", [0], [Infinity]],
  ["hypot", [0, 0], [0, 0]],
  ["hypot", [0, 0, 0], [0, 0, 0]],
  ["hypot", [0, 3], [0, 1]],
  ["atan2", [0, 0], [0, 0]],
  ["atan2", [0, 2], [0.5, 0]],
  ["fround", [0.1], [1]],
  // x ** y: by x, then by y
  ["power", [0, 0], [0, -Infinity]],
  ["power", [5, 0], [0, Math.log(5)]],
  ["power", [NaN, 0], [0, NaN]],
  ["power", [0, 1], [1, 0]],
  ["power", [-3, 1], [1, NaN]],
  ["power", [0, 2], [0, 0]],
  ["power", [0, 1.5], [0, 0]],
  ["power", [0, 0.5], [Infinity, 0]],
  ["power", [-2, 2], [-4, NaN]],
  ["power", [-2, 3], [12, NaN]],
  // 0.3 / 0.1 rounds up to 3, but 0.3 % 0.1 is 0.09999…
  ["remainder", [0.3, 0.1], [1, -2]],
  ["remainder", [7, 2], [1, -3]],
  ["remainder", [-7, 2], [1, 3]],
  ["remainder", [6, 2], [1, -3]],
  ["remainder", [1, 3], [1, 0]],
  ["divide", [1, 0], [Infinity, -Infinity]],
  ["log", [0], [Infinity]],
  ["asin", [1], [Infinity]],
  ["acosh", [1], [Infinity]],
];

test.each(cases)("%s at %j has the partials %j", (name, at, expected) => {
  partials(name, ...at).forEach((value, k) => {
    if (Number.isFinite(expected[k]!)) expect(value).toBeCloseTo(expected[k]!, 12);
    else expect(value).toBe(expected[k]);
  });
});

describe("piecewise constant primitives have no partials", () => {
  const stepwise: readonly PrimitiveName[] = [
    ...(["floor", "ceil", "round", "trunc", "sign", "bitAnd", "bitOr", "bitXor", "bitNot", "imul", "clz32"] as const),
    ...(["shiftLeft", "shiftRight", "shiftRightUnsigned", "less", "equal", "isNaN"] as const),
  ];
  test.each(stepwise)("%s", (name) => {
    const rule = rules[name];
    expect("partials" in rule && rule.partials.every((partial) => partial === null)).toBe(true);
  });
});
