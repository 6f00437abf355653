/**
 * Value and gradient by hand, the value bit for bit. The gradient is the inverse, with the off-diagonal entries twice since
 * only one triangle is read. It comes from its last row to the first, each entry by one sum over a column of the factor,
 * which is kept above the diagonal as a row.
 */
export function valueAndGradCholeskyLogDeterminant(
  matrix: Float64Array,
  n: number,
): { value: number; grad: Float64Array } {
  const factor = new Float64Array(n * n);
  let logDeterminant = 0;
  for (let i = 0; i < n; i++) {
    const row = i * n;
    let pivot = matrix[row + i]!;
    for (let j = 0; j < i; j++) {
      const other = j * n;
      let sum = matrix[row + j]!;
      for (let k = 0; k < j; k++) sum -= factor[row + k]! * factor[other + k]!;
      const entry = sum / factor[other + j]!;
      factor[row + j] = entry;
      factor[other + i] = entry;
      pivot -= entry * entry;
    }
    const diagonal = Math.sqrt(pivot);
    factor[row + i] = diagonal;
    logDeterminant += 2 * Math.log(diagonal);
  }

  const inverse = new Float64Array(n * n); // whole, so that the sums read rows
  const grad = new Float64Array(n * n);
  for (let j = n - 1; j >= 0; j--) {
    const own = j * n;
    const reciprocal = 1 / factor[own + j]!;
    let pivot = reciprocal;
    for (let i = j + 1; i < n; i++) {
      const row = i * n;
      let sum = 0;
      for (let k = j + 1; k < n; k++) sum -= factor[own + k]! * inverse[row + k]!;
      const entry = sum * reciprocal;
      inverse[own + i] = entry;
      grad[row + j] = 2 * entry;
      pivot -= factor[own + i]! * entry;
    }
    for (let i = j + 1; i < n; i++) inverse[i * n + j] = inverse[own + i]!;
    inverse[own + j] = pivot * reciprocal;
    grad[own + j] = pivot * reciprocal;
  }
  return { value: logDeterminant, grad };
}
