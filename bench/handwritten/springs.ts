/** Value and gradient by hand: the force of a spring is known where its energy is. */
export function valueAndGradSprings(
  xs: Float64Array,
  ys: Float64Array,
  edges: Int32Array,
  restLengths: Float64Array,
  stiffness: Float64Array,
  mass: number,
  gravity: number,
): { value: number; grad: [xs: Float64Array, ys: Float64Array] } {
  const xsBar = new Float64Array(xs.length);
  const ysBar = new Float64Array(ys.length);
  const weight = mass * gravity;
  let value = 0;
  for (let e = 0; e < restLengths.length; e++) {
    const a = edges[2 * e]!;
    const b = edges[2 * e + 1]!;
    const dx = xs[b]! - xs[a]!;
    const dy = ys[b]! - ys[a]!;
    const length = Math.sqrt(dx * dx + dy * dy);
    const stretch = length - restLengths[e]!;
    const pull = stiffness[e]! * stretch;
    value += 0.5 * pull * stretch;
    const forcePerLength = pull / length;
    const fx = forcePerLength * dx;
    const fy = forcePerLength * dy;
    xsBar[a] = xsBar[a]! - fx;
    xsBar[b] = xsBar[b]! + fx;
    ysBar[a] = ysBar[a]! - fy;
    ysBar[b] = ysBar[b]! + fy;
  }
  for (let i = 0; i < ys.length; i++) {
    value += weight * ys[i]!;
    ysBar[i] = ysBar[i]! + weight;
  }
  return { value, grad: [xsBar, ysBar] };
}
