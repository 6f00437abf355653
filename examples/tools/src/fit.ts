import { valueAndGrad } from "adjoint";
import { type Decay, type Measured, misfit } from "./decay.ts";

/** Gradient descent with momentum. The data are captured: the derivative is asked for where they are. */
export function fit(measured: Measured, start: Decay, steps = 2000): { decay: Decay; misfit: number } {
  const step = valueAndGrad((decay: Decay) => misfit(decay, measured));
  let decay = start;
  let speed = { height: 0, rate: 0, floor: 0 };
  for (let k = 0; k < steps; k++) {
    const { grad } = step(decay);
    speed = {
      height: 0.9 * speed.height - 0.05 * grad.height,
      rate: 0.9 * speed.rate - 0.05 * grad.rate,
      floor: 0.9 * speed.floor - 0.05 * grad.floor,
    };
    decay = {
      height: decay.height + speed.height,
      rate: decay.rate + speed.rate,
      floor: decay.floor + speed.floor,
    };
  }
  return { decay, misfit: step(decay).value };
}
