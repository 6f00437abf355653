/**
 * Value and gradient by hand, the value bit for bit: forward all four entries of the covariance, without the products with
 * 0 and 1, and of each step only the variance, the velocity's gain and the innovation are kept. Backward the covariance
 * counts as symmetric, which it is but for rounding.
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
  const kept = new Float64Array(3 * steps);
  const squaredDt = dt ** 2;
  const cubedDt = dt ** 3;
  const positionNoise = (processNoise * cubedDt) / 3;
  const crossNoise = (processNoise * squaredDt) / 2;
  const velocityNoise = processNoise * dt;
  let position = initialState[0];
  let velocity = initialState[1];
  // The covariance is [[p, c], [d, v]]; rounding tells c from d.
  let p = initialVariances[0];
  let c = 0;
  let d = 0;
  let v = initialVariances[1];
  let logLikelihood = 0;
  for (let step = 0, at = 0; step < steps; step++, at += 3) {
    position += dt * velocity;
    const moved = c + dt * v;
    p = p + dt * d + moved * dt + positionNoise;
    c = moved + crossNoise;
    d = d + v * dt + crossNoise;
    v += velocityNoise;
    const innovation = observations[step]! - position;
    const variance = p + observationNoise;
    logLikelihood -= 0.5 * (Math.log(2 * Math.PI * variance) + innovation ** 2 / variance);
    const gain = p / variance;
    const velocityGain = d / variance;
    kept[at] = variance;
    kept[at + 1] = velocityGain;
    kept[at + 2] = innovation;
    position += gain * innovation;
    velocity += velocityGain * innovation;
    const rest = 1 - gain;
    d -= velocityGain * p;
    v -= velocityGain * c;
    p *= rest;
    c *= rest;
  }

  let positionNoiseBar = 0;
  let crossNoiseBar = 0;
  let velocityNoiseBar = 0;
  let observationNoiseBar = 0;
  let positionBar = 0;
  let velocityBar = 0;
  let pBar = 0;
  let cBar = 0; // of both corners together
  let vBar = 0;
  for (let at = 3 * steps - 3; at >= 0; at -= 3) {
    const inverse = 1 / kept[at]!;
    const velocityGain = kept[at + 1]!;
    const innovation = kept[at + 2]!;
    const rest = observationNoise * inverse; // 1 − gain, without cancellation
    const scaled = innovation * inverse;
    // After the update p is p − p²/variance, c is c − p c/variance and v is v − c²/variance, of what they were before.
    const heard = positionBar * rest - velocityBar * velocityGain;
    const pBefore =
      pBar * (rest * rest) +
      vBar * (velocityGain * velocityGain) -
      cBar * (velocityGain * rest) +
      (heard * scaled + 0.5 * (scaled * scaled - inverse));
    const cBefore = velocityBar * scaled + cBar * rest - 2 * vBar * velocityGain;
    observationNoiseBar += pBefore - positionBar * scaled - pBar * (2 * rest - 1) + cBar * velocityGain;
    positionBar = heard + scaled;
    positionNoiseBar += pBefore;
    crossNoiseBar += cBefore;
    velocityNoiseBar += vBar;
    velocityBar += dt * positionBar;
    vBar += dt * cBefore + squaredDt * pBefore;
    cBar = cBefore + 2 * dt * pBefore;
    pBar = pBefore;
  }
  const processNoiseBar = (positionNoiseBar * cubedDt) / 3 + (crossNoiseBar * squaredDt) / 2 + velocityNoiseBar * dt;
  return {
    value: logLikelihood,
    grad: [processNoiseBar, observationNoiseBar, [positionBar, velocityBar], [pBar, vBar]],
  };
}
