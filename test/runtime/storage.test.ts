import { describe, expect, test } from "vitest";
import {
  borrow,
  borrowBytes,
  borrowCopy,
  borrowGrowing,
  borrowZeros,
  ensure,
  giveBack,
} from "../../runtime/generated.js";

/** All that is free, so that tests begin with nothing. */
function drain(): void {
  for (;;) {
    const one = borrowGrowing(1);
    if (one.length === 1) return;
  }
}

describe("storage that is borrowed", () => {
  test("is used again once it is given back, and not before", () => {
    drain();
    const first = borrow(100);
    const second = borrow(100);
    expect(second).not.toBe(first);
    giveBack(first);
    expect(borrow(80)).toBe(first);
    giveBack(second);
    expect(borrow(101)).not.toBe(second);
  });

  test("is the shortest that is long enough, or the longest where it grows", () => {
    drain();
    const [long, short, middle] = [borrow(300), borrow(100), borrow(200)];
    [long, short, middle].forEach(giveBack);
    expect(borrow(150)).toBe(middle);
    expect(borrowGrowing(64)).toBe(long);
    expect(borrow(1)).toBe(short);
  });

  test("has the length asked for where none is free, also where that is no length", () => {
    drain();
    expect(borrow(70)).toHaveLength(70);
    expect(borrow(NaN)).toHaveLength(0);
    expect(borrowBytes(70)).toBeInstanceOf(Uint8Array);
  });

  test("is exactly as long and zero where it stands for an array of the function's own", () => {
    drain();
    const long = borrow(300);
    giveBack(long.fill(7));
    const zeros = borrowZeros(200);
    expect(zeros).toEqual(new Float64Array(200));
    giveBack(zeros.fill(7));
    expect(borrowZeros(200)).toBe(zeros);
    expect(zeros).toEqual(new Float64Array(200));
    giveBack(zeros);
    const copy = borrowCopy(Float64Array.from({ length: 200 }, (_, k) => k));
    expect(copy).toBe(zeros);
    expect(copy[199]).toBe(199);
    expect(borrowCopy(Float64Array.of(1, 2))).toEqual(Float64Array.of(1, 2));
    expect(() => borrowZeros(-1)).toThrow(RangeError);
  });

  test("is not hoarded: at most 32 buffers, at most 32 MB, the shortest are forgotten", () => {
    drain();
    const many = Array.from({ length: 80 }, (_, k) => new Float64Array(k + 1));
    many.forEach(giveBack);
    const lengths = new Set(Array.from({ length: 32 }, () => borrowGrowing(1).length));
    expect(Math.min(...lengths)).toBe(49);
    drain();
    giveBack(new Float64Array(2 ** 22 + 1));
    giveBack(new Float64Array(2 ** 21));
    giveBack(new Float64Array(2 ** 21));
    giveBack(new Float64Array(2 ** 10));
    expect(borrowGrowing(1)).toHaveLength(2 ** 21);
    expect(borrowGrowing(1)).toHaveLength(2 ** 21);
    expect(borrowGrowing(1)).toHaveLength(1);
  });

  test("grows like any other", () => {
    const storage = borrowGrowing(64);
    storage[3] = 5;
    const longer = ensure(storage, storage.length + 1);
    expect(longer[3]).toBe(5);
    expect(longer.length).toBeGreaterThan(storage.length);
  });
});
