import type { Wishart } from "../problems/gaussianMixture.js";

/**
 * Value and gradient by hand: the responsibilities of a point are known as soon as its terms are, so
 * one sweep over the points, four at a time and two rows of the factor. With the factor L of a component the derivatives are L and Lᵀ L times the
 * first and second moments of its points about its mean, weighted by responsibilities: the sweep only takes the moments.
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
  // Of each component the factor, by rows, and its diagonal as an exponential.
  const factors = new Float64Array(k * d * d);
  const offsets = new Float64Array(k); // alpha + log determinant
  const logDeterminants = new Float64Array(k);
  for (let c = 0; c < k; c++) {
    let logDeterminant = 0;
    let next = c * icfSize + d;
    for (let j = 0; j < d; j++) {
      const logDiagonal = icf[c * icfSize + j]!;
      logDeterminant += logDiagonal;
      factors[(c * d + j) * d + j] = Math.exp(logDiagonal);
      for (let row = j + 1; row < d; row++) factors[(c * d + row) * d + j] = icf[next++]!;
    }
    logDeterminants[c] = logDeterminant;
    offsets[c] = alphas[c]! + logDeterminant;
  }

  const alphasBar = new Float64Array(k);
  const firsts = new Float64Array(k * d);
  const seconds = new Float64Array(k * d * d); // the lower triangle
  // Of four points.
  const centred = new Float64Array(4 * k * d);
  const terms = new Float64Array(4 * k);
  let value = -n * d * 0.5 * Math.log(2 * Math.PI);
  for (let i = 0; i < n; i += 4) {
    // Behind the last point it is taken again, and left out in the end.
    const count = Math.min(4, n - i);
    const point0 = i * d;
    const point1 = (i + Math.min(1, count - 1)) * d;
    const point2 = (i + Math.min(2, count - 1)) * d;
    const point3 = (i + Math.min(3, count - 1)) * d;
    for (let c = 0; c < k; c++) {
      const own = 4 * c * d;
      let square0 = 0;
      let square1 = 0;
      let square2 = 0;
      let square3 = 0;
      for (let row = 0; row < d; row++) {
        const mean = means[c * d + row]!;
        const to = own + 4 * row;
        centred[to] = x[point0 + row]! - mean;
        centred[to + 1] = x[point1 + row]! - mean;
        centred[to + 2] = x[point2 + row]! - mean;
        centred[to + 3] = x[point3 + row]! - mean;
      }
      let row = 0;
      for (; row + 1 < d; row += 2) {
        const start = (c * d + row) * d;
        const second = start + d;
        const to = own + 4 * row;
        const diagonal = factors[start + row]!;
        const corner = factors[second + row]!;
        const secondDiagonal = factors[second + row + 1]!;
        let sum0 = diagonal * centred[to]!;
        let sum1 = diagonal * centred[to + 1]!;
        let sum2 = diagonal * centred[to + 2]!;
        let sum3 = diagonal * centred[to + 3]!;
        let secondSum0 = secondDiagonal * centred[to + 4]!;
        let secondSum1 = secondDiagonal * centred[to + 5]!;
        let secondSum2 = secondDiagonal * centred[to + 6]!;
        let secondSum3 = secondDiagonal * centred[to + 7]!;
        for (let j = 0, at = own; j < row; j++, at += 4) {
          const factor = factors[start + j]!;
          const secondFactor = factors[second + j]!;
          const difference0 = centred[at]!;
          const difference1 = centred[at + 1]!;
          const difference2 = centred[at + 2]!;
          const difference3 = centred[at + 3]!;
          sum0 += factor * difference0;
          sum1 += factor * difference1;
          sum2 += factor * difference2;
          sum3 += factor * difference3;
          secondSum0 += secondFactor * difference0;
          secondSum1 += secondFactor * difference1;
          secondSum2 += secondFactor * difference2;
          secondSum3 += secondFactor * difference3;
        }
        secondSum0 += corner * centred[to]!;
        secondSum1 += corner * centred[to + 1]!;
        secondSum2 += corner * centred[to + 2]!;
        secondSum3 += corner * centred[to + 3]!;
        square0 += sum0 * sum0;
        square1 += sum1 * sum1;
        square2 += sum2 * sum2;
        square3 += sum3 * sum3;
        square0 += secondSum0 * secondSum0;
        square1 += secondSum1 * secondSum1;
        square2 += secondSum2 * secondSum2;
        square3 += secondSum3 * secondSum3;
      }
      if (row < d) {
        const start = (c * d + row) * d;
        const to = own + 4 * row;
        const diagonal = factors[start + row]!;
        let sum0 = diagonal * centred[to]!;
        let sum1 = diagonal * centred[to + 1]!;
        let sum2 = diagonal * centred[to + 2]!;
        let sum3 = diagonal * centred[to + 3]!;
        for (let j = 0, at = own; j < row; j++, at += 4) {
          const factor = factors[start + j]!;
          sum0 += factor * centred[at]!;
          sum1 += factor * centred[at + 1]!;
          sum2 += factor * centred[at + 2]!;
          sum3 += factor * centred[at + 3]!;
        }
        square0 += sum0 * sum0;
        square1 += sum1 * sum1;
        square2 += sum2 * sum2;
        square3 += sum3 * sum3;
      }
      const offset = offsets[c]!;
      terms[c] = offset - 0.5 * square0;
      terms[k + c] = offset - 0.5 * square1;
      terms[2 * k + c] = offset - 0.5 * square2;
      terms[3 * k + c] = offset - 0.5 * square3;
    }
    for (let point = 0; point < count; point++) {
      const row = point * k;
      let largest = -Infinity;
      for (let c = 0; c < k; c++) if (terms[row + c]! > largest) largest = terms[row + c]!;
      let sum = 0;
      for (let c = 0; c < k; c++) {
        const share = Math.exp(terms[row + c]! - largest);
        terms[row + c] = share;
        sum += share;
      }
      value += largest + Math.log(sum);
      const scale = 1 / sum;
      for (let c = 0; c < k; c++) terms[row + c] = terms[row + c]! * scale;
    }
    for (let t = count * k; t < 4 * k; t++) terms[t] = 0;

    for (let c = 0; c < k; c++) {
      const own = 4 * c * d;
      const share0 = terms[c]!;
      const share1 = terms[k + c]!;
      const share2 = terms[2 * k + c]!;
      const share3 = terms[3 * k + c]!;
      alphasBar[c] = alphasBar[c]! + (share0 + share1 + (share2 + share3));
      let row = 0;
      for (; row + 1 < d; row += 2) {
        const from = own + 4 * row;
        const start = (c * d + row) * d;
        const second = start + d;
        const weighted0 = share0 * centred[from]!;
        const weighted1 = share1 * centred[from + 1]!;
        const weighted2 = share2 * centred[from + 2]!;
        const weighted3 = share3 * centred[from + 3]!;
        const secondWeighted0 = share0 * centred[from + 4]!;
        const secondWeighted1 = share1 * centred[from + 5]!;
        const secondWeighted2 = share2 * centred[from + 6]!;
        const secondWeighted3 = share3 * centred[from + 7]!;
        firsts[c * d + row] = weighted0 + weighted1 + (weighted2 + weighted3) + firsts[c * d + row]!;
        firsts[c * d + row + 1] =
          secondWeighted0 + secondWeighted1 + (secondWeighted2 + secondWeighted3) + firsts[c * d + row + 1]!;
        // In the first of the two rows this goes one beyond the diagonal, where nobody looks.
        for (let j = 0, at = own; j <= row + 1; j++, at += 4) {
          const difference0 = centred[at]!;
          const difference1 = centred[at + 1]!;
          const difference2 = centred[at + 2]!;
          const difference3 = centred[at + 3]!;
          seconds[start + j] =
            seconds[start + j]! +
            (weighted0 * difference0 + weighted1 * difference1 + (weighted2 * difference2 + weighted3 * difference3));
          seconds[second + j] =
            seconds[second + j]! +
            (secondWeighted0 * difference0 +
              secondWeighted1 * difference1 +
              (secondWeighted2 * difference2 + secondWeighted3 * difference3));
        }
      }
      if (row < d) {
        const from = own + 4 * row;
        const start = (c * d + row) * d;
        const weighted0 = share0 * centred[from]!;
        const weighted1 = share1 * centred[from + 1]!;
        const weighted2 = share2 * centred[from + 2]!;
        const weighted3 = share3 * centred[from + 3]!;
        firsts[c * d + row] = weighted0 + weighted1 + (weighted2 + weighted3) + firsts[c * d + row]!;
        for (let j = 0, at = own; j <= row; j++, at += 4) {
          seconds[start + j] =
            seconds[start + j]! +
            (weighted0 * centred[at]! +
              weighted1 * centred[at + 1]! +
              (weighted2 * centred[at + 2]! + weighted3 * centred[at + 3]!));
        }
      }
    }
  }

  let largest = -Infinity;
  for (let c = 0; c < k; c++) largest = Math.max(largest, alphas[c]!);
  let sum = 0;
  for (let c = 0; c < k; c++) sum += Math.exp(alphas[c]! - largest);
  value -= n * (largest + Math.log(sum));

  const freedom = d + m + 1;
  const gammaSquared = gamma * gamma;
  const meansBar = new Float64Array(k * d);
  const icfBar = new Float64Array(k * icfSize);
  let prior = -k * (freedom * d * (Math.log(gamma) - 0.5 * Math.log(2)) - logGammaTerm);
  for (let c = 0; c < k; c++) {
    const start = c * d * d;
    const share = alphasBar[c]!; // the sum of the responsibilities is also the adjoint of the log determinant
    alphasBar[c] = share - (n * Math.exp(alphas[c]! - largest)) / sum;
    let frobenius = 0;
    for (let j = 0; j < d; j++) {
      const diagonal = factors[start + j * d + j]!;
      frobenius += diagonal * diagonal;
    }
    for (let row = 0; row < d; row++) {
      let first = 0;
      for (let j = 0; j <= row; j++) first += factors[start + row * d + j]! * firsts[c * d + j]!;
      for (let j = 0; j <= row; j++) {
        meansBar[c * d + j] = meansBar[c * d + j]! + factors[start + row * d + j]! * first;
      }
    }
    let next = c * icfSize + d;
    for (let j = 0; j < d; j++) {
      const diagonal = factors[start + j * d + j]!;
      for (let row = j; row < d; row++) {
        let product = 0;
        for (let b = 0; b < j; b++) product += factors[start + row * d + b]! * seconds[start + j * d + b]!;
        for (let b = j; b <= row; b++) product += factors[start + row * d + b]! * seconds[start + b * d + j]!;
        if (row === j) icfBar[c * icfSize + j] = share - m + diagonal * (gammaSquared * diagonal - product);
        else {
          const factor = factors[start + row * d + j]!;
          frobenius += factor * factor;
          icfBar[next++] = gammaSquared * factor - product;
        }
      }
    }
    prior += 0.5 * gamma * gamma * frobenius - m * logDeterminants[c]!;
  }
  return { value: value + prior, grad: [alphasBar, meansBar, icfBar] };
}
