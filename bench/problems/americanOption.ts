/**
 * The price of an American put on a binomial tree (Cox, Ross and Rubinstein).
 * @differentiable valueAndGrad wrt spot, strike, rate, volatility, expiry
 */
export function americanOption(
  spot: number,
  strike: number,
  rate: number,
  volatility: number,
  expiry: number,
  steps: number,
): number {
  const dt = expiry / steps;
  const up = Math.exp(volatility * Math.sqrt(dt));
  const down = 1 / up;
  const discount = Math.exp(-rate * dt);
  const probability = (Math.exp(rate * dt) - down) / (up - down);

  const values: number[] = [];
  let price = spot * down ** steps;
  for (let i = 0; i <= steps; i++) {
    values.push(Math.max(strike - price, 0));
    price *= up * up;
  }
  for (let step = steps - 1; step >= 0; step--) {
    price = spot * down ** step;
    for (let i = 0; i <= step; i++) {
      const hold = discount * (probability * values[i + 1]! + (1 - probability) * values[i]!);
      values[i] = Math.max(hold, strike - price);
      price *= up * up;
    }
  }
  return values[0]!;
}
