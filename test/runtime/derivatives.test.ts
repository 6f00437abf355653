/** Pullbacks of the array primitives against their pushforwards and against differences, called as the table says. */
import { describe, expect, test } from "vitest";
import { arrayRules, type ArrayRule } from "../../compiler/rules/arrays.js";
import { measure } from "../../runtime/differences.js";
import { randomNormal, randomNumbers } from "../../runtime/directions.js";
import * as runtime from "../../runtime/generated.js";

type Numbers = number[] | Float64Array | Float32Array;
type Operand = number | Numbers;
type Call = (...args: unknown[]) => unknown;

const call = (name: string, ...args: readonly unknown[]): unknown =>
  (runtime as unknown as Record<string, Call>)[name]!(...args);

const random = randomNumbers(7);
const vector = (n: number): number[] => Array.from({ length: n }, () => randomNormal(random));

/** Operands of each primitive; one missing does not compile. */
const operands: Record<keyof typeof arrayRules, () => Operand[]> = {
  dot: () => [vector(4), vector(4)],
  sum: () => [vector(5)],
  mean: () => [vector(5)],
  norm: () => [vector(4)],
  hypotOf: () => [vector(4)],
  axpy: () => [1.7, vector(3), vector(3)],
  matvec: () => [vector(6), vector(3), 2, 3],
  matmul: () => [vector(6), vector(12), 2, 3, 4],
  transpose: () => [vector(6), 2, 3],
  logSumExp: () => [vector(4)],
  softmax: () => [vector(4)],
};

const kinds: readonly { name: string; convert: (x: number[]) => Numbers }[] = [
  { name: "number[]", convert: (x) => x },
  { name: "Float64Array", convert: (x) => Float64Array.from(x) },
  { name: "Float32Array", convert: (x) => Float32Array.from(x) },
];

const times = (a: Operand, b: Operand): number =>
  typeof a === "number"
    ? a * (b as number)
    : Array.from(a).reduce((total: number, x, i) => total + x * (b as number[])[i]!, 0);

const moved = (x: Operand, by: Operand, t: number): Operand =>
  typeof x === "number" ? x + t * (by as number) : Array.from(x, (item, i) => item + t * (by as number[])[i]!);

/** Gradients of ⟨seed, primitive⟩ for each differentiable operand, starting from shadows filled with `start`. */
function pullBack(rule: ArrayRule, args: readonly Operand[], seed: Operand, result: unknown, start: number): Operand[] {
  return rule.pullbacks.flatMap((pullback, k): Operand[] => {
    if (!pullback) return [];
    const reads = pullback.reads.map((read) => (read === "seed" ? seed : read === "result" ? result : args[read]));
    const operand = args[k]!;
    if (typeof operand === "number") return [call(pullback.function, ...reads) as number];
    const shadow = Array.isArray(operand)
      ? new Array<number>(operand.length).fill(start)
      : new Float64Array(operand.length).fill(start);
    call(pullback.function, shadow, ...reads);
    return [shadow];
  });
}

for (const [name, rule] of Object.entries(arrayRules) as [keyof typeof arrayRules, ArrayRule][]) {
  describe.each(kinds)(`${name} on $name`, ({ convert }) => {
    const args = operands[name]().map((arg) => (Array.isArray(arg) ? convert(arg) : arg));
    const differentiable = args.filter((_, k) => rule.pullbacks[k]);
    const tangents = differentiable.map((arg) =>
      typeof arg === "number" ? randomNormal(random) : convert(vector(arg.length)),
    );
    const result = call(name, ...args) as Operand;
    const seed: Operand =
      typeof result === "number"
        ? 0.7
        : Array.isArray(result)
          ? vector(result.length)
          : Float64Array.from(vector(result.length));
    const gradients = pullBack(rule, args, seed, result, 0);
    const along = gradients.reduce((total: number, gradient, k) => total + times(gradient, tangents[k]!), 0);

    test("the pullback is the adjoint of the pushforward", () => {
      const tangent = call(rule.pushforward, ...args, ...tangents) as Operand;
      expect(times(seed, tangent)).toBeCloseTo(along, 12);
      if (typeof result !== "number") expect(Object.getPrototypeOf(tangent)).toBe(Object.getPrototypeOf(result));
    });

    test("both agree with differences", () => {
      const f = (t: number): number => {
        let next = 0;
        const point = args.map((arg, k) => (rule.pullbacks[k] ? moved(arg, tangents[next++]!, t) : arg));
        return times(seed, call(name, ...point) as Operand);
      };
      const { central, place } = measure(f, f(0), 0.1, 1e-15);
      expect(place).toBe("smooth");
      expect(Math.abs(central.value - along)).toBeLessThan(1e-9 * Math.max(1, Math.abs(along)));
    });

    test("it adds to what the shadow holds", () => {
      pullBack(rule, args, seed, result, 10).forEach((gradient, k) => {
        if (typeof gradient === "number") return;
        const expected = Array.from(gradients[k] as Numbers, (x) => x + 10);
        gradient.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 12));
      });
    });
  });
}

describe("singular points and aliases", () => {
  test("a norm has slope 0 at the zero vector, in both modes", () => {
    const shadow = [1, 1];
    runtime.normPullback(shadow, 3, [0, 0], 0);
    expect(shadow).toEqual([1, 1]);
    expect(runtime.normTangent([0, 0], [1, 2])).toBe(0);
  });

  test("a tiny norm has slopes of ordinary size", () => {
    const shadow = [0, 0];
    const x = [3e-320, 4e-320];
    runtime.normPullback(shadow, 1, x, runtime.norm(x));
    expect(shadow[0]).toBeCloseTo(0.6, 3);
    expect(shadow[1]).toBeCloseTo(0.8, 3);
  });

  test("a matrix times itself gets both contributions", () => {
    const a = [1, 2, 3, 4];
    const seed = [1, 0, 0, 1];
    const shadow = [0, 0, 0, 0];
    runtime.addMatmulRightTransposed(shadow, seed, a, 2, 2, 2);
    runtime.addMatmulLeftTransposed(shadow, a, seed, 2, 2, 2);
    // trace(A²) has the gradient 2 Aᵀ.
    expect(shadow).toEqual([2, 6, 4, 8]);
  });

  test("empty operands add nothing", () => {
    const shadow = new Float64Array(0);
    runtime.meanPullback(shadow, 1);
    runtime.logSumExpPullback(shadow, 1, [], -Infinity);
    expect(shadow.length).toBe(0);
  });

  test("pullbacks refuse shapes that do not fit", () => {
    expect(() => runtime.addScaled([0], 1, [1, 2])).toThrow(RangeError);
    expect(() => runtime.addOuter([0], [1], [1, 2], 1, 2)).toThrow(RangeError);
    expect(() => runtime.dotTangent([1], [1], [1, 2], [1])).toThrow(RangeError);
  });
});
