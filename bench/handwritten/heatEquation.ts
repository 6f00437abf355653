/**
 * Value and gradient by hand. All steps multiply by the same matrix, 1 + rate · L, which commutes with L: so the
 * derivative by the rate is that of the last step times the number of steps, and no state is kept for it.
 */
export function valueAndGradHeatEquation(
  initial: Float64Array,
  conductivity: number,
  target: Float64Array,
  dt: number,
  steps: number,
): { value: number; grad: [initial: Float64Array, conductivity: number] } {
  const n = initial.length;
  const last = n - 1;
  const rate = conductivity * dt;
  const u = initial.slice();
  advance(u, rate, steps - 1);

  // The last step, the misfit and its adjoint.
  const bar = new Float64Array(n);
  let misfit = 0;
  let rateBar = 0;
  for (let i = 0; i < n; i++) {
    const change = steps > 0 && i > 0 && i < last ? u[i - 1]! - 2 * u[i]! + u[i + 1]! : 0;
    const difference = u[i]! + rate * change - target[i]!;
    misfit += difference * difference;
    bar[i] = 2 * difference;
    rateBar += 2 * difference * change;
  }

  // The transpose of L: the ends sum what their neighbours were, which hear nothing of the ends.
  const firstBar = bar[0]!;
  const lastBar = bar[last]!;
  bar[0] = 0;
  bar[last] = 0;
  const [firstSum, lastSum] = advance(bar, rate, steps);
  bar[0] = firstBar + rate * firstSum;
  bar[last] = lastBar + rate * lastSum;
  return { value: misfit, grad: [bar, steps * rateBar * dt] };
}

/**
 * Takes steps, two in one sweep where it can: behind the cell that takes the first, its left neighbour takes the second.
 * Returns the sums over the steps of what the first and the last cell between the ends were before each.
 */
function advance(u: Float64Array, rate: number, steps: number): [number, number] {
  const last = u.length - 1;
  const keep = 1 - 2 * rate;
  let firstSum = 0;
  let lastSum = 0;
  let step = 0;
  for (; step + 1 < steps; step += 2) {
    let left = u[1]!;
    let here = u[2]!;
    let newLeft = u[0]!;
    let newHere = keep * left + rate * (newLeft + here);
    firstSum += left + newHere;
    for (let i = 2; i < last; i++) {
      const right = u[i + 1]!;
      const next = keep * here + rate * (left + right);
      u[i - 1] = keep * newHere + rate * (newLeft + next);
      left = here;
      here = right;
      newLeft = newHere;
      newHere = next;
    }
    u[last - 1] = keep * newHere + rate * (newLeft + here);
    lastSum += left + newHere;
  }
  if (step < steps) {
    let left = u[0]!;
    let here = u[1]!;
    firstSum += here;
    for (let i = 1; i < last; i++) {
      const right = u[i + 1]!;
      u[i] = keep * here + rate * (left + right);
      left = here;
      here = right;
    }
    lastSum += left;
  }
  return [firstSum, lastSum];
}
