/** Shadows, separate gradients and shared tangents of data that shares memory. */
import { describe, expect, test } from "vitest";
import { separateGradients, shadowLike, shadowsOf, sharedTangents, zerosLike } from "../../runtime/generated.js";

const f64 = (...xs: number[]): Float64Array => Float64Array.from(xs);
const f32 = (...xs: number[]): Float32Array => Float32Array.from(xs);

class Body {
  readonly label = "body";
  constructor(
    public mass: number,
    public at: number[],
  ) {}
  energy(): number {
    return this.mass;
  }
}

describe("shadowsOf", () => {
  test("zeros of the same structure", () => {
    const [a, b, c] = shadowsOf([[1, 2], [[1], [2, 3]], { m: 1, xs: f64(1, 2), name: "n", ok: true, f: () => 1 }]);
    expect(a).toEqual([0, 0]);
    expect(b).toEqual([[0], [0, 0]]);
    expect(c).toStrictEqual({ m: 0, xs: f64(0, 0) });
  });

  test("single precision arrays have double shadows; integer arrays keep their kind", () => {
    expect(shadowsOf([f32(1, 2), Int32Array.of(1, 2)])).toEqual([f64(0, 0), Int32Array.of(0, 0)]);
  });

  test("instances become records of their numbers, slots that are no numbers undefined", () => {
    const [body, tuple] = shadowsOf([new Body(1, [2, 3]), [1, "a", [2]] as const]);
    expect(body).toStrictEqual({ mass: 0, at: [0, 0] });
    expect(tuple).toStrictEqual([0, undefined, [0]]);
  });

  test("what is absent stays absent", () => {
    const [none, record] = shadowsOf([undefined, { x: undefined, y: null, z: 1 }]);
    expect(none).toBeUndefined();
    expect(record).toStrictEqual({ x: undefined, y: null, z: 0 });
  });

  test("one object has one shadow, across and inside arguments", () => {
    const row = [1, 2];
    const typed = f64(1);
    const [a, b, c, d] = shadowsOf([row, [row, row], typed, { inner: typed }]);
    expect(b[0]).toBe(a);
    expect(b[1]).toBe(a);
    expect(d.inner).toBe(c);
    const [e, g] = shadowsOf([
      [1, 2],
      [1, 2],
    ]);
    expect(e).not.toBe(g);
  });

  test("views of one buffer have views of one shadow buffer at the same offsets", () => {
    const base = f64(0, 1, 2, 3, 4, 5);
    const [first, second, whole] = shadowsOf([base.subarray(1, 4), base.subarray(3, 5), base]);
    first[2] = 7;
    expect(second[0]).toBe(7);
    expect(whole[3]).toBe(7);
    expect(whole.length).toBe(6);
  });

  test("views of single precision as well", () => {
    const base = f32(0, 1, 2, 3);
    const [first, second] = shadowsOf([base.subarray(1, 3), base.subarray(2, 4)]);
    first[1] = 5;
    expect(second[0]).toBe(5);
    expect(second).toBeInstanceOf(Float64Array);
  });

  test("disjoint views share nothing, whatever their kinds", () => {
    const buffer = new ArrayBuffer(1 << 20);
    const [a, b] = shadowsOf([new Float64Array(buffer, 0, 2), new Float32Array(buffer, (1 << 20) - 8, 2)]);
    expect(a.buffer).not.toBe(b.buffer);
    expect(a.buffer.byteLength).toBe(16);
  });

  test("overlapping views of different kinds are refused", () => {
    const buffer = new ArrayBuffer(16);
    expect(() => shadowsOf([new Float64Array(buffer), new Float32Array(buffer)])).toThrow(TypeError);
    expect(() => shadowsOf([new Float32Array(buffer), new Int32Array(buffer)])).toThrow(/views of the same memory/);
  });

  test("data that contains itself has a shadow that does", () => {
    const node: { x: number; next?: unknown } = { x: 1 };
    node.next = node;
    const [shadow] = shadowsOf([node]) as unknown as [{ next: unknown }];
    expect(shadow.next).toBe(shadow);
  });
});

