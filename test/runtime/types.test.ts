/** The types that markers promise, held together with `tsc` (the assertions are checked by the compiler). */
import { describe, expectTypeOf, test } from "vitest";
import {
  grad,
  type Gradient,
  type GradientFor,
  hessian,
  hvp,
  jacobian,
  jvp,
  valueAndGrad,
  vjp,
} from "../../runtime/index.js";
import { axpy, matmul, softmax, transpose } from "../../runtime/index.js";
import { separateGradients, sharedTangents, shadowsOf } from "../../runtime/generated.js";
import type { Rows } from "../../runtime/index.js";

enum Kind {
  Plain,
  Fancy,
}

type Meters = number & { readonly brand: "meters" };

class Circle {
  readonly name = "circle";
  constructor(
    readonly radius: number,
    readonly centre: readonly [x: number, y: number],
  ) {}
  area(): number {
    return Math.PI * this.radius * this.radius;
  }
}

interface Tree {
  readonly weight: number;
  readonly label: string;
  readonly children?: readonly Tree[];
}

declare function loss(w: number, b: readonly number[], xs: Float64Array, ys?: Float32Array): number;
declare function curve(t: number, scale?: number): { readonly x: number; readonly tag: string; readonly ys: number[] };

describe("Gradient", () => {
  test("numbers and arrays", () => {
    expectTypeOf<Gradient<number>>().toEqualTypeOf<number>();
    expectTypeOf<Gradient<3 | 4>>().toEqualTypeOf<number>();
    expectTypeOf<Gradient<Meters>>().toEqualTypeOf<number>();
    expectTypeOf<Gradient<number[]>>().toEqualTypeOf<number[]>();
    expectTypeOf<Gradient<readonly (readonly number[])[]>>().toEqualTypeOf<number[][]>();
    expectTypeOf<Gradient<Float64Array>>().toEqualTypeOf<Float64Array>();
    expectTypeOf<Gradient<Float32Array>>().toEqualTypeOf<Float32Array>();
    expectTypeOf<Gradient<Int32Array>>().toEqualTypeOf<Int32Array>();
    expectTypeOf<Gradient<number | undefined>>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Gradient<number | null>>().toEqualTypeOf<number | null>();
  });

  test("tuples keep labels; other slots are undefined", () => {
    type Pair = readonly [first: number, second: string, third: Float32Array];
    expectTypeOf<Gradient<Pair>>().toEqualTypeOf<[first: number, second: undefined, third: Float32Array]>();
  });

  test("records and instances are records of their numeric fields", () => {
    interface Mixed {
      readonly mass: number;
      length?: Meters;
      label: string;
      isFixed: boolean;
      kind: Kind;
      indices: Uint32Array;
      names: readonly string[];
      callback: (x: number) => number;
      level: 1 | 2;
      nested: { readonly x: number; readonly y: string };
    }
    expectTypeOf<Gradient<Mixed>>().toEqualTypeOf<{
      mass: number;
      length?: number;
      level: number;
      nested: { x: number };
    }>();
    expectTypeOf<Gradient<Circle>>().toEqualTypeOf<{ radius: number; centre: [x: number, y: number] }>();
    type TreeGradient = Gradient<Tree>;
    expectTypeOf<TreeGradient["weight"]>().toEqualTypeOf<number>();
    expectTypeOf<NonNullable<TreeGradient["children"]>[number]["weight"]>().toEqualTypeOf<number>();
    expectTypeOf<TreeGradient>().not.toHaveProperty("label");
  });
});

