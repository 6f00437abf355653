/**
 * Value and gradient by hand, the value bit for bit: of the first sweep only is kept which nodes are exercised. From the
 * root to the leaves go the shares of nodes in the price, which are 0 below what is exercised. All paths to a node have as
 * many ups and as many downs, so that the derivatives by the weights follow from the shares that end, without the values.
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
  const discount = Math.exp(-rate * dt);
  const growth = Math.exp(rate * dt);
  const spread = up - down;
  const probability = (growth - down) / spread;
  const rest = 1 - probability;
  const squaredUp = up * up;

  const values = new Float64Array(steps + 1);
  // Which nodes are exercised, in a row for each step, that starts at step (step + 1) / 2.
  const exercised = new Uint8Array(((steps + 1) * (steps + 2)) / 2);
  const exercisedEnd = new Int32Array(steps + 1); // in each step, behind the highest node
  let row = (steps * (steps + 1)) / 2;
  let price = spot * down ** steps;
  for (let i = 0; i <= steps; i++) {
    const gain = strike - price;
    if (gain > 0) {
      values[i] = gain;
      exercised[row + i] = 1;
      exercisedEnd[steps] = i + 1;
    }
    price *= squaredUp;
  }
  for (let step = steps - 1; step >= 0; step--) {
    row -= step + 1;
    price = spot * down ** step;
    let below = values[0]!;
    let end = 0;
    for (let i = 0; i <= step; i++) {
      const above = values[i + 1]!;
      const hold = discount * (probability * above + rest * below);
      const exercise = strike - price;
      if (hold > exercise) values[i] = hold;
      else {
        values[i] = exercise;
        exercised[row + i] = 1;
        end = i + 1;
      }
      price *= squaredUp;
      below = above;
    }
    exercisedEnd[step] = end;
  }

  const upWeight = discount * probability;
  const downWeight = discount * rest;
  const prices = new Float64Array(2 * steps + 1); // by ups less downs, from -steps on
  price = spot * down ** steps;
  for (let at = 0; at <= 2 * steps; at++) {
    prices[at] = price;
    price *= up;
  }
  // What a node's value contributes to the price.
  const shares = new Float64Array(steps + 2);
  shares[0] = 1;
  let spotBar = 0;
  let strikeBar = 0;
  let logUpBar = 0;
  let upWeightBar = 0;
  let downWeightBar = 0;
  let first = 0; // shares below are 0
  row = 0;
  for (let step = 0; step <= steps; step++) {
    const end = exercisedEnd[step]!;
    for (let i = first; i < end; i++) {
      if (exercised[row + i] === 0) continue;
      const share = shares[i]!;
      const ups = 2 * i - step;
      const price = share * prices[steps + ups]!;
      const gain = share * strike - price;
      strikeBar += share;
      spotBar -= price;
      logUpBar -= price * ups;
      upWeightBar += gain * i;
      downWeightBar += gain * (step - i);
      shares[i] = 0;
    }
    while (first <= step && shares[first] === 0) first++;
    let fromBelow = 0;
    for (let i = first; i <= step; i++) {
      const share = shares[i]!;
      shares[i] = fromBelow + downWeight * share;
      fromBelow = upWeight * share;
    }
    shares[step + 1] = fromBelow;
    row += step + 1;
  }
  spotBar /= spot;
  upWeightBar /= upWeight;
  downWeightBar /= downWeight;

  const probabilityBar = discount * (upWeightBar - downWeightBar);
  const discountBar = probability * upWeightBar + rest * downWeightBar;
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
