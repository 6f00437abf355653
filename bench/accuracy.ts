/** Is a gradient right? Against central differences, and against another gradient. */
import { blocks, type Derivative, type Gradient, mapNumbers, type Problem } from "./catalogue.js";
import { normalFrom } from "./data.js";

const stepSizes = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7];
const directionsPerChoice = 5;

/** The arguments, moved by `step` along a direction. */
function moved({ args, wrt }: Problem, direction: readonly Float64Array[], step: number): unknown[] {
  const result = [...args];
  wrt.forEach((at, which) => {
    const along = direction[which]!.values();
    result[at] = mapNumbers(args[at], (x) => x + step * along.next().value!);
  });
  return result;
}

/**
 * The worst relative error of directional derivatives against extrapolated central differences, along random unit
 * directions in each parameter alone and in all together. Of several step sizes, the one that agrees best counts.
 */
export function errorAgainstDifferences(problem: Problem, derivative: Derivative): number {
  const normal = normalFrom(8);
  const gradient = blocks(problem, derivative(...problem.args).grad);
  const choices = [...gradient.keys(), "all"];
  let worst = 0;
  for (const choice of choices) {
    for (let trial = 0; trial < directionsPerChoice; trial++) {
      const direction = gradient.map((block, at) => {
        const along = block.map(normal);
        const length = Math.hypot(...along);
        return along.map((x) => (choice === "all" || choice === at ? x / length : 0));
      });
      worst = Math.max(worst, errorAlong(problem, gradient, direction));
    }
  }
  return worst;
}

function errorAlong(problem: Problem, gradient: readonly Float64Array[], direction: readonly Float64Array[]): number {
  let exact = 0;
  gradient.forEach((block, at) => block.forEach((x, i) => (exact += x * direction[at]![i]!)));
  const difference = (step: number): number =>
    (problem.primal(...moved(problem, direction, step)) - problem.primal(...moved(problem, direction, -step))) /
    (2 * step);
  const errors = stepSizes.map((step) => {
    const estimate = (4 * difference(step / 2) - difference(step)) / 3;
    return Math.abs(estimate - exact) / Math.abs(exact);
  });
  return errors.reduce((best, error) => (error < best ? error : best), Infinity);
}

/** The largest difference of two gradients, relative to the largest number of the parameter's gradient. */
export function gradientDifference(problem: Problem, first: Gradient, second: Gradient): number {
  const [a, b] = [blocks(problem, first), blocks(problem, second)];
  if (a.length !== b.length) return Infinity;
  let worst = 0;
  for (const [at, block] of a.entries()) {
    const other = b[at]!;
    if (block.length !== other.length) return Infinity;
    const scale = block.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0) || 1;
    for (const [i, x] of block.entries()) {
      const error = Math.abs(x - other[i]!) / scale;
      if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error;
    }
  }
  return worst;
}
