import { describe, expect, test } from "vitest";
import { checkTangentShape, ensure } from "../../runtime/generated.js";

describe("checkTangentShape", () => {
  const fitting: readonly [unknown, unknown][] = [
    [1, 2],
    [
      [1, 2],
      [0, 0],
    ],
    [Float64Array.of(1), Float64Array.of(2)],
    [Float32Array.of(1), Float32Array.of(2)],
    [
      { x: 1.5, name: "a", f: () => 1, ys: [1] },
      { x: 2, ys: [3] },
    ],
    [
      [1, "a", [2]],
      [1, undefined, [2]],
    ],
    [undefined, undefined],
    [undefined, 0],
    [{ x: undefined }, {}],
    [[], []],
  ];
  test.each(fitting)("%o has tangents like %o", (primal, tangent) => {
    expect(() => checkTangentShape("x", primal, tangent)).not.toThrow();
  });

  test("enumerations may be left out, where there are some", () => {
    expect(() => checkTangentShape("x", { kind: 2, x: 1.5 }, { x: 1 }, true)).not.toThrow();
    expect(() => checkTangentShape("x", { kind: 2, x: 1.5 }, { kind: 0 }, true)).toThrow("x.x");
    expect(() => checkTangentShape("x", { kind: 2, x: 1.5 }, { x: 1 })).toThrow("x.kind");
  });

  const lengths: readonly [unknown, unknown, string][] = [
    [[1, 2], [1], "number[2], but has the shape number[1]"],
    [Float64Array.of(1), new Float64Array(3), "Float64Array(1), but has the shape Float64Array(3)"],
    [[[1], [2, 3]], [[1], [2]], "x[1]"],
    [{ body: { at: [1, 2] } }, { body: { at: [1] } }, "x.body.at"],
  ];
  test.each(lengths)("%o against %o is a RangeError", (primal, tangent, part) => {
    expect(() => checkTangentShape("x", primal, tangent)).toThrow(RangeError);
    expect(() => checkTangentShape("x", primal, tangent)).toThrow(part);
  });

  const structures: readonly [unknown, unknown, string][] = [
    [[1], Float64Array.of(1), "number[1], but has the shape Float64Array(1)"],
    [Float32Array.of(1), Float64Array.of(1), "Float32Array(1), but has the shape Float64Array(1)"],
    [[1, 2], 3, "number[2], but has the shape number"],
    [1, [1], "number, but has the shape number[1]"],
    [{ x: 1.5 }, {}, "{ x: number }, but has the shape {}"],
    [{ x: 1.5 }, undefined, "undefined"],
    [[1, 2], [1, "a"], "x[1]"],
    [[[1, 2]], [1], "number[1][2]"],
  ];
  test.each(structures)("%o against %o is a TypeError", (primal, tangent, part) => {
    expect(() => checkTangentShape("x", primal, tangent)).toThrow(TypeError);
    expect(() => checkTangentShape("x", primal, tangent)).toThrow(part);
  });
});

test("ensure grows by doubling and keeps what is held", () => {
  const storage = Float64Array.of(1, 2);
  expect(ensure(storage, 2)).toBe(storage);
  const larger = ensure(storage, 3);
  expect(larger.length).toBe(4);
  expect(Array.from(larger)).toEqual([1, 2, 0, 0]);
  expect(ensure(new Uint8Array(1), 100).length).toBe(100);
});
