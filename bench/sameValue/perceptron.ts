/** Value and gradient by hand, the value bit for bit: forward and backward through one sample at a time. */
export function valueAndGradPerceptron(
  w1: Float64Array,
  b1: Float64Array,
  w2: Float64Array,
  b2: Float64Array,
  inputs: Float64Array,
  labels: Int32Array,
): { value: number; grad: [w1: Float64Array, b1: Float64Array, w2: Float64Array, b2: Float64Array] } {
  const batch = labels.length;
  const inputSize = inputs.length / batch;
  const hiddenSize = b1.length;
  const classes = b2.length;
  const w1Bar = new Float64Array(w1.length);
  const b1Bar = new Float64Array(hiddenSize);
  const w2Bar = new Float64Array(w2.length);
  const b2Bar = new Float64Array(classes);
  const hidden = new Float64Array(hiddenSize);
  const hiddenBar = new Float64Array(hiddenSize);
  const logits = new Float64Array(classes);
  const lossBar = 1 / batch;
  let loss = 0;
  for (let s = 0; s < batch; s++) {
    const sample = s * inputSize;
    const label = labels[s]!;
    for (let h = 0; h < hiddenSize; h++) {
      const row = h * inputSize;
      let sum = b1[h]!;
      for (let i = 0; i < inputSize; i++) sum += w1[row + i]! * inputs[sample + i]!;
      hidden[h] = Math.tanh(sum);
    }
    let largest = -Infinity;
    for (let c = 0; c < classes; c++) {
      const row = c * hiddenSize;
      let sum = b2[c]!;
      for (let h = 0; h < hiddenSize; h++) sum += w2[row + h]! * hidden[h]!;
      logits[c] = sum;
      if (sum > largest) largest = sum;
    }
    const chosen = logits[label]!;
    let total = 0;
    for (let c = 0; c < classes; c++) {
      const share = Math.exp(logits[c]! - largest);
      logits[c] = share;
      total += share;
    }
    loss += largest + Math.log(total) - chosen;

    const scale = lossBar / total;
    hiddenBar.fill(0);
    for (let c = 0; c < classes; c++) {
      const row = c * hiddenSize;
      const logitBar = logits[c]! * scale - (c === label ? lossBar : 0);
      b2Bar[c] = b2Bar[c]! + logitBar;
      for (let h = 0; h < hiddenSize; h++) {
        w2Bar[row + h] = w2Bar[row + h]! + logitBar * hidden[h]!;
        hiddenBar[h] = hiddenBar[h]! + logitBar * w2[row + h]!;
      }
    }
    for (let h = 0; h < hiddenSize; h++) {
      const row = h * inputSize;
      const activation = hidden[h]!;
      const sumBar = hiddenBar[h]! * (1 - activation * activation);
      b1Bar[h] = b1Bar[h]! + sumBar;
      for (let i = 0; i < inputSize; i++) w1Bar[row + i] = w1Bar[row + i]! + sumBar * inputs[sample + i]!;
    }
  }
  return { value: loss / batch, grad: [w1Bar, b1Bar, w2Bar, b2Bar] };
}
