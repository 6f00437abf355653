/** Central differences extrapolated to step zero (Richardson); the best row of the table wins. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

/** The derivative at 0 of `f`. */
export function derivativeAtZero(f: (step: number) => number, start: number): Estimate {
  const ratio = 1.6;
  const table: number[][] = [];
  let best: Estimate = { value: NaN, error: Infinity };
  for (let i = 0; i < 12; i++) {
    const h = start / ratio ** i;
    const row = [(f(h) - f(-h)) / (2 * h)];
    let factor = ratio * ratio;
    for (let j = 1; j <= i; j++, factor *= ratio * ratio) {
      row.push((factor * row[j - 1]! - table[i - 1]![j - 1]!) / (factor - 1));
      const error = Math.max(Math.abs(row[j]! - row[j - 1]!), Math.abs(row[j]! - table[i - 1]![j - 1]!));
      if (error < best.error) best = { value: row[j]!, error };
    }
    table.push(row);
  }
  return best;
}
