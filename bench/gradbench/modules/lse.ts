import { typed } from "../arrays.js";
import { derivativesOf } from "../derivatives.js";
import { logSumExp } from "../evals/lse.js";

interface Input {
  readonly x: readonly number[];
}

interface Derivatives {
  readonly gradLogSumExp: (values: Float64Array) => Float64Array;
}

const { gradLogSumExp } = await derivativesOf<Derivatives>("lse");

export const functions = {
  primal: ({ x }: Input) => {
    const values = typed(x);
    return () => logSumExp(values);
  },
  gradient: ({ x }: Input) => {
    const values = typed(x);
    return () => gradLogSumExp(values);
  },
};