describe("markers", () => {
  test("one position is bare, a list is a labelled tuple in its order", () => {
    type A = Parameters<typeof loss>;
    expectTypeOf<GradientFor<A, 0>>().toEqualTypeOf<number>();
    expectTypeOf<GradientFor<A, 1>>().toEqualTypeOf<number[]>();
    expectTypeOf<GradientFor<A, readonly [1]>>().toEqualTypeOf<[b: number[]]>();
    expectTypeOf<GradientFor<A, readonly [2, 0]>>().toEqualTypeOf<[xs: Float64Array, w: number]>();
    expectTypeOf<GradientFor<A, 3>>().toEqualTypeOf<Float32Array>();
    expectTypeOf<GradientFor<[x: number, ...rest: readonly number[]], 1>>().toEqualTypeOf<number[]>();
    expectTypeOf<GradientFor<[x: number, ...rest: number[]], 0>>().toEqualTypeOf<number>();
    expectTypeOf<GradientFor<[x: number, ...rest: number[]], readonly [0, 1]>>().toEqualTypeOf<[number, number[]]>();
  });

  test("grad, valueAndGrad, hessian, hvp", () => {
    const first = () => grad(loss);
    expectTypeOf<ReturnType<typeof first>>().toEqualTypeOf<
      (w: number, b: readonly number[], xs: Float64Array, ys?: Float32Array) => number
    >();
    const both = () => valueAndGrad(loss, { wrt: [0, 1] });
    type Both = ReturnType<ReturnType<typeof both>>;
    expectTypeOf<Both>().toEqualTypeOf<{ value: number; grad: [w: number, b: number[]] }>();
    const second = () => hessian(loss, { wrt: 1 });
    expectTypeOf<ReturnType<ReturnType<typeof second>>>().toEqualTypeOf<number[][]>();
    const product = () => hvp(loss, { wrt: [2] });
    type Product = ReturnType<typeof product>;
    expectTypeOf<Parameters<Product>[1]>().toEqualTypeOf<[xs: Float64Array]>();
    expectTypeOf<ReturnType<Product>>().toEqualTypeOf<{ grad: [xs: Float64Array]; hvp: [xs: Float64Array] }>();
  });

  test("vjp, jvp, jacobian take any numeric output", () => {
    const back = () => vjp(curve);
    type Back = ReturnType<ReturnType<typeof back>>;
    expectTypeOf<Parameters<Back["pullback"]>>().toEqualTypeOf<[seed: { x: number; ys: number[] }]>();
    expectTypeOf<ReturnType<Back["pullback"]>>().toEqualTypeOf<number>();
    const forward = () => jvp(curve, { wrt: [0, 1] });
    type Forward = ReturnType<typeof forward>;
    expectTypeOf<Parameters<Forward>[1]>().toEqualTypeOf<[t: number, scale: number]>();
    expectTypeOf<ReturnType<Forward>["tangent"]>().toEqualTypeOf<{ x: number; ys: number[] }>();
    const rows = () => jacobian(curve, { wrt: [0] });
    expectTypeOf<ReturnType<ReturnType<typeof rows>>>().toEqualTypeOf<{ x: [t: number]; ys: [t: number][] }>();
    expectTypeOf<Rows<Float64Array, number[]>>().toEqualTypeOf<number[][]>();
  });

  test("type parameters are kept", () => {
    const generic = () => grad(<T extends number>(x: T, _y: T): number => x * 2);
    expectTypeOf<ReturnType<typeof generic>>().toBeFunction();
  });

  test("wrong uses do not compile", () => {
    const wrong = () => [
      // @ts-expect-error grad needs a function that gives a number
      grad(curve),
      // @ts-expect-error a position is a number
      grad(loss, { wrt: "w" }),
    ];
    expectTypeOf(wrong).toBeFunction();
  });
});

test("array primitives follow the kind of their operands", () => {
  const [plain, typed] = [[1, 2], Float64Array.of(1, 2)];
  expectTypeOf(axpy(2, plain, plain)).toEqualTypeOf<number[]>();
  expectTypeOf(axpy(2, plain, typed)).toEqualTypeOf<Float64Array>();
  expectTypeOf(axpy(2, typed, plain)).toEqualTypeOf<Float64Array>();
  expectTypeOf(matmul(plain, plain, 1, 2, 1)).toEqualTypeOf<number[]>();
  expectTypeOf(transpose(typed, 1, 2)).toEqualTypeOf<Float64Array>();
  expectTypeOf(softmax(plain)).toEqualTypeOf<number[]>();
});

test("shadows and separate gradients are typed by their objects", () => {
  const single = new Float32Array(2);
  const [a, b] = shadowsOf([single, [[1, 2]]]);
  expectTypeOf(a).toEqualTypeOf<Float64Array>();
  expectTypeOf(separateGradients([single], [a])).toEqualTypeOf<[Float32Array]>();
  expectTypeOf(sharedTangents([single], [undefined])[0]).toEqualTypeOf<Float32Array>();
  expectTypeOf(b).not.toBeAny();
});
