/** Predator and prey: hares' = (birth − predation · lynx) hares, lynx' = (growth · hares − death) lynx. */
import type { Observation } from "../data/hareAndLynx.js";

/** Everything is a logarithm, so that every rate and both initial populations are positive. */
export interface LogParameters {
  birth: number;
  predation: number;
  growth: number;
  death: number;
  initialHares: number;
  initialLynx: number;
}

interface Rates {
  birth: number;
  predation: number;
  growth: number;
  death: number;
}

function slope(state: number[], rates: Rates): number[] {
  const [hares, lynx] = state as [number, number];
  return [(rates.birth - rates.predation * lynx) * hares, (rates.growth * hares - rates.death) * lynx];
}

function advance(state: number[], direction: number[], h: number): number[] {
  return state.map((value, i) => value + h * direction[i]!);
}

/** One classical Runge-Kutta step of length h, in place. */
function rungeKuttaStep(state: number[], rates: Rates, h: number): void {
  const k1 = slope(state, rates);
  const k2 = slope(advance(state, k1, h / 2), rates);
  const k3 = slope(advance(state, k2, h / 2), rates);
  const k4 = slope(advance(state, k3, h), rates);
  for (let i = 0; i < state.length; i++) {
    state[i]! += (h / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!);
  }
}

/**
 * Mean squared residual of the logarithms of both populations, over consecutive years.
 *
 * @differentiable valueAndGrad wrt logParameters
 */
export function logResiduals(
  logParameters: LogParameters,
  observations: readonly Observation[],
  stepsPerYear: number,
): number {
  const rates: Rates = {
    birth: Math.exp(logParameters.birth),
    predation: Math.exp(logParameters.predation),
    growth: Math.exp(logParameters.growth),
    death: Math.exp(logParameters.death),
  };
  const state = [Math.exp(logParameters.initialHares), Math.exp(logParameters.initialLynx)];
  let sum = 0;
  for (const [year, observation] of observations.entries()) {
    if (year > 0) {
      for (let step = 0; step < stepsPerYear; step++) rungeKuttaStep(state, rates, 1 / stepsPerYear);
    }
    sum += (Math.log(state[0]!) - Math.log(observation.hares)) ** 2;
    sum += (Math.log(state[1]!) - Math.log(observation.lynx)) ** 2;
  }
  return sum / (2 * observations.length);
}
