/**
 * How far a rod's temperature is from a target after some explicit steps of the heat equation. The cells have width 1,
 * and the ends are held.
 * @differentiable valueAndGrad wrt initial, conductivity
 */
export function heatEquation(
  initial: Float64Array,
  conductivity: number,
  target: Float64Array,
  dt: number,
  steps: number,
): number {
  const u = initial.slice();
  const rate = conductivity * dt;
  for (let step = 0; step < steps; step++) {
    let left = u[0]!;
    for (let i = 1; i < u.length - 1; i++) {
      const here = u[i]!;
      u[i] = here + rate * (left - 2 * here + u[i + 1]!);
      left = here;
    }
  }
  let misfit = 0;
  for (let i = 0; i < u.length; i++) misfit += (u[i]! - target[i]!) ** 2;
  return misfit;
}
