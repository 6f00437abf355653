import { lineSearch } from "./lineSearch.js";
import { addScaledTo, Course, type Evaluation, FlatProblem, inner, largest } from "./problem.js";
import type { OptimOptions, OptimResult } from "./problem.js";

export interface LbfgsOptions<T> extends OptimOptions<T> {
  /** Pairs of steps and changes of the gradient that are kept; 10 when nothing is said. */
  readonly memory?: number;
}

interface Correction {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** 1 / (changeᵀ step) */
  readonly rho: number;
}

/**
 * Limited-memory BFGS with a strong Wolfe line search, for smooth functions of few or many parameters.
 *
 * `objective` is what `valueAndGrad` gives, `start` parameters of any structure. Source: Nocedal and Wright, Numerical
 * Optimization (2006), algorithms 7.4 and 7.5.
 */
export function lbfgs<T>(objective: (x: T) => Evaluation, start: T, options: LbfgsOptions<T> = {}): OptimResult<T> {
  const { memory = 10 } = options;
  const problem = new FlatProblem(objective, start);
  const course = new Course(problem, options, { maxIterations: 500, tolerance: 1e-6 });
  let point = problem.start;
  let corrections: readonly Correction[] = [];
  for (;;) {
    const status = course.status(point);
    if (status) return course.result(point, status);
    let direction = searchDirection(point.grad, corrections);
    if (inner(direction, point.grad) >= 0) {
      corrections = [];
      direction = searchDirection(point.grad, corrections);
    }
    const length = corrections.length > 0 ? 1 : Math.min(1, 1 / largest(point.grad));
    const next = lineSearch((x) => problem.at(x), point, direction, length);
    if (!next) {
      if (corrections.length === 0) return course.result(point, "stalled");
      corrections = [];
      continue;
    }
    const step = next.x.map((component, i) => component - point.x[i]!);
    const change = next.grad.map((component, i) => component - point.grad[i]!);
    const product = inner(step, change);
    if (product > 0) corrections = [...corrections.slice(1 - memory), { step, change, rho: 1 / product }];
    point = next;
    course.next(point);
  }
}

/** −H grad by the two-loop recursion; the initial H is the multiple of the identity of equation 7.20. */
function searchDirection(grad: Float64Array, corrections: readonly Correction[]): Float64Array {
  const direction = grad.map((component) => -component);
  const alphas: number[] = [];
  for (const { step, change, rho } of [...corrections].reverse()) {
    const alpha = rho * inner(step, direction);
    alphas.push(alpha);
    addScaledTo(direction, -alpha, change);
  }
  const last = corrections.at(-1);
  if (last) {
    const factor = 1 / (last.rho * inner(last.change, last.change));
    for (let i = 0; i < direction.length; i++) direction[i]! *= factor;
  }
  for (const { step, change, rho } of corrections) {
    const beta = rho * inner(change, direction);
    addScaledTo(direction, alphas.pop()! - beta, step);
  }
  return direction;
}
