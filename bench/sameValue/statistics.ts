/**
 * Value and gradient by hand, the value bit for bit: the moments in two passes, whose cubes are powers as in the function;
 * each gradient is a polynomial in the deviations.
 */
export function valueAndGradStatistics(
  xs: readonly number[],
  ys: readonly number[],
): { value: number; grad: [xs: number[], ys: number[]] } {
  const n = xs.length;
  let xSum = 0;
  let ySum = 0;
  for (let i = 0; i < n; i++) {
    xSum += xs[i]!;
    ySum += ys[i]!;
  }
  const xMean = xSum / n;
  const yMean = ySum / n;
  let sumXX = 0;
  let sumYY = 0;
  let sumXY = 0;
  let sumXXX = 0;
  for (let i = 0; i < n; i++) {
    const x = xs[i]! - xMean;
    const y = ys[i]! - yMean;
    sumXX += x * x;
    sumYY += y * y;
    sumXY += x * y;
  }
  for (let i = 0; i < n; i++) sumXXX += (xs[i]! - xMean) ** 3;
  const xVariance = sumXX / n;
  const yVariance = sumYY / n;
  const logVariance = Math.log(xVariance);
  const cubed = xVariance ** 1.5;
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
