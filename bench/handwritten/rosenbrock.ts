/** Value and gradient by hand: one sweep, each element read once. */
export function valueAndGradRosenbrock(x: Float64Array): { value: number; grad: Float64Array } {
  const last = x.length - 1;
  const grad = new Float64Array(x.length);
  if (last < 1) return { value: 0, grad };
  let value = 0;
  let here = x[0]!;
  let hereBar = 0;
  for (let i = 0; i < last; i++) {
    const next = x[i + 1]!;
    const rise = next - here * here;
    const rest = 1 - here;
    value += 100 * rise * rise + rest * rest;
    const riseBar = 200 * rise;
    grad[i] = hereBar - 2 * (riseBar * here + rest);
    hereBar = riseBar;
    here = next;
  }
  grad[last] = hereBar;
  return { value, grad };
}
