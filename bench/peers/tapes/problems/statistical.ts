/** Problems of learning and statistics, written for a tape. */
import * as data from "../../../data.js";
import type { Tape, TapeProblem } from "../tape.js";

/** The sum, or one number alone. */
function sumOf<T>(tape: Tape<T>, terms: readonly T[]): T {
  let sum = terms[0] as T;
  for (let i = 1; i < terms.length; i++) sum = tape.add(sum, terms[i]!);
  return sum;
}

/** The largest is held, which changes no derivative. */
function logSumExpOf<T>(tape: Tape<T>, terms: readonly T[]): T {
  let largest = -Infinity;
  for (const term of terms) largest = Math.max(largest, tape.valueOf(term));
  let sum = tape.exp(tape.addNumber(terms[0]!, -largest));
  for (let i = 1; i < terms.length; i++) sum = tape.add(sum, tape.exp(tape.addNumber(terms[i]!, -largest)));
  return tape.addNumber(tape.log(sum), largest);
}

export function logSumExp<T>(): TapeProblem<T> {
  return { parameters: data.logSumExpArguments(), primal: (tape, [xs]) => logSumExpOf(tape, xs!) };
}

export function gaussianMixture<T>(): TapeProblem<T> {
  const [d, k, n, alphas, means, icf, x, { gamma, m }] = data.gaussianMixtureArguments();
  const icfSize = (d * (d + 1)) / 2;
  return {
    parameters: [alphas, means, icf],
    primal(tape, [logWeights, centres, factors]) {
      const diagonals: T[] = [];
      const logDeterminants: T[] = [];
      for (let c = 0; c < k; c++) {
        const logDiagonal = factors!.slice(c * icfSize, c * icfSize + d);
        for (const logarithm of logDiagonal) diagonals.push(tape.exp(logarithm));
        logDeterminants.push(sumOf(tape, logDiagonal));
      }
      const offsets = logWeights!.map((alpha, c) => tape.add(alpha, logDeterminants[c]!));
      const centred: T[] = [];
      const transformed: T[] = [];
      const terms: T[] = [];
      let logLikelihood: T | undefined;
      for (let i = 0; i < n; i++) {
        for (let c = 0; c < k; c++) {
          for (let j = 0; j < d; j++) {
            centred[j] = tape.subtractFrom(x[i * d + j]!, centres![c * d + j]!);
            transformed[j] = tape.multiply(diagonals[c * d + j]!, centred[j]!);
          }
          let next = c * icfSize + d;
          for (let j = 0; j < d; j++) {
            for (let row = j + 1; row < d; row++) {
              transformed[row] = tape.add(transformed[row]!, tape.multiply(factors![next]!, centred[j]!));
              next++;
            }
          }
          let square = tape.square(transformed[0]!);
          for (let j = 1; j < d; j++) square = tape.add(square, tape.square(transformed[j]!));
          terms[c] = tape.subtract(offsets[c]!, tape.scale(square, 0.5));
        }
        const term = logSumExpOf(tape, terms);
        logLikelihood = logLikelihood === undefined ? term : tape.add(logLikelihood, term);
      }
      let total = tape.subtract(logLikelihood!, tape.scale(logSumExpOf(tape, logWeights!), n));
      for (let c = 0; c < k; c++) {
        const squares: T[] = [];
        for (let j = 0; j < d; j++) squares.push(tape.square(diagonals[c * d + j]!));
        for (let j = d; j < icfSize; j++) squares.push(tape.square(factors![c * icfSize + j]!));
        const frobenius = tape.scale(sumOf(tape, squares), 0.5 * gamma * gamma);
        total = tape.add(total, tape.subtract(frobenius, tape.scale(logDeterminants[c]!, m)));
      }
      return total;
    },
  };
}

