/**
 * Value and gradient by hand: what each cell owes its predecessors is kept. The exponential of the least of the three
 * is 1.
 */
export function valueAndGradSoftDtw(
  xs: Float64Array,
  ys: Float64Array,
  gamma: number,
): { value: number; grad: Float64Array } {
  const n = xs.length;
  const m = ys.length;
  const inverse = 1 / gamma;
  const fromLeft = new Float64Array(n * m);
  const fromUp = new Float64Array(n * m);
  const row = new Float64Array(m + 1).fill(Infinity); // the costs of the row above, then of this one
  row[0] = 0;
  let next = 0;
  for (let i = 0; i < n; i++) {
    const x = xs[i]!;
    let diagonal = row[0]!;
    let left = Infinity;
    row[0] = Infinity;
    for (let j = 1; j <= m; j++) {
      const up = row[j]!;
      const difference = x - ys[j - 1]!;
      let least = diagonal;
      let leftShare = 1;
      let upShare = 1;
      let diagonalShare = 1;
      if (left < least && left <= up) {
        least = left;
        upShare = Math.exp((left - up) * inverse);
        diagonalShare = Math.exp((left - diagonal) * inverse);
      } else if (up < least) {
        least = up;
        leftShare = Math.exp((up - left) * inverse);
        diagonalShare = Math.exp((up - diagonal) * inverse);
      } else {
        leftShare = Math.exp((diagonal - left) * inverse);
        upShare = Math.exp((diagonal - up) * inverse);
      }
      const sum = leftShare + upShare + diagonalShare;
      const scale = 1 / sum;
      fromLeft[next] = leftShare * scale;
      fromUp[next] = upShare * scale;
      left = difference * difference + (least - gamma * Math.log(sum));
      row[j] = left;
      diagonal = up;
      next++;
    }
  }
  const value = row[m]!;

  const grad = new Float64Array(n);
  row.fill(0); // adjoints of the costs of this row, then of the one above
  row[m] = 1;
  for (let i = n - 1; i >= 0; i--) {
    const x = xs[i]!;
    let sum = 0;
    let left = 0;
    let diagonal = 0;
    for (let j = m; j > 0; j--) {
      next--;
      const bar = row[j]! + left;
      const up = bar * fromUp[next]!;
      left = bar * fromLeft[next]!;
      row[j] = up + diagonal;
      diagonal = bar - left - up;
      sum += bar * (x - ys[j - 1]!);
    }
    grad[i] = 2 * sum;
  }
  return { value, grad };
}
