function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

function nearest(point: Float64Array, centroids: Float64Array[]): Float64Array {
  let best = centroids[0]!;
  let least = Infinity;
  for (const centroid of centroids) {
    const distance = squaredDistance(point, centroid);
    if (distance < least) {
      least = distance;
      best = centroid;
    }
  }
  return best;
}

/**
 * The sum over all points of the squared distance to the nearest centroid.
 * @differentiable hvp wrt centroids
 */
export function cost(points: Float64Array[], centroids: Float64Array[]): number {
  let sum = 0;
  for (const point of points) sum += squaredDistance(point, nearest(point, centroids));
  return sum;
}
