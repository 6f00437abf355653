/** The LSTM of ADBench: layers of cells, each unit with weights of its own, between a scaled input and a scaled output. */

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/**
 * One step of a layer. Its parameters start at `p`: weights of the four gates, then biases. Its state starts at `s`:
 * hidden values, then cells.
 */
function stepLayer(main: Float64Array, p: number, state: Float64Array, s: number, input: Float64Array): void {
  const units = input.length;
  for (let i = 0; i < units; i++) {
    const w = p + i;
    const b = w + 4 * units;
    const hidden = state[s + i]!;
    const forget = sigmoid(input[i]! * main[w]! + main[b]!);
    const ingate = sigmoid(hidden * main[w + units]! + main[b + units]!);
    const outgate = sigmoid(input[i]! * main[w + 2 * units]! + main[b + 2 * units]!);
    const change = Math.tanh(hidden * main[w + 3 * units]! + main[b + 3 * units]!);
    const cell = state[s + units + i]! * forget + ingate * change;
    state[s + units + i] = cell;
    state[s + i] = outgate * Math.tanh(cell);
  }
}

/** What the network expects after `input`. Moves the state on. */
function predict(
  layers: number,
  main: Float64Array,
  extra: Float64Array,
  state: Float64Array,
  input: Float64Array,
): Float64Array {
  const units = input.length;
  let values = input.map((x, i) => x * extra[i]!);
  for (let layer = 0; layer < layers; layer++) {
    const start = 2 * layer * units;
    stepLayer(main, 4 * start, state, start, values);
    values = state.slice(start, start + units);
  }
  return values.map((x, i) => x * extra[units + i]! + extra[2 * units + i]!);
}

/**
 * Mean negative log-likelihood of a sequence of characters, each encoded by as many numbers as a layer has units.
 * @differentiable valueAndGrad wrt main, extra
 */
export function lstm(
  layers: number,
  units: number,
  main: Float64Array,
  extra: Float64Array,
  initialState: Float64Array,
  sequence: Float64Array,
): number {
  const state = initialState.slice();
  let total = 0;
  let count = 0;
  for (let t = 0; t + units < sequence.length; t += units) {
    const prediction = predict(layers, main, extra, state, sequence.subarray(t, t + units));
    const logSum = Math.log(prediction.reduce((sum, x) => sum + Math.exp(x), 2));
    for (let i = 0; i < units; i++) total += sequence[t + units + i]! * (prediction[i]! - logSum);
    count += units;
  }
  return -total / count;
}
