/** Vector primitives. Results are Float64Array, or `number[]` where every array operand is an ordinary array. */
import { dotOfStructures } from "./pack.js";
import { type NumericArray, requireSameLength, type ResultArray, zerosLikeBoth } from "./numericArray.js";

/**
 * Inner product Σ xᵢ yᵢ; 0 for empty arrays. Of two structures, such as gradients, over the numbers in the same places.
 *
 * Shapes: [n], [n] → number. Throws RangeError when the lengths differ.
 * Source: Golub and Van Loan, Matrix Computations, 1.1; d(x·y) = dx·y + x·dy.
 */
export function dot(x: NumericArray, y: NumericArray): number;
export function dot<T>(x: T, y: T): number;
export function dot(x: NumericArray, y: NumericArray): number {
  if (typeof x !== "object" || typeof x.length !== "number" || (x.length > 0 && typeof x[0] !== "number"))
    return dotOfStructures(x, y);
  requireSameLength("dot", x, y);
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]! * y[i]!;
  return total;
}

/**
 * Σ xᵢ, added from left to right; 0 for an empty array.
 *
 * Shapes: [n] → number. Its derivative is 1 in every element.
 */
export function sum(x: NumericArray): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]!;
  return total;
}

/**
 * Σ xᵢ / n; NaN for an empty array, as 0 / 0.
 *
 * Shapes: [n] → number. Its derivative is 1 / n in every element.
 */
export function mean(x: NumericArray): number {
  return sum(x) / x.length;
}

/** Sums of squares outside of this range have lost digits to underflow, or overflowed. */
const smallestSquare = 1e-280;
const largestSquare = 1e300;

/**
 * Euclidean length √Σ xᵢ², without overflow or underflow on the way; 0 for an empty array.
 *
 * Shapes: [n] → number. Derivative x / ‖x‖, and 0 at the zero vector.
 * Source: Blue (1978), A portable Fortran program to find the Euclidean norm of a vector: scale only where needed.
 */
export function norm(x: NumericArray): number {
  let squares = 0;
  for (let i = 0; i < x.length; i++) squares += x[i]! * x[i]!;
  if (squares > smallestSquare && squares < largestSquare) return Math.sqrt(squares);
  return scaledNorm(x);
}

function scaledNorm(x: NumericArray): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]!));
  if (largest === 0 || !(largest < Infinity)) return largest;
  let squares = 0;
  for (let i = 0; i < x.length; i++) {
    const ratio = x[i]! / largest;
    squares += ratio * ratio;
  }
  return largest * Math.sqrt(squares);
}

/**
 * `Math.hypot(...x)`, to the last bit; 0 for an empty array.
 *
 * Shapes: [n] → number. Its derivative is that of `norm`.
 */
export function hypotOf(x: NumericArray): number {
  return Math.hypot(...x);
}

/**
 * α x + y, as a fresh array.
 *
 * Shapes: number, [n], [n] → [n]. Throws RangeError when the lengths differ. Result: `number[]` when x and y both are
 * ordinary arrays, else Float64Array. Source: the BLAS routine of that name (Lawson et al. 1979).
 */
export function axpy(alpha: number, x: readonly number[], y: readonly number[]): number[];
export function axpy(alpha: number, x: Float64Array | Float32Array, y: NumericArray): Float64Array;
export function axpy(alpha: number, x: NumericArray, y: Float64Array | Float32Array): Float64Array;
export function axpy(alpha: number, x: NumericArray, y: NumericArray): ResultArray;
export function axpy(alpha: number, x: NumericArray, y: NumericArray): ResultArray {
  requireSameLength("axpy", x, y);
  const result = zerosLikeBoth(x, y, x.length);
  for (let i = 0; i < x.length; i++) result[i] = alpha * x[i]! + y[i]!;
  return result;
}
