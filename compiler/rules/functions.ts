import type { Rule } from "./row.js";

/** Sources: Abramowitz and Stegun 4.2 to 4.6; forms chosen against cancellation and cost. */
export const powersAndRoots = {
  // A zero adjoint stays zero where the slope is infinite.
  sqrt: { singular: true, partials: [(_x, y) => 0.5 / y] },
  cbrt: { singular: true, partials: [(_x, y) => 1 / (3 * y * y)] },
  power: {
    singular: true,
    partials: [(x, p) => (p === 0 ? 0 : p * x ** (p - 1)), (x, p, y) => (x === 0 && p > 0 ? 0 : y * Math.log(x))],
  },
  hypot: { variadic: (x, y) => (y === 0 ? 0 : x / y) },
} as const satisfies Record<string, Rule>;

export const exponentials = {
  exp: { partials: [(_x, y) => y] },
  expm1: { partials: [(_x, y) => y + 1] },
  log: { partials: [(x) => 1 / x] },
  log1p: { partials: [(x) => 1 / (1 + x)] },
  log2: { partials: [(x) => Math.LOG2E / x] },
  log10: { partials: [(x) => Math.LOG10E / x] },
} as const satisfies Record<string, Rule>;

export const trigonometry = {
  sin: { partials: [(x) => Math.cos(x)] },
  cos: { partials: [(x) => -Math.sin(x)] },
  tan: { partials: [(_x, y) => 1 + y * y] },
  asin: { partials: [(x) => 1 / Math.sqrt((1 - x) * (1 + x))] },
  acos: { partials: [(x) => -1 / Math.sqrt((1 - x) * (1 + x))] },
  atan: { partials: [(x) => 1 / (1 + x * x)] },
  atan2: {
    partials: [
      (a, b) => (a === 0 && b === 0 ? 0 : b / (a * a + b * b)),
      (a, b) => (a === 0 && b === 0 ? 0 : -a / (a * a + b * b)),
    ],
  },
  sinh: { partials: [(x) => Math.cosh(x)] },
  cosh: { partials: [(x) => Math.sinh(x)] },
  tanh: { partials: [(_x, y) => 1 - y * y] },
  asinh: { partials: [(x) => 1 / Math.sqrt(x * x + 1)] },
  acosh: { partials: [(x) => 1 / Math.sqrt((x - 1) * (x + 1))] },
  atanh: { partials: [(x) => 1 / ((1 - x) * (1 + x))] },
} as const satisfies Record<string, Rule>;
