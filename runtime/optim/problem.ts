/** What optimisers have in common: parameters of any structure outside, flat vectors inside. */
import { pack, unpack } from "../pack.js";

/** What `valueAndGrad` gives: the value, and a gradient in the structure of the parameters. */
export interface Evaluation {
  readonly value: number;
  readonly grad: unknown;
}

export interface Progress<T> {
  readonly iteration: number;
  readonly value: number;
  /** The largest component of the gradient, absolute. */
  readonly gradientNorm: number;
  readonly x: T;
}

export interface OptimOptions<T> {
  readonly maxIterations?: number;
  /** Converged when no component of the gradient is larger, absolute. */
  readonly tolerance?: number;
  /** Called after every iteration; `false` stops. */
  readonly onIteration?: (progress: Progress<T>) => boolean | void;
}

export interface OptimResult<T> {
  readonly x: T;
  readonly value: number;
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly evaluations: number;
  /** `stalled`: no step along the search direction lowers the value any more. `stopped`: by `onIteration`. */
  readonly status: "converged" | "maxIterations" | "stalled" | "stopped";
}

/** A point, its value and its gradient, flat. */
export interface FlatPoint {
  readonly x: Float64Array;
  readonly value: number;
  readonly grad: Float64Array;
}

/** The objective as a function of a flat vector. */
export class FlatProblem<T> {
  evaluations = 0;
  readonly start: FlatPoint;
  private readonly like: unknown;

  constructor(
    private readonly objective: (x: T) => Evaluation,
    private readonly template: T,
  ) {
    this.evaluations = 1;
    const { value, grad } = objective(template);
    this.like = grad;
    this.start = { x: pack(template, grad), value, grad: pack(grad) };
  }

  at(x: Float64Array): FlatPoint {
    this.evaluations++;
    const { value, grad } = this.objective(this.structured(x));
    return { x, value, grad: pack(grad) };
  }

  structured(x: Float64Array): T {
    return unpack(x, this.template, this.like);
  }
}

/** Counts iterations, tells of them, and says when to stop. */
export class Course<T> {
  iterations = 0;
  private isStopped = false;
  constructor(
    private readonly problem: FlatProblem<T>,
    private readonly options: OptimOptions<T>,
    private readonly defaults: { readonly maxIterations: number; readonly tolerance: number },
  ) {}

  /** Null while it goes on. */
  status({ grad }: FlatPoint): OptimResult<T>["status"] | null {
    const { maxIterations = this.defaults.maxIterations, tolerance = this.defaults.tolerance } = this.options;
    if (largest(grad) <= tolerance) return "converged";
    if (this.isStopped) return "stopped";
    return this.iterations >= maxIterations ? "maxIterations" : null;
  }

  next({ x, value, grad }: FlatPoint): void {
    this.iterations++;
    const { onIteration } = this.options;
    if (!onIteration) return;
    const progress = {
      iteration: this.iterations,
      value,
      gradientNorm: largest(grad),
      x: this.problem.structured(x),
    };
    if (onIteration(progress) === false) this.isStopped = true;
  }

  result({ x, value, grad }: FlatPoint, status: OptimResult<T>["status"]): OptimResult<T> {
    const { iterations } = this;
    const { evaluations } = this.problem;
    return { x: this.problem.structured(x), value, gradientNorm: largest(grad), iterations, evaluations, status };
  }
}

/** The largest component, absolute; NaN where one is not a number. */
export function largest(x: Float64Array): number {
  let most = 0;
  for (const component of x) if (!(Math.abs(component) <= most)) most = Math.abs(component);
  return most;
}

export function inner(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

/** y += factor x */
export function addScaledTo(y: Float64Array, factor: number, x: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i]! += factor * x[i]!;
}
