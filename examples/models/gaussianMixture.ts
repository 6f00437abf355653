/** Gaussian mixture with full covariances, parametrised without constraints. */

export interface Mixture {
  /** Logarithms of the component weights, up to a common constant. */
  logWeights: Float64Array;
  /** One mean per component. */
  means: Float64Array[];
  /**
   * Per component a lower triangular matrix L, row by row, with the logarithm of its diagonal in place of the diagonal;
   * the inverse of the covariance is Lᵀ L.
   */
  factors: Float64Array[];
}

/** log Σ exp(values[i]), shifted by the maximum against overflow. */
function logSumExp(values: Float64Array): number {
  let largest = -Infinity;
  for (const value of values) largest = Math.max(largest, value);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

/** Logarithm of the normal density at one point: log |L| − ½ |L (point − mean)|² − ½ d log 2π. */
function logDensity(mean: Float64Array, factor: Float64Array, point: Float64Array): number {
  const dimension = mean.length;
  let logDeterminant = 0;
  let squaredNorm = 0;
  let next = 0;
  for (let i = 0; i < dimension; i++) {
    let whitened = 0;
    for (let j = 0; j < i; j++) whitened += factor[next++]! * (point[j]! - mean[j]!);
    const logDiagonal = factor[next++]!;
    whitened += Math.exp(logDiagonal) * (point[i]! - mean[i]!);
    squaredNorm += whitened ** 2;
    logDeterminant += logDiagonal;
  }
  return logDeterminant - 0.5 * squaredNorm - 0.5 * dimension * Math.log(2 * Math.PI);
}

/** Logarithm of weight times density, for each component. */
export function logJoint(mixture: Mixture, point: Float64Array): Float64Array {
  const { logWeights, means, factors } = mixture;
  const total = logSumExp(logWeights);
  const joint = new Float64Array(logWeights.length);
  for (let k = 0; k < joint.length; k++) {
    joint[k] = logWeights[k]! - total + logDensity(means[k]!, factors[k]!, point);
  }
  return joint;
}

/**
 * Mean log-likelihood of the points.
 *
 * @differentiable valueAndGrad wrt mixture
 */
export function meanLogLikelihood(mixture: Mixture, points: readonly Float64Array[]): number {
  let sum = 0;
  for (const point of points) sum += logSumExp(logJoint(mixture, point));
  return sum / points.length;
}
