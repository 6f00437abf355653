/**
 * Value and gradient by hand. The gradient is the inverse, with the off-diagonal entries twice since only one triangle
 * is read: the sum of the outer products of the rows of the factor's inverse. A row of that needs no later row of the
 * factor, so that nothing waits.
 */
export function valueAndGradCholeskyLogDeterminant(
  matrix: Float64Array,
  n: number,
): { value: number; grad: Float64Array } {
  const factor = new Float64Array(n * n);
  const inverse = new Float64Array(n * n);
  const reciprocals = new Float64Array(n); // of the diagonal
  const grad = new Float64Array(n * n);
  let logDeterminant = 0;
  for (let i = 0; i < n; i++) {
    const row = i * n;
    let pivot = matrix[row + i]!;
    for (let j = 0; j < i; j++) {
      const other = j * n;
      let sum = matrix[row + j]!;
      for (let k = 0; k < j; k++) sum -= factor[row + k]! * factor[other + k]!;
      const entry = sum * reciprocals[j]!;
      factor[row + j] = entry;
      pivot -= entry * entry;
    }
    logDeterminant += Math.log(pivot);
    const reciprocal = 1 / Math.sqrt(pivot);
    reciprocals[i] = reciprocal;

    for (let j = 0; j < i; j++) {
      const other = j * n;
      const weight = -reciprocal * factor[row + j]!;
      for (let k = 0; k <= j; k++) inverse[row + k] = inverse[row + k]! + weight * inverse[other + k]!;
    }
    inverse[row + i] = reciprocal;

    for (let j = 0; j <= i; j++) {
      const target = j * n;
      const weight = 2 * inverse[row + j]!;
      for (let k = 0; k <= j; k++) grad[target + k] = grad[target + k]! + weight * inverse[row + k]!;
    }
  }
  for (let i = 0; i < n * n; i += n + 1) grad[i] = 0.5 * grad[i]!;
  return { value: logDeterminant, grad };
}
