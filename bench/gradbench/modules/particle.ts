import { derivativesOf } from "../derivatives.js";
import { argmin } from "../evals/descend.js";
import type { missByForward, missByReverse } from "../evals/particle.js";
import { once } from "./once.js";

interface Input {
  readonly w: number;
}

type Control = Parameters<typeof missByReverse | typeof missByForward>;
type ValueAndGrad = (...args: Control) => { value: number; grad: number };
type Jvp = (args: Control, controlDot: number) => { value: number; tangent: number };

interface Derivatives {
  readonly valueAndGradMissByReverse: ValueAndGrad;
  readonly valueAndGradMissByForward: ValueAndGrad;
  readonly jvpMissByReverse: Jvp;
  readonly jvpMissByForward: Jvp;
}

const { valueAndGradMissByReverse, valueAndGradMissByForward, jvpMissByReverse, jvpMissByForward } =
  await derivativesOf<Derivatives>("particle");

const best = (input: Input, evaluate: (x: number[]) => { value: number; grad: number[] }) => () =>
  argmin(...once(evaluate), [input.w])[0]!;

const byReverse = (derivative: ValueAndGrad) => (input: Input) =>
  best(input, ([control]) => {
    const { value, grad } = derivative(control!);
    return { value, grad: [grad] };
  });

const byForward = (derivative: Jvp) => (input: Input) =>
  best(input, ([control]) => {
    const { value, tangent } = derivative([control!], 1);
    return { value, grad: [tangent] };
  });

/** The first letter is the mode of the minimisation, the second that of the force. */
export const functions = {
  rr: byReverse(valueAndGradMissByReverse),
  rf: byReverse(valueAndGradMissByForward),
  fr: byForward(jvpMissByReverse),
  ff: byForward(jvpMissByForward),
};
