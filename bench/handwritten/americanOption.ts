/**
 * Value and gradient by hand. A put is exercised where the price is low, and backwards in time that region loses at most
 * its highest node in each step (Kim and Byun 1994): one comparison per step, and nothing to compute below. Nor is there
 * above, where no path ends in the money.
 *
 * All paths to a node have as many ups and as many downs, so that the value is the sum over the nodes where paths end of
 * upWeight^ups · downWeight^downs · (number of paths) · (strike − price). The derivatives by the weights follow from the
 * terms, and of the first sweep only the region is kept.
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
  const prices = new Float64Array(2 * steps + 1);
  const values = new Float64Array(steps + 2);
  let price = spot * down ** steps;
  for (let i = 0; i <= 2 * steps; i++) {
    prices[i] = price;
    price *= up;
  }
  let inTheMoney = 0;
  for (; inTheMoney <= steps && prices[2 * inTheMoney]! < strike; inTheMoney++) {
    values[inTheMoney] = strike - prices[2 * inTheMoney]!;
  }
  const exercised = new Int32Array(steps + 1); // in each step, the number of nodes
  exercised[steps] = inTheMoney;
  let boundary = rate > 0 ? inTheMoney : 0;
  for (let step = steps - 1; step >= 0; step--) {
    const last = Math.min(step, inTheMoney - 1);
    if (boundary > step + 1) boundary = step + 1;
    else if (boundary > 0) {
      const i = boundary - 1;
      const hold = upWeight * values[i + 1]! + downWeight * values[i]!;
      if (hold > strike - prices[steps - step + 2 * i]!) boundary = i;
    }
    if (boundary > 0) values[boundary - 1] = strike - prices[steps - step + 2 * (boundary - 1)]!;
    for (let i = boundary; i <= last; i++) values[i] = upWeight * values[i + 1]! + downWeight * values[i]!;
    exercised[step] = boundary;
  }

  // What a node's value contributes to the price; `first` is the lowest node that is reached.
  const shares = new Float64Array(steps + 2);
  shares[0] = 1;
  let first = 0;
  let spotBar = 0;
  let strikeBar = 0;
  let logUpBar = 0;
  let upWeightBar = 0;
  let downWeightBar = 0;
  for (let step = 0; step <= steps; step++) {
    const boundary = exercised[step]!;
    for (let i = first; i < boundary && i <= step; i++) {
      const share = shares[i]!;
      const price = share * prices[steps - step + 2 * i]!;
      const gain = share * strike - price;
      strikeBar += share;
      spotBar -= price;
      logUpBar -= price * (2 * i - step);
      upWeightBar += gain * i;
      downWeightBar += gain * (step - i);
      shares[i] = 0;
    }
    const last = Math.min(step, inTheMoney - 1);
    for (let i = last + 1; i > boundary; i--) shares[i] = upWeight * shares[i - 1]! + downWeight * shares[i]!;
    shares[boundary] = downWeight * shares[boundary]!;
    first = boundary;
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
