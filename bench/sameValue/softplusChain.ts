/** Value and gradient by hand, the value bit for bit: one loop. */
export function valueAndGradSoftplusChain(
  xs: Float64Array,
  ys: Float64Array,
  slope: number,
  offset: number,
): { value: number; grad: [xs: Float64Array, slope: number, offset: number] } {
  const n = xs.length;
  const xsBar = new Float64Array(n);
  let sum = 0;
  let slopeBar = 0;
  let offsetBar = 0;
  for (let i = 0; i < n; i++) {
    const x = xs[i]!;
    const exp = Math.exp(slope * x + offset);
    const residual = Math.log1p(exp) - ys[i]!;
    sum += residual * residual;
    const zBar = (2 * residual * exp) / (1 + exp);
    xsBar[i] = zBar * slope;
    slopeBar += zBar * x;
    offsetBar += zBar;
  }
  return { value: sum, grad: [xsBar, slopeBar, offsetBar] };
}
