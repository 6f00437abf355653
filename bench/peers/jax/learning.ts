/** Problems of learning and statistics, written for jax-js. */
import * as data from "../../data.js";
import type { Gradient } from "../peer.js";
import { gradientOf, square, tensorOf } from "./gradient.js";
import { nn, numpy } from "./start.js";

export function rosenbrock(): Gradient {
  const [x] = data.rosenbrockArguments();
  const n = x.length;
  return gradientOf(
    (x) => {
      const before = x.ref.slice([0, n - 1]);
      const rise = x.slice([1, n]).sub(square(before.ref));
      return numpy.sum(
        square(rise)
          .mul(100)
          .add(square(before.sub(1))),
      );
    },
    [tensorOf(x)],
  );
}

export function logSumExp(): Gradient {
  const [xs] = data.logSumExpArguments();
  return gradientOf((x) => nn.logsumexp(x), [tensorOf(xs)]);
}

export function softplusChain(): Gradient {
  const [xs, ys, slope, offset] = data.softplusChainArguments();
  const targets = tensorOf(ys);
  return gradientOf(
    (x, k, b) => {
      const predictions = numpy.log1p(numpy.exp(k.mul(x).add(b)));
      return numpy.sum(square(predictions.sub(targets.ref)));
    },
    [tensorOf(xs), tensorOf(Float64Array.of(slope)), tensorOf(Float64Array.of(offset))],
  );
}

export function leastSquares(): Gradient {
  const [a, b, x] = data.leastSquaresArguments();
  const matrix = tensorOf(a, b.length, x.length);
  const wanted = tensorOf(b);
  return gradientOf((x) => numpy.sum(square(numpy.matmul(matrix.ref, x).sub(wanted.ref))).mul(0.5), [tensorOf(x)]);
}

export function kMeans(): Gradient {
  const [points, centres, d] = data.kMeansArguments();
  const [n, k] = [points.length / d, centres.length / d];
  const given = tensorOf(points, n, 1, d);
  return gradientOf(
    (centres) => {
      const squared = numpy.sum(square(given.ref.sub(centres.reshape([1, k, d]))), 2);
      return numpy.sum(numpy.min(squared, 1));
    },
    [tensorOf(centres, k, d)],
  );
}

export function perceptron(): Gradient {
  const [w1, b1, w2, b2, inputs, labels] = data.perceptronArguments();
  const [hiddenSize, classes, batch] = [b1.length, b2.length, labels.length];
  const given = tensorOf(inputs, batch, inputs.length / batch);
  const chosen = nn.oneHot(tensorOf(labels), classes).astype(numpy.float64);
  return gradientOf(
    (w1, b1, w2, b2) => {
      const hidden = numpy.tanh(numpy.matmul(given.ref, w1.transpose()).add(b1));
      const logits = numpy.matmul(hidden, w2.transpose()).add(b2);
      return numpy
        .sum(nn.logsumexp(logits.ref, 1))
        .sub(numpy.sum(logits.mul(chosen.ref)))
        .mul(1 / batch);
    },
    [tensorOf(w1, hiddenSize, inputs.length / batch), tensorOf(b1), tensorOf(w2, classes, hiddenSize), tensorOf(b2)],
  );
}

export function gaussianMixture(): Gradient {
  const [d, k, n, alphas, means, icf, x, { gamma, m }] = data.gaussianMixtureArguments();
  const icfSize = (d * (d + 1)) / 2;
  const points = tensorOf(x, 1, n, d);
  const identity = numpy.eye(d, d, { dtype: numpy.float64 });
  const places = tensorOf(placesOf(d), icfSize - d, d * d);
  return gradientOf(
    (alphas, means, icf) => {
      const logDiagonals = icf.ref.slice([], [0, d]);
      const below = icf.slice([], [d, icfSize]);
      const diagonals = numpy.exp(logDiagonals.ref);
      const logDeterminants = numpy.sum(logDiagonals, 1);
      const lower = numpy.matmul(below.ref, places.ref).reshape([k, d, d]);
      const factors = lower.add(diagonals.ref.reshape([k, d, 1]).mul(identity.ref));
      const centred = points.ref.sub(means.reshape([k, 1, d]));
      const transformed = numpy.matmul(centred, factors.transpose([0, 2, 1]));
      const terms = alphas.ref
        .add(logDeterminants.ref)
        .reshape([k, 1])
        .sub(numpy.sum(square(transformed), 2).mul(0.5));
      const logLikelihood = numpy.sum(nn.logsumexp(terms, 0)).sub(nn.logsumexp(alphas).mul(n));
      const frobenius = numpy.sum(square(diagonals)).add(numpy.sum(square(below)));
      return logLikelihood.add(frobenius.mul(0.5 * gamma * gamma)).sub(numpy.sum(logDeterminants).mul(m));
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
