import { derivativesOf } from "../derivatives.js";
import { argmax, argmin } from "../evals/descend.js";
import { height, type largestByForward, type largestByReverse } from "../evals/saddle.js";
import { once } from "./once.js";

interface Input {
  readonly start: number[];
}

type Pair = Parameters<typeof largestByReverse | typeof largestByForward>;
type ValueAndGrad = (...args: Pair) => { value: number; grad: number[] };
type Jvp = (args: Pair, direction: number[]) => { value: number; tangent: number };

interface Derivatives {
  readonly gradHeight: (low: number[], high: number[]) => number[];
  readonly jvpHeight: Jvp;
  readonly valueAndGradLargestByReverse: ValueAndGrad;
  readonly valueAndGradLargestByForward: ValueAndGrad;
  readonly jvpLargestByReverse: Jvp;
  readonly jvpLargestByForward: Jvp;
}

const derivatives = await derivativesOf<Derivatives>("saddle");

/** The gradient, a direction at a time. */
const inColumns =
  (jvp: Jvp): ValueAndGrad =>
  (...args) => {
    const first = jvp(args, [1, 0]);
    return { value: first.value, grad: [first.tangent, jvp(args, [0, 1]).tangent] };
  };

/** First where the largest height is smallest, then where that largest height is; the last step is by the outer mode. */
const saddle =
  (largest: ValueAndGrad, slopeOfHeight: (low: number[], high: number[]) => number[]) =>
  ({ start }: Input) =>
  () => {
    const low = argmin(...once((x) => largest(x, start)), start);
    const high = argmax(
      (y) => height(low, y),
      (y) => slopeOfHeight(low, y),
      start,
    );
    return [...low, ...high];
  };

const slopeByReverse = derivatives.gradHeight;
const slopeByForward = (low: number[], high: number[]): number[] => [
  derivatives.jvpHeight([low, high], [1, 0]).tangent,
  derivatives.jvpHeight([low, high], [0, 1]).tangent,
];

/** The first letter is the mode of the minimisation, the second that of the maximisation inside. */
export const functions = {
  rr: saddle(derivatives.valueAndGradLargestByReverse, slopeByReverse),
  rf: saddle(derivatives.valueAndGradLargestByForward, slopeByReverse),
  fr: saddle(inColumns(derivatives.jvpLargestByReverse), slopeByForward),
  ff: saddle(inColumns(derivatives.jvpLargestByForward), slopeByForward),
};
