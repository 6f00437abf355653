/**
 * Value and gradient by hand, the value bit for bit: the forward sweep is in logarithms, as the function's, with their
 * exponentials kept. From them come the probabilities of where a path came from, so that the reverse sweep takes no
 * further ones: it hands counts back from state to state (Baum and Welch).
 */
export function valueAndGradHiddenMarkov(
  logInitial: readonly number[],
  logTransition: readonly (readonly number[])[],
  logEmission: readonly (readonly number[])[],
  observations: Int32Array,
): { value: number; grad: [logInitial: number[], logTransition: number[][], logEmission: number[][]] } {
  const states = logInitial.length;
  const steps = observations.length;
  const symbols = logEmission[0]!.length;
  const size = states * states;
  // A row for each state to go to, and a row for each symbol.
  const transition = new Float64Array(size);
  const emission = new Float64Array(symbols * states);
  for (let state = 0; state < states; state++) {
    const logTransitions = logTransition[state]!;
    const logEmissions = logEmission[state]!;
    for (let to = 0; to < states; to++) transition[to * states + state] = logTransitions[to]!;
    for (let symbol = 0; symbol < symbols; symbol++) emission[symbol * states + state] = logEmissions[symbol]!;
  }

  // In each step after the first, for each state the terms of its sum, by the state before, and the sum's inverse.
  const terms = new Float64Array((steps - 1) * size);
  const inverses = new Float64Array((steps - 1) * states);
  let forward = new Float64Array(states);
  let before = new Float64Array(states);
  const firstSymbol = observations[0]! * states;
  for (let state = 0; state < states; state++) forward[state] = logInitial[state]! + emission[firstSymbol + state]!;
  let next = 0;
  for (let t = 1; t < steps; t++) {
    const swapped = before;
    before = forward;
    forward = swapped;
    const symbol = observations[t]! * states;
    for (let to = 0; to < states; to++) {
      const row = to * states;
      let largest = -Infinity;
      for (let from = 0; from < states; from++) {
        const term = before[from]! + transition[row + from]!;
        terms[next + from] = term;
        if (term > largest) largest = term;
      }
      let sum = 0;
      for (let from = 0; from < states; from++) {
        const term = Math.exp(terms[next + from]! - largest);
        terms[next + from] = term;
        sum += term;
      }
      inverses[(t - 1) * states + to] = 1 / sum;
      forward[to] = largest + Math.log(sum) + emission[symbol + to]!;
      next += states;
    }
  }
  let largest = -Infinity;
  for (let state = 0; state < states; state++) if (forward[state]! > largest) largest = forward[state]!;
  let sum = 0;
  const bar = before; // of the states after a step, then of those before it
  for (let state = 0; state < states; state++) {
    const term = Math.exp(forward[state]! - largest);
    bar[state] = term;
    sum += term;
  }
  const value = largest + Math.log(sum);

  const counts = new Float64Array(size); // as `transition`
  const emissionCounts = new Float64Array(symbols * states);
  const fromBar = forward;
  const inverse = 1 / sum;
  for (let state = 0; state < states; state++) bar[state] = bar[state]! * inverse;
  for (let t = steps - 1; t > 0; t--) {
    const symbol = observations[t]! * states;
    fromBar.fill(0);
    for (let to = 0; to < states; to++) {
      const weight = bar[to]!;
      emissionCounts[symbol + to] = emissionCounts[symbol + to]! + weight;
      const scale = weight * inverses[(t - 1) * states + to]!;
      const row = to * states;
      const kept = (t - 1) * size + row;
      for (let from = 0; from < states; from++) {
        const count = scale * terms[kept + from]!;
        counts[row + from] = counts[row + from]! + count;
        fromBar[from] = fromBar[from]! + count;
      }
    }
    for (let state = 0; state < states; state++) bar[state] = fromBar[state]!;
  }
  for (let state = 0; state < states; state++) {
    emissionCounts[firstSymbol + state] = emissionCounts[firstSymbol + state]! + bar[state]!;
  }
  return {
    value,
    grad: [
      logInitial.map((_, state) => bar[state]!),
      logTransition.map((row, from) => row.map((_, to) => counts[to * states + from]!)),
      logEmission.map((row, state) => row.map((_, symbol) => emissionCounts[symbol * states + state]!)),
    ],
  };
}
