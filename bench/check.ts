/** Checks the derivatives by hand against central differences: `npx tsx bench/check.ts`. Exit status 1 when one is wrong. */
import { errorAgainstDifferences } from "./accuracy.js";
import { countInputs, problems } from "./catalogue.js";

const tolerance = 1e-6;

for (const problem of problems) {
  const { value } = problem.handWritten(...problem.args);
  const primalValue = problem.primal(...problem.args);
  const valueError = Math.abs(value - primalValue) / Math.abs(primalValue);
  const gradientError = errorAgainstDifferences(problem, problem.handWritten);
  const isSame = Object.is(problem.sameValue(...problem.args).value, primalValue);
  const isAlike = errorAgainstDifferences(problem, problem.sameValue) <= tolerance;
  const isRight = valueError <= 1e-12 && gradientError <= tolerance && isSame && isAlike;
  if (!isRight) process.exitCode = 1;
  console.log(
    `${isRight ? "right" : "WRONG"}  ${problem.name} (${countInputs(problem)} inputs): value ${primalValue}, ` +
      `error ${valueError.toExponential(1)}; gradient error ${gradientError.toExponential(1)}`,
  );
}
