/** Multinomial logistic regression: one linear score per class, the softmax of the scores gives the probabilities. */

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** log Σ exp(values[i]), shifted by the maximum against overflow. */
function logSumExp(values: readonly number[]): number {
  const largest = values.reduce((a, b) => Math.max(a, b));
  const sum = values.reduce((partial, value) => partial + Math.exp(value - largest), 0);
  return largest + Math.log(sum);
}

/** One score per class. */
export function classScores(
  weights: readonly (readonly number[])[],
  biases: readonly number[],
  sample: readonly number[],
): number[] {
  return weights.map((row, k) => dot(row, sample) + biases[k]!);
}

/**
 * Mean negative log-likelihood of the labels, with a ridge penalty on the weights.
 *
 * @differentiable valueAndGrad wrt weights, biases
 */
export function crossEntropy(
  weights: number[][],
  biases: number[],
  samples: readonly (readonly number[])[],
  labels: readonly number[],
  ridge: number,
): number {
  let loss = 0;
  for (let i = 0; i < samples.length; i++) {
    const scores = classScores(weights, biases, samples[i]!);
    loss += logSumExp(scores) - scores[labels[i]!]!;
  }
  let penalty = 0;
  for (const row of weights) penalty += dot(row, row);
  return loss / samples.length + 0.5 * ridge * penalty;
}
