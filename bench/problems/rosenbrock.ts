/**
 * Rosenbrock's valley in any number of dimensions.
 * @differentiable valueAndGrad wrt x
 */
export function rosenbrock(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length - 1; i++) {
    const rise = x[i + 1]! - x[i]! * x[i]!;
    const rest = 1 - x[i]!;
    sum += 100 * rise * rise + rest * rest;
  }
  return sum;
}
