/** The caller's buffers: what is refused before anything is written. */
import { describe, expect, test } from "vitest";
import { checkApart, checkOutLength, clearOut, copyOut } from "../../runtime/generated.js";

describe("buffers", () => {
  test("must be given", () => {
    expect(() => checkApart(undefined, [1])).toThrow("A buffer for the result must be given, and not undefined.");
    expect(() => checkApart(null)).toThrow("not null");
    expect(() => checkApart(3)).toThrow("not number");
    expect(() => clearOut(undefined as never, 2)).toThrow(
      "A buffer must be an array where the result has one, and not undefined.",
    );
    expect(() => checkOutLength({} as never, 2)).toThrow("not {}.");
    expect(() => clearOut([1], 2)).toThrow("A buffer of 1 numbers was given where the result has 2.");
  });

  test("must be none of the arguments, nor a part of one, nor hold one", () => {
    const xs = [1, 2];
    const point = { at: { x: 1 }, xs };
    for (const [out, ...args] of [
      [xs, xs],
      [xs, 1, "name", null, point],
      [point.at, point],
      [{ grad: xs, hvp: [0, 0] }, point],
      [[[0], xs], [xs]],
      [point, xs],
    ] as const)
      expect(() => checkApart(out, ...args)).toThrow("is an argument as well");
    checkApart([0, 0], xs, point);
    checkApart({ at: { x: 0 }, xs: [0, 0] }, point);
  });

  test("must not overlap with typed arrays among the arguments", () => {
    const memory = new Float64Array(6);
    expect(() => checkApart(memory.subarray(0, 3), memory.subarray(2))).toThrow("is an argument as well");
    expect(() => checkApart([memory.subarray(0, 3)], { weights: memory.subarray(2) })).toThrow(
      "is an argument as well",
    );
    checkApart(memory.subarray(0, 3), memory.subarray(3));
  });

  test("must not be one row many times", () => {
    expect(() => checkApart(new Array(3).fill([0, 0]))).toThrow("holds one array or object in several places");
    const row = new Float64Array(2);
    expect(() => checkApart({ grad: row, hvp: row })).toThrow("several places");
    expect(() => checkApart([[[0]], [row, [1], row]])).toThrow("several places");
    expect(() => checkApart([{ w: row }, [1], row])).toThrow("several places");
    expect(() => checkApart(Array.from({ length: 100 }, () => row))).toThrow("several places");
    checkApart([[0], [0]]);
  });

  test("hold nothing of what they held before, where the result has no such field", () => {
    const out = { x: 1, bias: 7, rows: [new Float64Array([1, 2])] };
    copyOut(out, { x: 3, rows: [new Float64Array([4, 5])] });
    expect(out).toEqual({ x: 3, bias: 0, rows: [new Float64Array([4, 5])] });
  });
});
