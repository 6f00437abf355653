import { typed, typedRows } from "../arrays.js";
import { derivativesOf } from "../derivatives.js";
import { logPosterior, type Mixture } from "../evals/gmm.js";

type Rows = readonly (readonly number[])[];

interface Input {
  readonly alpha: readonly number[];
  readonly mu: Rows;
  readonly q: Rows;
  readonly l: Rows;
  readonly d: number;
  readonly x: Rows;
  readonly m: number;
  readonly gamma: number;
}

type Arguments = Parameters<typeof logPosterior>;

interface Derivatives {
  readonly gradLogPosterior: (...args: Arguments) => Mixture;
}

const { gradLogPosterior } = await derivativesOf<Derivatives>("gmm");

function read({ alpha, mu, q, l, d, x, m, gamma }: Input): Arguments {
  const mixture = { alpha: typed(alpha), mu: typedRows(mu), q: typedRows(q), l: typedRows(l) };
  return [mixture, typedRows(x), d, { m, gamma }];
}

export const functions = {
  objective: (input: Input) => {
    const args = read(input);
    return () => logPosterior(...args);
  },
  jacobian: (input: Input) => {
    const args = read(input);
    return () => gradLogPosterior(...args);
  },
};
