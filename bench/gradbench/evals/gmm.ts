/** What is fitted: weights, means and factors of the precision matrices of the components. */
export interface Mixture {
  alpha: Float64Array;
  mu: Float64Array[];
  /** Logarithms of the diagonals. */
  q: Float64Array[];
  /** The strict lower triangles, column by column. */
  l: Float64Array[];
}

/** The Wishart prior of the precision matrices: degrees of freedom beyond dimension + 1, and precision. */
export interface Prior {
  m: number;
  gamma: number;
}

function logSumExp(values: Float64Array): number {
  let largest = values[0]!;
  for (const value of values) largest = Math.max(largest, value);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

function squaredNorm(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

function difference(a: Float64Array, b: Float64Array, dimension: number): Float64Array {
  const result = new Float64Array(dimension);
  for (let i = 0; i < dimension; i++) result[i] = a[i]! - b[i]!;
  return result;
}

/** The lower triangular matrix times a vector. */
function transform(diagonal: Float64Array, lower: Float64Array, vector: Float64Array, dimension: number): Float64Array {
  const result = new Float64Array(dimension);
  for (let i = 0; i < dimension; i++) result[i] = diagonal[i]! * vector[i]!;
  let at = 0;
  for (let column = 0; column < dimension; column++) {
    for (let row = column + 1; row < dimension; row++) result[row]! += lower[at++]! * vector[column]!;
  }
  return result;
}

/** log Γ at a positive multiple of one half. */
function logGamma(at: number): number {
  let result = at % 1 === 0 ? 0 : 0.5 * Math.log(Math.PI);
  for (let factor = at - 1; factor > 0; factor--) result += Math.log(factor);
  return result;
}

/** The logarithm of the multivariate gamma function. */
function logMultivariateGamma(at: number, dimension: number): number {
  let result = 0.25 * dimension * (dimension - 1) * Math.log(Math.PI);
  for (let j = 0; j < dimension; j++) result += logGamma(at - 0.5 * j);
  return result;
}

/**
 * The logarithm of the posterior probability of a Gaussian mixture, given points.
 * @differentiable grad wrt mixture
 */
export function logPosterior(mixture: Mixture, points: Float64Array[], dimension: number, prior: Prior): number {
  const { alpha, mu, q, l } = mixture;
  const diagonals = q.map((logarithms) => logarithms.map((value) => Math.exp(value)));
  const logDeterminants = q.map((logarithms) => logarithms.reduce((sum, value) => sum + value, 0));

  let result = -points.length * (0.5 * dimension * Math.log(2 * Math.PI) + logSumExp(alpha));
  for (const point of points) {
    const terms = alpha.map((weight, k) => {
      const transformed = transform(diagonals[k]!, l[k]!, difference(point, mu[k]!, dimension), dimension);
      return weight + logDeterminants[k]! - 0.5 * squaredNorm(transformed);
    });
    result += logSumExp(terms);
  }

  const freedom = dimension + prior.m + 1;
  const constant =
    freedom * dimension * Math.log(prior.gamma / Math.SQRT2) - logMultivariateGamma(0.5 * freedom, dimension);
  for (let k = 0; k < alpha.length; k++) {
    const frobenius = squaredNorm(diagonals[k]!) + squaredNorm(l[k]!);
    result += constant - 0.5 * prior.gamma ** 2 * frobenius + prior.m * logDeterminants[k]!;
  }
  return result;
}
