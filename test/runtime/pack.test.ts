import fc from "fast-check";
import { expect, test } from "vitest";
import { add, dot, pack, scale, unpack } from "../../runtime/index.js";

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}

const model = () => ({
  weights: [
    [1, 2],
    [3, 4],
  ],
  name: "m",
  bias: Float64Array.of(5, 6),
  at: new Point(7, 8),
  range: [9, 10] as [number, number],
});

test("the numbers of a structure, records in the order of their fields' names", () => {
  expect([...pack(model())]).toEqual([7, 8, 5, 6, 9, 10, 1, 2, 3, 4]);
  expect([...pack(3)]).toEqual([3]);
  expect([...pack([])]).toEqual([]);
});

test("a gradient in another order of fields packs alike", () => {
  const params = { b: 1, a: [2, 3], kind: 7 };
  const gradient = { a: [20, 30], b: 10 };
  expect([...pack(gradient)]).toEqual([20, 30, 10]);
  expect([...pack(params, gradient)]).toEqual([2, 3, 1]);
  expect(unpack([5, 6, 4], params, gradient)).toEqual({ b: 4, a: [5, 6], kind: 7 });
  expect(add(params, gradient)).toEqual({ b: 11, a: [22, 33], kind: 7 });
});

test("unpack keeps classes, kinds of arrays and what is no number", () => {
  const made = unpack(
    pack(model()).map((x) => 2 * x),
    model(),
  );
  expect(made.at).toBeInstanceOf(Point);
  expect(made.at.length).toBeCloseTo(Math.hypot(14, 16));
  expect(made.bias).toEqual(Float64Array.of(10, 12));
  expect(made.name).toBe("m");
  expect(() => unpack([1, 2], model())).toThrow(RangeError);
});

test("a vector space", () => {
  const structure = fc.record({
    a: fc.double({ noNaN: true }),
    b: fc.array(fc.double({ noNaN: true }), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(structure, (one) => {
      expect(unpack(pack(one), one)).toEqual(one);
      expect(scale(2, one)).toEqual(add(one, one));
      const flat = pack(one);
      expect(dot(one, one)).toBe(flat.reduce((sum, x) => sum + x * x, 0));
    }),
  );
});

test("nothing that is given is written", () => {
  const [a, b] = [model(), model()];
  add(a, b);
  scale(3, a);
  expect(a).toEqual(model());
  expect(b).toEqual(model());
});
