/**
 * Value and gradient by hand, the value bit for bit. Units meet only in the likelihood, so each goes through the whole
 * sequence on its own, with its parameters and their adjoints in scalars. Gates and hyperbolic tangents are kept.
 */
export function valueAndGradLstm(
  layers: number,
  units: number,
  main: Float64Array,
  extra: Float64Array,
  initialState: Float64Array,
  sequence: Float64Array,
): { value: number; grad: [main: Float64Array, extra: Float64Array] } {
  const steps = Math.max(0, Math.ceil(sequence.length / units) - 1);
  const size = steps * units;
  const forgets = new Float64Array(layers * size);
  const ingates = new Float64Array(layers * size);
  const outgates = new Float64Array(layers * size);
  const changes = new Float64Array(layers * size);
  const tanhs = new Float64Array(layers * size);
  const cells = new Float64Array(layers * size); // before the step
  const hiddens = new Float64Array((layers + 1) * size); // after it; first the input of the first layer

  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < units; i++) hiddens[i * steps + t] = sequence[t * units + i]! * extra[i]!;
  }
  for (let layer = 0; layer < layers; layer++) {
    for (let i = 0; i < units; i++) {
      const p = 8 * layer * units + i;
      const forgetWeight = main[p]!;
      const ingateWeight = main[p + units]!;
      const outgateWeight = main[p + 2 * units]!;
      const changeWeight = main[p + 3 * units]!;
      const forgetBias = main[p + 4 * units]!;
      const ingateBias = main[p + 5 * units]!;
      const outgateBias = main[p + 6 * units]!;
      const changeBias = main[p + 7 * units]!;
      let hidden = initialState[2 * layer * units + i]!;
      let cell = initialState[(2 * layer + 1) * units + i]!;
      const start = layer * size + i * steps;
      for (let at = start; at < start + steps; at++) {
        const input = hiddens[at]!;
        const forget = 1 / (1 + Math.exp(-(input * forgetWeight + forgetBias)));
        const ingate = 1 / (1 + Math.exp(-(hidden * ingateWeight + ingateBias)));
        const outgate = 1 / (1 + Math.exp(-(input * outgateWeight + outgateBias)));
        const change = Math.tanh(hidden * changeWeight + changeBias);
        cells[at] = cell;
        cell = cell * forget + ingate * change;
        const tanh = Math.tanh(cell);
        hidden = outgate * tanh;
        forgets[at] = forget;
        ingates[at] = ingate;
        outgates[at] = outgate;
        changes[at] = change;
        tanhs[at] = tanh;
        hiddens[at + size] = hidden;
      }
    }
  }

  // The likelihood, and at once the adjoint of what the last layer puts out.
  const mainBar = new Float64Array(main.length);
  const extraBar = new Float64Array(extra.length);
  const hiddensBar = new Float64Array(size); // of what a layer puts out, then of what it takes in
  const predictions = new Float64Array(units);
  const exps = new Float64Array(units);
  const top = layers * size;
  const perCount = 1 / size;
  let total = 0;
  for (let t = 0; t < steps; t++) {
    let sum = 2;
    for (let i = 0; i < units; i++) {
      const prediction = hiddens[top + i * steps + t]! * extra[units + i]! + extra[2 * units + i]!;
      const exp = Math.exp(prediction);
      predictions[i] = prediction;
      exps[i] = exp;
      sum += exp;
    }
    const logSum = Math.log(sum);
    const next = (t + 1) * units;
    let golds = 0;
    for (let i = 0; i < units; i++) {
      const gold = sequence[next + i]!;
      total += gold * (predictions[i]! - logSum);
      golds += gold;
    }
    const share = golds / sum;
    for (let i = 0; i < units; i++) {
      const at = i * steps + t;
      const predictionBar = perCount * (share * exps[i]! - sequence[next + i]!);
      extraBar[units + i] = extraBar[units + i]! + predictionBar * hiddens[top + at]!;
      extraBar[2 * units + i] = extraBar[2 * units + i]! + predictionBar;
      hiddensBar[at] = predictionBar * extra[units + i]!;
    }
  }

  for (let layer = layers - 1; layer >= 0; layer--) {
    for (let i = 0; i < units; i++) {
      const p = 8 * layer * units + i;
      const forgetWeight = main[p]!;
      const ingateWeight = main[p + units]!;
      const outgateWeight = main[p + 2 * units]!;
      const changeWeight = main[p + 3 * units]!;
      let forgetWeightBar = 0;
      let ingateWeightBar = 0;
      let outgateWeightBar = 0;
      let changeWeightBar = 0;
      let forgetBiasBar = 0;
      let ingateBiasBar = 0;
      let outgateBiasBar = 0;
      let changeBiasBar = 0;
      let hiddenBar = 0;
      let cellBar = 0;
      const row = i * steps;
      const start = layer * size + row;
      for (let t = steps - 1; t >= 0; t--) {
        const at = start + t;
        const input = hiddens[at]!;
        const hidden = t > 0 ? hiddens[at + size - 1]! : initialState[2 * layer * units + i]!;
        const forget = forgets[at]!;
        const ingate = ingates[at]!;
        const outgate = outgates[at]!;
        const change = changes[at]!;
        const tanh = tanhs[at]!;
        hiddenBar += hiddensBar[row + t]!;
        const outBar = hiddenBar * outgate;
        cellBar += outBar * (1 - tanh * tanh);
        const outgateBar = outBar * (1 - outgate) * tanh;
        const forgetBar = cellBar * cells[at]! * forget * (1 - forget);
        const gainBar = cellBar * ingate;
        const ingateBar = gainBar * (1 - ingate) * change;
        const changeBar = gainBar * (1 - change * change);
        forgetWeightBar += forgetBar * input;
        ingateWeightBar += ingateBar * hidden;
        outgateWeightBar += outgateBar * input;
        changeWeightBar += changeBar * hidden;
        forgetBiasBar += forgetBar;
        ingateBiasBar += ingateBar;
        outgateBiasBar += outgateBar;
        changeBiasBar += changeBar;
        hiddensBar[row + t] = forgetBar * forgetWeight + outgateBar * outgateWeight;
        hiddenBar = ingateBar * ingateWeight + changeBar * changeWeight;
        cellBar *= forget;
      }
      mainBar[p] = forgetWeightBar;
      mainBar[p + units] = ingateWeightBar;
      mainBar[p + 2 * units] = outgateWeightBar;
      mainBar[p + 3 * units] = changeWeightBar;
      mainBar[p + 4 * units] = forgetBiasBar;
      mainBar[p + 5 * units] = ingateBiasBar;
      mainBar[p + 6 * units] = outgateBiasBar;
      mainBar[p + 7 * units] = changeBiasBar;
    }
  }
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < units; i++) {
      extraBar[i] = extraBar[i]! + hiddensBar[i * steps + t]! * sequence[t * units + i]!;
    }
  }
  return { value: -total / size, grad: [mainBar, extraBar] };
}
