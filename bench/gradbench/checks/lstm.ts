import { type Case, gradientOf, rowsOf, sum } from "./case.js";
import { uniform } from "./random.js";

interface Input {
  readonly main_params: number[][];
  readonly extra_params: number[][];
  readonly state: number[][];
  readonly sequence: number[][];
}

/** Random parameters and, in place of a text, random bits. */
export function lstmInput(layers: number, characters: number, bits: number): Input {
  const { matrix } = uniform(9);
  return {
    main_params: matrix(2 * layers, 4 * bits),
    extra_params: matrix(3, bits),
    state: matrix(2 * layers, bits),
    sequence: matrix(characters, bits).map((row) => row.map((value) => (value < 0.5 ? 0 : 1))),
  };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Weights are diagonal, so that every bit passes through the layers alone: bit by bit, with the likelihood at the end. */
function objective({ main_params: main, extra_params: extra, state, sequence }: Input): number {
  const bits = extra[0]!.length;
  const steps = sequence.length - 1;
  const predictions = extra[0]!.map((scale, bit) => {
    const layers = Array.from({ length: state.length / 2 }, (_, layer) => ({
      hidden: state[2 * layer]![bit]!,
      cell: state[2 * layer + 1]![bit]!,
    }));
    return Array.from({ length: steps }, (_, t) => {
      let value = scale * sequence[t]![bit]!;
      for (const [layer, memory] of layers.entries()) {
        const [weights, biases] = [main[2 * layer]!, main[2 * layer + 1]!];
        const at = (gate: number, x: number) => x * weights[gate * bits + bit]! + biases[gate * bits + bit]!;
        memory.cell *= sigmoid(at(0, value));
        memory.cell += sigmoid(at(1, memory.hidden)) * Math.tanh(at(3, memory.hidden));
        memory.hidden = sigmoid(at(2, value)) * Math.tanh(memory.cell);
        value = memory.hidden;
      }
      return value * extra[1]![bit]! + extra[2]![bit]!;
    });
  });
  const losses = Array.from({ length: steps }, (_, t) => {
    const logSum = Math.log(2 + sum(predictions.map((of) => Math.exp(of[t]!))));
    return sum(predictions.map((of, bit) => sequence[t + 1]![bit]! * (logSum - of[t]!)));
  });
  return sum(losses) / (steps * bits);
}

export function lstm(layers: number, characters: number, bits: number): Case {
  const input = lstmInput(layers, characters, bits);
  const rows = [...input.main_params, ...input.extra_params];
  const at = (flat: readonly number[]): number => {
    const moved = rowsOf(
      flat,
      rows.map((row) => row.length),
    );
    return objective({ ...input, main_params: moved.slice(0, -3), extra_params: moved.slice(-3) });
  };
  return { module: "lstm", input, expected: { objective: objective(input), jacobian: gradientOf(at, rows.flat()) } };
}
