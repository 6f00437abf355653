/**
 * A step along a search direction that satisfies the strong Wolfe conditions. Source: J. Nocedal and S. J. Wright,
 * Numerical Optimization, second edition (Springer, 2006), algorithms 3.5 and 3.6.
 */
import { addScaledTo, type FlatPoint, inner } from "./problem.js";

/** A point on the search line. */
interface Trial extends FlatPoint {
  readonly alpha: number;
  readonly slope: number;
}

const sufficientDecrease = 1e-4;
const curvature = 0.9;
const mostTrials = 40;

/** A step that satisfies both conditions, else the best decrease found, else nothing. */
export function lineSearch(
  evaluate: (x: Float64Array) => FlatPoint,
  from: FlatPoint,
  direction: Float64Array,
  firstLength: number,
): FlatPoint | null {
  const origin: Trial = { ...from, alpha: 0, slope: inner(from.grad, direction) };
  const at = (alpha: number): Trial => {
    const x = Float64Array.from(origin.x);
    addScaledTo(x, alpha, direction);
    const point = evaluate(x);
    return { ...point, alpha, slope: inner(point.grad, direction) };
  };
  let low = origin;
  let high: Trial | null = null;
  let alpha = firstLength;
  for (let attempt = 0; attempt < mostTrials; attempt++) {
    const trial = at(alpha);
    // Written so that a value that is not a number is too high as well.
    const isTooHigh = !(trial.value <= origin.value + sufficientDecrease * trial.alpha * origin.slope);
    if (isTooHigh || trial.value >= low.value) high = trial;
    else if (Math.abs(trial.slope) <= -curvature * origin.slope) return trial;
    else {
      const isPastMinimum: boolean = high ? trial.slope * (high.alpha - low.alpha) >= 0 : trial.slope >= 0;
      if (isPastMinimum) high = low;
      low = trial;
    }
    if (high && Math.abs(high.alpha - low.alpha) <= 1e-14 * Math.max(high.alpha, low.alpha)) break;
    alpha = high ? between(low, high) : 2 * alpha;
  }
  return low.value < origin.value ? low : null;
}

/** Minimiser of the cubic through both values and slopes (equation 3.59), kept away from the ends; else the middle. */
function between(low: Trial, high: Trial): number {
  const width = high.alpha - low.alpha;
  const d1 = low.slope + high.slope - (3 * (high.value - low.value)) / width;
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - low.slope * high.slope);
  const fraction = 1 - (high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2);
  return low.alpha + width * (fraction >= 0.1 && fraction <= 0.9 ? fraction : 0.5);
}
