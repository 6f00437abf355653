const finalTime = 2;

/** The right-hand side: the first component grows by x[0], each other one by x[i] times the one before it. */
function slope(x: Float64Array, y: Float64Array): Float64Array {
  return x.map((rate, i) => (i === 0 ? rate : rate * y[i - 1]!));
}

function moved(y: Float64Array, step: number, direction: Float64Array): Float64Array {
  return y.map((value, i) => value + step * direction[i]!);
}

/** The solution that starts at zero, at the final time, by the classical Runge-Kutta method. */
export function solve(x: Float64Array, steps: number): Float64Array {
  const step = finalTime / steps;
  let y = new Float64Array(x.length);
  for (let i = 0; i < steps; i++) {
    const k1 = slope(x, y);
    const k2 = slope(x, moved(y, step / 2, k1));
    const k3 = slope(x, moved(y, step / 2, k2));
    const k4 = slope(x, moved(y, step, k3));
    y = y.map((value, j) => value + (step * (k1[j]! + 2 * k2[j]! + 2 * k3[j]! + k4[j]!)) / 6);
  }
  return y;
}

/** @differentiable grad wrt x */
export function lastComponent(x: Float64Array, steps: number): number {
  return solve(x, steps)[x.length - 1]!;
}
