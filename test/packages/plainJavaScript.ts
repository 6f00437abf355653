/** Functions that compute with plain JavaScript of several kinds: see the folder `javascript`. */
import once from "./javascript/once.cjs";
import { largest, rest, sum, Vector, Weighted } from "./javascript/prototypes.cjs";
import swapSort, { gammaLike, power, total } from "./javascript/recursive.mjs";
import wrapped from "./javascript/wrapped.cjs";

/** @differentiable grad, valueAndGrad, jvp */
export function walked(x: number): number {
  const place = new Vector(x, 1).add(new Vector(2, x * x)).scale(x);
  return place.norm() + (place.isVector ? place.y : 0);
}

/** @differentiable grad, valueAndGrad, jvp */
export function weighted(x: number): number {
  return new Weighted(x, 2, x).norm() + new Weighted(1, x).norm() + new Weighted(x, x).add(new Vector(x, 1)).x;
}

/** @differentiable grad, valueAndGrad, jvp */
export function spreadOut(x: number): number {
  return sum(x, x * x, 3) * largest([x, 2, x * x]) + rest(x, 2 * x, 5 * x);
}

/** @differentiable grad, valueAndGrad, jvp */
export function polynomials(x: number): number {
  return wrapped.weigh(x) * wrapped.polynomial([1, x, 2])(x) + wrapped.area(x);
}

/** @differentiable grad, valueAndGrad, jvp wrt x, angle */
export function turned(x: number, angle: number): number {
  return wrapped.turnedLength({ x, y: 2 }, angle) + wrapped.classify(x);
}

/** @differentiable grad, valueAndGrad, jvp */
export function recursive(x: number, n: number): number {
  return power(x, n) + gammaLike(x);
}

/** @differentiable grad, valueAndGrad, jvp */
export function totals(x: number): number {
  return total({ value: x * x, children: [x, 2, 3 * x] }) + swapSort([x, 1, x * x])[1]!;
}

/** @differentiable grad, valueAndGrad, jvp */
export function onlyOnce(x: number): number {
  return once(x) * x;
}
