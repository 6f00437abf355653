/**
 * The logarithm of the determinant of a positive definite matrix, row-major, by its Cholesky factor. Only the lower
 * triangle is read.
 * @differentiable valueAndGrad wrt matrix
 */
export function choleskyLogDeterminant(matrix: Float64Array, n: number): number {
  const factor = matrix.slice();
  let logDeterminant = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = factor[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= factor[i * n + k]! * factor[j * n + k]!;
      factor[i * n + j] = i === j ? Math.sqrt(sum) : sum / factor[j * n + j]!;
    }
    logDeterminant += 2 * Math.log(factor[i * n + i]!);
  }
  return logDeterminant;
}
