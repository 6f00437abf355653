/** Values, kinds and errors of the array primitives. */
import { describe, expect, test } from "vitest";
import {
  axpy,
  dot,
  hypotOf,
  logSumExp,
  matmul,
  matvec,
  mean,
  norm,
  softmax,
  sum,
  transpose,
} from "../../runtime/index.js";

const plain = (...xs: number[]): number[] => xs;
const typed = (...xs: number[]): Float64Array => Float64Array.from(xs);

describe("values", () => {
  for (const of of [plain, typed]) {
    test(`vectors, ${of.name}`, () => {
      expect(dot(of(1, 2, 3), of(4, 5, 6))).toBe(32);
      expect(sum(of(1, 2, 3))).toBe(6);
      expect(mean(of(1, 2, 6))).toBe(3);
      expect(norm(of(3, -4))).toBe(5);
      expect(hypotOf(of(3, -4))).toBe(5);
      expect(axpy(2, of(1, 2), of(10, 20))).toEqual(of(12, 24));
    });

    test(`matrices, ${of.name}`, () => {
      expect(matvec(of(1, 2, 3, 4, 5, 6), of(1, 10, 100), 2, 3)).toEqual(of(321, 654));
      expect(matmul(of(1, 2, 3, 4, 5, 6), of(1, 0, 0, 1, 1, 1), 2, 3, 2)).toEqual(of(4, 5, 10, 11));
      expect(transpose(of(1, 2, 3, 4, 5, 6), 2, 3)).toEqual(of(1, 4, 2, 5, 3, 6));
    });

    test(`softmax and log-sum-exp, ${of.name}`, () => {
      expect(logSumExp(of(Math.log(1), Math.log(2), Math.log(5)))).toBeCloseTo(Math.log(8), 14);
      const shares = softmax(of(Math.log(1), Math.log(3)));
      expect(shares[0]).toBeCloseTo(0.25, 14);
      expect(shares[1]).toBeCloseTo(0.75, 14);
    });
  }
});

describe("kinds", () => {
  test("a result is an ordinary array only when all array operands are", () => {
    expect(axpy(1, plain(1), typed(2))).toEqual(typed(3));
    expect(axpy(1, typed(1), plain(2))).toEqual(typed(3));
    expect(axpy(1, plain(1), plain(2))).toEqual(plain(3));
    expect(matvec(plain(2), typed(3), 1, 1)).toEqual(typed(6));
    expect(matmul(typed(2), plain(3), 1, 1, 1)).toEqual(typed(6));
  });

  test("single precision operands give double precision results", () => {
    expect(softmax(Float32Array.of(0, 0))).toEqual(typed(0.5, 0.5));
    expect(transpose(Float32Array.of(1, 2), 1, 2)).toEqual(typed(1, 2));
  });

  test("operands are not written and results are fresh", () => {
    const x = typed(1, 2);
    expect(transpose(x, 1, 2)).not.toBe(x);
    softmax(x);
    axpy(2, x, x);
    expect(x).toEqual(typed(1, 2));
  });
});

describe("extremes", () => {
  test("norm neither overflows nor underflows", () => {
    expect(norm(plain(3e200, 4e200))).toBeCloseTo(5e200, -187);
    expect(norm(plain(3e-200, 4e-200)) / 5e-200).toBeCloseTo(1, 14);
    expect(norm(plain(3e-320, 4e-320))).toBe(5e-320);
    expect(norm(plain(1e160, 1)) / 1e160).toBeCloseTo(1, 14);
    expect(norm(plain(0, 0))).toBe(0);
    expect(norm(plain(-Infinity, 1))).toBe(Infinity);
    expect(norm(plain(NaN, 1))).toBeNaN();
  });

  test("log-sum-exp and softmax are shifted", () => {
    expect(logSumExp(plain(1000, 1000))).toBeCloseTo(1000 + Math.LN2, 10);
    expect(logSumExp(plain(-1000, -1000))).toBeCloseTo(-1000 + Math.LN2, 10);
    expect(softmax(plain(1000, -1000))).toEqual([1, 0]);
    expect(logSumExp(plain(0, -40))).toBe(Math.log1p(Math.exp(-40)));
    expect(logSumExp(plain(Infinity, 1))).toBe(Infinity);
    expect(logSumExp(plain(-Infinity, -Infinity))).toBe(-Infinity);
    expect(logSumExp(plain(-Infinity, 2))).toBe(2);
    expect(logSumExp(plain(1, NaN))).toBeNaN();
  });

  test("empty arrays", () => {
    expect(dot([], [])).toBe(0);
    expect(sum([])).toBe(0);
    expect(mean([])).toBeNaN();
    expect(norm([])).toBe(0);
    expect(axpy(2, [], [])).toEqual([]);
    expect(logSumExp([])).toBe(-Infinity);
    expect(softmax([])).toEqual([]);
    expect(matvec([], [], 0, 0)).toEqual([]);
    expect(matvec([], [], 2, 0)).toEqual([0, 0]);
    expect(matmul([], [], 2, 0, 2)).toEqual([0, 0, 0, 0]);
  });
});

describe("shape errors name both shapes", () => {
  const cases: readonly [name: string, call: () => unknown, message: RegExp][] = [
    ["dot", () => dot([1], [1, 2]), /dot.*\[1\] and \[2\]/],
    ["axpy", () => axpy(1, [1, 2, 3], [1, 2]), /axpy.*\[3\] and \[2\]/],
    ["matvec, matrix", () => matvec([1, 2, 3], [1, 2], 2, 2), /matvec.*\[3\].*\[2, 2\]/],
    ["matvec, vector", () => matvec([1, 2, 3, 4], [1], 2, 2), /matvec.*\[1\].*\[2\]/],
    ["matmul, first", () => matmul([1], [1, 2], 1, 2, 1), /matmul.*\[1\].*\[1, 2\]/],
    ["matmul, second", () => matmul([1, 2], [1], 1, 2, 1), /matmul.*\[1\].*\[2, 1\]/],
    ["transpose", () => transpose([1, 2, 3], 2, 2), /transpose.*\[3\].*\[2, 2\]/],
    ["a broken dimension", () => transpose([1, 2, 3], 1.5, 2), /1\.5 × 2/],
    ["a negative dimension", () => transpose([1], -1, -1), /-1 × -1/],
  ];
  test.each(cases)("%s", (_name, call, message) => {
    expect(call).toThrow(RangeError);
    expect(call).toThrow(message);
  });
});
