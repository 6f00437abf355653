/** The problems: each a primal, its derivative by hand, and arguments. */
import * as data from "./data.js";
import { valueAndGradAmericanOption } from "./handwritten/americanOption.js";
import { valueAndGradBundleAdjustment } from "./handwritten/bundleAdjustment.js";
import { valueAndGradCholeskyLogDeterminant } from "./handwritten/choleskyLogDeterminant.js";
import { valueAndGradFftBandEnergy } from "./handwritten/fftBandEnergy.js";
import { valueAndGradGaussianMixture } from "./handwritten/gaussianMixture.js";
import { valueAndGradHandTracking } from "./handwritten/handTracking.js";
import { valueAndGradHeatEquation } from "./handwritten/heatEquation.js";
import { valueAndGradHiddenMarkov } from "./handwritten/hiddenMarkov.js";
import { valueAndGradKalmanFilter } from "./handwritten/kalmanFilter.js";
import { valueAndGradKMeans } from "./handwritten/kMeans.js";
import { valueAndGradLeastSquares } from "./handwritten/leastSquares.js";
import { valueAndGradLogSumExp } from "./handwritten/logSumExp.js";
import { valueAndGradLorenz } from "./handwritten/lorenz.js";
import { valueAndGradLstm } from "./handwritten/lstm.js";
import { valueAndGradNBody } from "./handwritten/nBody.js";
import { valueAndGradPerceptron } from "./handwritten/perceptron.js";
import { valueAndGradRayTracer } from "./handwritten/rayTracer.js";
import { valueAndGradRosenbrock } from "./handwritten/rosenbrock.js";
import { valueAndGradSoftDtw } from "./handwritten/softDtw.js";
import { valueAndGradSoftplusChain } from "./handwritten/softplusChain.js";
import { valueAndGradSprings } from "./handwritten/springs.js";
import { valueAndGradStatistics } from "./handwritten/statistics.js";
import { valueAndGradAmericanOption as sameValueAmericanOption } from "./sameValue/americanOption.js";
import { valueAndGradBundleAdjustment as sameValueBundleAdjustment } from "./sameValue/bundleAdjustment.js";
import { valueAndGradCholeskyLogDeterminant as sameValueCholeskyLogDeterminant } from "./sameValue/choleskyLogDeterminant.js";
import { valueAndGradFftBandEnergy as sameValueFftBandEnergy } from "./sameValue/fftBandEnergy.js";
import { valueAndGradGaussianMixture as sameValueGaussianMixture } from "./sameValue/gaussianMixture.js";
import { valueAndGradHandTracking as sameValueHandTracking } from "./sameValue/handTracking.js";
import { valueAndGradHeatEquation as sameValueHeatEquation } from "./sameValue/heatEquation.js";
import { valueAndGradHiddenMarkov as sameValueHiddenMarkov } from "./sameValue/hiddenMarkov.js";
import { valueAndGradKalmanFilter as sameValueKalmanFilter } from "./sameValue/kalmanFilter.js";
import { valueAndGradKMeans as sameValueKMeans } from "./sameValue/kMeans.js";
import { valueAndGradLeastSquares as sameValueLeastSquares } from "./sameValue/leastSquares.js";
import { valueAndGradLorenz as sameValueLorenz } from "./sameValue/lorenz.js";
import { valueAndGradLstm as sameValueLstm } from "./sameValue/lstm.js";
import { valueAndGradNBody as sameValueNBody } from "./sameValue/nBody.js";
import { valueAndGradPerceptron as sameValuePerceptron } from "./sameValue/perceptron.js";
import { valueAndGradRayTracer as sameValueRayTracer } from "./sameValue/rayTracer.js";
import { valueAndGradSoftDtw as sameValueSoftDtw } from "./sameValue/softDtw.js";
import { valueAndGradSoftplusChain as sameValueSoftplusChain } from "./sameValue/softplusChain.js";
import { valueAndGradStatistics as sameValueStatistics } from "./sameValue/statistics.js";
import { americanOption } from "./problems/americanOption.js";
import { bundleAdjustment } from "./problems/bundleAdjustment.js";
import { choleskyLogDeterminant } from "./problems/choleskyLogDeterminant.js";
import { fftBandEnergy } from "./problems/fftBandEnergy.js";
import { gaussianMixture } from "./problems/gaussianMixture.js";
import { handTracking } from "./problems/handTracking.js";
import { heatEquation } from "./problems/heatEquation.js";
import { hiddenMarkov } from "./problems/hiddenMarkov.js";
import { kalmanFilter } from "./problems/kalmanFilter.js";
import { kMeans } from "./problems/kMeans.js";
import { leastSquares } from "./problems/leastSquares.js";
import { logSumExp } from "./problems/logSumExp.js";
import { lorenz } from "./problems/lorenz.js";
import { lstm } from "./problems/lstm.js";
import { nBody } from "./problems/nBody.js";
import { perceptron } from "./problems/perceptron.js";
import { rayTracer } from "./problems/rayTracer.js";
import { rosenbrock } from "./problems/rosenbrock.js";
import { softDtw } from "./problems/softDtw.js";
import { softplusChain } from "./problems/softplusChain.js";
import { springs } from "./problems/springs.js";
import { statistics } from "./problems/statistics.js";

/** Of one parameter, in its shape: numbers, arrays and records of them; of several, a tuple of those. */
export type Gradient = number | object;

