/** Value and gradient by hand: the moments in two passes; each gradient is a polynomial in the deviations. */
export function valueAndGradStatistics(
  xs: readonly number[],
  ys: readonly number[],
): { value: number; grad: [xs: number[], ys: number[]] } {
  const n = xs.length;
  // Two sums each, which need not wait for each other.
  let xSum = 0;
  let ySum = 0;
  let otherXSum = 0;
  let otherYSum = 0;
  let i = 0;
  for (; i + 1 < n; i += 2) {
    xSum += xs[i]!;
    ySum += ys[i]!;
    otherXSum += xs[i + 1]!;
    otherYSum += ys[i + 1]!;
  }
  if (i < n) {
    xSum += xs[i]!;
    ySum += ys[i]!;
  }
  const xMean = (xSum + otherXSum) / n;
  const yMean = (ySum + otherYSum) / n;
  let sumXX = 0;
  let sumYY = 0;
  let sumXY = 0;
  let sumXXX = 0;
  let otherXX = 0;
  let otherYY = 0;
  let otherXY = 0;
  let otherXXX = 0;
  for (i = 0; i + 1 < n; i += 2) {
    const x = xs[i]! - xMean;
    const y = ys[i]! - yMean;
    const otherX = xs[i + 1]! - xMean;
    const otherY = ys[i + 1]! - yMean;
    const squared = x * x;
    const otherSquared = otherX * otherX;
    sumXX += squared;
    sumYY += y * y;
    sumXY += x * y;
    sumXXX += squared * x;
    otherXX += otherSquared;
    otherYY += otherY * otherY;
    otherXY += otherX * otherY;
    otherXXX += otherSquared * otherX;
  }
  if (i < n) {
    const x = xs[i]! - xMean;
    const y = ys[i]! - yMean;
    sumXX += x * x;
    sumYY += y * y;
    sumXY += x * y;
    sumXXX += x * x * x;
  }
  sumXX += otherXX;
  sumYY += otherYY;
  sumXY += otherXY;
  sumXXX += otherXXX;
  const xVariance = sumXX / n;
  const yVariance = sumYY / n;
  const logVariance = Math.log(xVariance);
  const cubed = xVariance * Math.sqrt(xVariance);
  const skewness = sumXXX / n / cubed;
  const deviations = Math.sqrt(xVariance * yVariance);
  const correlation = sumXY / n / deviations;

  const cubesBar = (2 * skewness) / (n * cubed);
  const productsBar = (2 * correlation) / (n * deviations);
  const squaredCorrelation = correlation * correlation;
  const xVarianceBar = (2 * logVariance - 3 * skewness * skewness - squaredCorrelation) / xVariance;
  // Deviations sum to 0, so that of what reaches the mean only the mean itself and the squares of the skewness are left.
  const constant = (2 * xMean) / n - 3 * cubesBar * xVariance;
  const linear = (2 * xVarianceBar) / n;
  const quadratic = 3 * cubesBar;
  const yLinear = (-2 * squaredCorrelation) / (n * yVariance);
  const xsBar = new Array<number>(n);
  const ysBar = new Array<number>(n);
  for (let i = 0; i < n; i++) {
    const x = xs[i]! - xMean;
    const y = ys[i]! - yMean;
    xsBar[i] = constant + x * (linear + quadratic * x) + productsBar * y;
    ysBar[i] = yLinear * y + productsBar * x;
  }
  const value = xMean * xMean + logVariance * logVariance + skewness * skewness + squaredCorrelation;
  return { value, grad: [xsBar, ysBar] };
}
