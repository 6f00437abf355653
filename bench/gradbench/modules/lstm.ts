import { typedRows } from "../arrays.js";
import { derivativesOf } from "../derivatives.js";
import { loss } from "../evals/lstm.js";

type Rows = readonly (readonly number[])[];

interface Input {
  readonly main_params: Rows;
  readonly extra_params: Rows;
  readonly state: Rows;
  readonly sequence: Rows;
}

type Arguments = Parameters<typeof loss>;

interface Derivatives {
  readonly gradLoss: (...args: Arguments) => [main: Float64Array[], extra: Float64Array[]];
}

const { gradLoss } = await derivativesOf<Derivatives>("lstm");

const read = (input: Input): Arguments => [
  typedRows(input.main_params),
  typedRows(input.extra_params),
  typedRows(input.state),
  typedRows(input.sequence),
];

export const functions = {
  objective: (input: Input) => {
    const args = read(input);
    return () => loss(...args);
  },
  /** All rows in one array. */
  jacobian: (input: Input) => {
    const args = read(input);
    return () => gradLoss(...args).flatMap((rows) => rows.flatMap((row) => [...row]));
  },
};
