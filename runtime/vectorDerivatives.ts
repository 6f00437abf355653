/**
 * Pullbacks and tangents of the vector primitives and of softmax. A pullback adds into the shadow of its operand; the
 * compiler's table of array rules says who is called with what.
 */
import { type NumericArray, requireSameLength, type ResultArray, zerosLike, zerosLikeBoth } from "./numericArray.js";
import { softmax } from "./softmax.js";
import { dot, mean, norm, sum } from "./vectors.js";

/** shadow += scale · x. */
export function addScaled(shadow: ResultArray, scale: number, x: NumericArray): void {
  requireSameLength("addScaled", shadow, x);
  for (let i = 0; i < shadow.length; i++) shadow[i]! += scale * x[i]!;
}

/** shadow += x. */
export function addTo(shadow: ResultArray, x: NumericArray): void {
  requireSameLength("addTo", shadow, x);
  for (let i = 0; i < shadow.length; i++) shadow[i]! += x[i]!;
}

/** shadow += constant, in every element: the adjoint of a sum is a broadcast. */
export function addConstant(shadow: ResultArray, constant: number): void {
  for (let i = 0; i < shadow.length; i++) shadow[i]! += constant;
}

export function meanPullback(shadow: ResultArray, seed: number): void {
  addConstant(shadow, seed / shadow.length);
}

/** The zero vector has no direction: nothing is added. Dividing first keeps tiny norms from overflowing the scale. */
export function normPullback(shadow: ResultArray, seed: number, x: NumericArray, result: number): void {
  requireSameLength("norm", shadow, x);
  if (result === 0) return;
  for (let i = 0; i < shadow.length; i++) shadow[i]! += seed * (x[i]! / result);
}

export function logSumExpPullback(shadow: ResultArray, seed: number, x: NumericArray, result: number): void {
  requireSameLength("logSumExp", shadow, x);
  for (let i = 0; i < shadow.length; i++) shadow[i]! += seed * Math.exp(x[i]! - result);
}

export function softmaxPullback(shadow: ResultArray, seed: NumericArray, result: NumericArray): void {
  requireSameLength("softmax", shadow, result);
  const along = dot(seed, result);
  for (let i = 0; i < shadow.length; i++) shadow[i]! += result[i]! * (seed[i]! - along);
}

export function dotTangent(x: NumericArray, y: NumericArray, xDot: NumericArray, yDot: NumericArray): number {
  return dot(xDot, y) + dot(x, yDot);
}

export function sumTangent(x: NumericArray, xDot: NumericArray): number {
  requireSameLength("sum", x, xDot);
  return sum(xDot);
}

export function meanTangent(x: NumericArray, xDot: NumericArray): number {
  requireSameLength("mean", x, xDot);
  return mean(xDot);
}

export function normTangent(x: NumericArray, xDot: NumericArray): number {
  requireSameLength("norm", x, xDot);
  const length = norm(x);
  if (length === 0) return 0;
  let total = 0;
  for (let i = 0; i < x.length; i++) total += (x[i]! / length) * xDot[i]!;
  return total;
}

export function axpyTangent(
  alpha: number,
  x: readonly number[],
  y: readonly number[],
  alphaDot: number,
  xDot: NumericArray,
  yDot: NumericArray,
): number[];
export function axpyTangent(
  alpha: number,
  x: Float64Array | Float32Array,
  y: NumericArray,
  alphaDot: number,
  xDot: NumericArray,
  yDot: NumericArray,
): Float64Array;
export function axpyTangent(
  alpha: number,
  x: NumericArray,
  y: Float64Array | Float32Array,
  alphaDot: number,
  xDot: NumericArray,
  yDot: NumericArray,
): Float64Array;
export function axpyTangent(
  alpha: number,
  x: NumericArray,
  y: NumericArray,
  alphaDot: number,
  xDot: NumericArray,
  yDot: NumericArray,
): ResultArray {
  requireSameLength("axpy", x, xDot);
  requireSameLength("axpy", y, yDot);
  const result = zerosLikeBoth(x, y, x.length);
  for (let i = 0; i < x.length; i++) result[i] = alphaDot * x[i]! + alpha * xDot[i]! + yDot[i]!;
  return result;
}

export function logSumExpTangent(x: NumericArray, xDot: NumericArray): number {
  return dot(softmax(x), xDot);
}

export function softmaxTangent(x: readonly number[], xDot: NumericArray): number[];
export function softmaxTangent(x: Float64Array | Float32Array, xDot: NumericArray): Float64Array;
export function softmaxTangent(x: NumericArray, xDot: NumericArray): ResultArray {
  requireSameLength("softmax", x, xDot);
  const value = softmax(x);
  const along = dot(value, xDot);
  const result = zerosLike(x, x.length);
  for (let i = 0; i < x.length; i++) result[i] = value[i]! * (xDot[i]! - along);
  return result;
}
