/** Three Gaussian components for four measurements of penguins at Palmer Station; the fit is not told the species. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { checkGradient, pack, scale } from "adjoint";
import { lbfgs } from "adjoint/optim";
import { valueAndGradMeanLogLikelihood } from "./models/gaussianMixture.adjoint.js";
import { logJoint, meanLogLikelihood, type Mixture } from "./models/gaussianMixture.js";
import type { Example } from "./progress.js";
import { standardise } from "./standardise.js";

const columns = ["Beak Length (mm)", "Beak Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"] as const;

type Penguin = { readonly Species: string } & Readonly<Record<(typeof columns)[number], number | null>>;

function readPenguins(): { species: string; row: number[] }[] {
  const entry = createRequire(import.meta.url).resolve("vega-datasets");
  const penguins = JSON.parse(readFileSync(join(dirname(entry), "../data/penguins.json"), "utf8")) as Penguin[];
  return penguins
    .filter((penguin) => columns.every((column) => penguin[column] !== null))
    .map((penguin) => ({ species: penguin.Species, row: columns.map((column) => penguin[column]!) }));
}

/** Round components of equal weight, at three penguins: light, middling and heavy. */
function startingMixture(points: readonly Float64Array[]): Mixture {
  const sorted = points.toSorted((a, b) => a[3]! - b[3]!);
  const means = [1, 3, 5].map((sixth) => sorted[Math.floor((sixth * sorted.length) / 6)]!.slice());
  return { logWeights: new Float64Array(3), means, factors: means.map(() => new Float64Array(10)) };
}

export const penguinMixture: Example = (progress) => {
  const penguins = readPenguins();
  const { points, toOriginal } = standardise(penguins.map(({ row }) => row));
  const start = startingMixture(points);

  progress.stage(`${points.length} penguins, ${pack(start).length} parameters`);
  const check = checkGradient(meanLogLikelihood, valueAndGradMeanLogLikelihood, [start, points], { wrt: [0] });
  const fit = lbfgs(
    (mixture) => {
      const { value, grad } = valueAndGradMeanLogLikelihood(mixture, points);
      return { value: -value, grad: scale(-1, grad) };
    },
    start,
    { onIteration: progress.iteration },
  );
  const mixture = fit.x;
  const members: string[][] = mixture.means.map(() => []);
  points.forEach((point, i) => {
    const joint = logJoint(mixture, point);
    members[joint.indexOf(Math.max(...joint))]!.push(penguins[i]!.species);
  });
  const results = members.map((species, k) => {
    const mean = toOriginal(mixture.means[k]!);
    return `component ${k + 1}, ${countsOf(species)}: mean ${mean.map((value, j) => inUnit(value, columns[j]!)).join(", ")}`;
  });
  return { ...fit, check, results };
};

function countsOf(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(" + ");
}

/** `39.1 mm` from a value and a column title like `Beak Length (mm)`. */
function inUnit(value: number, title: string): string {
  const unit = /\((.*)\)/.exec(title)![1]!;
  return `${unit === "g" ? value.toFixed(0) : value.toFixed(1)} ${unit}`;
}
