/** The package entry `adjoint/optim`: minimisers of functions whose gradients Adjoint has written. */
export { adam, type AdamOptions } from "./adam.js";
export { gradientDescent, type GradientDescentOptions } from "./gradientDescent.js";
export { lbfgs, type LbfgsOptions } from "./lbfgs.js";
export { type LeastSquares, levenbergMarquardt, type LevenbergMarquardtOptions } from "./levenbergMarquardt.js";
export type { Evaluation, OptimOptions, OptimResult, Progress } from "./problem.js";
