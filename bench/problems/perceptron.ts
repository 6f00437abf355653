/**
 * Mean cross-entropy of a two-layer perceptron: tanh, then softmax. Weights are row-major, one row per output.
 * @differentiable valueAndGrad wrt w1, b1, w2, b2
 */
export function perceptron(
  w1: Float64Array,
  b1: Float64Array,
  w2: Float64Array,
  b2: Float64Array,
  inputs: Float64Array,
  labels: Int32Array,
): number {
  const batch = labels.length;
  const inputSize = inputs.length / batch;
  const hiddenSize = b1.length;
  const classes = b2.length;
  const hidden = new Float64Array(hiddenSize);
  const logits = new Float64Array(classes);
  let loss = 0;
  for (let s = 0; s < batch; s++) {
    for (let h = 0; h < hiddenSize; h++) {
      let sum = b1[h]!;
      for (let i = 0; i < inputSize; i++) sum += w1[h * inputSize + i]! * inputs[s * inputSize + i]!;
      hidden[h] = Math.tanh(sum);
    }
    let largest = -Infinity;
    for (let c = 0; c < classes; c++) {
      let sum = b2[c]!;
      for (let h = 0; h < hiddenSize; h++) sum += w2[c * hiddenSize + h]! * hidden[h]!;
      logits[c] = sum;
      if (sum > largest) largest = sum;
    }
    let total = 0;
    for (let c = 0; c < classes; c++) total += Math.exp(logits[c]! - largest);
    loss += largest + Math.log(total) - logits[labels[s]!]!;
  }
  return loss / batch;
}
