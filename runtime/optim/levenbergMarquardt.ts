import { pack, unpack } from "../pack.js";
import { addScaledTo, inner, largest } from "./problem.js";
import type { OptimOptions, OptimResult } from "./problem.js";

export interface LevenbergMarquardtOptions<T> extends OptimOptions<T> {
  /** Converged when a step is shorter than this share of the parameters, scaled; 1e-12 when nothing is said. */
  readonly stepTolerance?: number;
  /** The damping to begin with; 1e-3 when nothing is said. */
  readonly damping?: number;
}

export interface LeastSquares<T> {
  /** The residuals, any structure of numbers. */
  readonly residuals: (x: T) => unknown;
  /** A gradient for each of them, as `jacobian` gives it. */
  readonly jacobian: (x: T) => unknown;
}

interface Linearised {
  readonly x: Float64Array;
  readonly residuals: Float64Array;
  /** Rows of the Jacobian, one behind the other. */
  readonly rows: Float64Array;
  /** Half the sum of squares. */
  readonly value: number;
  /** Jᵀ r */
  readonly grad: Float64Array;
}

/**
 * Levenberg-Marquardt: the parameters x that make ½ Σ rᵢ(x)² least, for residuals that are smooth.
 *
 * The damped step minimises ‖J s + r‖² + λ ‖D s‖² by Householder reflections of the stacked matrix, D the largest norms of
 * the columns of J so far; λ follows the ratio of actual and predicted decrease. `value` is half the sum of squares. Sources:
 * J. J. Moré, The Levenberg-Marquardt algorithm (1978), for the scaling; H. B. Nielsen, Damping parameter in Marquardt's
 * method (1999), for the damping; Golub and Van Loan, Matrix Computations, 5.2 and 5.3, for the least squares.
 */
export function levenbergMarquardt<T>(
  { residuals, jacobian }: LeastSquares<T>,
  start: T,
  options: LevenbergMarquardtOptions<T> = {},
): OptimResult<T> {
  const { maxIterations = 500, tolerance = 1e-10, stepTolerance = 1e-12, damping = 1e-3, onIteration } = options;
  // Which numbers move is what a row says, or all where there are none.
  const [firstRow] = rowsIn(jacobian(start), residuals(start));
  const like = firstRow ?? start;
  const structured = (x: Float64Array): T => unpack(x, start, like);
  let evaluations = 0;
  const residualsAt = (x: Float64Array): Float64Array => {
    evaluations++;
    return pack(residuals(structured(x)));
  };
  const linearise = (x: Float64Array, given: Float64Array): Linearised => {
    const whole = structured(x);
    const rows = pack(rowsIn(jacobian(whole), residuals(whole)));
    return { x, residuals: given, rows, value: inner(given, given) / 2, grad: transposedTimes(rows, given, x.length) };
  };
  const origin = pack(start, like);
  let point = linearise(origin, residualsAt(origin));
  const weights = new Float64Array(origin.length);
  const widen = (): void =>
    columnNorms(point.rows, weights.length).forEach((norm, j) => {
      weights[j] = Math.max(weights[j]!, norm);
    });
  widen();
  let lambda = damping;
  let growth = 2;
  let iterations = 0;
  const finish = (status: OptimResult<T>["status"]): OptimResult<T> => ({
    x: structured(point.x),
    value: point.value,
    gradientNorm: largest(point.grad),
    iterations,
    evaluations,
    status,
  });
  for (;;) {
    if (isFlat(point, tolerance)) return finish("converged");
    if (iterations >= maxIterations) return finish("maxIterations");
    const scaled = weights.map((weight) => Math.sqrt(lambda) * (weight || 1));
    const step = dampedStep(point, scaled);
    const x = Float64Array.from(point.x);
    addScaledTo(x, 1, step);
    const given = residualsAt(x);
    const value = inner(given, given) / 2;
    const predicted = predictedDecrease(point, step, scaled);
    const ratio = (point.value - value) / predicted;
    const isShort = norm(step, weights) <= stepTolerance * norm(x, weights);
    if (ratio > 0 && Number.isFinite(value)) {
      point = linearise(x, given);
      widen();
      lambda *= Math.max(1 / 3, 1 - (2 * ratio - 1) ** 3);
      growth = 2;
      iterations++;
      const progress = { iteration: iterations, value, gradientNorm: largest(point.grad), x: structured(x) };
      if (onIteration?.(progress) === false) return finish("stopped");
      if (isShort) return finish("converged");
    } else {
      if (isShort || lambda > 1e30) return finish(isShort ? "converged" : "stalled");
      lambda *= growth;
      growth *= 2;
    }
  }
}

