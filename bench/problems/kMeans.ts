/**
 * The sum over all points of the squared distance to the nearest of the centres, both of dimension d and row-major.
 * @differentiable valueAndGrad wrt centres
 */
export function kMeans(points: Float64Array, centres: Float64Array, d: number): number {
  const n = points.length / d;
  const k = centres.length / d;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    let nearest = Infinity;
    for (let c = 0; c < k; c++) {
      let squared = 0;
      for (let j = 0; j < d; j++) {
        const difference = points[i * d + j]! - centres[c * d + j]!;
        squared += difference * difference;
      }
      nearest = Math.min(nearest, squared);
    }
    sum += nearest;
  }
  return sum;
}
