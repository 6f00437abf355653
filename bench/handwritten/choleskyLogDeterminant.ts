/**
 * Value and gradient by hand. The gradient is the inverse, with the off-diagonal entries twice since
 * only one triangle is read: the products of the columns of the factor's inverse, which are stored as rows. All sums are
 * taken four at a time, of two rows and two others; an odd size gets one more row and column, those of the identity.
 */
export function valueAndGradCholeskyLogDeterminant(
  matrix: Float64Array,
  n: number,
): { value: number; grad: Float64Array } {
  const size = n + (n & 1);
  const factor = size === n ? matrix.slice() : enlarged(matrix, n);
  const reciprocals = new Float64Array(size); // of the diagonal
  let logDeterminant = 0;
  for (let i = 0; i < size; i += 2) {
    const row0 = i * size;
    const row1 = row0 + size;
    let pivot0 = factor[row0 + i]!;
    let corner = factor[row1 + i]!;
    let pivot1 = factor[row1 + i + 1]!;
    for (let j = 0; j < i; j += 2) {
      const other0 = j * size;
      const other1 = other0 + size;
      let sum00 = factor[row0 + j]!;
      let sum01 = factor[row0 + j + 1]!;
      let sum10 = factor[row1 + j]!;
      let sum11 = factor[row1 + j + 1]!;
      for (let k = 0; k < j; k += 2) {
        const here0 = factor[row0 + k]!;
        const here1 = factor[row1 + k]!;
        const there0 = factor[other0 + k]!;
        const there1 = factor[other1 + k]!;
        sum00 -= here0 * there0;
        sum01 -= here0 * there1;
        sum10 -= here1 * there0;
        sum11 -= here1 * there1;
        const nextHere0 = factor[row0 + k + 1]!;
        const nextHere1 = factor[row1 + k + 1]!;
        const nextThere0 = factor[other0 + k + 1]!;
        const nextThere1 = factor[other1 + k + 1]!;
        sum00 -= nextHere0 * nextThere0;
        sum01 -= nextHere0 * nextThere1;
        sum10 -= nextHere1 * nextThere0;
        sum11 -= nextHere1 * nextThere1;
      }
      const below = factor[other1 + j]!;
      const reciprocal0 = reciprocals[j]!;
      const reciprocal1 = reciprocals[j + 1]!;
      const entry00 = sum00 * reciprocal0;
      const entry10 = sum10 * reciprocal0;
      const entry01 = (sum01 - entry00 * below) * reciprocal1;
      const entry11 = (sum11 - entry10 * below) * reciprocal1;
      factor[row0 + j] = entry00;
      factor[row0 + j + 1] = entry01;
      factor[row1 + j] = entry10;
      factor[row1 + j + 1] = entry11;
      pivot0 -= entry00 * entry00;
      pivot0 -= entry01 * entry01;
      corner -= entry10 * entry00;
      corner -= entry11 * entry01;
      pivot1 -= entry10 * entry10;
      pivot1 -= entry11 * entry11;
    }
    const reciprocal = 1 / Math.sqrt(pivot0);
    corner *= reciprocal;
    pivot1 -= corner * corner;
    factor[row1 + i] = corner;
    reciprocals[i] = reciprocal;
    reciprocals[i + 1] = 1 / Math.sqrt(pivot1);
    logDeterminant += Math.log(pivot0) + Math.log(pivot1);
  }

  const inverse = new Float64Array(size * size); // of the factor, by columns
  for (let j = 0; j < size; j += 2) {
    const column0 = j * size;
    const column1 = column0 + size;
    const first = reciprocals[j]!;
    const second = reciprocals[j + 1]!;
    inverse[column0 + j] = first;
    inverse[column0 + j + 1] = -factor[column1 + j]! * first * second;
    inverse[column1 + j + 1] = second;
    for (let i = j + 2; i < size; i += 2) {
      const row0 = i * size;
      const row1 = row0 + size;
      let sum00 = 0;
      let sum01 = 0;
      let sum10 = 0;
      let sum11 = 0;
      for (let k = j; k < i; k += 2) {
        const here0 = factor[row0 + k]!;
        const here1 = factor[row1 + k]!;
        const there0 = inverse[column0 + k]!;
        const there1 = inverse[column1 + k]!;
        sum00 += here0 * there0;
        sum01 += here0 * there1;
        sum10 += here1 * there0;
        sum11 += here1 * there1;
        const nextHere0 = factor[row0 + k + 1]!;
        const nextHere1 = factor[row1 + k + 1]!;
        const nextThere0 = inverse[column0 + k + 1]!;
        const nextThere1 = inverse[column1 + k + 1]!;
        sum00 += nextHere0 * nextThere0;
        sum01 += nextHere0 * nextThere1;
        sum10 += nextHere1 * nextThere0;
        sum11 += nextHere1 * nextThere1;
      }
      const reciprocal0 = -reciprocals[i]!;
      const reciprocal1 = -reciprocals[i + 1]!;
      const corner = factor[row1 + i]!;
      const entry00 = sum00 * reciprocal0;
      const entry01 = sum01 * reciprocal0;
      inverse[column0 + i] = entry00;
      inverse[column1 + i] = entry01;
      inverse[column0 + i + 1] = (sum10 + corner * entry00) * reciprocal1;
      inverse[column1 + i + 1] = (sum11 + corner * entry01) * reciprocal1;
    }
  }

  const grad = new Float64Array(n * n);
  for (let j = 0; j < size; j += 2) {
    const column0 = j * size;
    const column1 = column0 + size;
    const isPair = j + 1 < n;
    for (let k = 0; k <= j; k += 2) {
      const other0 = k * size;
      const other1 = other0 + size;
      let sum00 = 0;
      let sum01 = 0;
      let sum10 = 0;
      let sum11 = 0;
      for (let i = j; i < size; i += 2) {
        const here0 = inverse[column0 + i]!;
        const here1 = inverse[column1 + i]!;
        const there0 = inverse[other0 + i]!;
        const there1 = inverse[other1 + i]!;
        sum00 += here0 * there0;
        sum01 += here0 * there1;
        sum10 += here1 * there0;
        sum11 += here1 * there1;
        const nextHere0 = inverse[column0 + i + 1]!;
        const nextHere1 = inverse[column1 + i + 1]!;
        const nextThere0 = inverse[other0 + i + 1]!;
        const nextThere1 = inverse[other1 + i + 1]!;
        sum00 += nextHere0 * nextThere0;
        sum01 += nextHere0 * nextThere1;
        sum10 += nextHere1 * nextThere0;
        sum11 += nextHere1 * nextThere1;
      }
      const to = j * n + k;
      if (k < j) {
        grad[to] = 2 * sum00;
        grad[to + 1] = 2 * sum01;
        if (isPair) {
          grad[to + n] = 2 * sum10;
          grad[to + n + 1] = 2 * sum11;
        }
      } else {
        grad[to] = sum00;
        if (isPair) {
          grad[to + n] = 2 * sum10;
          grad[to + n + 1] = sum11;
        }
      }
    }
  }
  return { value: logDeterminant, grad };
}

/** With one more row and column, those of the identity. */
function enlarged(matrix: Float64Array, n: number): Float64Array {
  const result = new Float64Array((n + 1) * (n + 1));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) result[i * (n + 1) + j] = matrix[i * n + j]!;
  }
  result[(n + 1) * (n + 1) - 1] = 1;
  return result;
}
