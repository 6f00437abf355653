/** An adjoint so small that it is lost in the sums: those of a row of cells sum to 1 at least. */
const lost = 1e-40;

/**
 * Value and gradient by hand, the value bit for bit. The first sweep goes by diagonals, whose cells need not wait for each
 * other's logarithms. Of the three exponentials of a cell that of the least cost is 1, and those of the others are only
 * taken where they are not lost in the sum. What each cell owes its predecessors is kept.
 */
export function valueAndGradSoftDtw(
  xs: Float64Array,
  ys: Float64Array,
  gamma: number,
): { value: number; grad: Float64Array } {
  const n = xs.length;
  const m = ys.length;
  const fromLeft = new Float64Array(n * m);
  const fromUp = new Float64Array(n * m);
  // By row, on the last diagonal, the one before it and this one, behind a border.
  let costs = new Float64Array(n + 1).fill(Infinity);
  let before = new Float64Array(n + 1).fill(Infinity);
  let current = new Float64Array(n + 1).fill(Infinity);
  before[0] = 0;
  for (let d = 0; d < n + m - 1; d++) {
    const end = Math.min(n, d + 1);
    // At first there is one row more each time; later, the columns end.
    for (let i = Math.max(0, d + 1 - m); i < end; i++) {
      const j = d - i;
      const left = costs[i + 1]!;
      const up = costs[i]!;
      const diagonal = before[i]!;
      // The sums are in the order of the function. What is below exp(−40) is lost in 1.
      let least = 0;
      let expLeft = 1;
      let expUp = 1;
      let sum = 1;
      if (left <= up && left <= diagonal) {
        least = left;
        const byUp = (left - up) / gamma;
        const byDiagonal = (left - diagonal) / gamma;
        expUp = byUp < -40 ? 0 : Math.exp(byUp);
        sum = 1 + expUp;
        if (!(byDiagonal < -40)) sum += Math.exp(byDiagonal);
      } else if (up <= diagonal) {
        least = up;
        const byLeft = (up - left) / gamma;
        const byDiagonal = (up - diagonal) / gamma;
        expLeft = byLeft < -40 ? 0 : Math.exp(byLeft);
        sum = expLeft + 1;
        if (!(byDiagonal < -40)) sum += Math.exp(byDiagonal);
      } else {
        least = diagonal;
        const byLeft = (diagonal - left) / gamma;
        const byUp = (diagonal - up) / gamma;
        if (byLeft < -40 && byUp < -40) {
          expLeft = 0;
          expUp = 0;
        } else {
          expLeft = Math.exp(byLeft);
          expUp = Math.exp(byUp);
          sum = expLeft + expUp + 1;
        }
      }
      const difference = xs[i]! - ys[j]!;
      const squared = difference * difference;
      if (sum === 1) current[i + 1] = squared + least;
      else {
        current[i + 1] = squared + (least - gamma * Math.log(sum));
        const scale = 1 / sum;
        expLeft *= scale;
        expUp *= scale;
      }
      const at = i * m + j;
      fromLeft[at] = expLeft;
      fromUp[at] = expUp;
    }
    before[0] = Infinity;
    const free = before;
    before = costs;
    costs = current;
    current = free;
  }
  const value = n + m === 0 ? 0 : costs[n]!;

  const grad = new Float64Array(n);
  const row = new Float64Array(m + 1); // adjoints of the costs of this row, then of the one above
  row[m] = 1;
  let next = n * m;
  for (let i = n - 1; i >= 0; i--) {
    const x = xs[i]!;
    let sum = 0;
    let left = 0;
    let diagonal = 0;
    for (let j = m; j > 0; j--) {
      next--;
      const bar = row[j]! + left;
      if (bar < lost) {
        row[j] = diagonal;
        left = 0;
        diagonal = 0;
        continue;
      }
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
