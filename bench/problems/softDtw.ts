/** The least of three numbers, smoothed. */
function softMin(a: number, b: number, c: number, gamma: number): number {
  const least = Math.min(a, b, c);
  const sum = Math.exp((least - a) / gamma) + Math.exp((least - b) / gamma) + Math.exp((least - c) / gamma);
  return least - gamma * Math.log(sum);
}

/**
 * Soft dynamic time warping: the smoothed cost of the best alignment of two series.
 * @differentiable valueAndGrad wrt xs
 */
export function softDtw(xs: Float64Array, ys: Float64Array, gamma: number): number {
  const columns = ys.length + 1;
  const costs = new Float64Array((xs.length + 1) * columns).fill(Infinity);
  costs[0] = 0;
  for (let i = 1; i <= xs.length; i++) {
    for (let j = 1; j <= ys.length; j++) {
      const difference = xs[i - 1]! - ys[j - 1]!;
      const here = i * columns + j;
      costs[here] =
        difference * difference + softMin(costs[here - 1]!, costs[here - columns]!, costs[here - columns - 1]!, gamma);
    }
  }
  return costs[costs.length - 1]!;
}
