/** Arguments for each problem: the same numbers on every run and every machine. */
import type { americanOption } from "./problems/americanOption.js";
import type { bundleAdjustment } from "./problems/bundleAdjustment.js";
import type { choleskyLogDeterminant } from "./problems/choleskyLogDeterminant.js";
import type { fftBandEnergy } from "./problems/fftBandEnergy.js";
import type { gaussianMixture } from "./problems/gaussianMixture.js";
import { eulerRotation, type handTracking, multiply } from "./problems/handTracking.js";
import type { heatEquation } from "./problems/heatEquation.js";
import type { hiddenMarkov } from "./problems/hiddenMarkov.js";
import type { kalmanFilter } from "./problems/kalmanFilter.js";
import type { kMeans } from "./problems/kMeans.js";
import type { leastSquares } from "./problems/leastSquares.js";
import type { logSumExp } from "./problems/logSumExp.js";
import type { lorenz } from "./problems/lorenz.js";
import type { lstm } from "./problems/lstm.js";
import type { nBody } from "./problems/nBody.js";
import type { perceptron } from "./problems/perceptron.js";
import type { rayTracer } from "./problems/rayTracer.js";
import type { rosenbrock } from "./problems/rosenbrock.js";
import type { softDtw } from "./problems/softDtw.js";
import type { softplusChain } from "./problems/softplusChain.js";
import type { springs } from "./problems/springs.js";
import type { statistics } from "./problems/statistics.js";

/** Numbers in [0, 1) from a seed (mulberry32). */
export function uniformFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normal deviates from uniform ones (Box and Muller). */
export function normalFrom(seed: number): () => number {
  const uniform = uniformFrom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

const fill = (length: number, at: (index: number) => number): Float64Array =>
  Float64Array.from({ length }, (_, index) => at(index));

export function rosenbrockArguments(): Parameters<typeof rosenbrock> {
  const uniform = uniformFrom(1);
  return [fill(1000, () => 3 * uniform() - 1.5)];
}

/** log Γ at a positive multiple of one half. */
function logGamma(at: number): number {
  let value = at % 1 === 0 ? 0 : 0.5 * Math.log(Math.PI);
  for (let factor = at - 1; factor > 0; factor--) value += Math.log(factor);
  return value;
}

export function gaussianMixtureArguments(): Parameters<typeof gaussianMixture> {
  const [d, k, n] = [10, 5, 200];
  const normal = normalFrom(2);
  const wishart = { gamma: 1, m: 2 };
  let logGammaTerm = 0.25 * d * (d - 1) * Math.log(Math.PI);
  for (let j = 0; j < d; j++) logGammaTerm += logGamma(0.5 * (d + wishart.m + 1 - j));
  const means = fill(k * d, normal);
  return [
    d,
    k,
    n,
    fill(k, normal),
    means,
    fill((k * d * (d + 1)) / 2, () => 0.3 * normal()),
    fill(n * d, (index) => means[(Math.floor(index / d) % k) * d + (index % d)]! + normal()),
    wishart,
    logGammaTerm,
  ];
}

export function perceptronArguments(): Parameters<typeof perceptron> {
  const [inputSize, hiddenSize, classes, batch] = [32, 64, 10, 32];
  const normal = normalFrom(3);
  const uniform = uniformFrom(4);
  return [
    fill(hiddenSize * inputSize, () => normal() / Math.sqrt(inputSize)),
    fill(hiddenSize, () => 0.1 * normal()),
    fill(classes * hiddenSize, () => normal() / Math.sqrt(hiddenSize)),
    fill(classes, () => 0.1 * normal()),
    fill(batch * inputSize, normal),
    Int32Array.from({ length: batch }, () => Math.floor(classes * uniform())),
  ];
}

export function lorenzArguments(): Parameters<typeof lorenz> {
  return [1, 2, 20, 10, 28, 8 / 3, 0.001, 10_000];
}

export function springsArguments(): Parameters<typeof springs> {
  const [columns, rows] = [20, 10];
  const uniform = uniformFrom(5);
  const edges: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const here = row * columns + column;
      if (column + 1 < columns) edges.push(here, here + 1);
      if (row + 1 < rows) edges.push(here, here + columns);
      if (column + 1 < columns && row + 1 < rows) edges.push(here, here + columns + 1, here + 1, here + columns);
    }
  }
  const count = edges.length / 2;
  return [
    fill(columns * rows, (index) => (index % columns) + 0.4 * uniform() - 0.2),
    fill(columns * rows, (index) => -Math.floor(index / columns) + 0.4 * uniform() - 0.2),
    Int32Array.from(edges),
    fill(count, (edge) => ([1, columns].includes(edges[2 * edge + 1]! - edges[2 * edge]!) ? 1 : Math.SQRT2)),
    fill(count, () => 50 + 50 * uniform()),
    0.1,
    9.81,
  ];
}