export function perceptron<T>(): TapeProblem<T> {
  const [w1, b1, w2, b2, inputs, labels] = data.perceptronArguments();
  const batch = labels.length;
  const inputSize = inputs.length / batch;
  return {
    parameters: [w1, b1, w2, b2],
    primal(tape, [first, firstBias, second, secondBias]) {
      const hidden: T[] = [];
      const logits: T[] = [];
      let loss: T | undefined;
      for (let s = 0; s < batch; s++) {
        for (let h = 0; h < b1.length; h++) {
          let sum = firstBias![h] as T;
          for (let i = 0; i < inputSize; i++) {
            sum = tape.add(sum, tape.scale(first![h * inputSize + i]!, inputs[s * inputSize + i]!));
          }
          hidden[h] = tape.tanh(sum);
        }
        for (let c = 0; c < b2.length; c++) {
          let sum = secondBias![c] as T;
          for (let h = 0; h < b1.length; h++) {
            sum = tape.add(sum, tape.multiply(second![c * b1.length + h]!, hidden[h]!));
          }
          logits[c] = sum;
        }
        const term = tape.subtract(logSumExpOf(tape, logits), logits[labels[s]!]!);
        loss = loss === undefined ? term : tape.add(loss, term);
      }
      return tape.scale(loss!, 1 / batch);
    },
  };
}

export function kMeans<T>(): TapeProblem<T> {
  const [points, start, d] = data.kMeansArguments();
  return {
    parameters: [start],
    primal(tape, [centres]) {
      const k = centres!.length / d;
      let sum: T | undefined;
      for (let i = 0; i < points.length / d; i++) {
        let nearest: T | undefined;
        for (let c = 0; c < k; c++) {
          let squared: T | undefined;
          for (let j = 0; j < d; j++) {
            const term = tape.square(tape.subtractFrom(points[i * d + j]!, centres![c * d + j]!));
            squared = squared === undefined ? term : tape.add(squared, term);
          }
          nearest = nearest === undefined ? squared : tape.least(nearest, squared!);
        }
        sum = sum === undefined ? nearest! : tape.add(sum, nearest!);
      }
      return sum!;
    },
  };
}

export function lstm<T>(): TapeProblem<T> {
  const [layers, units, weights, scales, initialState, sequence] = data.lstmArguments();
  return {
    parameters: [weights, scales],
    primal(tape, [main, extra]) {
      const gate = (w: number, input: T): T => tape.add(tape.multiply(input, main![w]!), main![w + 4 * units]!);
      const numberGate = (w: number, input: number): T => tape.add(tape.scale(main![w]!, input), main![w + 4 * units]!);
      const state: (T | undefined)[] = Array.from(initialState, () => undefined);
      let total: T | undefined;
      let count = 0;
      for (let t = 0; t + units < sequence.length; t += units) {
        let values = Array.from({ length: units }, (_, i) => tape.scale(extra![i]!, sequence[t + i]!));
        for (let layer = 0; layer < layers; layer++) {
          const s = 2 * layer * units;
          const next: T[] = [];
          for (let i = 0; i < units; i++) {
            const w = 8 * layer * units + i;
            const hidden = state[s + i];
            const past = state[s + units + i];
            const recurrent = (at: number): T =>
              hidden === undefined ? numberGate(at, initialState[s + i]!) : gate(at, hidden);
            const forget = tape.sigmoid(gate(w, values[i]!));
            const ingate = tape.sigmoid(recurrent(w + units));
            const outgate = tape.sigmoid(gate(w + 2 * units, values[i]!));
            const change = tape.tanh(recurrent(w + 3 * units));
            const kept =
              past === undefined ? tape.scale(forget, initialState[s + units + i]!) : tape.multiply(past, forget);
            const cell = tape.add(kept, tape.multiply(ingate, change));
            state[s + units + i] = cell;
            next[i] = tape.multiply(outgate, tape.tanh(cell));
            state[s + i] = next[i];
          }
          values = next;
        }
        const prediction = values.map((x, i) => tape.add(tape.multiply(x, extra![units + i]!), extra![2 * units + i]!));
        let sum = tape.addNumber(tape.exp(prediction[0]!), 2);
        for (let i = 1; i < units; i++) sum = tape.add(sum, tape.exp(prediction[i]!));
        const logSum = tape.log(sum);
        for (let i = 0; i < units; i++) {
          const term = tape.scale(tape.subtract(prediction[i]!, logSum), sequence[t + units + i]!);
          total = total === undefined ? term : tape.add(total, term);
        }
        count += units;
      }
      return tape.scale(total!, -1 / count);
    },
  };
}
