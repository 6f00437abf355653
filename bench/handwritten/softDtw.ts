const big = 2 ** 400;
const small = 2 ** -400;
const logBig = Math.log(big);
const upper = 2 ** 200;
const lower = 2 ** -200;
/** An adjoint so small that it is lost in the sums: those of a row of cells sum to 1 at least. */
const lost = 1e-40;

/**
 * Value and gradient by hand: instead of a cost, exp(−cost / gamma), which takes one exponential and no logarithm. It is
 * held as a number between `lower` and `upper` over a power of `big`, so that it cannot underflow. What each cell owes its
 * predecessors is kept.
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
  // Of the row above, then of this one.
  const row = new Float64Array(m + 1);
  const powers = new Int32Array(m + 1).fill(2 ** 30);
  row[0] = 1;
  powers[0] = 0;
  let next = 0;
  for (let i = 0; i < n; i++) {
    const x = xs[i]!;
    let diagonal = row[0]!;
    let diagonalPower = powers[0]!;
    let left = 0;
    let power = 2 ** 30;
    row[0] = 0;
    powers[0] = power;
    for (let j = 1; j <= m; j++) {
      const above = row[j]!;
      const abovePower = powers[j]!;
      let up = above;
      if (power !== abovePower || power !== diagonalPower) {
        const least = Math.min(power, abovePower, diagonalPower);
        if (power > least) left = power === least + 1 ? left * small : 0;
        if (abovePower > least) up = abovePower === least + 1 ? up * small : 0;
        if (diagonalPower > least) diagonal = diagonalPower === least + 1 ? diagonal * small : 0;
        power = least;
      }
      const sum = left + up + diagonal;
      const scale = 1 / sum;
      fromLeft[next] = left * scale;
      fromUp[next] = up * scale;
      next++;
      const difference = x - ys[j - 1]!;
      let decay = difference * difference * inverse;
      if (decay > logBig) {
        const whole = Math.floor(decay / logBig);
        decay -= whole * logBig;
        power += whole;
      }
      left = sum * Math.exp(-decay);
      if (left < lower) {
        left *= big;
        power++;
      } else if (left > upper) {
        left *= small;
        power--;
      }
      diagonal = above;
      diagonalPower = abovePower;
      row[j] = left;
      powers[j] = power;
    }
  }
  const value = gamma * (powers[m]! * logBig - Math.log(row[m]!));

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
