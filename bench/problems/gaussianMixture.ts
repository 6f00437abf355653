/** The Gaussian mixture of ADBench and GradBench. */

/** Parameters of the Wishart prior of the precision matrices. */
export interface Wishart {
  readonly gamma: number;
  readonly m: number;
}

/** log(exp(values[0]) + exp(values[1]) + …), without overflow. */
function logSumExp(values: Float64Array): number {
  let largest = values[0]!;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > largest) largest = values[i]!;
  }
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - largest);
  return largest + Math.log(sum);
}

/**
 * Log-likelihood of n points of dimension d under k Gaussians, with a Wishart prior. Per component, `icf` holds the
 * inverse covariance factor: d logarithms of the diagonal, then the strict lower triangle by columns.
 * @differentiable valueAndGrad wrt alphas, means, icf
 */
export function gaussianMixture(
  d: number,
  k: number,
  n: number,
  alphas: Float64Array,
  means: Float64Array,
  icf: Float64Array,
  x: Float64Array,
  wishart: Wishart,
  logGammaTerm: number,
): number {
  const icfSize = (d * (d + 1)) / 2;
  const diagonals = new Float64Array(k * d);
  const logDeterminants = new Float64Array(k);
  for (let c = 0; c < k; c++) {
    for (let j = 0; j < d; j++) {
      const logDiagonal = icf[c * icfSize + j]!;
      diagonals[c * d + j] = Math.exp(logDiagonal);
      logDeterminants[c]! += logDiagonal;
    }
  }

  const centred = new Float64Array(d);
  const transformed = new Float64Array(d);
  const terms = new Float64Array(k);
  let logLikelihood = -n * d * 0.5 * Math.log(2 * Math.PI);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < k; c++) {
      for (let j = 0; j < d; j++) {
        centred[j] = x[i * d + j]! - means[c * d + j]!;
        transformed[j] = diagonals[c * d + j]! * centred[j]!;
      }
      let next = c * icfSize + d;
      for (let j = 0; j < d; j++) {
        for (let row = j + 1; row < d; row++) {
          transformed[row]! += icf[next]! * centred[j]!;
          next++;
        }
      }
      let square = 0;
      for (let j = 0; j < d; j++) square += transformed[j]! * transformed[j]!;
      terms[c] = alphas[c]! + logDeterminants[c]! - 0.5 * square;
    }
    logLikelihood += logSumExp(terms);
  }
  logLikelihood -= n * logSumExp(alphas);

  const freedom = d + wishart.m + 1;
  let prior = -k * (freedom * d * (Math.log(wishart.gamma) - 0.5 * Math.log(2)) - logGammaTerm);
  for (let c = 0; c < k; c++) {
    let frobenius = 0;
    for (let j = 0; j < d; j++) frobenius += diagonals[c * d + j]! * diagonals[c * d + j]!;
    for (let j = d; j < icfSize; j++) frobenius += icf[c * icfSize + j]! * icf[c * icfSize + j]!;
    prior += 0.5 * wishart.gamma * wishart.gamma * frobenius - wishart.m * logDeterminants[c]!;
  }
  return logLikelihood + prior;
}
