import type { Wishart } from "../problems/gaussianMixture.js";

/**
 * Value and gradient by hand, the value bit for bit: the responsibilities of a point are known as soon as its terms are, so
 * one sweep over the points.
 */
export function valueAndGradGaussianMixture(
  d: number,
  k: number,
  n: number,
  alphas: Float64Array,
  means: Float64Array,
  icf: Float64Array,
  x: Float64Array,
  wishart: Wishart,
  logGammaTerm: number,
): { value: number; grad: [alphas: Float64Array, means: Float64Array, icf: Float64Array] } {
  const icfSize = (d * (d + 1)) / 2;
  const { gamma, m } = wishart;
  const diagonals = new Float64Array(k * d);
  const offsets = new Float64Array(k); // alpha + log determinant
  const logDeterminants = new Float64Array(k);
  for (let c = 0; c < k; c++) {
    let logDeterminant = 0;
    for (let j = 0; j < d; j++) {
      const logDiagonal = icf[c * icfSize + j]!;
      diagonals[c * d + j] = Math.exp(logDiagonal);
      logDeterminant += logDiagonal;
    }
    logDeterminants[c] = logDeterminant;
    offsets[c] = alphas[c]! + logDeterminant;
  }

  const alphasBar = new Float64Array(k);
  const meansBar = new Float64Array(k * d);
  const icfBar = new Float64Array(k * icfSize);
  const diagonalsBar = new Float64Array(k * d);
  const centred = new Float64Array(k * d);
  const transformed = new Float64Array(k * d);
  const terms = new Float64Array(k);
  let logLikelihood = -n * d * 0.5 * Math.log(2 * Math.PI);
  for (let i = 0; i < n; i++) {
    const point = i * d;
    let largest = -Infinity;
    for (let c = 0; c < k; c++) {
      const row = c * d;
      for (let j = 0; j < d; j++) {
        const difference = x[point + j]! - means[row + j]!;
        centred[row + j] = difference;
        transformed[row + j] = diagonals[row + j]! * difference;
      }
      let next = c * icfSize + d;
      let square = 0;
      for (let j = 0; j < d; j++) {
        const difference = centred[row + j]!;
        const done = transformed[row + j]!; // complete: later columns lie below it
        square += done * done;
        for (let r = row + j + 1; r < row + d; r++) transformed[r] = transformed[r]! + icf[next++]! * difference;
      }
      const term = offsets[c]! - 0.5 * square;
      terms[c] = term;
      if (term > largest) largest = term;
    }
    let sum = 0;
    for (let c = 0; c < k; c++) {
      const share = Math.exp(terms[c]! - largest);
      terms[c] = share;
      sum += share;
    }
    logLikelihood += largest + Math.log(sum);

    const scale = 1 / sum;
    for (let c = 0; c < k; c++) {
      const row = c * d;
      const share = terms[c]! * scale;
      alphasBar[c] = alphasBar[c]! + share;
      let next = c * icfSize + d;
      for (let j = 0; j < d; j++) {
        const difference = centred[row + j]!;
        const ownBar = -share * transformed[row + j]!;
        let differenceBar = ownBar * diagonals[row + j]!;
        diagonalsBar[row + j] = diagonalsBar[row + j]! + ownBar * difference;
        for (let r = row + j + 1; r < row + d; r++) {
          const bar = -share * transformed[r]!;
          icfBar[next] = icfBar[next]! + bar * difference;
          differenceBar += bar * icf[next]!;
          next++;
        }
        meansBar[row + j] = meansBar[row + j]! - differenceBar;
      }
    }
  }

  let largest = -Infinity;
  for (let c = 0; c < k; c++) largest = Math.max(largest, alphas[c]!);
  let sum = 0;
  for (let c = 0; c < k; c++) sum += Math.exp(alphas[c]! - largest);
  logLikelihood -= n * (largest + Math.log(sum));

  const freedom = d + m + 1;
  const gammaSquared = gamma * gamma;
  let prior = -k * (freedom * d * (Math.log(gamma) - 0.5 * Math.log(2)) - logGammaTerm);
  for (let c = 0; c < k; c++) {
    const own = c * icfSize;
    const share = alphasBar[c]!; // the sum of the responsibilities is also the adjoint of the log determinant
    alphasBar[c] = share - (n * Math.exp(alphas[c]! - largest)) / sum;
    let frobenius = 0;
    for (let j = 0; j < d; j++) {
      const diagonal = diagonals[c * d + j]!;
      frobenius += diagonal * diagonal;
      icfBar[own + j] = share - m + diagonal * (diagonalsBar[c * d + j]! + gammaSquared * diagonal);
    }
    for (let j = own + d; j < own + icfSize; j++) {
      const factor = icf[j]!;
      frobenius += factor * factor;
      icfBar[j] = icfBar[j]! + gammaSquared * factor;
    }
    prior += 0.5 * gamma * gamma * frobenius - m * logDeterminants[c]!;
  }
  return { value: logLikelihood + prior, grad: [alphasBar, meansBar, icfBar] };
}
