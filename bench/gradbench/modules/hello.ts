import { derivativesOf } from "../derivatives.js";
import { square } from "../evals/hello.js";

const { gradSquare } = await derivativesOf<{ gradSquare: (x: number) => number }>("hello");

export const functions = {
  square: (x: number) => () => square(x),
  double: (x: number) => () => gradSquare(x),
};
