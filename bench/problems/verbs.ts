/** Functions for the benches of the verbs. */

/**
 * A polynomial of any degree against samples: the sum of the squares of its misfits.
 *
 * @differentiable valueAndGrad, vjp, jvp, hvp, hessian, into wrt weights
 */
export function polynomialFit(weights: Float64Array, xs: Float64Array, ys: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < xs.length; i++) {
    let value = 0;
    for (let k = weights.length - 1; k >= 0; k--) value = value * xs[i]! + weights[k]!;
    const misfit = value - ys[i]!;
    sum += misfit * misfit;
  }
  return sum;
}

export interface Triangle {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly c: readonly [number, number];
}

/**
 * How far a triangle's angles are from what a sketch asks for, with springs on its sides.
 *
 * @differentiable valueAndGrad, hessian, hvp, into wrt triangle
 */
export function sketchEnergy(triangle: Triangle, side: number): number {
  const { a, b, c } = triangle;
  const [abx, aby, acx, acy] = [b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1]];
  const [ab, ac] = [Math.hypot(abx, aby), Math.hypot(acx, acy)];
  const bc = Math.hypot(c[0] - b[0], c[1] - b[1]);
  const cosine = (abx * acx + aby * acy) / (ab * ac);
  return (ab - side) ** 2 + (ac - side) ** 2 + 0.5 * (bc - side) ** 2 + 4 * (cosine - 0.5) ** 2;
}

/**
 * Where the hand of an arm with three joints is.
 *
 * @differentiable jvp, jacobian, into wrt angles
 */
export function armHand(
  angles: readonly [number, number, number],
  lengths: readonly [number, number, number],
): [x: number, y: number] {
  const first = angles[0];
  const second = first + angles[1];
  const third = second + angles[2];
  return [
    lengths[0] * Math.cos(first) + lengths[1] * Math.cos(second) + lengths[2] * Math.cos(third),
    lengths[0] * Math.sin(first) + lengths[1] * Math.sin(second) + lengths[2] * Math.sin(third),
  ];
}

/**
 * A sum of decays against samples, for least squares.
 *
 * @differentiable jvp, jacobian, into wrt parameters
 */
export function decayMisfits(parameters: Float64Array, times: Float64Array, values: Float64Array): Float64Array {
  const misfits = new Float64Array(times.length);
  for (let i = 0; i < times.length; i++) {
    let sum = -values[i]!;
    for (let k = 0; k + 1 < parameters.length; k += 2)
      sum += parameters[k]! * Math.exp(-parameters[k + 1]! * times[i]!);
    misfits[i] = sum;
  }
  return misfits;
}

/**
 * Bratu's problem u'' + λ exp(u) = 0 on a line, discretised: as many equations as unknowns.
 *
 * @differentiable jvp, jacobian wrt u
 */
export function bratu(u: Float64Array, lambda: number): Float64Array {
  const n = u.length;
  const h = 1 / (n + 1);
  const residuals = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const left = i > 0 ? u[i - 1]! : 0;
    const right = i + 1 < n ? u[i + 1]! : 0;
    residuals[i] = left - 2 * u[i]! + right + lambda * h * h * Math.exp(u[i]!);
  }
  return residuals;
}
