/**
 * Limited-memory BFGS. The references are to J. Nocedal and S. J. Wright, "Numerical Optimization", second edition
 * (Springer, 2006): two-loop recursion (algorithm 7.4), strong Wolfe line search (algorithms 3.5 and 3.6).
 */
export interface Evaluation {
  readonly value: number;
  readonly grad: Float64Array;
}

export type Objective = (x: Float64Array) => Evaluation;

export interface LbfgsOptions {
  /** Number of kept correction pairs. */
  readonly memory?: number;
  readonly maxIterations?: number;
  /** Stops when no component of the gradient is larger. */
  readonly tolerance?: number;
  readonly onIteration?: (iteration: number, value: number, gradientNorm: number) => void;
}

export interface LbfgsResult {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly evaluations: number;
  readonly converged: boolean;
}

interface Correction {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** 1 / (changeᵀ step) */
  readonly rho: number;
}

/** A point on the search line. */
interface Trial extends Evaluation {
  readonly alpha: number;
  readonly x: Float64Array;
  readonly slope: number;
}

const sufficientDecrease = 1e-4;
const curvature = 0.9;

export function minimise(objective: Objective, start: Float64Array, options: LbfgsOptions = {}): LbfgsResult {
  const { memory = 10, maxIterations = 500, tolerance = 1e-6, onIteration } = options;
  let evaluations = 0;
  const evaluate: Objective = (at) => {
    evaluations++;
    return objective(at);
  };
  let x: Float64Array = Float64Array.from(start);
  let { value, grad } = evaluate(x);
  let corrections: Correction[] = [];
  let iterations = 0;
  while (iterations < maxIterations && largest(grad) > tolerance) {
    let direction = searchDirection(grad, corrections);
    if (dot(direction, grad) >= 0) {
      corrections = [];
      direction = searchDirection(grad, corrections);
    }
    const length = corrections.length > 0 ? 1 : Math.min(1, 1 / largest(grad));
    const next = lineSearch(evaluate, { alpha: 0, x, value, grad, slope: dot(grad, direction) }, direction, length);
    if (next === undefined) {
      if (corrections.length === 0) break;
      corrections = [];
      continue;
    }
    const step = subtract(next.x, x);
    const change = subtract(next.grad, grad);
    const product = dot(step, change);
    if (product > 0) corrections = [...corrections.slice(1 - memory), { step, change, rho: 1 / product }];
    ({ x, value, grad } = next);
    iterations++;
    onIteration?.(iterations, value, largest(grad));
  }
  const gradientNorm = largest(grad);
  return { x, value, gradientNorm, iterations, evaluations, converged: gradientNorm <= tolerance };
}

/** −H grad by the two-loop recursion; the initial H is the multiple of the identity of equation 7.20. */
function searchDirection(grad: Float64Array, corrections: readonly Correction[]): Float64Array {
  const direction = grad.map((component) => -component);
  const alphas: number[] = [];
  for (const { step, change, rho } of corrections.toReversed()) {
    const alpha = rho * dot(step, direction);
    alphas.push(alpha);
    addScaled(direction, -alpha, change);
  }
  const last = corrections.at(-1);
  if (last) scale(direction, 1 / (last.rho * dot(last.change, last.change)));
  for (const { step, change, rho } of corrections) {
    const beta = rho * dot(change, direction);
    addScaled(direction, alphas.pop()! - beta, step);
  }
  return direction;
}

/** A step that satisfies the strong Wolfe conditions, else the best decrease found, else nothing. */
function lineSearch(
  evaluate: Objective,
  origin: Trial,
  direction: Float64Array,
  firstLength: number,
): Trial | undefined {
  const at = (alpha: number): Trial => {
    const x = Float64Array.from(origin.x);
    addScaled(x, alpha, direction);
    const { value, grad } = evaluate(x);
    return { alpha, x, value, grad, slope: dot(grad, direction) };
  };
  let low = origin;
  let high: Trial | undefined;
  let alpha = firstLength;
  for (let attempt = 0; attempt < 40; attempt++) {
    const trial = at(alpha);
    // Written so that a value that is not a number is too high as well.
    const isTooHigh = !(trial.value <= origin.value + sufficientDecrease * trial.alpha * origin.slope);
    if (isTooHigh || trial.value >= low.value) high = trial;
    else if (Math.abs(trial.slope) <= -curvature * origin.slope) return trial;
    else {
      const isPastMinimum = high ? trial.slope * (high.alpha - low.alpha) >= 0 : trial.slope >= 0;
      if (isPastMinimum) high = low;
      low = trial;
    }
    if (high && Math.abs(high.alpha - low.alpha) <= 1e-14 * Math.max(high.alpha, low.alpha)) break;
    alpha = high ? between(low, high) : 2 * alpha;
  }
  return low.value < origin.value ? low : undefined;
}

/** Minimiser of the cubic through both values and slopes (equation 3.59), kept away from the ends; else the middle. */
function between(low: Trial, high: Trial): number {
  const width = high.alpha - low.alpha;
  const d1 = low.slope + high.slope - (3 * (high.value - low.value)) / width;
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - low.slope * high.slope);
  const fraction = 1 - (high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2);
  return low.alpha + width * (fraction >= 0.1 && fraction <= 0.9 ? fraction : 0.5);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** y += factor x */
function addScaled(y: Float64Array, factor: number, x: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i]! += factor * x[i]!;
}

function scale(y: Float64Array, factor: number): void {
  for (let i = 0; i < y.length; i++) y[i]! *= factor;
}

function subtract(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]!);
}

function largest(values: Float64Array): number {
  return values.reduce((norm, value) => Math.max(norm, Math.abs(value)), 0);
}
