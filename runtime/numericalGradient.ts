/** Gradients by finite differences: the check, never the answer. */
import { claimElements, claimObject, type Claims, noClaims } from "./claims.js";
import { copyApart, copyTogether, trial } from "./copies.js";
import { measure } from "./differences.js";
import type { GradientFor, Wrt } from "./gradientFor.js";
import { separateGradients, shadowsOf } from "./shadows.js";
import { type Fields, isFloatArray, isIntegerArray } from "./structure.js";

export interface NumericalGradientOptions<W extends Wrt = Wrt> {
  /**
   * `"central"` (the default): (f(x + h) − f(x − h)) / 2h, truncation error O(h²), two evaluations for each number.
   * `"forward"`: (f(x + h) − f(x)) / h, truncation error O(h), one evaluation for each number and one more.
   * `"richardson"`: central differences at twenty steps from h down, extrapolated to no step, the entry of least estimated
   * error (Ridders, 1982): near machine precision, forty evaluations for each number.
   */
  readonly method?: "forward" | "central" | "richardson";
  /** Positions of the arguments to differentiate with respect to; one number gives one bare gradient. Default 0. */
  readonly wrt?: W;
  /**
   * h as a multiple of max(1, |x|). Default √ε for forward and ∛ε for central differences, where truncation and
   * rounding balance (ε of single precision for elements of Float32Array); 0.1, the longest, for Richardson's.
   */
  readonly step?: number;
}

/**
 * A function of the same arguments that gives the gradient of `f` by differences, in the shape of `grad(f)`. Works on
 * any mix of numbers, arrays, typed arrays, tuples, records and class instances, and never writes its arguments. Where
 * `f` writes memory that two arguments share, the first gets the total derivative and the later ones zeros.
 *
 * Throws TypeError when `f` does not give a number. Numeric enumerations cannot be told from numbers here.
 * Source: Nocedal and Wright, Numerical Optimization, 8.1.
 */
export function numericalGradient<A extends readonly unknown[], const W extends Wrt = 0>(
  f: (...args: A) => number,
  options: NumericalGradientOptions<W> = {},
): (...args: A) => GradientFor<A, W> {
  const wrt: Wrt = options.wrt ?? 0;
  const positions = typeof wrt === "number" ? [wrt] : wrt;
  return (...args) => {
    const { value, writes } = trial(f, args);
    if (typeof value !== "number")
      throw new TypeError(`numericalGradient needs a function that gives a number, not ${typeof value}.`);
    const point: Point = {
      args,
      copy: () => (writes ? copyTogether(args) : args.map((arg) => copyApart(arg))),
      evaluate: f as unknown as Point["evaluate"],
      value,
      method: options.method ?? "central",
      step: options.step ?? null,
      claims: writes ? noClaims() : null,
    };
    const gradients = positions.map((position) => {
      const arg = args[position];
      // Zeros of the gradient's shape, one by one so that none is taken for a repetition of another.
      const shape = separateGradients([arg], shadowsOf([arg]))[0];
      if (typeof shape === "number") return partial(point, position, [], arg as number);
      if (shape === undefined || shape === null) return shape === undefined ? 0 : shape;
      fillGradient(point, position, [], arg, shape);
      return shape;
    });
    return (typeof wrt === "number" ? gradients[0] : gradients) as GradientFor<A, W>;
  };
}

interface Point {
  readonly args: readonly unknown[];
  /** Fresh arguments to evaluate at. */
  readonly copy: () => unknown[];
  readonly evaluate: (...args: unknown[]) => number;
  readonly value: number;
  readonly method: NonNullable<NumericalGradientOptions["method"]>;
  readonly step: number | null;
  /** Memory whose total derivative has been reported; null where every place is on its own. */
  readonly claims: Claims | null;
}

type Path = readonly (string | number)[];

function fillGradient(point: Point, position: number, path: Path, value: unknown, gradient: unknown): void {
  if (typeof gradient !== "object" || gradient === null || isIntegerArray(gradient)) return;
  const [source, target] = [value as Fields, gradient as Fields];
  if (isFloatArray(gradient)) {
    const pieces = point.claims && isFloatArray(value) ? claimElements(point.claims, value) : [0, gradient.length];
    for (let k = 0; k < pieces.length; k += 2)
      for (let i = pieces[k]!; i < pieces[k + 1]!; i++)
        gradient[i] = partial(point, position, [...path, i], (value as Float64Array)[i]!);
    return;
  }
  if (point.claims && !claimObject(point.claims, source)) return;
  for (const key of Object.keys(target)) {
    const inside = [...path, key];
    if (typeof target[key] === "number") target[key] = partial(point, position, inside, source[key] as number);
    else fillGradient(point, position, inside, source[key], target[key]);
  }
}

/** The derivative with respect to one number, which is `x` now. */
function partial(point: Point, position: number, path: Path, x: number): number {
  const at = (by: number): { value: number; moved: number } => {
    const args = point.copy();
    let owner: Fields = args as unknown as Fields;
    let key: string | number = position;
    for (const next of path) {
      owner = owner[key] as Fields;
      key = next;
    }
    owner[key] = x + by;
    // Read back: what was stored may be rounded.
    return { moved: (owner[key] as number) - x, value: point.evaluate(...args) };
  };
  const h = stepAt(point, position, path, x);
  if (point.method === "richardson") {
    const noise = 4 * epsilonAt(point, position, path) * Math.max(Math.abs(point.value), Math.abs(x));
    return measure((t) => at(t).value, point.value, h, noise).central.value;
  }
  const up = at(h);
  if (point.method === "forward") return (up.value - point.value) / up.moved;
  const down = at(-h);
  return (up.value - down.value) / (up.moved - down.moved);
}

function stepAt(point: Point, position: number, path: Path, x: number): number {
  const scale = Math.max(1, Math.abs(x));
  if (point.step !== null) return point.step * scale;
  const epsilon = epsilonAt(point, position, path);
  return { forward: Math.sqrt(epsilon), central: Math.cbrt(epsilon), richardson: 0.1 }[point.method] * scale;
}

/** The precision in which the number is stored. */
function epsilonAt(point: Point, position: number, path: Path): number {
  const owner = path.slice(0, -1).reduce<unknown>((inside, key) => (inside as Fields)[key], point.args[position]);
  return owner instanceof Float32Array ? 2 ** -23 : Number.EPSILON;
}
