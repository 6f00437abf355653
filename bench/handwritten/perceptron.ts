/** Value and gradient by hand: forward and backward through four samples at a time, side by side, and two units. */
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
  // Four numbers each, one per sample.
  const input = new Float64Array(4 * inputSize);
  const hidden = new Float64Array(4 * hiddenSize); // activations, then the adjoints of the sums
  const logits = new Float64Array(4 * classes); // later shares, then adjoints
  const lossBar = 1 / batch;
  let loss = 0;
  for (let s = 0; s < batch; s += 4) {
    // Behind the last sample it is taken again, and left out in the end.
    const count = Math.min(4, batch - s);
    for (let p = 0; p < 4; p++) {
      const sample = (s + Math.min(p, count - 1)) * inputSize;
      for (let i = 0; i < inputSize; i++) input[4 * i + p] = inputs[sample + i]!;
    }
    let h = 0;
    for (; h + 1 < hiddenSize; h += 2) {
      const row = h * inputSize;
      const second = row + inputSize;
      let sum0 = b1[h]!;
      let sum1 = b1[h]!;
      let sum2 = b1[h]!;
      let sum3 = b1[h]!;
      let secondSum0 = b1[h + 1]!;
      let secondSum1 = b1[h + 1]!;
      let secondSum2 = b1[h + 1]!;
      let secondSum3 = b1[h + 1]!;
      for (let i = 0, at = 0; i < inputSize; i++, at += 4) {
        const weight = w1[row + i]!;
        const secondWeight = w1[second + i]!;
        const x0 = input[at]!;
        const x1 = input[at + 1]!;
        const x2 = input[at + 2]!;
        const x3 = input[at + 3]!;
        sum0 += weight * x0;
        sum1 += weight * x1;
        sum2 += weight * x2;
        sum3 += weight * x3;
        secondSum0 += secondWeight * x0;
        secondSum1 += secondWeight * x1;
        secondSum2 += secondWeight * x2;
        secondSum3 += secondWeight * x3;
      }
      const to = 4 * h;
      hidden[to] = Math.tanh(sum0);
      hidden[to + 1] = Math.tanh(sum1);
      hidden[to + 2] = Math.tanh(sum2);
      hidden[to + 3] = Math.tanh(sum3);
      hidden[to + 4] = Math.tanh(secondSum0);
      hidden[to + 5] = Math.tanh(secondSum1);
      hidden[to + 6] = Math.tanh(secondSum2);
      hidden[to + 7] = Math.tanh(secondSum3);
    }
    if (h < hiddenSize) {
      const row = h * inputSize;
      let sum0 = b1[h]!;
      let sum1 = b1[h]!;
      let sum2 = b1[h]!;
      let sum3 = b1[h]!;
      for (let i = 0, at = 0; i < inputSize; i++, at += 4) {
        const weight = w1[row + i]!;
        sum0 += weight * input[at]!;
        sum1 += weight * input[at + 1]!;
        sum2 += weight * input[at + 2]!;
        sum3 += weight * input[at + 3]!;
      }
      hidden[4 * h] = Math.tanh(sum0);
      hidden[4 * h + 1] = Math.tanh(sum1);
      hidden[4 * h + 2] = Math.tanh(sum2);
      hidden[4 * h + 3] = Math.tanh(sum3);
    }
    for (let c = 0; c < classes; c++) {
      const row = c * hiddenSize;
      let sum0 = b2[c]!;
      let sum1 = b2[c]!;
      let sum2 = b2[c]!;
      let sum3 = b2[c]!;
      for (let h = 0, at = 0; h < hiddenSize; h++, at += 4) {
        const weight = w2[row + h]!;
        sum0 += weight * hidden[at]!;
        sum1 += weight * hidden[at + 1]!;
        sum2 += weight * hidden[at + 2]!;
        sum3 += weight * hidden[at + 3]!;
      }
      logits[4 * c] = sum0;
      logits[4 * c + 1] = sum1;
      logits[4 * c + 2] = sum2;
      logits[4 * c + 3] = sum3;
    }
    for (let p = 0; p < count; p++) {
      const label = labels[s + p]!;
      let largest = -Infinity;
      for (let c = p; c < 4 * classes; c += 4) if (logits[c]! > largest) largest = logits[c]!;
      const chosen = logits[4 * label + p]!;
      let total = 0;
      for (let c = p; c < 4 * classes; c += 4) {
        const share = Math.exp(logits[c]! - largest);
        logits[c] = share;
        total += share;
      }
      loss += largest + Math.log(total) - chosen;
      const scale = lossBar / total;
      for (let c = p; c < 4 * classes; c += 4) logits[c] = logits[c]! * scale;
      logits[4 * label + p] = logits[4 * label + p]! - lossBar;
    }
    for (let p = count; p < 4; p++) for (let c = p; c < 4 * classes; c += 4) logits[c] = 0;

    for (let c = 0; c < classes; c++) {
      const at = 4 * c;
      b2Bar[c] = b2Bar[c]! + (logits[at]! + logits[at + 1]! + (logits[at + 2]! + logits[at + 3]!));
    }
    for (let h = 0; h < hiddenSize; h++) {
      const to = 4 * h;
      const activation0 = hidden[to]!;
      const activation1 = hidden[to + 1]!;
      const activation2 = hidden[to + 2]!;
      const activation3 = hidden[to + 3]!;
      let bar0 = 0;
      let bar1 = 0;
      let bar2 = 0;
      let bar3 = 0;
      for (let c = 0, at = h; c < 4 * classes; c += 4, at += hiddenSize) {
        const weight = w2[at]!;
        const logitBar0 = logits[c]!;
        const logitBar1 = logits[c + 1]!;
        const logitBar2 = logits[c + 2]!;
        const logitBar3 = logits[c + 3]!;
        bar0 += weight * logitBar0;
        bar1 += weight * logitBar1;
        bar2 += weight * logitBar2;
        bar3 += weight * logitBar3;
        w2Bar[at] =
          w2Bar[at]! +
          (logitBar0 * activation0 + logitBar1 * activation1 + (logitBar2 * activation2 + logitBar3 * activation3));
      }
      bar0 *= 1 - activation0 * activation0;
      bar1 *= 1 - activation1 * activation1;
      bar2 *= 1 - activation2 * activation2;
      bar3 *= 1 - activation3 * activation3;
      hidden[to] = bar0;
      hidden[to + 1] = bar1;
      hidden[to + 2] = bar2;
      hidden[to + 3] = bar3;
      b1Bar[h] = b1Bar[h]! + (bar0 + bar1 + (bar2 + bar3));
    }
    for (h = 0; h + 1 < hiddenSize; h += 2) {
      const row = h * inputSize;
      const second = row + inputSize;
      const from = 4 * h;
      const bar0 = hidden[from]!;
      const bar1 = hidden[from + 1]!;
      const bar2 = hidden[from + 2]!;
      const bar3 = hidden[from + 3]!;
      const secondBar0 = hidden[from + 4]!;
      const secondBar1 = hidden[from + 5]!;
      const secondBar2 = hidden[from + 6]!;
      const secondBar3 = hidden[from + 7]!;
      for (let i = 0, at = 0; i < inputSize; i++, at += 4) {
        const x0 = input[at]!;
        const x1 = input[at + 1]!;
        const x2 = input[at + 2]!;
        const x3 = input[at + 3]!;
        w1Bar[row + i] = w1Bar[row + i]! + (bar0 * x0 + bar1 * x1 + (bar2 * x2 + bar3 * x3));
        w1Bar[second + i] =
          w1Bar[second + i]! + (secondBar0 * x0 + secondBar1 * x1 + (secondBar2 * x2 + secondBar3 * x3));
      }
    }
    if (h < hiddenSize) {
      const row = h * inputSize;
      const from = 4 * h;
      for (let i = 0, at = 0; i < inputSize; i++, at += 4) {
        w1Bar[row + i] =
          w1Bar[row + i]! +
          (hidden[from]! * input[at]! +
            hidden[from + 1]! * input[at + 1]! +
            (hidden[from + 2]! * input[at + 2]! + hidden[from + 3]! * input[at + 3]!));
      }
    }
  }
  return { value: loss / batch, grad: [w1Bar, b1Bar, w2Bar, b2Bar] };
}
