/**
 * Value and gradient by hand. The gradient is the inverse, with the off-diagonal entries twice since only one triangle
 * is read: the sum of the outer products of the rows of the factor's inverse. A row of that needs no later row of the
 * factor, so that all goes in one sweep, two rows at a time.
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
  for (let i = 0; i < n; i += 2) {
    // Behind an odd number of rows the last is taken twice, and the second time left out.
    const isPair = i + 1 < n;
    const row = i * n;
    const second = isPair ? row + n : row;
    let pivot = matrix[row + i]!;
    let secondPivot = isPair ? matrix[second + i + 1]! : 1;
    for (let j = 0; j < i; j++) {
      const other = j * n;
      let sum = matrix[row + j]!;
      let secondSum = matrix[second + j]!;
      for (let k = 0; k < j; k++) {
        const factorThere = factor[other + k]!;
        sum -= factor[row + k]! * factorThere;
        secondSum -= factor[second + k]! * factorThere;
      }
      const reciprocal = reciprocals[j]!;
      const entry = sum * reciprocal;
      const secondEntry = secondSum * reciprocal;
      factor[row + j] = entry;
      factor[second + j] = secondEntry;
      pivot -= entry * entry;
      secondPivot -= secondEntry * secondEntry;
    }
    logDeterminant += Math.log(pivot);
    const reciprocal = 1 / Math.sqrt(pivot);
    reciprocals[i] = reciprocal;
    if (!isPair) {
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
      break;
    }

    let corner = matrix[second + i]!;
    for (let k = 0; k < i; k++) corner -= factor[row + k]! * factor[second + k]!;
    corner *= reciprocal;
    factor[second + i] = corner;
    secondPivot -= corner * corner;
    logDeterminant += Math.log(secondPivot);
    const secondReciprocal = 1 / Math.sqrt(secondPivot);
    reciprocals[i + 1] = secondReciprocal;

    // Rows j and j + 1 of the inverse into both rows.
    for (let j = 0; j < i; j += 2) {
      const other = j * n;
      const next = other + n;
      const a = factor[row + j]!;
      const b = factor[row + j + 1]!;
      const c = factor[second + j]!;
      const d = factor[second + j + 1]!;
      for (let k = 0; k <= j + 1; k++) {
        const x = inverse[other + k]!;
        const y = inverse[next + k]!;
        inverse[row + k] = inverse[row + k]! - (a * x + b * y);
        inverse[second + k] = inverse[second + k]! - (c * x + d * y);
      }
    }
    for (let k = 0; k < i; k++) {
      const entry = reciprocal * inverse[row + k]!;
      inverse[row + k] = entry;
      inverse[second + k] = secondReciprocal * (inverse[second + k]! - corner * entry);
    }
    inverse[row + i] = reciprocal;
    inverse[second + i] = -secondReciprocal * corner * reciprocal;
    inverse[second + i + 1] = secondReciprocal;

    for (let j = 0; j <= i + 1; j++) {
      const target = j * n;
      const weight = 2 * inverse[row + j]!;
      const secondWeight = 2 * inverse[second + j]!;
      for (let k = 0; k <= j; k++) {
        grad[target + k] = grad[target + k]! + (weight * inverse[row + k]! + secondWeight * inverse[second + k]!);
      }
    }
  }
  for (let i = 0; i < n * n; i += n + 1) grad[i] = 0.5 * grad[i]!;
  return { value: logDeterminant, grad };
}
