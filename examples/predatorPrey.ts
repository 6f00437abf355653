/** Rates and initial populations of the Lotka-Volterra equations from 21 years of hares and lynx. */
import { checkGradient, pack, unpack } from "adjoint";
import { lbfgs } from "adjoint/optim";
import { hareAndLynx } from "./data/hareAndLynx.js";
import { valueAndGradLogResiduals } from "./models/lotkaVolterra.adjoint.js";
import { logResiduals, type LogParameters } from "./models/lotkaVolterra.js";
import type { Example } from "./progress.js";

const stepsPerYear = 20;

/** A cycle of ten years or so: 2π / √(birth · death), equilibrium at death / growth hares and birth / predation lynx. */
const start: LogParameters = {
  birth: Math.log(0.6),
  predation: Math.log(0.03),
  growth: Math.log(0.02),
  death: Math.log(0.7),
  initialHares: Math.log(hareAndLynx[0]!.hares),
  initialLynx: Math.log(hareAndLynx[0]!.lynx),
};

export const predatorPrey: Example = (progress) => {
  progress.stage(`${hareAndLynx.length} years, ${stepsPerYear} Runge-Kutta steps a year`);
  const check = checkGradient(logResiduals, valueAndGradLogResiduals, [start, hareAndLynx, stepsPerYear], { wrt: [0] });
  const fit = lbfgs((x) => valueAndGradLogResiduals(x, hareAndLynx, stepsPerYear), start, {
    onIteration: progress.iteration,
  });
  const { birth, predation, growth, death, initialHares, initialLynx } = unpack(pack(fit.x).map(Math.exp), start);
  const results = [
    `hares: birth ${birth.toFixed(4)}, predation ${predation.toFixed(5)}, ${initialHares.toFixed(1)} thousand in 1900`,
    `lynx: growth ${growth.toFixed(5)}, death ${death.toFixed(4)}, ${initialLynx.toFixed(1)} thousand in 1900`,
    `typical factor between model and table: ${Math.exp(Math.sqrt(fit.value)).toFixed(3)}`,
  ];
  return { ...fit, check, results };
};
