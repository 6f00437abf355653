/**
 * Value and gradient by hand: the covariance is symmetric, and of each step only its two gains, the variance's inverse
 * and the innovation are kept.
 */
export function valueAndGradKalmanFilter(
  processNoise: number,
  observationNoise: number,
  initialState: readonly [number, number],
  initialVariances: readonly [number, number],
  observations: readonly number[],
  dt: number,
): {
  value: number;
  grad: [
    processNoise: number,
    observationNoise: number,
    initialState: [number, number],
    initialVariances: [number, number],
  ];
} {
  const steps = observations.length;
  const kept = new Float64Array(4 * steps);
  const squaredDt = dt * dt;
  const positionNoise = (squaredDt * dt) / 3;
  const crossNoise = squaredDt / 2;
  let position = initialState[0];
  let velocity = initialState[1];
  let p = initialVariances[0]; // the covariance is [[p, c], [c, v]]
  let c = 0;
  let v = initialVariances[1];
  let sum = 0;
  let product = 1;
  for (let step = 0; step < steps; step++) {
    position += dt * velocity;
    const moved = c + dt * v;
    p += dt * (c + moved) + processNoise * positionNoise;
    c = moved + processNoise * crossNoise;
    v += processNoise * dt;
    const variance = p + observationNoise;
    const inverse = 1 / variance;
    const innovation = observations[step]! - position;
    const gain = p * inverse;
    const velocityGain = c * inverse;
    // One logarithm for many variances, as long as their product is in range.
    product *= variance;
    if (product > 1e100 || product < 1e-100) {
      sum += Math.log(product);
      product = 1;
    }
    sum += innovation * innovation * inverse;
    position += gain * innovation;
    velocity += velocityGain * innovation;
    const rest = observationNoise * inverse; // 1 − gain, without cancellation
    v -= velocityGain * c;
    p *= rest;
    c *= rest;
    const at = 4 * step;
    kept[at] = gain;
    kept[at + 1] = velocityGain;
    kept[at + 2] = inverse;
    kept[at + 3] = innovation;
  }
  sum += Math.log(product);
  const value = -0.5 * (sum + steps * Math.log(2 * Math.PI));

  let processNoiseBar = 0;
  let observationNoiseBar = 0;
  let positionBar = 0;
  let velocityBar = 0;
  let pBar = 0;
  let cBar = 0; // of both corners together
  let vBar = 0;
  for (let step = steps - 1; step >= 0; step--) {
    const at = 4 * step;
    const gain = kept[at]!;
    const velocityGain = kept[at + 1]!;
    const inverse = kept[at + 2]!;
    const innovation = kept[at + 3]!;
    const rest = observationNoise * inverse;
    const scaled = innovation * inverse;
    // After the update p is p − p²/variance, c is c − p c/variance and v is v − c²/variance, of what they were before.
    const heard = positionBar * rest - velocityBar * velocityGain;
    const own = 0.5 * (scaled * scaled - inverse);
    const pBefore =
      pBar * (rest * rest) +
      vBar * (velocityGain * velocityGain) -
      cBar * (velocityGain * rest) +
      (heard * scaled + own);
    const cBefore = velocityBar * scaled + cBar * rest - 2 * vBar * velocityGain;
    observationNoiseBar += pBefore - positionBar * scaled - pBar * (rest - gain) + cBar * velocityGain;
    positionBar = heard + scaled;
    processNoiseBar += pBefore * positionNoise + cBefore * crossNoise + vBar * dt;
    velocityBar += dt * positionBar;
    vBar += dt * cBefore + squaredDt * pBefore;
    cBar = cBefore + 2 * dt * pBefore;
    pBar = pBefore;
  }
  return { value, grad: [processNoiseBar, observationNoiseBar, [positionBar, velocityBar], [pBar, vBar]] };
}
