/** Problems of learning and statistics, written for TensorFlow.js. */
import tf from "@tensorflow/tfjs";
import * as data from "../../data.js";
import type { Gradient } from "../peer.js";
import { gradientOf, indicesOf, scalarOf, type Tensor, tensorOf } from "./gradient.js";

export function rosenbrock(): Gradient {
  const [x] = data.rosenbrockArguments();
  const n = x.length;
  return gradientOf(
    (x) => {
      const before = x.slice([0], [n - 1]);
      const rise = x.slice([1], [n - 1]).sub(before.square());
      return rise.square().mul(100).add(before.sub(1).square()).sum();
    },
    [tensorOf(x)],
  );
}

export function logSumExp(): Gradient {
  const [xs] = data.logSumExpArguments();
  return gradientOf((x) => tf.logSumExp(x), [tensorOf(xs)]);
}

export function softplusChain(): Gradient {
  const [xs, ys, slope, offset] = data.softplusChainArguments();
  const targets = tensorOf(ys);
  return gradientOf(
    (x, k, b) => x.mul(k!).add(b!).exp().log1p().sub(targets).square().sum(),
    [tensorOf(xs), scalarOf(slope), scalarOf(offset)],
  );
}

export function leastSquares(): Gradient {
  const [a, b, x] = data.leastSquaresArguments();
  const matrix = tensorOf(a, b.length, x.length);
  const wanted = tensorOf(b, b.length, 1);
  return gradientOf(
    (x) =>
      matrix
        .matMul(x.reshape([-1, 1]))
        .sub(wanted)
        .square()
        .sum()
        .mul(0.5),
    [tensorOf(x)],
  );
}

export function kMeans(): Gradient {
  const [points, centres, d] = data.kMeansArguments();
  const [n, k] = [points.length / d, centres.length / d];
  const given = tensorOf(points, n, 1, d);
  return gradientOf(
    (centres) =>
      given
        .sub(centres.reshape([1, k, d]))
        .square()
        .sum(2)
        .min(1)
        .sum(),
    [tensorOf(centres, k, d)],
  );
}

export function perceptron(): Gradient {
  const [w1, b1, w2, b2, inputs, labels] = data.perceptronArguments();
  const [hiddenSize, classes, batch] = [b1.length, b2.length, labels.length];
  const given = tensorOf(inputs, batch, inputs.length / batch);
  const chosen = tf.oneHot(indicesOf(labels) as Tensor, classes).toFloat();
  return gradientOf(
    (w1, b1, w2, b2) => {
      const hidden = tf.matMul(given, w1!, false, true).add(b1!).tanh();
      const logits = tf.matMul(hidden, w2!, false, true).add(b2!);
      return logits.logSumExp(1).sum().sub(logits.mul(chosen).sum()).div(batch);
    },
    [tensorOf(w1, hiddenSize, inputs.length / batch), tensorOf(b1), tensorOf(w2, classes, hiddenSize), tensorOf(b2)],
  );
}

export function gaussianMixture(): Gradient {
  const [d, k, n, alphas, means, icf, x, { gamma, m }] = data.gaussianMixtureArguments();
  const icfSize = (d * (d + 1)) / 2;
  const points = tensorOf(x, 1, n, d);
  const identity = tf.eye(d).reshape([1, d, d]);
  const places = tensorOf(placesOf(d), icfSize - d, d * d);
  return gradientOf(
    (alphas, means, icf) => {
      const logDiagonals = icf!.slice([0, 0], [k, d]);
      const below = icf!.slice([0, d], [k, icfSize - d]);
      const diagonals = logDiagonals.exp();
      const logDeterminants = logDiagonals.sum(1);
      const lower = below.matMul(places).reshape([k, d, d]);
      const factors = lower.add(diagonals.reshape([k, d, 1]).mul(identity));
      const centred = points.sub(means!.reshape([k, 1, d]));
      const squares = tf.matMul(centred, factors, false, true).square().sum(2);
      const terms = alphas!.add(logDeterminants).reshape([k, 1]).sub(squares.mul(0.5));
      const logLikelihood = terms.logSumExp(0).sum().sub(alphas!.logSumExp().mul(n));
      const frobenius = diagonals.square().sum().add(below.square().sum());
      return logLikelihood.add(frobenius.mul(0.5 * gamma * gamma)).sub(logDeterminants.sum().mul(m));
    },
    [tensorOf(alphas), tensorOf(means, k, d), tensorOf(icf, k, icfSize)],
  );
}

/** A row for each number below the diagonal, by columns: a matrix that has 1 in its place. */
function placesOf(d: number): Float64Array {
  const places: number[] = [];
  for (let column = 0; column < d; column++) {
    for (let row = column + 1; row < d; row++) {
      for (let at = 0; at < d * d; at++) places.push(at === row * d + column ? 1 : 0);
    }
  }
  return Float64Array.from(places);
}
