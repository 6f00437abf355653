/**
 * Value and gradient by hand. A put is exercised where the price is low, and backwards in time that region loses at most
 * its highest node in each step (Kim and Byun 1994): one comparison per step, and nothing to compute below. Nor is there
 * above, where no path ends in the money.
 *
 * All paths to a node have as many ups and as many downs, so that the value is the sum over the nodes where paths end of
 * upWeight^ups · downWeight^downs · (number of paths) · (strike − price). The derivatives by the weights follow from the
 * terms, and of the first sweep only the region is kept. Both sweeps take four steps at once.
 */
export function valueAndGradAmericanOption(
  spot: number,
  strike: number,
  rate: number,
  volatility: number,
  expiry: number,
  steps: number,
): { value: number; grad: [spot: number, strike: number, rate: number, volatility: number, expiry: number] } {
  const dt = expiry / steps;
  const rootOfDt = Math.sqrt(dt);
  const up = Math.exp(volatility * rootOfDt);
  const down = 1 / up;
  const growth = Math.exp(rate * dt);
  const discount = 1 / growth;
  const spread = up - down;
  const probability = (growth - down) / spread;
  const upWeight = discount * probability;
  const downWeight = discount * (1 - probability);

  // Price and value after `step` steps, i of them up: prices[steps − step + 2 i] and values[i].
  const prices = new Float64Array(2 * steps + 2);
  const values = new Float64Array(steps + 6);
  const squaredUp = up * up;
  let price = spot * down ** steps;
  let between = price * up;
  for (let i = 0; i <= 2 * steps; i += 2) {
    prices[i] = price;
    prices[i + 1] = between;
    price *= squaredUp;
    between *= squaredUp;
  }
  let inTheMoney = 0;
  for (; inTheMoney <= steps && prices[2 * inTheMoney]! < strike; inTheMoney++) {
    values[inTheMoney] = strike - prices[2 * inTheMoney]!;
  }
  const exercised = new Int32Array(steps + 1); // in each step, the number of nodes
  exercised[steps] = inTheMoney;
  let boundary = rate > 0 ? inTheMoney : 0;
  let step = steps; // the step that `values` is of
  while (step > 0) {
    if (step >= boundary + 4) {
      // The lowest nodes of four steps, in the end a staircase, up which the rest goes at once.
      const corner = boundary + 3;
      for (let level = 1; level <= 4; level++) {
        const next = step - level;
        let first = boundary;
        let here = values[first]!;
        if (boundary > 0) {
          const i = boundary - 1;
          const offset = steps - next + 2 * i;
          const below = strike - prices[offset - 1]!;
          if (upWeight * here + downWeight * below > strike - prices[offset]!) {
            first = i;
            boundary = i;
            here = below;
          }
        }
        for (let i = first; i <= corner - level; i++) {
          const after = values[i + 1]!;
          values[i] = upWeight * after + downWeight * here;
          here = after;
        }
        exercised[next] = boundary;
      }
      let here0 = values[corner]!;
      let here1 = values[corner - 1]!;
      let here2 = values[corner - 2]!;
      let here3 = values[corner - 3]!;
      const last = Math.min(step - 1, inTheMoney + 2);
      for (let i = corner; i <= last; i++) {
        const after0 = values[i + 1]!;
        const after1 = upWeight * after0 + downWeight * here0;
        const after2 = upWeight * after1 + downWeight * here1;
        const after3 = upWeight * after2 + downWeight * here2;
        values[i - 3] = upWeight * after3 + downWeight * here3;
        here0 = after0;
        here1 = after1;
        here2 = after2;
        here3 = after3;
      }
      step -= 4;
    } else {
      step--;
      const last = Math.min(step, inTheMoney - 1);
      if (boundary > step + 1) boundary = step + 1;
      else if (boundary > 0) {
        const i = boundary - 1;
        const offset = steps - step + 2 * i;
        values[i] = strike - prices[offset - 1]!;
        if (upWeight * values[i + 1]! + downWeight * values[i]! > strike - prices[offset]!) boundary = i;
      }
      for (let i = boundary; i <= last; i++) values[i] = upWeight * values[i + 1]! + downWeight * values[i]!;
      exercised[step] = boundary;
    }
  }
  if (boundary > 0) return { value: strike - spot, grad: [-1, 1, 0, 0, 0] };

  // What a node's value contributes to the price. Before the last step no more than one node's path ends in each.
  const shares = new Float64Array(steps + 2);
  const ended = new Float64Array(steps + 1);
  shares[0] = 1;
  step = 0;
  for (; step + 4 < steps; step += 4) {
    const boundary1 = exercised[step + 1]!;
    const boundary2 = exercised[step + 2]!;
    const boundary3 = exercised[step + 3]!;
    const boundary4 = exercised[step + 4]!;
    const last = Math.min(step + 4, inTheMoney - 1);
    let before0 = 0;
    let before1 = 0;
    let before2 = 0;
    let before3 = 0;
    let i = exercised[step]!;
    for (; i < boundary4; i++) {
      const share0 = shares[i]!;
      let share1 = upWeight * before0 + downWeight * share0;
      if (i < boundary1) {
        ended[step + 1] = share1;
        share1 = 0;
      }
      let share2 = upWeight * before1 + downWeight * share1;
      if (i < boundary2) {
        ended[step + 2] = share2;
        share2 = 0;
      }
      let share3 = upWeight * before2 + downWeight * share2;
      if (i < boundary3) {
        ended[step + 3] = share3;
        share3 = 0;
      }
      ended[step + 4] = upWeight * before3 + downWeight * share3;
      before0 = share0;
      before1 = share1;
      before2 = share2;
      before3 = share3;
    }
    for (; i <= last; i++) {
      const share0 = shares[i]!;
      const share1 = upWeight * before0 + downWeight * share0;
      const share2 = upWeight * before1 + downWeight * share1;
      const share3 = upWeight * before2 + downWeight * share2;
      shares[i] = upWeight * before3 + downWeight * share3;
      before0 = share0;
      before1 = share1;
      before2 = share2;
      before3 = share3;
    }
  }
  for (; step < steps; step++) {
    const first = exercised[step]!;
    const last = Math.min(step + 1, inTheMoney - 1);
    let before = 0;
    for (let i = first; i <= last; i++) {
      const here = shares[i]!;
      shares[i] = upWeight * before + downWeight * here;
      before = here;
    }
    if (step + 1 < steps && first < exercised[step + 1]!) {
      ended[step + 1] = shares[first]!;
      shares[first] = 0;
    }
  }

  let spotBar = 0;
  let strikeBar = 0;
  let logUpBar = 0;
  let upWeightBar = 0;
  let downWeightBar = 0;
  for (let s = 1; s < steps; s++) {
    const share = ended[s]!;
    if (share === 0) continue;
    const ups = exercised[s]! - 1;
    const price = share * prices[steps - s + 2 * ups]!;
    const gain = share * strike - price;
    strikeBar += share;
    spotBar -= price;
    logUpBar -= price * (2 * ups - s);
    upWeightBar += gain * ups;
    downWeightBar += gain * (s - ups);
  }
  for (let ups = exercised[steps - 1]!; ups < inTheMoney; ups++) {
    const share = shares[ups]!;
    const price = share * prices[2 * ups]!;
    const gain = share * strike - price;
    strikeBar += share;
    spotBar -= price;
    logUpBar -= price * (2 * ups - steps);
    upWeightBar += gain * ups;
    downWeightBar += gain * (steps - ups);
  }
  spotBar /= spot;
  upWeightBar /= upWeight;
  downWeightBar /= downWeight;

  const probabilityBar = discount * (upWeightBar - downWeightBar);
  const discountBar = probability * upWeightBar + (1 - probability) * downWeightBar;
  const growthBar = probabilityBar / spread - discountBar * discount * discount;
  const downBar = (probabilityBar * (probability - 1)) / spread;
  logUpBar += -((probabilityBar * probability) / spread) * up - downBar * down;
  const growthRateBar = growthBar * growth;
  const dtBar = growthRateBar * rate + (0.5 * logUpBar * volatility) / rootOfDt;
  return {
    value: values[0]!,
    grad: [spotBar, strikeBar, growthRateBar * dt, logUpBar * rootOfDt, dtBar / steps],
  };
}
