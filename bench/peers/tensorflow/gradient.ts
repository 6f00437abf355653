/** From a function of tensors, written for TensorFlow.js, to its gradient. */
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Gradient } from "../peer.js";

export type { Tensor };

export function tensorOf(numbers: Float64Array, ...shape: number[]): Tensor {
  return tf.tensor(Float32Array.from(numbers), shape.length > 0 ? shape : [numbers.length]);
}

export const scalarOf = (number: number): Tensor => tf.scalar(number);

export const indicesOf = (numbers: Int32Array): Tensor => tf.tensor1d(numbers, "int32");

/** The gradient with respect to all arguments, which are there already. */
export function gradientOf(primal: (...parameters: Tensor[]) => Tensor, parameters: readonly Tensor[]): Gradient {
  const gradient = tf.grads(primal);
  return () => tf.tidy(() => gradient([...parameters]).map((change) => change.dataSync()));
}
