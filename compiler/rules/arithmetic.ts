import { type Rule, zero } from "./row.js";

export const arithmetic = {
  add: { partials: [() => 1, () => 1] },
  subtract: { partials: [() => 1, () => -1] },
  multiply: { partials: [(_a, b) => b, (a) => a] },
  divide: { partials: [(_a, b) => 1 / b, (_a, b, y) => -y / b] },
  // Not -trunc(a / b): the quotient may round up to an integer that a % b does not see.
  remainder: { partials: [() => 1, (a, b, y) => -Math.round((a - y) / b)] },
  negate: { partials: [() => -1] },
  abs: { partials: [(x) => Math.sign(x)] },
  fround: { partials: [() => 1] },
  // Routers: all to the first argument that attains the extremum, NaN to all when the result is NaN. These rows are for
  // two arguments; with more, see `routerTree`.
  max: {
    isRouter: true,
    partials: [(a, b) => (a >= b ? 1 : a < b ? 0 : NaN), (a, b) => (a < b ? 1 : a >= b ? 0 : NaN)],
  },
  min: {
    isRouter: true,
    partials: [(a, b) => (a <= b ? 1 : a > b ? 0 : NaN), (a, b) => (a > b ? 1 : a <= b ? 0 : NaN)],
  },
} as const satisfies Record<string, Rule>;

/**
 * Of a value and what it was made from once more: the value itself, its derivative by way of the other. An extremum of
 * many that is NaN gives NaN.
 */
export const choices = {
  selected: { partials: [null, () => 1] },
  extremum: { partials: [null, (value) => (Number.isNaN(value) ? NaN : 1)] },
} as const satisfies Record<string, Rule>;

/** Piecewise constant, or meant to be: the derivative is zero, with a note in `explain`. */
export const stepwise = {
  floor: zero(1),
  ceil: zero(1),
  round: zero(1),
  trunc: zero(1),
  sign: zero(1),
  imul: zero(2),
  clz32: zero(1),
  bitAnd: zero(2),
  bitOr: zero(2),
  bitXor: zero(2),
  bitNot: zero(1),
  shiftLeft: zero(2),
  shiftRight: zero(2),
  shiftRightUnsigned: zero(2),
  stopGradient: zero(1),
} as const satisfies Record<string, Rule>;

/** Comparisons and tests carry no derivative. */
export const comparisons = {
  less: zero(2),
  lessEqual: zero(2),
  greater: zero(2),
  greaterEqual: zero(2),
  equal: zero(2),
  notEqual: zero(2),
  looseEqual: zero(2),
  looseNotEqual: zero(2),
  not: zero(1),
  isNullish: zero(1),
  isUndefined: zero(1),
  isNaN: zero(1),
  isFinite: zero(1),
  isInteger: zero(1),
  isSafeInteger: zero(1),
  toNumber: zero(1),
} as const satisfies Record<string, Rule>;
