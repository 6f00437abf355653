/**
 * Value and gradient by hand: only the nearest centre of a point hears of it. Two centres at a time, whose sums need not
 * wait for each other.
 */
export function valueAndGradKMeans(
  points: Float64Array,
  centres: Float64Array,
  d: number,
): { value: number; grad: Float64Array } {
  const size = centres.length;
  const grad = new Float64Array(size);
  let sum = 0;
  for (let point = 0; point < points.length; point += d) {
    let least = Infinity;
    let nearest = 0;
    let centre = 0;
    for (; centre + d < size; centre += 2 * d) {
      const other = centre + d;
      let squared = 0;
      let otherSquared = 0;
      for (let j = 0; j < d; j++) {
        const x = points[point + j]!;
        const difference = x - centres[centre + j]!;
        const otherDifference = x - centres[other + j]!;
        squared += difference * difference;
        otherSquared += otherDifference * otherDifference;
      }
      if (squared < least) {
        least = squared;
        nearest = centre;
      }
      if (otherSquared < least) {
        least = otherSquared;
        nearest = other;
      }
    }
    if (centre < size) {
      let squared = 0;
      for (let j = 0; j < d; j++) {
        const difference = points[point + j]! - centres[centre + j]!;
        squared += difference * difference;
      }
      if (squared < least) {
        least = squared;
        nearest = centre;
      }
    }
    sum += least;
    for (let j = 0; j < d; j++) {
      grad[nearest + j] = grad[nearest + j]! - 2 * (points[point + j]! - centres[nearest + j]!);
    }
  }
  return { value: sum, grad };
}
