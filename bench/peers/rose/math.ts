/** What Rose lacks: functions of JavaScript with their derivatives. */
import { add, div, Dual, type Fn, fn, lt, mul, opaque, Real, select, sub } from "rose";

type Unary = Fn & ((x: Real) => Real);

/** `slope` may use the value of the function. */
function unary(f: (x: number) => number, slope: (x: Real, y: Real) => Real): Unary {
  const wrapped: Unary = opaque([Real], Real, f);
  wrapped.jvp = fn([Dual], Dual, ({ re: x, du }) => {
    const y = wrapped(x);
    return { re: y, du: mul(du, slope(x, y)) };
  });
  return wrapped;
}

const plainSin = opaque([Real], Real, Math.sin);
const plainCos = opaque([Real], Real, Math.cos);

export const exp = unary(Math.exp, (_, y) => y);
export const log = unary(Math.log, (x) => div(1, x));
export const log1p = unary(Math.log1p, (x) => div(1, add(1, x)));
export const tanh = unary(Math.tanh, (_, y) => sub(1, mul(y, y)));
export const sin = unary(Math.sin, (x) => plainCos(x));
export const cos = unary(Math.cos, (x) => sub(0, plainSin(x)));

export const square = (x: Real): Real => mul(x, x);
export const least = (x: Real, y: Real): Real => select(lt(y, x), Real, y, x);
export const addAll = (terms: readonly Real[]): Real => terms.slice(1).reduce((sum, term) => add(sum, term), terms[0]!);