describe("separateGradients", () => {
  test("copies, and rounds single precision once", () => {
    const objects = [f32(1), [1, 2]] as const;
    const shadows = shadowsOf(objects);
    (shadows[0] as Float64Array)[0] = 0.1;
    (shadows[1] as number[])[1] = 3;
    const [single, plain] = separateGradients(objects, shadows);
    expect(single).toEqual(f32(0.1));
    expect(plain).toEqual([0, 3]);
    expect(plain).not.toBe(shadows[1]);
  });

  test("what was reported is zero later on", () => {
    const row = [1, 2];
    const objects = [row, [row, [3], row]] as const;
    const shadows = shadowsOf(objects);
    shadows[0][0] = 5;
    (shadows[1][1] as number[])[0] = 6;
    const [first, second] = separateGradients(objects, shadows);
    expect(first).toEqual([5, 0]);
    expect(second).toEqual([[0, 0], [6], [0, 0]]);
    expect(second[0]).not.toBe(second[2]);
  });

  test("overlapping views: each element once", () => {
    const base = f64(0, 0, 0, 0, 0);
    const objects = [base.subarray(1, 3), base.subarray(0, 4), base] as const;
    const shadows = shadowsOf(objects);
    shadows[2].set([1, 2, 3, 4, 5]);
    expect(separateGradients(objects, shadows)).toEqual([f64(2, 3), f64(1, 0, 0, 4), f64(0, 0, 0, 0, 5)]);
  });

  test("many rows of one buffer", () => {
    const base = new Float64Array(2000);
    const rows = Array.from({ length: 1000 }, (_, i) => base.subarray(2 * i, 2 * i + 2));
    const objects = [rows, base] as const;
    const shadows = shadowsOf(objects);
    shadows[1].fill(1);
    const [first, second] = separateGradients(objects, shadows);
    expect(first.every((row) => row[0] === 1 && row[1] === 1)).toBe(true);
    expect(second.every((x) => x === 0)).toBe(true);
  });

  test("no shadow means zeros of full shape", () => {
    expect(separateGradients([[1, 2], { x: f32(1), s: "" }], [undefined, undefined])).toEqual([[0, 0], { x: f32(0) }]);
  });

  test("data that contains itself is refused", () => {
    const node: { x: number; next?: unknown } = { x: 1 };
    node.next = node;
    expect(() => separateGradients([node], shadowsOf([node]))).toThrow(/contains itself/);
  });
});

describe("sharedTangents", () => {
  test("fresh, of the objects' own kinds; undefined means zeros", () => {
    const given = f32(1, 2);
    const [a, b, c] = sharedTangents([f32(0, 0), [1], 3], [given, undefined, 4]);
    expect(a).toEqual(f32(1, 2));
    expect(a).not.toBe(given);
    expect(b).toEqual([0]);
    expect(c).toBe(4);
  });

  test("the first one given wins", () => {
    const row = [1, 2];
    const [a, b] = sharedTangents([row, [row, row]] as const, [
      undefined,
      [
        [3, 4],
        [5, 6],
      ],
    ]);
    expect(a).toEqual([3, 4]);
    expect(b[0]).toBe(a);
    expect(b[1]).toBe(a);
  });

  test("overlapping views, element by element", () => {
    const base = f64(0, 0, 0, 0);
    const [a, b] = sharedTangents([base.subarray(0, 3), base.subarray(1, 4)], [f64(1, 2, 3), f64(9, 9, 4)]);
    expect(a).toEqual(f64(1, 2, 3));
    expect(b).toEqual(f64(2, 3, 4));
    expect(a.buffer).toBe(b.buffer);
  });

  test("an optional number without a tangent is at rest", () => {
    expect(sharedTangents([{ x: 1.5, y: 2 as number | undefined }], [{ x: 3 }])).toEqual([{ x: 3, y: 0 }]);
  });

  test("⟨gradients, tangents⟩ is the product over memory", () => {
    const base = f64(1, 2, 3, 4);
    const objects = [base.subarray(1, 3), base] as const;
    const tangents = sharedTangents(objects, [f64(5, 6), f64(7, 0, 0, 8)]);
    const shadows = shadowsOf(objects);
    shadows[1].set([0.1, 0.2, 0.3, 0.4]);
    const gradients = separateGradients(objects, shadows);
    const total = gradients.reduce(
      (sum, gradient, k) => sum + gradient.reduce((part, x, i) => part + x * tangents[k]![i]!, 0),
      0,
    );
    expect(total).toBeCloseTo(0.1 * 7 + 0.2 * 5 + 0.3 * 6 + 0.4 * 8, 14);
  });
});

describe("zerosLike", () => {
  interface Tree {
    value: number;
    name?: string;
    xs?: Float32Array;
    left?: Tree | null;
    children?: Tree[];
  }
  const leaf: Tree = { value: 1, name: "leaf" };

  test("follows the structure, leaves out what carries nothing, keeps what is absent", () => {
    const tree: Tree = { value: 2, left: null, children: [leaf, { value: 3, xs: f32(1, 2) }] };
    expect(zerosLike(tree)).toStrictEqual({
      value: 0,
      left: null,
      children: [{ value: 0 }, { value: 0, xs: f32(0, 0) }],
    });
    expect(shadowLike(tree).children![1]!.xs).toStrictEqual(f64(0, 0));
    expect(zerosLike(null)).toBeNull();
  });

  test("what stands in two places is made twice", () => {
    const zeros = zerosLike<Tree>({ value: 0, children: [leaf, leaf] });
    expect(zeros.children![0]).not.toBe(zeros.children![1]);
  });

  test("data that contains itself is refused", () => {
    const ring: Tree = { value: 1 };
    ring.left = { value: 2, left: ring };
    expect(() => zerosLike(ring)).toThrow(TypeError);
  });
});
