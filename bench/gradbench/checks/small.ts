/** Evals that have a formula for the derivative, too. */
import { type Case, gradientOf, product, sum } from "./case.js";
import { uniform } from "./random.js";

export const hello = (): Case => ({ module: "hello", input: 3.5, expected: { square: 12.25, double: 7 } });

export function lse(size: number): Case {
  const x = uniform(1).vector(size);
  const total = sum(x.map((value) => Math.exp(value)));
  const expected = { primal: Math.log(total), gradient: x.map((value) => Math.exp(value) / total) };
  return { module: "lse", input: { x }, expected };
}

export function llsq(samples: number, size: number): Case {
  const x = uniform(2).vector(size);
  const rows = Array.from({ length: samples }, (_, i) => {
    const at = (2 * i) / (samples - 1) - 1;
    const powers = x.map((_value, j) => at ** j);
    const residual = sum(powers.map((power, j) => power * x[j]!)) - Math.sign(at);
    return { powers, residual };
  });
  const primal = sum(rows.map(({ residual }) => residual ** 2)) / 2;
  const gradient = x.map((_, j) => sum(rows.map(({ powers, residual }) => powers[j]! * residual)));
  return { module: "llsq", input: { x, n: samples }, expected: { primal, gradient } };
}

/** The method is exact for polynomials of degree 4, which four components are: x[0] ⋯ x[i] t^(i + 1) / (i + 1)!. */
export function shortOde(steps: number): Case {
  const x = uniform(3).vector(4);
  const component = (i: number): number => product(x.slice(0, i + 1).map((rate, j) => (rate * 2) / (j + 1)));
  const expected = { primal: x.map((_, i) => component(i)), gradient: x.map((rate) => component(3) / rate) };
  return { module: "ode", input: { x, s: steps }, expected };
}

/** Longer ones, one step after the other, one component after the other. */
export function ode(size: number, steps: number): Case {
  const rates = uniform(4).vector(size);
  const solve = (x: readonly number[]): number[] => {
    const step = 2 / steps;
    const slopes = (y: readonly number[]): number[] => x.map((rate, i) => rate * (y[i - 1] ?? 1));
    const along = (y: readonly number[], k: readonly number[], h: number): number[] => y.map((v, i) => v + h * k[i]!);
    let y = x.map(() => 0);
    for (let i = 0; i < steps; i++) {
      const k1 = slopes(y);
      const k2 = slopes(along(y, k1, step / 2));
      const k3 = slopes(along(y, k2, step / 2));
      const k4 = slopes(along(y, k3, step));
      y = along(along(along(along(y, k1, step / 6), k2, step / 3), k3, step / 3), k4, step / 6);
    }
    return y;
  };
  const expected = { primal: solve(rates), gradient: gradientOf((x) => solve(x).at(-1)!, rates) };
  return { module: "ode", input: { x: rates, s: steps }, expected };
}

/** By elimination: the gradient is the determinant times the transposed inverse. */
export function det(size: number): Case {
  const rows = uniform(5).matrix(size, size);
  const expanded = rows.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  let primal = 1;
  for (let i = 0; i < size; i++) {
    const pivotRow = expanded.reduce(
      (best, row, at) => (at > i && Math.abs(row[i]!) > Math.abs(expanded[best]![i]!) ? at : best),
      i,
    );
    if (pivotRow !== i) {
      [expanded[i], expanded[pivotRow]] = [expanded[pivotRow]!, expanded[i]!];
      primal = -primal;
    }
    const pivot = expanded[i]![i]!;
    primal *= pivot;
    const scaled = expanded[i]!.map((value) => value / pivot);
    expanded.forEach(
      (row, at) => (expanded[at] = at === i ? scaled : row.map((value, j) => value - row[i]! * scaled[j]!)),
    );
  }
  const gradient = rows.flatMap((row, i) => row.map((_, j) => primal * expanded[j]![size + i]!));
  return { module: "det", input: { A: rows.flat(), ell: size }, expected: { primal, gradient } };
}

/** Newton's step goes to the mean of the points of each centroid. */
export function kmeans(count: number, size: number, dimension: number): Case {
  const points = uniform(6).matrix(count, dimension);
  const centroids = points.slice(-size);
  const distance = (a: readonly number[], b: readonly number[]): number =>
    sum(a.map((value, i) => (value - b[i]!) ** 2));
  const assigned = points.map((point) => {
    const distances = centroids.map((centroid) => distance(point, centroid));
    const least = Math.min(...distances);
    return { point, least, nearest: distances.indexOf(least) };
  });
  const dir = centroids.map((centroid, c) => {
    const own = assigned.filter(({ nearest }) => nearest === c);
    return centroid.map((value, i) => value - sum(own.map(({ point }) => point[i]!)) / own.length);
  });
  const expected = { cost: sum(assigned.map(({ least }) => least)), dir };
  return { module: "kmeans", input: { points, centroids }, expected };
}

const inAllModes = <Value>(value: Value) => ({ rr: value, rf: value, fr: value, ff: value });

/** The answer that the eval itself expects. */
export const particle = (): Case => ({
  module: "particle",
  input: { w: 0 },
  expected: inAllModes(0.2071918746486116),
  tolerance: 1e-4,
});

/** The saddle of a paraboloid. */
export const saddle = (): Case => ({
  module: "saddle",
  input: { start: [1, 1] },
  expected: inAllModes([0, 0, 0, 0]),
  tolerance: 1e-4,
});
