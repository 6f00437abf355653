import { typed } from "../arrays.js";
import { derivativesOf } from "../derivatives.js";
import { leastSquares } from "../evals/llsq.js";

interface Input {
  readonly x: readonly number[];
  readonly n: number;
}

interface Derivatives {
  readonly gradLeastSquares: (coefficients: Float64Array, samples: number) => Float64Array;
}

const { gradLeastSquares } = await derivativesOf<Derivatives>("llsq");

export const functions = {
  primal: ({ x, n }: Input) => {
    const coefficients = typed(x);
    return () => leastSquares(coefficients, n);
  },
  gradient: ({ x, n }: Input) => {
    const coefficients = typed(x);
    return () => gradLeastSquares(coefficients, n);
  },
};
