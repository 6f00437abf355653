/** Gradient descent, as the evals saddle and particle want it. */

const tolerance = 1e-5;

const length = (vector: number[]): number => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));

/** Where `f` is smallest, near `start`: with steps that grow while they help, and shrink when they do not. */
export function argmin(f: (x: number[]) => number, gradient: (x: number[]) => number[], start: number[]): number[] {
  let x = start;
  let value = f(x);
  let slope = gradient(x);
  let rate = tolerance;
  let successes = 0;
  while (length(slope) > tolerance) {
    if (successes === 10) {
      rate *= 2;
      successes = 0;
      continue;
    }
    const next = x.map((coordinate, i) => coordinate - rate * slope[i]!);
    if (length(next.map((coordinate, i) => coordinate - x[i]!)) <= tolerance) break;
    const nextValue = f(next);
    if (nextValue < value) {
      x = next;
      value = nextValue;
      slope = gradient(x);
      successes++;
    } else {
      rate /= 2;
      successes = 0;
    }
  }
  return x;
}

/** Where `f` is largest. */
export function argmax(f: (x: number[]) => number, gradient: (x: number[]) => number[], start: number[]): number[] {
  return argmin(
    (x) => -f(x),
    (x) => gradient(x).map((slope) => -slope),
    start,
  );
}
