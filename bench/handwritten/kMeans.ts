/**
 * Value and gradient by hand: only the nearest centre of a point hears of it. Two points and four centres at a time, whose
 * sums need not wait for each other.
 */
export function valueAndGradKMeans(
  points: Float64Array,
  centres: Float64Array,
  d: number,
): { value: number; grad: Float64Array } {
  const size = centres.length;
  const k = size / d;
  const grad = new Float64Array(size);
  let sum = 0;
  for (let point = 0; point < points.length; point += 2 * d) {
    // Behind an odd number of points the last is taken twice, and the second time left out.
    const isPair = point + d < points.length;
    const second = isPair ? point + d : point;
    let least = Infinity;
    let secondLeast = Infinity;
    let nearest = 0;
    let secondNearest = 0;
    let c = 0;
    for (; c + 3 < k; c += 4) {
      const centre0 = c * d;
      const centre1 = centre0 + d;
      const centre2 = centre1 + d;
      const centre3 = centre2 + d;
      let squared0 = 0;
      let squared1 = 0;
      let squared2 = 0;
      let squared3 = 0;
      let secondSquared0 = 0;
      let secondSquared1 = 0;
      let secondSquared2 = 0;
      let secondSquared3 = 0;
      for (let j = 0; j < d; j++) {
        const x = points[point + j]!;
        const secondX = points[second + j]!;
        const at0 = centres[centre0 + j]!;
        const at1 = centres[centre1 + j]!;
        const at2 = centres[centre2 + j]!;
        const at3 = centres[centre3 + j]!;
        const difference0 = x - at0;
        squared0 += difference0 * difference0;
        const difference1 = x - at1;
        squared1 += difference1 * difference1;
        const difference2 = x - at2;
        squared2 += difference2 * difference2;
        const difference3 = x - at3;
        squared3 += difference3 * difference3;
        const secondDifference0 = secondX - at0;
        secondSquared0 += secondDifference0 * secondDifference0;
        const secondDifference1 = secondX - at1;
        secondSquared1 += secondDifference1 * secondDifference1;
        const secondDifference2 = secondX - at2;
        secondSquared2 += secondDifference2 * secondDifference2;
        const secondDifference3 = secondX - at3;
        secondSquared3 += secondDifference3 * secondDifference3;
      }
      if (squared0 < least) {
        least = squared0;
        nearest = centre0;
      }
      if (squared1 < least) {
        least = squared1;
        nearest = centre1;
      }
      if (squared2 < least) {
        least = squared2;
        nearest = centre2;
      }
      if (squared3 < least) {
        least = squared3;
        nearest = centre3;
      }
      if (secondSquared0 < secondLeast) {
        secondLeast = secondSquared0;
        secondNearest = centre0;
      }
      if (secondSquared1 < secondLeast) {
        secondLeast = secondSquared1;
        secondNearest = centre1;
      }
      if (secondSquared2 < secondLeast) {
        secondLeast = secondSquared2;
        secondNearest = centre2;
      }
      if (secondSquared3 < secondLeast) {
        secondLeast = secondSquared3;
        secondNearest = centre3;
      }
    }
    for (; c < k; c++) {
      const centre = c * d;
      let squared = 0;
      let secondSquared = 0;
      for (let j = 0; j < d; j++) {
        const at = centres[centre + j]!;
        const difference = points[point + j]! - at;
        const secondDifference = points[second + j]! - at;
        squared += difference * difference;
        secondSquared += secondDifference * secondDifference;
      }
      if (squared < least) {
        least = squared;
        nearest = centre;
      }
      if (secondSquared < secondLeast) {
        secondLeast = secondSquared;
        secondNearest = centre;
      }
    }
    sum += least;
    for (let j = 0; j < d; j++) {
      grad[nearest + j] = grad[nearest + j]! - 2 * (points[point + j]! - centres[nearest + j]!);
    }
    if (!isPair) break;
    sum += secondLeast;
    for (let j = 0; j < d; j++) {
      grad[secondNearest + j] = grad[secondNearest + j]! - 2 * (points[second + j]! - centres[secondNearest + j]!);
    }
  }
  return { value: sum, grad };
}
