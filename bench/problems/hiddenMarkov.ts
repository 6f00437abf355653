function logSumExp(values: readonly number[]): number {
  const largest = Math.max(...values);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

/**
 * Log-likelihood of observed symbols under a hidden Markov model, by the forward algorithm. `logTransition` has a row for
 * each state to come from, `logEmission` a row for each state.
 * @differentiable valueAndGrad wrt logInitial, logTransition, logEmission
 */
export function hiddenMarkov(
  logInitial: readonly number[],
  logTransition: readonly (readonly number[])[],
  logEmission: readonly (readonly number[])[],
  observations: Int32Array,
): number {
  let forward = logInitial.map((logProbability, state) => logProbability + logEmission[state]![observations[0]!]!);
  for (let t = 1; t < observations.length; t++) {
    const before = forward;
    forward = before.map(
      (_, to) =>
        logSumExp(before.map((logProbability, from) => logProbability + logTransition[from]![to]!)) +
        logEmission[to]![observations[t]!]!,
    );
  }
  return logSumExp(forward);
}
