/**
 * log(exp(xs[0]) + exp(xs[1]) + …), without overflow.
 * @differentiable valueAndGrad wrt xs
 */
export function logSumExp(xs: Float64Array): number {
  let largest = -Infinity;
  for (const x of xs) {
    if (x > largest) largest = x;
  }
  let sum = 0;
  for (const x of xs) sum += Math.exp(x - largest);
  return largest + Math.log(sum);
}
