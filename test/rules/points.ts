/** Regular points of each primitive, inside its domain and away from its kinks. */
import type { PrimitiveName } from "../../compiler/ir/primitives.js";

type Points = readonly (readonly number[])[];

const everywhere: Points = [[0.7], [-1.3], [2.1], [-1e-3]];
const positive: Points = [[0.3], [1.7], [42], [1e-3]];
const inUnit: Points = [[0.1], [-0.6], [0.95]];
const pairs: Points = [
  [1.3, 2.4],
  [-0.7, 1.9],
  [2.2, -0.4],
  [-1.1, -3.2],
];
const fractions: Points = [[0.3], [-0.3], [2.7], [-5.4]];
const bits: Points = [
  [5.3, 3.2],
  [-12.6, 7.4],
];

/** One list for each primitive: a new primitive without one does not compile. */
export const regularPoints: Record<PrimitiveName, Points> = {
  add: pairs,
  subtract: pairs,
  multiply: pairs,
  divide: pairs,
  // The quotient of the last one rounds up to an integer that the remainder does not see.
  remainder: [
    [7.3, 2],
    [-7.3, 2],
    [7.3, -2.2],
    [5.1, 8],
  ],
  power: [
    [1.7, 2.3],
    [0.4, -1.5],
    [3, 0.5],
    [2, 3],
  ],
  negate: everywhere,
  abs: everywhere,
  fround: [],
  selected: [],
  extremum: [],
  max: pairs,
  min: pairs,
  hypot: [
    [3, 4],
    [-1, 0.2, 5],
    [0, 2],
  ],
  sqrt: positive,
  cbrt: [[0.3], [-2.7], [8]],
  exp: everywhere,
  expm1: everywhere,
  log: positive,
  log1p: [[-0.5], [1e-3], [3]],
  log2: positive,
  log10: positive,
  sin: everywhere,
  cos: everywhere,
  tan: [[0.7], [-1.1], [2.1]],
  asin: inUnit,
  acos: inUnit,
  atan: everywhere,
  atan2: [...pairs, [0, 1.5], [2, 0]],
  sinh: everywhere,
  cosh: everywhere,
  tanh: everywhere,
  asinh: everywhere,
  acosh: [[1.2], [3], [50]],
  atanh: inUnit,
  floor: fractions,
  ceil: fractions,
  round: fractions,
  trunc: fractions,
  sign: fractions,
  imul: bits,
  clz32: [[5.3], [1000.2]],
  bitAnd: bits,
  bitOr: bits,
  bitXor: bits,
  bitNot: [[5.3], [-2.4]],
  shiftLeft: bits,
  shiftRight: bits,
  shiftRightUnsigned: bits,
  // Not what differences say: its derivative is zero on purpose.
  stopGradient: [],
  less: pairs,
  lessEqual: pairs,
  greater: pairs,
  greaterEqual: pairs,
  equal: pairs,
  notEqual: pairs,
  looseEqual: pairs,
  looseNotEqual: pairs,
  not: [[1.2]],
  isNullish: [[1.2]],
  isUndefined: [[1.2]],
  isNaN: [[1.2]],
  isFinite: [[1.2]],
  isInteger: [[1.2]],
  isSafeInteger: [[1.2]],
  // Of booleans only: lowering leaves numbers alone.
  toNumber: [],
};
