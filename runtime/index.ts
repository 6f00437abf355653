/** The package entry `adjoint`: what users call. Never loads the compiler. */
export { checkGradient, type CheckGradientOptions } from "./checkGradient.js";
export { checkRule, type CheckRuleOptions } from "./checkRule.js";
export type { GradientFor, Wrt } from "./gradientFor.js";
export type { DirectionReport, GradientReport } from "./gradientReport.js";
export type { Gradient } from "./gradientType.js";
export { hookCotangent } from "./hooks.js";
export { grad, hessian, hvp, jacobian, jvp, stopGradient, valueAndGrad, vjp } from "./markers.js";
export { type MarkerOptions, NotConfiguredError, type Rows } from "./markers.js";
export { matmul, matvec, transpose } from "./matrices.js";
export { add, pack, scale, unpack } from "./pack.js";
export { numericalGradient, type NumericalGradientOptions } from "./numericalGradient.js";
export { defineRule, type Partials, type PartialsRule, type Pullback, type PullbackRule } from "./rules.js";
export type { Pushforward, Rule } from "./rules.js";
export { logSumExp, softmax } from "./softmax.js";
export { axpy, dot, hypotOf, mean, norm, sum } from "./vectors.js";