export interface ValueAndGradient {
  readonly value: number;
  readonly grad: Gradient;
}

export type Primal = (...args: readonly unknown[]) => number;
export type Derivative = (...args: readonly unknown[]) => ValueAndGradient;

export interface Problem {
  /** Of the function and of its file. */
  readonly name: string;
  readonly primal: Primal;
  readonly handWritten: Derivative;
  readonly args: readonly unknown[];
  /** Positions of the parameters to differentiate with respect to. */
  readonly wrt: readonly number[];
  /**
   * By hand as well, but with the primal's value to the last bit, as the generated derivative has it, and one point, row or
   * step at a time; often the same.
   */
  readonly sameValue: Derivative;
}

function problem<Args extends readonly unknown[]>(
  primal: (...args: Args) => number,
  handWritten: (...args: Args) => ValueAndGradient,
  args: Args,
  wrt: readonly number[],
  sameValue: (...args: Args) => ValueAndGradient = handWritten,
): Problem {
  return {
    name: primal.name,
    primal: primal as Primal,
    handWritten: handWritten as Derivative,
    args,
    wrt,
    sameValue: sameValue as Derivative,
  };
}

export const problems: readonly Problem[] = [
  problem(rosenbrock, valueAndGradRosenbrock, data.rosenbrockArguments(), [0]),
  problem(
    gaussianMixture,
    valueAndGradGaussianMixture,
    data.gaussianMixtureArguments(),
    [3, 4, 5],
    sameValueGaussianMixture,
  ),
  problem(perceptron, valueAndGradPerceptron, data.perceptronArguments(), [0, 1, 2, 3], sameValuePerceptron),
  problem(lorenz, valueAndGradLorenz, data.lorenzArguments(), [0, 1, 2, 3, 4, 5], sameValueLorenz),
  problem(springs, valueAndGradSprings, data.springsArguments(), [0, 1]),
  problem(
    bundleAdjustment,
    valueAndGradBundleAdjustment,
    data.bundleAdjustmentArguments(),
    [0, 1, 2],
    sameValueBundleAdjustment,
  ),
  problem(softplusChain, valueAndGradSoftplusChain, data.softplusChainArguments(), [0, 2, 3], sameValueSoftplusChain),
  problem(nBody, valueAndGradNBody, data.nBodyArguments(), [0, 1, 2], sameValueNBody),
  problem(kMeans, valueAndGradKMeans, data.kMeansArguments(), [1], sameValueKMeans),
  problem(logSumExp, valueAndGradLogSumExp, data.logSumExpArguments(), [0]),
  problem(leastSquares, valueAndGradLeastSquares, data.leastSquaresArguments(), [2], sameValueLeastSquares),
  problem(heatEquation, valueAndGradHeatEquation, data.heatEquationArguments(), [0, 1], sameValueHeatEquation),
  problem(statistics, valueAndGradStatistics, data.statisticsArguments(), [0, 1], sameValueStatistics),
  problem(lstm, valueAndGradLstm, data.lstmArguments(), [2, 3], sameValueLstm),
  problem(kalmanFilter, valueAndGradKalmanFilter, data.kalmanFilterArguments(), [0, 1, 2, 3], sameValueKalmanFilter),
  problem(
    choleskyLogDeterminant,
    valueAndGradCholeskyLogDeterminant,
    data.choleskyLogDeterminantArguments(),
    [0],
    sameValueCholeskyLogDeterminant,
  ),
  problem(fftBandEnergy, valueAndGradFftBandEnergy, data.fftBandEnergyArguments(), [0], sameValueFftBandEnergy),
  problem(softDtw, valueAndGradSoftDtw, data.softDtwArguments(), [0], sameValueSoftDtw),
  problem(hiddenMarkov, valueAndGradHiddenMarkov, data.hiddenMarkovArguments(), [0, 1, 2], sameValueHiddenMarkov),
  problem(
    americanOption,
    valueAndGradAmericanOption,
    data.americanOptionArguments(),
    [0, 1, 2, 3, 4],
    sameValueAmericanOption,
  ),
  problem(rayTracer, valueAndGradRayTracer, data.rayTracerArguments(), [0], sameValueRayTracer),
  problem(handTracking, valueAndGradHandTracking, data.handTrackingArguments(), [0], sameValueHandTracking),
];

/** The same arrays and records with other numbers. Fields are visited by name, whatever order they were written in. */
export function mapNumbers(of: unknown, change: (x: number) => number): unknown {
  if (typeof of === "number") return change(of);
  if (of instanceof Float64Array) return of.map(change);
  if (Array.isArray(of)) return of.map((element) => mapNumbers(element, change));
  if (typeof of !== "object" || of === null) return of;
  const fields = Object.entries(of).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, mapNumbers(field, change)]));
}

function numbersIn(of: unknown): Float64Array {
  const numbers: number[] = [];
  mapNumbers(of, (x) => {
    numbers.push(x);
    return x;
  });
  return Float64Array.from(numbers);
}

/** The numbers of a gradient, one list per parameter. */
export function blocks({ wrt }: Problem, gradient: Gradient): readonly Float64Array[] {
  return wrt.length === 1 ? [numbersIn(gradient)] : (gradient as readonly unknown[]).map(numbersIn);
}

/** How many numbers a problem is differentiated with respect to. */
export function countInputs({ args, wrt }: Problem): number {
  return wrt.reduce((sum, at) => sum + numbersIn(args[at]).length, 0);
}
