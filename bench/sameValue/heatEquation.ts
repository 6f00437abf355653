/**
 * Value and gradient by hand, the value bit for bit. The rate is one number, so that its tangent goes along with the steps
 * and no state is kept for it; backward only the adjoint of the temperatures takes the transposed steps.
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
  const keep = 1 - 2 * rate; // shortens what need not have the function's bits
  const u = initial.slice();
  const tangent = new Float64Array(n); // of u, by the rate
  for (let step = 0; step < steps; step++) {
    let left = u[0]!;
    let here = u[1]!;
    let leftTangent = 0;
    let tangentHere = tangent[1]!;
    for (let i = 1; i < last; i++) {
      const right = u[i + 1]!;
      const rightTangent = tangent[i + 1]!;
      const change = left - 2 * here + right;
      u[i] = here + rate * change;
      tangent[i] = keep * tangentHere + rate * (leftTangent + rightTangent) + change;
      left = here;
      here = right;
      leftTangent = tangentHere;
      tangentHere = rightTangent;
    }
  }
  const bar = new Float64Array(n);
  let misfit = 0;
  let rateBar = 0;
  for (let i = 0; i < n; i++) {
    const difference = u[i]! - target[i]!;
    misfit += difference ** 2;
    bar[i] = 2 * difference;
    rateBar += 2 * difference * tangent[i]!;
  }
  // A cell hears of its neighbours unless they are held, and the held ends of theirs.
  const firstBar = bar[0]!;
  const lastBar = bar[last]!;
  bar[0] = 0;
  bar[last] = 0;
  let firstSum = 0;
  let lastSum = 0;
  for (let step = 0; step < steps; step++) {
    let left = 0;
    let here = bar[1]!;
    firstSum += here;
    for (let i = 1; i < last; i++) {
      const right = bar[i + 1]!;
      bar[i] = keep * here + rate * (left + right);
      left = here;
      here = right;
    }
    lastSum += left;
  }
  bar[0] = firstBar + rate * firstSum;
  bar[last] = lastBar + rate * lastSum;
  return { value: misfit, grad: [bar, rateBar * dt] };
}
