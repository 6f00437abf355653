/**
 * Value and gradient by hand. All steps multiply by the same matrix, 1 + rate · L, which commutes with L: so the
 * derivative by the rate is that of the last step times the number of steps, and no state is kept for it. All steps but
 * the last are taken at once, by a convolution with their kernel, where that is narrow enough.
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
  const kernel = kernelOf(rate, steps - 1, last);
  if (kernel) {
    // What lies between the ends stays, the rest spreads.
    const first = u[0]!;
    const slope = (u[last]! - first) / last;
    for (let i = 0; i < n; i++) u[i] = u[i]! - (first + slope * i);
    spread(u, kernel);
    u[0] = first;
    u[last] = initial[last]!;
    for (let i = 1; i < last; i++) u[i] = u[i]! + (first + slope * i);
  } else advance(u, rate, steps - 1);

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

  // The transpose of L: the ends sum what their neighbours were, which hear nothing of the ends. With the kernel that is
  // what is lost between them, to each end as much as it is near.
  let firstBar = bar[0]!;
  let lastBar = bar[last]!;
  bar[0] = 0;
  bar[last] = 0;
  let done = 0;
  if (kernel) {
    firstBar += nearness(bar, last, -1);
    lastBar += nearness(bar, 0, 1);
    spread(bar, kernel);
    firstBar -= nearness(bar, last, -1);
    lastBar -= nearness(bar, 0, 1);
    done = steps - 1;
  }
  const [firstSum, lastSum] = advance(bar, rate, steps - done);
  bar[0] = firstBar + rate * firstSum;
  bar[last] = lastBar + rate * lastSum;
  return { value: misfit, grad: [bar, steps * rateBar * dt] };
}

/** The sum of values, each as much as it is near to one end. */
function nearness(values: Float64Array, start: number, sign: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * (start + sign * i);
  return sum / (values.length - 1);
}

/**
 * How far each cell spreads in all steps, by distance: the coefficients of (rate / x + 1 − 2 rate + rate x)^steps. They
 * satisfy a recurrence, which inwards from the farthest only adds. Undefined where that would not help.
 */
function kernelOf(rate: number, steps: number, last: number): Float64Array | undefined {
  const squaredWidth = 2 * rate * steps;
  const reach = Math.ceil(12 * Math.sqrt(squaredWidth)) + 20;
  if (!(rate > 0 && rate <= 0.5 && reach < steps && 4 * squaredWidth <= last * last)) return undefined;
  const kernel = new Float64Array(reach + 1);
  const ratio = (1 - 2 * rate) / rate;
  let outer = 0;
  let here = 1; // times a factor that comes out in the end
  for (let m = steps; m > reach; m--) {
    const inner = ((steps + m + 1) * outer + ratio * m * here) / (steps - m + 1);
    outer = here;
    here = inner;
    if (here > 1e100) {
      outer *= 1e-200;
      here *= 1e-200;
    }
  }
  let sum = 0;
  for (let m = reach; m > 0; m--) {
    kernel[m] = here;
    sum += 2 * here;
    const inner = ((steps + m + 1) * outer + ratio * m * here) / (steps - m + 1);
    outer = here;
    here = inner;
  }
  kernel[0] = here;
  const scale = 1 / (sum + here);
  const largest = here + kernel[1]!;
  let size = reach + 1;
  while (size > 2 && kernel[size - 1]! + kernel[size - 2]! < 1e-17 * largest) size--;
  for (let m = 0; m < size; m++) kernel[m] = scale * kernel[m]!;
  return kernel.subarray(0, size);
}

/** Takes all steps of the kernel. The ends are 0: between them, as if mirrored there with the opposite sign. */
function spread(values: Float64Array, kernel: Float64Array): void {
  const last = values.length - 1;
  const reach = kernel.length - 1;
  const mirrored = new Float64Array(last + 2 * reach + 4);
  for (let i = 1; i < last; i++) mirrored[reach + i] = values[i]!;
  for (let i = last + 1; i <= last + reach; i++) {
    mirrored[reach + i] = i <= 2 * last ? -mirrored[reach + 2 * last - i]! : mirrored[reach + i - 2 * last]!;
  }
  for (let i = 1; i <= reach; i++) mirrored[reach - i] = -mirrored[reach + i]!;
  const middle = kernel[0]!;
  for (let i = 1; i < last; i += 4) {
    const at = reach + i;
    let sum0 = middle * mirrored[at]!;
    let sum1 = middle * mirrored[at + 1]!;
    let sum2 = middle * mirrored[at + 2]!;
    let sum3 = middle * mirrored[at + 3]!;
    let left1 = mirrored[at]!;
    let left2 = mirrored[at + 1]!;
    let left3 = mirrored[at + 2]!;
    let right0 = mirrored[at + 1]!;
    let right1 = mirrored[at + 2]!;
    let right2 = mirrored[at + 3]!;
    for (let m = 1; m <= reach; m++) {
      const weight = kernel[m]!;
      const left0 = mirrored[at - m]!;
      const right3 = mirrored[at + 3 + m]!;
      sum0 += weight * (left0 + right0);
      sum1 += weight * (left1 + right1);
      sum2 += weight * (left2 + right2);
      sum3 += weight * (left3 + right3);
      left3 = left2;
      left2 = left1;
      left1 = left0;
      right0 = right1;
      right1 = right2;
      right2 = right3;
    }
    values[i] = sum0;
    if (i + 1 < last) values[i + 1] = sum1;
    if (i + 2 < last) values[i + 2] = sum2;
    if (i + 3 < last) values[i + 3] = sum3;
  }
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
