/**
 * Value and gradient by hand: only the nearest centre of a point hears of it. Four centres at a time, whose sums need not
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
    for (; centre + 3 * d < size; centre += 4 * d) {
      const second = centre + d;
      const third = second + d;
      const fourth = third + d;
      let squared = 0;
      let secondSquared = 0;
      let thirdSquared = 0;
      let fourthSquared = 0;
      for (let j = 0; j < d; j++) {
        const x = points[point + j]!;
        const difference = x - centres[centre + j]!;
        const secondDifference = x - centres[second + j]!;
        const thirdDifference = x - centres[third + j]!;
        const fourthDifference = x - centres[fourth + j]!;
        squared += difference * difference;
        secondSquared += secondDifference * secondDifference;
        thirdSquared += thirdDifference * thirdDifference;
        fourthSquared += fourthDifference * fourthDifference;
      }
      if (squared < least) {
        least = squared;
        nearest = centre;
      }
      if (secondSquared < least) {
        least = secondSquared;
        nearest = second;
      }
      if (thirdSquared < least) {
        least = thirdSquared;
        nearest = third;
      }
      if (fourthSquared < least) {
        least = fourthSquared;
        nearest = fourth;
      }
    }
    for (; centre < size; centre += d) {
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
