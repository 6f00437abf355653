/** From a function of arrays, written for jax-js, to its gradient. */
import type { numpy as Numpy } from "@jax-js/jax";
import type { Gradient } from "../peer.js";
import { grad, jit, numpy } from "./start.js";

/** Every use of an array uses it up, but for `array.ref`. */
export type Tensor = Numpy.Array;

export function tensorOf(numbers: Float64Array | Int32Array, ...shape: number[]): Tensor {
  const tensor = numpy.array(numbers as Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>);
  return shape.length > 0 ? tensor.reshape(shape) : tensor;
}

/** The jitted gradient with respect to all arguments, which are there already. */
export function gradientOf(primal: (...parameters: Tensor[]) => Tensor, parameters: readonly Tensor[]): Gradient {
  const gradient = jit(grad(primal, { argnums: parameters.map((_, at) => at) })) as unknown as (
    ...parameters: Tensor[]
  ) => Tensor[];
  return () => gradient(...parameters.map(({ ref }) => ref)).map((change) => change.dataSync());
}

/** Faster than `numpy.square`. */
export const square = (x: Tensor): Tensor => x.ref.mul(x);