/** The rows in the order in which `pack` takes the numbers of the residuals. */
function rowsIn(rows: unknown, residuals: unknown): readonly unknown[] {
  if (typeof residuals === "number") return [rows];
  if (typeof residuals !== "object" || residuals === null) return [];
  const keys =
    ArrayBuffer.isView(residuals) || Array.isArray(residuals) ? Object.keys(residuals) : Object.keys(residuals).sort();
  return keys.flatMap((key) => rowsIn((rows as never)[key], (residuals as never)[key]));
}

/** No column of J makes a noticeable angle with r: the cosine between them is below the tolerance. */
function isFlat({ rows, residuals, grad }: Linearised, tolerance: number): boolean {
  const size = Math.sqrt(inner(residuals, residuals));
  if (size === 0) return true;
  const norms = columnNorms(rows, grad.length);
  return grad.every((component, j) => norms[j] === 0 || Math.abs(component) <= tolerance * norms[j]! * size);
}

function columnNorms(rows: Float64Array, n: number): Float64Array {
  const squares = new Float64Array(n);
  for (let i = 0; i < rows.length; i++) squares[i % n]! += rows[i]! ** 2;
  return squares.map(Math.sqrt);
}

function transposedTimes(rows: Float64Array, r: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n);
  for (let i = 0; i < r.length; i++) for (let j = 0; j < n; j++) result[j]! += rows[i * n + j]! * r[i]!;
  return result;
}

function norm(x: Float64Array, weights: Float64Array): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += ((weights[i] || 1) * x[i]!) ** 2;
  return Math.sqrt(total);
}

/** ½‖r‖² − ½‖J s + r‖², by the normal equations of the damped problem: ½ sᵀ(λD²s − Jᵀr). */
function predictedDecrease({ grad }: Linearised, step: Float64Array, scaled: Float64Array): number {
  let total = 0;
  for (let j = 0; j < step.length; j++) total += step[j]! * (scaled[j]! ** 2 * step[j]! - grad[j]!);
  return total / 2;
}

/** The s that minimises ‖[J; diag(scaled)] s + [r; 0]‖, by Householder reflections. */
function dampedStep({ rows, residuals }: Linearised, scaled: Float64Array): Float64Array {
  const n = scaled.length;
  const m = residuals.length + n;
  const matrix = new Float64Array(m * n);
  matrix.set(rows);
  for (let j = 0; j < n; j++) matrix[(residuals.length + j) * n + j] = scaled[j]!;
  const right = new Float64Array(m);
  for (let i = 0; i < residuals.length; i++) right[i] = -residuals[i]!;
  const column = new Float64Array(m);
  const diagonal = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    let most = 0;
    for (let i = j; i < m; i++) most = Math.max(most, Math.abs(matrix[i * n + j]!));
    if (most === 0) continue;
    let squares = 0;
    for (let i = j; i < m; i++) {
      column[i] = matrix[i * n + j]! / most;
      squares += column[i]! ** 2;
    }
    const alpha = column[j]! > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
    diagonal[j] = alpha * most;
    column[j]! -= alpha;
    const beta = -1 / (alpha * column[j]!);
    for (let k = j + 1; k < n; k++) reflect(matrix, column, beta, { from: j, to: m, at: k, stride: n });
    reflect(right, column, beta, { from: j, to: m, at: 0, stride: 1 });
  }
  const step = new Float64Array(n);
  for (let j = n - 1; j >= 0; j--) {
    let total = right[j]!;
    for (let k = j + 1; k < n; k++) total -= matrix[j * n + k]! * step[k]!;
    step[j] = diagonal[j] === 0 ? 0 : total / diagonal[j]!;
  }
  return step;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly stride: number;
}

/** y −= beta v (vᵀ y), for a column of a matrix. */
function reflect(y: Float64Array, v: Float64Array, beta: number, { from, to, at, stride }: Stretch): void {
  let product = 0;
  for (let i = from; i < to; i++) product += v[i]! * y[i * stride + at]!;
  product *= beta;
  for (let i = from; i < to; i++) y[i * stride + at]! -= product * v[i]!;
}
