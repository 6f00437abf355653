/** Columns with mean 0 and variance 1, and the way back. */
export interface Standardised {
  readonly points: Float64Array[];
  readonly toOriginal: (point: Float64Array) => number[];
}

export function standardise(rows: readonly (readonly number[])[]): Standardised {
  const columns = rows[0]!.map((_, j) => rows.map((row) => row[j]!));
  const means = columns.map(mean);
  const deviations = columns.map((column, j) => Math.sqrt(mean(column.map((value) => (value - means[j]!) ** 2))));
  return {
    points: rows.map((row) => Float64Array.from(row, (value, j) => (value - means[j]!) / deviations[j]!)),
    toOriginal: (point) => Array.from(point, (value, j) => means[j]! + deviations[j]! * value),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
