/**
 * Value and gradient by hand, the value bit for bit: only the nearest centre of a point hears of it, so that where that is
 * is kept. Centres lie behind each other and are read by one index that runs on.
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
    const end = point + d;
    let least = Infinity;
    let behindNearest = d;
    let at = 0;
    while (at < size) {
      let squared = 0;
      for (let i = point; i < end; i++) {
        const difference = points[i]! - centres[at]!;
        squared += difference * difference;
        at++;
      }
      if (squared < least) {
        least = squared;
        behindNearest = at;
      }
    }
    sum += least;
    at = behindNearest - d;
    for (let i = point; i < end; i++) {
      grad[at] = grad[at]! - 2 * (points[i]! - centres[at]!);
      at++;
    }
  }
  return { value: sum, grad };
}