export function bundleAdjustmentArguments(): Parameters<typeof bundleAdjustment> {
  const [cameraCount, pointCount] = [10, 100];
  const count = cameraCount * pointCount; // every camera sees every point
  const normal = normalFrom(6);
  const uniform = uniformFrom(7);
  const focal = 500;
  const cameras = Array.from({ length: cameraCount }, (_, camera) => [
    ...(camera === 0 ? [0, 0, 0] : [0.05 * normal(), 0.05 * normal(), 0.05 * normal()]),
    ...[0.2 * normal(), 0.2 * normal(), -5 + 0.2 * normal()],
    ...[focal, 320, 240, 0.01 * normal(), 0.001 * normal()],
  ]);
  const points = fill(3 * pointCount, () => 2 * uniform() - 1);
  const features = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const camera = cameras[i % cameraCount]!;
    const point = 3 * Math.floor(i / cameraCount);
    const depth = points[point + 2]! - camera[5]!;
    features[2 * i] = (focal * (points[point]! - camera[3]!)) / depth + 320 + normal();
    features[2 * i + 1] = (focal * (points[point + 1]! - camera[4]!)) / depth + 240 + normal();
  }
  return [
    Float64Array.from(cameras.flat()),
    points,
    fill(count, () => 0.9 + 0.2 * uniform()),
    Int32Array.from({ length: 2 * count }, (_, index) =>
      index % 2 === 0 ? (index / 2) % cameraCount : Math.floor(index / 2 / cameraCount),
    ),
    features,
  ];
}

export function softplusChainArguments(): Parameters<typeof softplusChain> {
  const normal = normalFrom(8);
  const xs = fill(5000, normal);
  return [xs, xs.map((x) => Math.log1p(Math.exp(1.5 * x - 0.5)) + 0.1 * normal()), 1, 0];
}

export function nBodyArguments(): Parameters<typeof nBody> {
  const count = 40;
  const normal = normalFrom(9);
  const uniform = uniformFrom(10);
  return [fill(3 * count, normal), fill(3 * count, () => 0.5 * normal()), fill(count, uniform), 0.05, 0.01, 20];
}

export function kMeansArguments(): Parameters<typeof kMeans> {
  const [d, k, n] = [8, 10, 500];
  const normal = normalFrom(11);
  const centres = fill(k * d, normal);
  const points = fill(n * d, (index) => centres[(Math.floor(index / d) % k) * d + (index % d)]! + normal());
  return [points, centres.map((x) => x + 0.3 * normal()), d];
}

export function logSumExpArguments(): Parameters<typeof logSumExp> {
  const normal = normalFrom(12);
  return [fill(10_000, () => 3 * normal())];
}

export function leastSquaresArguments(): Parameters<typeof leastSquares> {
  const [rows, columns] = [300, 100];
  const normal = normalFrom(13);
  return [fill(rows * columns, normal), fill(rows, normal), fill(columns, normal)];
}

export function heatEquationArguments(): Parameters<typeof heatEquation> {
  const cells = 200;
  const uniform = uniformFrom(14);
  return [
    fill(cells, (i) => Math.sin((3 * Math.PI * i) / cells) + 0.2 * uniform()),
    0.8,
    fill(cells, (i) => Math.sin((Math.PI * i) / cells)),
    0.5,
    400,
  ];
}

export function statisticsArguments(): Parameters<typeof statistics> {
  const normal = normalFrom(15);
  const xs = Array.from({ length: 1000 }, () => 0.5 + Math.exp(0.5 * normal()));
  return [xs, xs.map((x) => 2 - 0.4 * x + 0.3 * normal())];
}

export function lstmArguments(): Parameters<typeof lstm> {
  const [layers, units, characters] = [2, 14, 100];
  const normal = normalFrom(16);
  const uniform = uniformFrom(17);
  return [
    layers,
    units,
    fill(8 * layers * units, normal),
    fill(3 * units, normal),
    fill(2 * layers * units, () => 0.1 * normal()),
    fill(characters * units, () => Math.round(uniform())),
  ];
}

export function kalmanFilterArguments(): Parameters<typeof kalmanFilter> {
  const dt = 0.1;
  const normal = normalFrom(18);
  let [position, velocity] = [0, 1];
  const observations = Array.from({ length: 500 }, () => {
    velocity += 0.2 * normal();
    position += dt * velocity;
    return position + 0.5 * normal();
  });
  return [0.3, 0.2, [0.1, 0.8], [0.5, 0.4], observations, dt];
}

export function choleskyLogDeterminantArguments(): Parameters<typeof choleskyLogDeterminant> {
  const n = 40;
  const normal = normalFrom(19);
  const root = fill(n * n, normal);
  const matrix = fill(n * n, (index) => {
    const [row, column] = [Math.floor(index / n) * n, (index % n) * n];
    const product = fill(n, (k) => root[row + k]! * root[column + k]!).reduce((sum, x) => sum + x, 0);
    return product / n + (row === column ? 1 : 0);
  });
  return [matrix, n];
}

