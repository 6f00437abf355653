import { typed } from "../arrays.js";
import { derivativesOf } from "../derivatives.js";
import { determinant } from "../evals/det.js";

interface Input {
  readonly A: readonly number[];
  readonly ell: number;
}

interface Derivatives {
  readonly gradDeterminant: (a: Float64Array, size: number) => Float64Array;
}

const { gradDeterminant } = await derivativesOf<Derivatives>("det");

export const functions = {
  primal: ({ A, ell }: Input) => {
    const a = typed(A);
    return () => determinant(a, ell);
  },
  gradient: ({ A, ell }: Input) => {
    const a = typed(A);
    return () => gradDeterminant(a, ell);
  },
};
