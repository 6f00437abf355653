import { Course, type Evaluation, FlatProblem } from "./problem.js";
import type { OptimOptions, OptimResult } from "./problem.js";

export interface AdamOptions<T> extends OptimOptions<T> {
  /** About the length of a step in every component; 0.001 when nothing is said. */
  readonly rate?: number;
  /** Decay of the mean of gradients, and of the mean of their squares; 0.9 and 0.999 when nothing is said. */
  readonly beta1?: number;
  readonly beta2?: number;
  /** Keeps divisions away from zero; 1e-8 when nothing is said. */
  readonly epsilon?: number;
}

/**
 * Adam, for noisy gradients: steps along the running mean of gradients, each component over the root of the running mean
 * of its squares. Source: D. P. Kingma and J. Ba, Adam: A Method for Stochastic Optimization (ICLR 2015), algorithm 1.
 */
export function adam<T>(objective: (x: T) => Evaluation, start: T, options: AdamOptions<T> = {}): OptimResult<T> {
  const { rate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const problem = new FlatProblem(objective, start);
  const course = new Course(problem, options, { maxIterations: 1000, tolerance: 1e-6 });
  let point = problem.start;
  const mean = new Float64Array(point.x.length);
  const square = new Float64Array(point.x.length);
  for (let step = 1; ; step++) {
    const status = course.status(point);
    if (status) return course.result(point, status);
    const [first, second] = [1 - beta1 ** step, 1 - beta2 ** step];
    const { x: before, grad } = point;
    const x = Float64Array.from(before, (component, i) => {
      mean[i] = beta1 * mean[i]! + (1 - beta1) * grad[i]!;
      square[i] = beta2 * square[i]! + (1 - beta2) * grad[i]! ** 2;
      return component - (rate * (mean[i]! / first)) / (Math.sqrt(square[i]! / second) + epsilon);
    });
    point = problem.at(x);
    course.next(point);
  }
}
