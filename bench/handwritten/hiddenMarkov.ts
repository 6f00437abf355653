/**
 * Value and gradient by hand: forward and backward with probabilities scaled to sum to 1 in each step, as is usual
 * (Rabiner 1989), instead of logarithms. The derivatives by logarithms are expected counts.
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
  const transition = new Float64Array(states * states); // a row for each state to go to
  const emission = new Float64Array(symbols * states); // a row for each symbol
  for (let state = 0; state < states; state++) {
    const logTransitions = logTransition[state]!;
    const logEmissions = logEmission[state]!;
    for (let to = 0; to < states; to++) transition[to * states + state] = Math.exp(logTransitions[to]!);
    for (let symbol = 0; symbol < symbols; symbol++) {
      emission[symbol * states + state] = Math.exp(logEmissions[symbol]!);
    }
  }

  const forwards = new Float64Array(steps * states);
  const scales = new Float64Array(steps);
  let value = 0;
  for (let t = 0; t < steps; t++) {
    const row = t * states;
    const before = row - states;
    const symbol = observations[t]! * states;
    let total = 0;
    for (let to = 0; to < states; to++) {
      let sum = 0;
      if (t === 0) sum = Math.exp(logInitial[to]!);
      else {
        const transitions = to * states;
        for (let from = 0; from < states; from++) sum += forwards[before + from]! * transition[transitions + from]!;
      }
      const probability = sum * emission[symbol + to]!;
      forwards[row + to] = probability;
      total += probability;
    }
    value += Math.log(total);
    const scale = 1 / total;
    scales[t] = scale;
    for (let state = 0; state < states; state++) forwards[row + state] = scale * forwards[row + state]!;
  }

  const counts = new Float64Array(states * states); // of transitions, as `transition`, still to be multiplied by it
  const emissionCounts = new Float64Array(symbols * states);
  const backward = new Float64Array(states).fill(1);
  const next = new Float64Array(states);
  for (let t = steps - 1; t >= 0; t--) {
    const row = t * states;
    const before = row - states;
    const symbol = observations[t]! * states;
    const scale = scales[t]!;
    for (let state = 0; state < states; state++) {
      const weight = backward[state]!;
      emissionCounts[symbol + state] = emissionCounts[symbol + state]! + weight * forwards[row + state]!;
      next[state] = scale * weight * emission[symbol + state]!;
    }
    if (t === 0) break;
    backward.fill(0);
    for (let to = 0; to < states; to++) {
      const transitions = to * states;
      const weight = next[to]!;
      for (let from = 0; from < states; from++) {
        const at = transitions + from;
        backward[from] = backward[from]! + weight * transition[at]!;
        counts[at] = counts[at]! + weight * forwards[before + from]!;
      }
    }
  }
  return {
    value,
    grad: [
      logInitial.map((_, state) => backward[state]! * forwards[state]!),
      logTransition.map((row, from) =>
        row.map((_, to) => counts[to * states + from]! * transition[to * states + from]!),
      ),
      logEmission.map((row, state) => row.map((_, symbol) => emissionCounts[symbol * states + state]!)),
    ],
  };
}
