/**
 * Value and gradient by hand: eight rows at a time, whose sums need not wait for each other.
 */
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
  for (; i + 7 < rows; i += 8) {
    const row0 = i * columns;
    const row1 = row0 + columns;
    const row2 = row1 + columns;
    const row3 = row2 + columns;
    const row4 = row3 + columns;
    const row5 = row4 + columns;
    const row6 = row5 + columns;
    const row7 = row6 + columns;
    let residual0 = -b[i + 0]!;
    let residual1 = -b[i + 1]!;
    let residual2 = -b[i + 2]!;
    let residual3 = -b[i + 3]!;
    let residual4 = -b[i + 4]!;
    let residual5 = -b[i + 5]!;
    let residual6 = -b[i + 6]!;
    let residual7 = -b[i + 7]!;
    for (let j = 0; j < columns; j++) {
      const at = x[j]!;
      residual0 += a[row0 + j]! * at;
      residual1 += a[row1 + j]! * at;
      residual2 += a[row2 + j]! * at;
      residual3 += a[row3 + j]! * at;
      residual4 += a[row4 + j]! * at;
      residual5 += a[row5 + j]! * at;
      residual6 += a[row6 + j]! * at;
      residual7 += a[row7 + j]! * at;
    }
    sum += residual0 * residual0;
    sum += residual1 * residual1;
    sum += residual2 * residual2;
    sum += residual3 * residual3;
    sum += residual4 * residual4;
    sum += residual5 * residual5;
    sum += residual6 * residual6;
    sum += residual7 * residual7;
    for (let j = 0; j < columns; j++) {
      grad[j] =
        grad[j]! +
        (residual0 * a[row0 + j]! +
          residual1 * a[row1 + j]! +
          (residual2 * a[row2 + j]! + residual3 * a[row3 + j]!) +
          (residual4 * a[row4 + j]! + residual5 * a[row5 + j]!) +
          (residual6 * a[row6 + j]! + residual7 * a[row7 + j]!));
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
