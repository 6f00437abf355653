/**
 * Potential energy of particles of one mass that hang in a network of springs. `edges` holds pairs of particles.
 * @differentiable valueAndGrad wrt xs, ys
 */
export function springs(
  xs: Float64Array,
  ys: Float64Array,
  edges: Int32Array,
  restLengths: Float64Array,
  stiffness: Float64Array,
  mass: number,
  gravity: number,
): number {
  let energy = 0;
  for (let e = 0; e < restLengths.length; e++) {
    const a = edges[2 * e]!;
    const b = edges[2 * e + 1]!;
    const dx = xs[b]! - xs[a]!;
    const dy = ys[b]! - ys[a]!;
    const stretch = Math.sqrt(dx * dx + dy * dy) - restLengths[e]!;
    energy += 0.5 * stiffness[e]! * stretch * stretch;
  }
  for (let i = 0; i < ys.length; i++) energy += mass * gravity * ys[i]!;
  return energy;
}
