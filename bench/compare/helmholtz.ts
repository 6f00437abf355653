/**
 * The Helmholtz energy of a mixture of n gases at unit temperature and volume, by the Peng-Robinson equation; a standard
 * example of gradients with many inputs (A. Griewank and A. Walther, Evaluating Derivatives, 2008).
 */
const root8 = Math.sqrt(8);
const above = 1 + Math.SQRT2;
const below = 1 - Math.SQRT2;

/** @differentiable grad, jvp wrt x */
export function helmholtz(x: Float64Array, b: Float64Array, a: readonly Float64Array[]): number {
  let volume = 0;
  for (let i = 0; i < x.length; i++) volume += b[i]! * x[i]!;
  let mixing = 0;
  let attraction = 0;
  for (let i = 0; i < x.length; i++) {
    mixing += x[i]! * Math.log(x[i]! / (1 - volume));
    let row = 0;
    for (let j = 0; j < x.length; j++) row += a[i]![j]! * x[j]!;
    attraction += x[i]! * row;
  }
  return mixing - (attraction / (root8 * volume)) * Math.log((1 + above * volume) / (1 + below * volume));
}
