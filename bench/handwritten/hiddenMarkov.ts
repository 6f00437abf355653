/**
 * Value and gradient by hand: forward and backward with probabilities scaled to sum to 1 in each step, as is usual
 * (Rabiner 1989), instead of logarithms. The derivatives by logarithms are expected counts. States to come from are taken
 * two at a time.
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
  const transition = new Float64Array(states * states);
  const emission = new Float64Array(symbols * states); // a row for each symbol
  for (let state = 0; state < states; state++) {
    const logTransitions = logTransition[state]!;
    const logEmissions = logEmission[state]!;
    for (let to = 0; to < states; to++) transition[state * states + to] = Math.exp(logTransitions[to]!);
    for (let symbol = 0; symbol < symbols; symbol++) {
      emission[symbol * states + state] = Math.exp(logEmissions[symbol]!);
    }
  }

  const forwards = new Float64Array(steps * states);
  const sums = new Float64Array(states);
  const scales = new Float64Array(steps);
  for (let state = 0; state < states; state++) sums[state] = Math.exp(logInitial[state]!);
  let value = 0;
  for (let t = 0; t < steps; t++) {
    const row = t * states;
    const symbol = observations[t]! * states;
    let total = 0;
    for (let state = 0; state < states; state++) {
      const probability = sums[state]! * emission[symbol + state]!;
      forwards[row + state] = probability;
      sums[state] = 0;
      total += probability;
    }
    value += Math.log(total);
    const scale = 1 / total;
    scales[t] = scale;
    let from = 0;
    for (; from + 1 < states; from += 2) {
      const first = scale * forwards[row + from]!;
      const second = scale * forwards[row + from + 1]!;
      forwards[row + from] = first;
      forwards[row + from + 1] = second;
      const transitions = from * states;
      const secondTransitions = transitions + states;
      for (let to = 0; to < states; to++) {
        sums[to] = sums[to]! + (first * transition[transitions + to]! + second * transition[secondTransitions + to]!);
      }
    }
    if (from < states) {
      const first = scale * forwards[row + from]!;
      forwards[row + from] = first;
      const transitions = from * states;
      for (let to = 0; to < states; to++) sums[to] = sums[to]! + first * transition[transitions + to]!;
    }
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
    let from = 0;
    for (; from + 1 < states; from += 2) {
      const transitions = from * states;
      const secondTransitions = transitions + states;
      const first = forwards[before + from]!;
      const second = forwards[before + from + 1]!;
      let sum = 0;
      let secondSum = 0;
      for (let to = 0; to < states; to++) {
        const weight = next[to]!;
        sum += weight * transition[transitions + to]!;
        secondSum += weight * transition[secondTransitions + to]!;
        counts[transitions + to] = counts[transitions + to]! + first * weight;
        counts[secondTransitions + to] = counts[secondTransitions + to]! + second * weight;
      }
      backward[from] = sum;
      backward[from + 1] = secondSum;
    }
    if (from < states) {
      const transitions = from * states;
      const probability = forwards[before + from]!;
      let sum = 0;
      for (let to = 0; to < states; to++) {
        const weight = next[to]!;
        sum += weight * transition[transitions + to]!;
        counts[transitions + to] = counts[transitions + to]! + probability * weight;
      }
      backward[from] = sum;
    }
  }
  return {
    value,
    grad: [
      logInitial.map((_, state) => backward[state]! * forwards[state]!),
      logTransition.map((row, from) =>
        row.map((_, to) => counts[from * states + to]! * transition[from * states + to]!),
      ),
      logEmission.map((row, state) => row.map((_, symbol) => emissionCounts[symbol * states + state]!)),
    ],
  };
}
