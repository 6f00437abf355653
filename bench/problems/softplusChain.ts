/**
 * Sum of squared softplus residuals, as a chain of array methods.
 * @differentiable valueAndGrad wrt xs, slope, offset
 */
export function softplusChain(xs: Float64Array, ys: Float64Array, slope: number, offset: number): number {
  return xs
    .map((x) => slope * x + offset)
    .map((z) => Math.log1p(Math.exp(z)))
    .map((prediction, i) => prediction - ys[i]!)
    .reduce((sum, residual) => sum + residual * residual, 0);
}
