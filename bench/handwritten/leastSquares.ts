/** Value and gradient by hand: four rows at a time, so that their sums need not wait for each other. */
export function valueAndGradLeastSquares(
  a: Float64Array,
  b: Float64Array,
  x: Float64Array,
): { value: number; grad: Float64Array } {
  const columns = x.length;
  const rows = b.length;
  const grad = new Float64Array(columns);
  let sum = 0;
  let i = 0;
  for (; i + 3 < rows; i += 4) {
    const row0 = i * columns;
    const row1 = row0 + columns;
    const row2 = row1 + columns;
    const row3 = row2 + columns;
    let residual0 = -b[i]!;
    let residual1 = -b[i + 1]!;
    let residual2 = -b[i + 2]!;
    let residual3 = -b[i + 3]!;
    for (let j = 0; j < columns; j++) {
      const at = x[j]!;
      residual0 += a[row0 + j]! * at;
      residual1 += a[row1 + j]! * at;
      residual2 += a[row2 + j]! * at;
      residual3 += a[row3 + j]! * at;
    }
    sum += residual0 * residual0 + residual1 * residual1 + residual2 * residual2 + residual3 * residual3;
    for (let j = 0; j < columns; j++) {
      grad[j] =
        grad[j]! +
        (residual0 * a[row0 + j]! + residual1 * a[row1 + j]! + (residual2 * a[row2 + j]! + residual3 * a[row3 + j]!));
    }
  }
  for (; i < rows; i++) {
    const row = i * columns;
    let residual = -b[i]!;
    for (let j = 0; j < columns; j++) residual += a[row + j]! * x[j]!;
    sum += residual * residual;
    for (let j = 0; j < columns; j++) grad[j] = grad[j]! + residual * a[row + j]!;
  }
  return { value: 0.5 * sum, grad };
}
