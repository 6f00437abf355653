/**
 * Value and gradient by hand: forward and backward with probabilities scaled to sum to 1 in each step, as is usual
 * (Rabiner 1989), instead of logarithms. The derivatives by logarithms are expected counts. States are taken four at a
 * time; counts of transitions wait for the end, where four steps go into them at once.
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
  let product = 1; // one logarithm for many sums, as long as their product is in range
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
    if (total > 1e-100 && total < 1e100) {
      product *= total;
      if (product < 1e-100 || product > 1e100) {
        value += Math.log(product);
        product = 1;
      }
    } else value += Math.log(total);
    const scale = 1 / total;
    scales[t] = scale;
    let from = 0;
    for (; from + 3 < states; from += 4) {
      const at = row + from;
      const first = scale * forwards[at]!;
      const second = scale * forwards[at + 1]!;
      const third = scale * forwards[at + 2]!;
      const fourth = scale * forwards[at + 3]!;
      forwards[at] = first;
      forwards[at + 1] = second;
      forwards[at + 2] = third;
      forwards[at + 3] = fourth;
      const transitions = from * states;
      const secondTransitions = transitions + states;
      const thirdTransitions = secondTransitions + states;
      const fourthTransitions = thirdTransitions + states;
      for (let to = 0; to < states; to++) {
        sums[to] =
          sums[to]! +
          (first * transition[transitions + to]! +
            second * transition[secondTransitions + to]! +
            (third * transition[thirdTransitions + to]! + fourth * transition[fourthTransitions + to]!));
      }
    }
    for (; from < states; from++) {
      const first = scale * forwards[row + from]!;
      forwards[row + from] = first;
      const transitions = from * states;
      for (let to = 0; to < states; to++) sums[to] = sums[to]! + first * transition[transitions + to]!;
    }
  }
  value += Math.log(product);

  const emissionCounts = new Float64Array(symbols * states);
  const backward = new Float64Array(states).fill(1);
  const nexts = new Float64Array(steps * states);
  for (let t = steps - 1; t >= 0; t--) {
    const row = t * states;
    const symbol = observations[t]! * states;
    const scale = scales[t]!;
    for (let state = 0; state < states; state++) {
      const weight = backward[state]!;
      emissionCounts[symbol + state] = emissionCounts[symbol + state]! + weight * forwards[row + state]!;
      nexts[row + state] = scale * weight * emission[symbol + state]!;
    }
    if (t === 0) break;
    let from = 0;
    for (; from + 3 < states; from += 4) {
      const transitions = from * states;
      const secondTransitions = transitions + states;
      const thirdTransitions = secondTransitions + states;
      const fourthTransitions = thirdTransitions + states;
      let sum = 0;
      let secondSum = 0;
      let thirdSum = 0;
      let fourthSum = 0;
      for (let to = 0; to < states; to++) {
        const weight = nexts[row + to]!;
        sum += weight * transition[transitions + to]!;
        secondSum += weight * transition[secondTransitions + to]!;
        thirdSum += weight * transition[thirdTransitions + to]!;
        fourthSum += weight * transition[fourthTransitions + to]!;
      }
      backward[from] = sum;
      backward[from + 1] = secondSum;
      backward[from + 2] = thirdSum;
      backward[from + 3] = fourthSum;
    }
    for (; from < states; from++) {
      const transitions = from * states;
      let sum = 0;
      for (let to = 0; to < states; to++) sum += nexts[row + to]! * transition[transitions + to]!;
      backward[from] = sum;
    }
  }

  const counts = new Float64Array(states * states); // of transitions, as `transition`, still to be multiplied by it
  let t = 1;
  for (; t + 3 < steps; t += 4) {
    const row0 = t * states;
    const row1 = row0 + states;
    const row2 = row1 + states;
    const row3 = row2 + states;
    for (let from = 0; from < states; from++) {
      const transitions = from * states;
      const first = forwards[row0 - states + from]!;
      const second = forwards[row0 + from]!;
      const third = forwards[row1 + from]!;
      const fourth = forwards[row2 + from]!;
      for (let to = 0; to < states; to++) {
        counts[transitions + to] =
          counts[transitions + to]! +
          (first * nexts[row0 + to]! +
            second * nexts[row1 + to]! +
            (third * nexts[row2 + to]! + fourth * nexts[row3 + to]!));
      }
    }
  }
  for (; t < steps; t++) {
    const row = t * states;
    for (let from = 0; from < states; from++) {
      const transitions = from * states;
      const first = forwards[row - states + from]!;
      for (let to = 0; to < states; to++) {
        counts[transitions + to] = counts[transitions + to]! + first * nexts[row + to]!;
      }
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