export function fftBandEnergyArguments(): Parameters<typeof fftBandEnergy> {
  const normal = normalFrom(20);
  return [fill(1024, (i) => Math.sin(0.4 * i) + 0.5 * normal()), 40, 100];
}

export function softDtwArguments(): Parameters<typeof softDtw> {
  const normal = normalFrom(21);
  const xs = fill(100, (i) => Math.sin(0.1 * i) + 0.1 * normal());
  return [xs, fill(100, (i) => Math.sin(0.1 * i + 0.7) + 0.1 * normal()), 0.1];
}

export function hiddenMarkovArguments(): Parameters<typeof hiddenMarkov> {
  const [states, symbols, count] = [8, 6, 200];
  const normal = normalFrom(22);
  const uniform = uniformFrom(23);
  const logProbabilities = (length: number): number[] => {
    const weights = Array.from({ length }, () => Math.exp(normal()));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => Math.log(weight / total));
  };
  return [
    logProbabilities(states),
    Array.from({ length: states }, () => logProbabilities(states)),
    Array.from({ length: states }, () => logProbabilities(symbols)),
    Int32Array.from({ length: count }, () => Math.floor(symbols * uniform())),
  ];
}

export function americanOptionArguments(): Parameters<typeof americanOption> {
  return [36, 40, 0.06, 0.25, 1, 200];
}

export function rayTracerArguments(): Parameters<typeof rayTracer> {
  const size = 24;
  const uniform = uniformFrom(24);
  return [
    [
      { centre: [0.1, 0.2, -4], radius: 1.1, albedo: 0.9 },
      { centre: [-1.1, -0.6, -3.5], radius: 0.6, albedo: 0.7 },
      { centre: [1, -0.8, -3.2], radius: 0.5, albedo: 0.8 },
      { centre: [0.9, 1.3, -5], radius: 0.9, albedo: 0.5 },
    ],
    [3, 4, 1],
    fill(size * size, uniform),
    size,
  ];
}

export function handTrackingArguments(): Parameters<typeof handTracking> {
  const [bones, vertices, count] = [22, 400, 300];
  const normal = normalFrom(25);
  const uniform = uniformFrom(26);
  // The forearm carries the wrist, which carries the first bones of the fingers.
  const parents = Int32Array.from({ length: bones }, (_, bone) =>
    bone < 2 ? bone - 1 : bone % 4 === 2 ? 1 : bone - 1,
  );
  const baseRelatives = Array.from(parents, (parent) => {
    const relative = eulerRotation(0.2 * normal(), 0.2 * normal(), 0.2 * normal());
    relative[3] = parent === 1 ? normal() : 0.1 * normal();
    relative[7] = 1 + uniform();
    relative[11] = 0.1 * normal();
    return relative;
  });
  const baseAbsolutes: Float64Array[] = [];
  for (const [bone, relative] of baseRelatives.entries()) {
    const parent = baseAbsolutes[parents[bone]!];
    baseAbsolutes.push(parent ? multiply(parent, relative) : relative);
  }
  const inverseBaseAbsolutes = baseAbsolutes.map((m) =>
    fill(16, (index) => {
      const [row, column] = [index >> 2, index & 3];
      if (row === 3) return m[index]!;
      if (column < 3) return m[4 * column + row]!;
      return -(m[row]! * m[3]! + m[4 + row]! * m[7]! + m[8 + row]! * m[11]!);
    }),
  );
  // Each vertex is near a bone, and moves with that, with the one before it and with another one.
  const basePositions = new Float64Array(3 * vertices);
  const weights = new Float64Array(vertices * bones);
  for (let v = 0; v < vertices; v++) {
    const bone = v % bones;
    for (let i = 0; i < 3; i++) basePositions[3 * v + i] = baseAbsolutes[bone]![4 * i + 3]! + 0.3 * normal();
    const shares = [0.5 + uniform(), uniform(), 0.2 * uniform()];
    const total = shares.reduce((sum, share) => sum + share, 0);
    const carriers = [bone, Math.max(parents[bone]!, 0), Math.floor(bones * uniform())];
    for (const [which, carrier] of carriers.entries()) weights[v * bones + carrier]! += shares[which]! / total;
  }
  const correspondences = Int32Array.from({ length: count }, () => Math.floor(vertices * uniform()));
  return [
    fill(26, (index) => (index < 3 ? 0.3 : 0.2) * normal()),
    { parents, baseRelatives, inverseBaseAbsolutes, basePositions, weights },
    correspondences,
    fill(
      3 * count,
      (index) => basePositions[3 * correspondences[Math.floor(index / 3)]! + (index % 3)]! + 0.1 * normal(),
    ),
  ];
}
