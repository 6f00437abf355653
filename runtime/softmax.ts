/** Log-sum-exp and softmax, shifted by the largest element so that nothing overflows. */
import { type NumericArray, type ResultArray, zerosLike } from "./numericArray.js";

/**
 * log Σ exp(xᵢ); −Infinity for an empty array.
 *
 * Shapes: [n] → number. Derivative softmax(x).
 * Source: Blanchard, Higham and Higham (2021), Accurately computing the log-sum-exp and softmax functions, algorithm
 * 3.1: the largest term is left out of the sum and brought back by log1p.
 */
export function logSumExp(x: NumericArray): number {
  let largest = -Infinity;
  let where = -1;
  for (let i = 0; i < x.length; i++) {
    const item = x[i]!;
    if (item !== item) return NaN;
    if (item > largest) {
      largest = item;
      where = i;
    }
  }
  if (largest === Infinity || where < 0) return largest;
  let others = 0;
  for (let i = 0; i < x.length; i++) if (i !== where) others += Math.exp(x[i]! - largest);
  return largest + Math.log1p(others);
}

/**
 * exp(xᵢ) / Σ exp(xⱼ); an empty array for an empty array.
 *
 * Shapes: [n] → [n], `number[]` for an ordinary array, else Float64Array. Derivative yᵢ (δᵢⱼ − yⱼ).
 * Source: Blanchard, Higham and Higham (2021), algorithm 3.2.
 */
export function softmax(x: readonly number[]): number[];
export function softmax(x: Float64Array | Float32Array): Float64Array;
export function softmax(x: NumericArray): ResultArray;
export function softmax(x: NumericArray): ResultArray {
  let largest = -Infinity;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, x[i]!);
  const result = zerosLike(x, x.length);
  let total = 0;
  for (let i = 0; i < x.length; i++) {
    const term = Math.exp(x[i]! - largest);
    result[i] = term;
    total += term;
  }
  for (let i = 0; i < x.length; i++) result[i]! /= total;
  return result;
}
