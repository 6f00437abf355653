/** Problems of learning and statistics, written for Rose. */
import { add, div, ilt, imod, iadd, mul, Real, select, sub, sum, Vec, vec } from "rose";
import * as data from "../../data.js";
import type { Gradient } from "../peer.js";
import { flat, gradientOf, rowsOf } from "./gradient.js";
import { addAll, exp, least, log, log1p, square, tanh } from "./math.js";

export function rosenbrock(): Promise<Gradient> {
  const [x] = data.rosenbrockArguments();
  const n = x.length;
  return gradientOf({
    parameters: { x: Vec(n, Real) },
    data: {},
    // An index of one length is none of another: the last one goes round, and is masked.
    primal: ({ x }) =>
      sum(n, (i) => {
        const next = x[imod(n, iadd(n, i, 1))]!;
        const rise = sub(next, square(x[i]!));
        return select(ilt(n, i, n - 1), Real, add(mul(100, square(rise)), square(sub(1, x[i]!))), 0);
      }),
    at: { x: Array.from(x) },
    given: {},
  });
}

export function logSumExp(): Promise<Gradient> {
  const [xs] = data.logSumExpArguments();
  const n = xs.length;
  const largest = xs.reduce((most, x) => Math.max(most, x), -Infinity);
  return gradientOf({
    parameters: { xs: Vec(n, Real) },
    data: { largest: Real },
    // Rose reduces by sums alone: the largest is given, and has no influence.
    primal: ({ xs }, { largest }) => add(largest, log(sum(n, (i) => exp(sub(xs[i]!, largest))))),
    at: { xs: Array.from(xs) },
    given: { largest },
  });
}

export function softplusChain(): Promise<Gradient> {
  const [xs, ys, slope, offset] = data.softplusChainArguments();
  const n = xs.length;
  return gradientOf(
    {
      parameters: { xs: Vec(n, Real), slope: Real, offset: Real },
      data: { ys: Vec(n, Real) },
      primal: ({ xs, slope, offset }, { ys }) =>
        sum(n, (i) => square(sub(log1p(exp(add(mul(slope, xs[i]!), offset))), ys[i]!))),
      at: { xs: Array.from(xs), slope, offset },
      given: { ys: Array.from(ys) },
    },
    ({ xs, slope, offset }) => [xs as number[], [slope as number], [offset as number]],
  );
}

export function leastSquares(): Promise<Gradient> {
  const [a, b, x] = data.leastSquaresArguments();
  const [rows, columns] = [b.length, x.length];
  return gradientOf({
    parameters: { x: Vec(columns, Real) },
    data: { a: Vec(rows, Vec(columns, Real)), b: Vec(rows, Real) },
    primal: ({ x }, { a, b }) =>
      mul(
        0.5,
        sum(rows, (i) => {
          const row = a[i]!;
          return square(
            sub(
              sum(columns, (j) => mul(row[j]!, x[j]!)),
              b[i]!,
            ),
          );
        }),
      ),
    at: { x: Array.from(x) },
    given: { a: rowsOf(a, columns), b: Array.from(b) },
  });
}

export function kMeans(): Promise<Gradient> {
  const [points, centres, d] = data.kMeansArguments();
  const [n, k] = [points.length / d, centres.length / d];
  return gradientOf(
    {
      parameters: { centres: Vec(k, Vec(d, Real)) },
      data: { points: Vec(n, Vec(d, Real)) },
      primal: ({ centres }, { points }) =>
        sum(n, (i) => {
          const point = points[i]!;
          const squared = vec(k, Real, (c) => {
            const centre = centres[c]!;
            return sum(d, (j) => square(sub(point[j]!, centre[j]!)));
          });
          return Array.from({ length: k }, (_, c) => squared[c]!).reduce(least);
        }),
      at: { centres: rowsOf(centres, d) },
      given: { points: rowsOf(points, d) },
    },
    ({ centres }) => [flat(centres)],
  );
}

