import { fit } from "./fit.ts";

const measured = { times: [0, 0.5, 1, 2, 3, 5], values: [3.02, 2.05, 1.49, 0.88, 0.66, 0.53] };
// A start that makes the model throw, to see where its stack leads.
const rate = process.argv.includes("--fail") ? -1 : 1;
const { decay, misfit } = fit(measured, { height: 1, rate, floor: 0 });
console.log(
  `height ${decay.height.toFixed(3)}, rate ${decay.rate.toFixed(3)}, floor ${decay.floor.toFixed(3)}, misfit ${misfit.toExponential(1)}`,
);
