/** Value and gradient by hand: the exponentials wait in the gradient for their sum. */
export function valueAndGradLogSumExp(xs: Float64Array): { value: number; grad: Float64Array } {
  const n = xs.length;
  const grad = new Float64Array(n);
  let largest = -Infinity;
  for (let i = 0; i < n; i++) {
    const x = xs[i]!;
    if (x > largest) largest = x;
  }
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const share = Math.exp(xs[i]! - largest);
    grad[i] = share;
    sum += share;
  }
  const scale = 1 / sum;
  for (let i = 0; i < n; i++) grad[i] = scale * grad[i]!;
  return { value: largest + Math.log(sum), grad };
}
