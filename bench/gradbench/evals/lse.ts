/**
 * log(exp(values[0]) + exp(values[1]) + …), without overflow.
 * @differentiable grad
 */
export function logSumExp(values: Float64Array): number {
  let largest = values[0]!;
  for (const value of values) largest = Math.max(largest, value);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}
