/**
 * Half the squared length of A x − b. The matrix is row-major.
 * @differentiable valueAndGrad wrt x
 */
export function leastSquares(a: Float64Array, b: Float64Array, x: Float64Array): number {
  const columns = x.length;
  let sum = 0;
  for (let i = 0; i < b.length; i++) {
    let residual = -b[i]!;
    for (let j = 0; j < columns; j++) residual += a[i * columns + j]! * x[j]!;
    sum += residual * residual;
  }
  return 0.5 * sum;
}
