function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function centred(values: readonly number[]): number[] {
  const middle = mean(values);
  return values.map((value) => value - middle);
}

function variance(values: readonly number[]): number {
  return mean(centred(values).map((deviation) => deviation ** 2));
}

function skewness(values: readonly number[]): number {
  return mean(centred(values).map((deviation) => deviation ** 3)) / variance(values) ** 1.5;
}

function correlation(xs: readonly number[], ys: readonly number[]): number {
  const deviations = centred(ys);
  const covariance = mean(centred(xs).map((deviation, i) => deviation * deviations[i]!));
  return covariance / Math.sqrt(variance(xs) * variance(ys));
}

/**
 * How far samples are from having mean 0, variance 1, skewness 0 and no correlation with others.
 * @differentiable valueAndGrad wrt xs, ys
 */
export function statistics(xs: readonly number[], ys: readonly number[]): number {
  return mean(xs) ** 2 + Math.log(variance(xs)) ** 2 + skewness(xs) ** 2 + correlation(xs, ys) ** 2;
}
