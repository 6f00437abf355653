import { grad, jvp } from "adjoint";
import { argmax } from "./descend.js";

/** @differentiable grad, jvp wrt high */
export function height(low: number[], high: number[]): number {
  return low[0]! ** 2 + low[1]! ** 2 - (high[0]! ** 2 + high[1]! ** 2);
}

/**
 * The largest height over `high`, by reverse mode.
 * @differentiable valueAndGrad, jvp wrt low
 */
export function largestByReverse(low: number[], start: number[]): number {
  const f = (high: number[]): number => height(low, high);
  return f(argmax(f, grad(f), start));
}

/**
 * The same by forward mode.
 * @differentiable valueAndGrad, jvp wrt low
 */
export function largestByForward(low: number[], start: number[]): number {
  const f = (high: number[]): number => height(low, high);
  const slopes = (high: number[]): number[] => [jvp(f)([high], [1, 0]).tangent, jvp(f)([high], [0, 1]).tangent];
  return f(argmax(f, slopes, start));
}
