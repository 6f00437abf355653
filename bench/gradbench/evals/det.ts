/**
 * The determinant of a square matrix, given by rows: expanded by minors all the way down, which is a sum over all
 * permutations. Permutations are counted; each is read off its number, a digit for each row.
 * @differentiable grad wrt a
 */
export function determinant(a: Float64Array, size: number): number {
  let count = 1;
  for (let i = 2; i <= size; i++) count *= i;
  const columns = new Int32Array(size);
  let sum = 0;
  for (let permutation = 0; permutation < count; permutation++) {
    for (let i = 0; i < size; i++) columns[i] = i;
    let digits = permutation;
    let sign = 1;
    let product = 1;
    for (let row = 0; row < size; row++) {
      const left = size - row;
      const chosen = row + (digits % left);
      digits = Math.trunc(digits / left);
      product *= a[row * size + columns[chosen]!]!;
      if (chosen !== row) sign = -sign;
      columns[chosen] = columns[row]!;
    }
    sum += sign * product;
  }
  return sum;
}
