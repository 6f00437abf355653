import { typed } from "../arrays.js";
import { derivativesOf } from "../derivatives.js";
import { type lastComponent, solve } from "../evals/ode.js";

interface Input {
  readonly x: readonly number[];
  readonly s: number;
}

interface Derivatives {
  readonly gradLastComponent: (...args: Parameters<typeof lastComponent>) => Float64Array;
}

const { gradLastComponent } = await derivativesOf<Derivatives>("ode");

export const functions = {
  primal: ({ x, s }: Input) => {
    const rates = typed(x);
    return () => solve(rates, s);
  },
  gradient: ({ x, s }: Input) => {
    const rates = typed(x);
    return () => gradLastComponent(rates, s);
  },
};
