/** `npm start`: writes the adjoints of the models, then fits each model to its data with them. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createProgress, type Example } from "./progress.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(2)} s`;

async function main(): Promise<void> {
  const begin = performance.now();
  console.log("adjoint generate examples/models/*.ts");
  const { status } = spawnSync(process.execPath, ["dist/compiler/cli.js", "generate", "examples/models/*.ts"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 3);
  console.log(`generated in ${seconds(begin)}\n`);

  // Imported only now, so that what runs is what was just written.
  run("Iris, logistic regression", (await import("./irisClassification.js")).irisClassification);
  run("Penguins, Gaussian mixture", (await import("./penguinMixture.js")).penguinMixture);
  run("Hares and lynx, Lotka-Volterra", (await import("./predatorPrey.js")).predatorPrey);
  run("Robot arm, inverse kinematics", (await import("./robotArm.js")).robotArm);
  console.log(`all in ${seconds(begin)}`);
}

function run(title: string, example: Example): void {
  const progress = createProgress(title, process.stdout);
  const begin = performance.now();
  const { value, check, iterations, evaluations, status, results } = example(progress);
  const converged = status === "converged";
  progress.clear();
  console.log(`${title}
  value       ${value.toPrecision(10)}
  gradient    ${check.ok ? "checked" : "WRONG"}, residual ${check.residual.toExponential(1)}
  iterations  ${iterations} (${evaluations} evaluations), ${converged ? status : `NOT CONVERGED: ${status}`}
  result      ${results.join("\n              ")}
  time        ${seconds(begin)}
`);
  if (!check.ok || !converged) process.exitCode = 1;
}

await main();
