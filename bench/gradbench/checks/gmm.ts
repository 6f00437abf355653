import { type Case, gradientOf, product, rowsOf, sum } from "./case.js";
import { normal, uniform } from "./random.js";

interface Size {
  readonly d: number;
  readonly k: number;
  readonly n: number;
}

interface Input extends Size {
  readonly x: number[][];
  readonly m: number;
  readonly gamma: number;
  readonly alpha: number[];
  readonly mu: number[][];
  readonly q: number[][];
  readonly l: number[][];
}

export function gmmInput({ d, k, n }: Size): Input {
  const { vector, matrix } = normal(7);
  const lower = (d * (d - 1)) / 2;
  return {
    ...{ d, k, n, m: 1, gamma: 0.8 },
    x: matrix(n, d),
    alpha: vector(k),
    mu: uniform(8).matrix(k, d),
    q: matrix(k, d),
    l: matrix(k, lower),
  };
}

/** A lower triangular matrix from the logarithms of its diagonal and the rest, column by column. */
function factor(q: readonly number[], l: readonly number[]): number[][] {
  let at = 0;
  const columns = q.map((logarithm, column) =>
    q.map((_, row) => (row < column ? 0 : row === column ? Math.exp(logarithm) : l[at++]!)),
  );
  return q.map((_, row) => columns.map((column) => column[row]!));
}

const squaredNorm = (vector: readonly number[]): number => sum(vector.map((value) => value ** 2));

/** Γ at the multiples of one half. */
const gamma = (at: number): number => (at === 0.5 ? Math.sqrt(Math.PI) : at === 1 ? 1 : (at - 1) * gamma(at - 1));

/** By the definition: densities multiplied, and the logarithm taken at the end. For few points only. */
function objective({ d, k, x, m, gamma: precision, alpha, mu, q, l }: Input): number {
  const weights = alpha.map((value) => Math.exp(value) / sum(alpha.map((other) => Math.exp(other))));
  const factors = q.map((row, c) => factor(row, l[c]!));
  const determinants = q.map((row) => Math.exp(sum(row)) ** 2);
  const density = (point: readonly number[], c: number): number => {
    const turned = factors[c]!.map((row) => sum(row.map((value, i) => value * (point[i]! - mu[c]![i]!))));
    return Math.exp(-squaredNorm(turned) / 2) * Math.sqrt(determinants[c]! / (2 * Math.PI) ** d);
  };
  const likelihood = product(x.map((point) => sum(weights.map((weight, c) => weight * density(point, c)))));
  const freedom = d + m + 1;
  const manyGammas = Math.PI ** ((d * (d - 1)) / 4) * product(q[0]!.map((_, j) => gamma((freedom - j) / 2)));
  const normaliser = 2 ** ((freedom * d) / 2) * precision ** (-freedom * d) * manyGammas;
  const priors = factors.map((rows, c) => {
    const trace = precision ** 2 * squaredNorm(rows.flat());
    return (determinants[c]! ** (m / 2) * Math.exp(-trace / 2)) / normaliser;
  });
  return Math.log(likelihood * product(priors.slice(0, k)));
}

export function gmm(size: Size): Case {
  const input = gmmInput(size);
  const { alpha, mu, q, l } = input;
  const rows = [alpha, ...mu, ...q, ...l];
  const lengths = rows.map((row) => row.length);
  const unflatten = (flat: readonly number[]) => {
    const [first, ...others] = rowsOf(flat, lengths);
    const [means, diagonals, lower] = [0, 1, 2].map((which) => others.slice(which * size.k, (which + 1) * size.k));
    return { alpha: first!, mu: means!, q: diagonals!, l: lower! };
  };
  const gradient = gradientOf((flat) => objective({ ...input, ...unflatten(flat) }), rows.flat());
  return { module: "gmm", input, expected: { objective: objective(input), jacobian: unflatten(gradient) } };
}
