/** Pullbacks and tangents of the matrix primitives (Giles 2008); the dimensions are those of the primal call. */
import { addProduct } from "./matrices.js";
import {
  type NumericArray,
  requireLength,
  requireMatrix,
  type ResultArray,
  zerosLike,
  zerosLikeBoth,
} from "./numericArray.js";

type TypedFloats = Float64Array | Float32Array;

/** shadow += seed xᵀ: the matrix operand of `matvec`. */
export function addOuter(
  shadow: ResultArray,
  seed: NumericArray,
  x: NumericArray,
  rows: number,
  columns: number,
): void {
  requireMatrix("matvec", "the matrix", shadow, rows, columns);
  requireLength("matvec", "the vector", x, columns);
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    const factor = seed[i]!;
    for (let j = 0; j < columns; j++) shadow[row + j]! += factor * x[j]!;
  }
}

/** shadow += Aᵀ seed: the vector operand of `matvec`. */
export function addMatvecTransposed(
  shadow: ResultArray,
  a: NumericArray,
  seed: NumericArray,
  rows: number,
  columns: number,
): void {
  requireMatrix("matvec", "the matrix", a, rows, columns);
  requireLength("matvec", "the vector", shadow, columns);
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    const factor = seed[i]!;
    for (let j = 0; j < columns; j++) shadow[j]! += a[row + j]! * factor;
  }
}

/** shadow += seed Bᵀ: the first operand of `matmul`. */
export function addMatmulRightTransposed(
  shadow: ResultArray,
  seed: NumericArray,
  b: NumericArray,
  rows: number,
  inner: number,
  columns: number,
): void {
  requireMatrix("matmul", "the first matrix", shadow, rows, inner);
  requireMatrix("matmul", "the second matrix", b, inner, columns);
  for (let i = 0; i < rows; i++) {
    const seedRow = i * columns;
    for (let k = 0; k < inner; k++) {
      const row = k * columns;
      let total = 0;
      for (let j = 0; j < columns; j++) total += seed[seedRow + j]! * b[row + j]!;
      shadow[i * inner + k]! += total;
    }
  }
}

/** shadow += Aᵀ seed: the second operand of `matmul`. */
export function addMatmulLeftTransposed(
  shadow: ResultArray,
  a: NumericArray,
  seed: NumericArray,
  rows: number,
  inner: number,
  columns: number,
): void {
  requireMatrix("matmul", "the first matrix", a, rows, inner);
  requireMatrix("matmul", "the second matrix", shadow, inner, columns);
  for (let i = 0; i < rows; i++) {
    const seedRow = i * columns;
    for (let k = 0; k < inner; k++) {
      const row = k * columns;
      const factor = a[i * inner + k]!;
      for (let j = 0; j < columns; j++) shadow[row + j]! += factor * seed[seedRow + j]!;
    }
  }
}

/** shadow += seedᵀ: the operand of `transpose`, whose dimensions are given. */
export function addTransposed(shadow: ResultArray, seed: NumericArray, rows: number, columns: number): void {
  requireMatrix("transpose", "the matrix", shadow, rows, columns);
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    for (let j = 0; j < columns; j++) shadow[row + j]! += seed[j * rows + i]!;
  }
}

export function matvecTangent(
  a: readonly number[],
  x: readonly number[],
  rows: number,
  columns: number,
  aDot: NumericArray,
  xDot: NumericArray,
): number[];
export function matvecTangent(
  a: TypedFloats,
  x: NumericArray,
  rows: number,
  columns: number,
  aDot: NumericArray,
  xDot: NumericArray,
): Float64Array;
export function matvecTangent(
  a: NumericArray,
  x: TypedFloats,
  rows: number,
  columns: number,
  aDot: NumericArray,
  xDot: NumericArray,
): Float64Array;
export function matvecTangent(
  a: NumericArray,
  x: NumericArray,
  rows: number,
  columns: number,
  aDot: NumericArray,
  xDot: NumericArray,
): ResultArray {
  requireMatrix("matvec", "the tangent of the matrix", aDot, rows, columns);
  requireLength("matvec", "the tangent of the vector", xDot, columns);
  const result = zerosLikeBoth(a, x, rows);
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    let total = 0;
    for (let j = 0; j < columns; j++) total += aDot[row + j]! * x[j]! + a[row + j]! * xDot[j]!;
    result[i] = total;
  }
  return result;
}

export function matmulTangent(
  a: readonly number[],
  b: readonly number[],
  rows: number,
  inner: number,
  columns: number,
  aDot: NumericArray,
  bDot: NumericArray,
): number[];
export function matmulTangent(
  a: TypedFloats,
  b: NumericArray,
  rows: number,
  inner: number,
  columns: number,
  aDot: NumericArray,
  bDot: NumericArray,
): Float64Array;
export function matmulTangent(
  a: NumericArray,
  b: TypedFloats,
  rows: number,
  inner: number,
  columns: number,
  aDot: NumericArray,
  bDot: NumericArray,
): Float64Array;
export function matmulTangent(
  a: NumericArray,
  b: NumericArray,
  rows: number,
  inner: number,
  columns: number,
  aDot: NumericArray,
  bDot: NumericArray,
): ResultArray {
  requireMatrix("matmul", "the tangent of the first matrix", aDot, rows, inner);
  requireMatrix("matmul", "the tangent of the second matrix", bDot, inner, columns);
  const result = zerosLikeBoth(a, b, rows * columns);
  addProduct(result, aDot, b, rows, inner, columns);
  addProduct(result, a, bDot, rows, inner, columns);
  return result;
}

export function transposeTangent(a: readonly number[], rows: number, columns: number, aDot: NumericArray): number[];
export function transposeTangent(a: TypedFloats, rows: number, columns: number, aDot: NumericArray): Float64Array;
export function transposeTangent(a: NumericArray, rows: number, columns: number, aDot: NumericArray): ResultArray {
  requireMatrix("transpose", "the tangent", aDot, rows, columns);
  const result = zerosLike(a, rows * columns);
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    for (let j = 0; j < columns; j++) result[j * rows + i] = aDot[row + j]!;
  }
  return result;
}
