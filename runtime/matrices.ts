/**
 * Matrix primitives. A matrix is a flat array of its rows, with its dimensions beside it. Results are Float64Array, or
 * `number[]` where every array operand is an ordinary array.
 */
import {
  type NumericArray,
  requireLength,
  requireMatrix,
  type ResultArray,
  zerosLike,
  zerosLikeBoth,
} from "./numericArray.js";

type TypedFloats = Float64Array | Float32Array;

/**
 * Matrix times vector, yᵢ = Σⱼ aᵢⱼ xⱼ.
 *
 * Shapes: [rows, columns], [columns] → [rows]. Throws RangeError, naming both shapes, when an array does not hold as
 * many elements as its dimensions say, or a dimension is not a whole number.
 * Source: Golub and Van Loan, Matrix Computations, 1.1; Ā += ȳ xᵀ, x̄ += Aᵀ ȳ (Giles 2008, Collected matrix derivative
 * results for forward and reverse mode algorithmic differentiation).
 */
export function matvec(a: readonly number[], x: readonly number[], rows: number, columns: number): number[];
export function matvec(a: TypedFloats, x: NumericArray, rows: number, columns: number): Float64Array;
export function matvec(a: NumericArray, x: TypedFloats, rows: number, columns: number): Float64Array;
export function matvec(a: NumericArray, x: NumericArray, rows: number, columns: number): ResultArray;
export function matvec(a: NumericArray, x: NumericArray, rows: number, columns: number): ResultArray {
  requireMatrix("matvec", "the matrix", a, rows, columns);
  requireLength("matvec", "the vector", x, columns);
  const result = zerosLikeBoth(a, x, rows);
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    let total = 0;
    for (let j = 0; j < columns; j++) total += a[row + j]! * x[j]!;
    result[i] = total;
  }
  return result;
}

/**
 * Matrix product, cᵢⱼ = Σₖ aᵢₖ bₖⱼ.
 *
 * Shapes: [rows, inner], [inner, columns] → [rows, columns]. Throws RangeError, naming both shapes, as `matvec` does.
 * Source: Golub and Van Loan, Matrix Computations, 1.1; Ā += C̄ Bᵀ, B̄ += Aᵀ C̄ (Giles 2008).
 */
export function matmul(
  a: readonly number[],
  b: readonly number[],
  rows: number,
  inner: number,
  columns: number,
): number[];
export function matmul(a: TypedFloats, b: NumericArray, rows: number, inner: number, columns: number): Float64Array;
export function matmul(a: NumericArray, b: TypedFloats, rows: number, inner: number, columns: number): Float64Array;
export function matmul(a: NumericArray, b: NumericArray, rows: number, inner: number, columns: number): ResultArray;
export function matmul(a: NumericArray, b: NumericArray, rows: number, inner: number, columns: number): ResultArray {
  requireMatrix("matmul", "the first matrix", a, rows, inner);
  requireMatrix("matmul", "the second matrix", b, inner, columns);
  const result = zerosLikeBoth(a, b, rows * columns);
  addProduct(result, a, b, rows, inner, columns);
  return result;
}

/** result += a b. The order of loops reads and writes rows only. */
export function addProduct(
  result: ResultArray,
  a: NumericArray,
  b: NumericArray,
  rows: number,
  inner: number,
  columns: number,
): void {
  for (let i = 0; i < rows; i++) {
    const resultRow = i * columns;
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k]!;
      const row = k * columns;
      for (let j = 0; j < columns; j++) result[resultRow + j]! += factor * b[row + j]!;
    }
  }
}

/**
 * The transposed matrix, tⱼᵢ = aᵢⱼ.
 *
 * Shapes: [rows, columns] → [columns, rows]; the dimensions are those of the operand. Throws RangeError when it does
 * not hold rows · columns elements. Its adjoint is the transposition back.
 */
export function transpose(a: readonly number[], rows: number, columns: number): number[];
export function transpose(a: TypedFloats, rows: number, columns: number): Float64Array;
export function transpose(a: NumericArray, rows: number, columns: number): ResultArray;
export function transpose(a: NumericArray, rows: number, columns: number): ResultArray {
  requireMatrix("transpose", "the matrix", a, rows, columns);
  const result = zerosLike(a, rows * columns);
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    for (let j = 0; j < columns; j++) result[j * rows + i] = a[row + j]!;
  }
  return result;
}
