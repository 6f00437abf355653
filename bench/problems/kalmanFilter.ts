type Vector = [number, number];
type Matrix = [Vector, Vector];

function transform([[a, b], [c, d]]: Matrix, [x, y]: Vector): Vector {
  return [a * x + b * y, c * x + d * y];
}

function multiply([[a, b], [c, d]]: Matrix, [[e, f], [g, h]]: Matrix): Matrix {
  return [
    [a * e + b * g, a * f + b * h],
    [c * e + d * g, c * f + d * h],
  ];
}

function add([[a, b], [c, d]]: Matrix, [[e, f], [g, h]]: Matrix): Matrix {
  return [
    [a + e, b + f],
    [c + g, d + h],
  ];
}

function transpose([[a, b], [c, d]]: Matrix): Matrix {
  return [
    [a, c],
    [b, d],
  ];
}

/**
 * Log-likelihood of observed positions of something that moves at an almost constant velocity, by a Kalman filter.
 * `processNoise` is the spectral density of the acceleration, `observationNoise` a variance.
 * @differentiable valueAndGrad wrt processNoise, observationNoise, initialState, initialVariances
 */
export function kalmanFilter(
  processNoise: number,
  observationNoise: number,
  initialState: Vector,
  initialVariances: Vector,
  observations: readonly number[],
  dt: number,
): number {
  const transition: Matrix = [
    [1, dt],
    [0, 1],
  ];
  const noise: Matrix = [
    [(processNoise * dt ** 3) / 3, (processNoise * dt ** 2) / 2],
    [(processNoise * dt ** 2) / 2, processNoise * dt],
  ];
  let state = initialState;
  let covariance: Matrix = [
    [initialVariances[0], 0],
    [0, initialVariances[1]],
  ];
  let logLikelihood = 0;
  for (const observation of observations) {
    state = transform(transition, state);
    covariance = add(multiply(multiply(transition, covariance), transpose(transition)), noise);

    const innovation = observation - state[0];
    const variance = covariance[0][0] + observationNoise;
    logLikelihood -= 0.5 * (Math.log(2 * Math.PI * variance) + innovation ** 2 / variance);

    const gain: Vector = [covariance[0][0] / variance, covariance[1][0] / variance];
    state = [state[0] + gain[0] * innovation, state[1] + gain[1] * innovation];
    covariance = multiply(
      [
        [1 - gain[0], 0],
        [-gain[1], 1],
      ],
      covariance,
    );
  }
  return logLikelihood;
}
