/** A value and a gradient as two functions, which share one evaluation at a point. */
export function once(evaluate: (x: number[]) => { value: number; grad: number[] }) {
  let last: readonly [x: number[], result: { value: number; grad: number[] }] | undefined;
  const at = (x: number[]) => {
    if (last?.[0] !== x) last = [x, evaluate(x)];
    return last[1];
  };
  return [(x: number[]) => at(x).value, (x: number[]) => at(x).grad] as const;
}