export function perceptron(): Promise<Gradient> {
  const [w1, b1, w2, b2, inputs, labels] = data.perceptronArguments();
  const [hiddenSize, classes, batch] = [b1.length, b2.length, labels.length];
  const inputSize = inputs.length / batch;
  return gradientOf(
    {
      parameters: {
        w1: Vec(hiddenSize, Vec(inputSize, Real)),
        b1: Vec(hiddenSize, Real),
        w2: Vec(classes, Vec(hiddenSize, Real)),
        b2: Vec(classes, Real),
      },
      data: { inputs: Vec(batch, Vec(inputSize, Real)), labels: Vec(batch, classes) },
      // The logits are small: without the largest, which Rose has no loop for, nothing overflows.
      primal: ({ w1, b1, w2, b2 }, { inputs, labels }) =>
        div(
          sum(batch, (s) => {
            const input = inputs[s]!;
            const hidden = vec(hiddenSize, Real, (h) => {
              const weights = w1[h]!;
              return tanh(
                add(
                  b1[h]!,
                  sum(inputSize, (i) => mul(weights[i]!, input[i]!)),
                ),
              );
            });
            const logits = vec(classes, Real, (c) => {
              const weights = w2[c]!;
              return add(
                b2[c]!,
                sum(hiddenSize, (h) => mul(weights[h]!, hidden[h]!)),
              );
            });
            return sub(log(sum(classes, (c) => exp(logits[c]!))), logits[labels[s]!]!);
          }),
          batch,
        ),
      at: { w1: rowsOf(w1, inputSize), b1: Array.from(b1), w2: rowsOf(w2, hiddenSize), b2: Array.from(b2) },
      given: { inputs: rowsOf(inputs, inputSize), labels: Array.from(labels) },
    },
    ({ w1, b1, w2, b2 }) => [flat(w1), b1 as number[], flat(w2), b2 as number[]],
  );
}

export function gaussianMixture(): Promise<Gradient> {
  const [d, k, n, alphas, means, icf, x, { gamma, m }] = data.gaussianMixtureArguments();
  const icfSize = (d * (d + 1)) / 2;
  const dimensions = Array.from({ length: d }, (_, j) => j);
  const starts = dimensions.map((j) => d + j * d - (j * (j + 1)) / 2);
  return gradientOf(
    {
      parameters: { alphas: Vec(k, Real), means: Vec(k, Vec(d, Real)), icf: Vec(k, Vec(icfSize, Real)) },
      data: { x: Vec(n, Vec(d, Real)) },
      primal: ({ alphas, means, icf }, { x }) => {
        const diagonals = vec(k, Vec(d, Real), (c) => {
          const factors = icf[c]!;
          return dimensions.map((j) => exp(factors[j]!));
        });
        const logDeterminants = vec(k, Real, (c) => {
          const factors = icf[c]!;
          return addAll(dimensions.map((j) => factors[j]!));
        });
        const offsets = vec(k, Real, (c) => add(alphas[c]!, logDeterminants[c]!));
        const logLikelihood = sum(n, (i) => {
          const point = x[i]!;
          const terms = vec(k, Real, (c) => {
            const [mean, factors, diagonal] = [means[c]!, icf[c]!, diagonals[c]!];
            const centred = dimensions.map((j) => sub(point[j]!, mean[j]!));
            const squares = dimensions.map((row) => {
              const below = dimensions.slice(0, row).map((j) => mul(factors[starts[j]! + row - j - 1]!, centred[j]!));
              return square(addAll([mul(diagonal[row]!, centred[row]!), ...below]));
            });
            return sub(offsets[c]!, mul(0.5, addAll(squares)));
          });
          const largest = Array.from({ length: k }, (_, c) => sub(0, terms[c]!)).reduce(least);
          return sub(log(sum(k, (c) => exp(add(terms[c]!, largest)))), largest);
        });
        const prior = sum(k, (c) => {
          const [factors, diagonal] = [icf[c]!, diagonals[c]!];
          const squares = [
            ...dimensions.map((j) => square(diagonal[j]!)),
            ...Array.from({ length: icfSize - d }, (_, at) => square(factors[d + at]!)),
          ];
          return sub(mul(0.5 * gamma * gamma, addAll(squares)), mul(m, logDeterminants[c]!));
        });
        return add(sub(logLikelihood, mul(n, log(sum(k, (c) => exp(alphas[c]!))))), prior);
      },
      at: { alphas: Array.from(alphas), means: rowsOf(means, d), icf: rowsOf(icf, icfSize) },
      given: { x: rowsOf(x, d) },
    },
    ({ alphas, means, icf }) => [alphas as number[], flat(means), flat(icf)],
  );
}
