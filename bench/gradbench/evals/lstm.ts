/** Two rows for each layer: weights then biases in `main`, hidden values then cells in `state`. Gates follow one another in a row. */

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Moves the state of one layer on, in place. */
function stepLayer(
  weights: Float64Array,
  biases: Float64Array,
  hidden: Float64Array,
  cells: Float64Array,
  input: Float64Array,
): void {
  const units = input.length;
  const gate = (which: number, unit: number, x: number): number =>
    x * weights[which * units + unit]! + biases[which * units + unit]!;
  for (let i = 0; i < units; i++) {
    const forget = sigmoid(gate(0, i, input[i]!));
    const ingate = sigmoid(gate(1, i, hidden[i]!));
    const outgate = sigmoid(gate(2, i, input[i]!));
    const change = Math.tanh(gate(3, i, hidden[i]!));
    cells[i] = cells[i]! * forget + ingate * change;
    hidden[i] = outgate * Math.tanh(cells[i]!);
  }
}

/** What the network expects after `input`. Moves the state on, in place. */
function predict(
  main: Float64Array[],
  extra: Float64Array[],
  state: Float64Array[],
  input: Float64Array,
): Float64Array {
  let values: Float64Array = input.map((x, i) => x * extra[0]![i]!);
  for (let at = 0; at < main.length; at += 2) {
    stepLayer(main[at]!, main[at + 1]!, state[at]!, state[at + 1]!, values);
    values = state[at]!;
  }
  return values.map((x, i) => x * extra[1]![i]! + extra[2]![i]!);
}

/**
 * The mean negative log-likelihood of a sequence of characters, each a row of bits.
 * @differentiable grad wrt main, extra
 */
export function loss(
  main: Float64Array[],
  extra: Float64Array[],
  initialState: Float64Array[],
  sequence: Float64Array[],
): number {
  const state = initialState.map((row) => row.slice());
  let total = 0;
  let count = 0;
  for (let t = 0; t + 1 < sequence.length; t++) {
    const prediction = predict(main, extra, state, sequence[t]!);
    const logSum = Math.log(prediction.reduce((sum, x) => sum + Math.exp(x), 2));
    const expected = sequence[t + 1]!;
    for (let i = 0; i < expected.length; i++) total += expected[i]! * (prediction[i]! - logSum);
    count += expected.length;
  }
  return -total / count;
}
