/** Value and gradient by hand, the value bit for bit: each residual is handed back along its row as soon as it is summed. */
export function valueAndGradLeastSquares(
  a: Float64Array,
  b: Float64Array,
  x: Float64Array,
): { value: number; grad: Float64Array } {
  const columns = x.length;
  const rows = b.length;
  const grad = new Float64Array(columns);
  let sum = 0;
  let row = 0;
  for (let i = 0; i < rows; i++) {
    let residual = -b[i]!;
    for (let j = 0; j < columns; j++) residual += a[row + j]! * x[j]!;
    for (let j = 0; j < columns; j++) grad[j] = grad[j]! + residual * a[row + j]!;
    sum += residual * residual;
    row += columns;
  }
  return { value: 0.5 * sum, grad };
}
