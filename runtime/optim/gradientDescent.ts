import { addScaledTo, Course, type Evaluation, FlatProblem } from "./problem.js";
import type { OptimOptions, OptimResult } from "./problem.js";

export interface GradientDescentOptions<T> extends OptimOptions<T> {
  /** The length of a step, as a multiple of the gradient; 0.01 when nothing is said. */
  readonly rate?: number;
  /** The share of the last step that is taken again (Polyak, 1964); 0 when nothing is said. */
  readonly momentum?: number;
}

/** Gradient descent with a fixed rate, and momentum where it is asked for: x ← x + s, s ← momentum · s − rate · gradient. */
export function gradientDescent<T>(
  objective: (x: T) => Evaluation,
  start: T,
  options: GradientDescentOptions<T> = {},
): OptimResult<T> {
  const { rate = 0.01, momentum = 0 } = options;
  const problem = new FlatProblem(objective, start);
  const course = new Course(problem, options, { maxIterations: 1000, tolerance: 1e-6 });
  let point = problem.start;
  const step = new Float64Array(point.x.length);
  for (;;) {
    const status = course.status(point);
    if (status) return course.result(point, status);
    for (let i = 0; i < step.length; i++) step[i] = momentum * step[i]! - rate * point.grad[i]!;
    const x = Float64Array.from(point.x);
    addScaledTo(x, 1, step);
    point = problem.at(x);
    course.next(point);
  }
}
