/**
 * The scalar primitives as JavaScript: what each computes (for the interpreter and for tests) and how it prints (for
 * emission). What calculus knows of them stands in `rules/`.
 */

/** How a primitive prints; a higher precedence binds tighter (the numbers of the ECMAScript grammar). */
export type PrimitiveForm =
  | { readonly kind: "binary"; readonly operator: string; readonly precedence: number }
  | { readonly kind: "unary"; readonly operator: string }
  | { readonly kind: "call"; readonly callee: string }
  /** `x === undefined`. */
  | { readonly kind: "suffix"; readonly text: string; readonly precedence: number }
  /** The first argument itself. */
  | { readonly kind: "identity" };

export interface Primitive {
  readonly form: PrimitiveForm;
  /** The type of the result. */
  readonly result: "number" | "boolean";
  readonly evaluate: (...args: never[]) => unknown;
}

type Numeric = (...args: number[]) => number;

const binary = (operator: string, precedence: number, evaluate: (a: number, b: number) => number): Primitive => ({
  form: { kind: "binary", operator, precedence },
  result: "number",
  evaluate,
});
const comparison = (operator: string, precedence: number, evaluate: (a: never, b: never) => boolean): Primitive => ({
  form: { kind: "binary", operator, precedence },
  result: "boolean",
  evaluate,
});
const call = (callee: string, evaluate: Numeric, result: "number" | "boolean" = "number"): Primitive => ({
  form: { kind: "call", callee },
  result,
  evaluate,
});
const test = (callee: string, evaluate: (x: never) => boolean): Primitive => ({
  form: { kind: "call", callee },
  result: "boolean",
  evaluate,
});

export const operators = {
  add: binary("+", 11, (a, b) => a + b),
  subtract: binary("-", 11, (a, b) => a - b),
  multiply: binary("*", 12, (a, b) => a * b),
  divide: binary("/", 12, (a, b) => a / b),
  remainder: binary("%", 12, (a, b) => a % b),
  power: binary("**", 13, (a, b) => a ** b),
  negate: { form: { kind: "unary", operator: "-" }, result: "number", evaluate: (x: number) => -x },
  less: comparison("<", 9, (a: number, b: number) => a < b),
  lessEqual: comparison("<=", 9, (a: number, b: number) => a <= b),
  greater: comparison(">", 9, (a: number, b: number) => a > b),
  greaterEqual: comparison(">=", 9, (a: number, b: number) => a >= b),
  equal: comparison("===", 8, (a: unknown, b: unknown) => a === b),
  notEqual: comparison("!==", 8, (a: unknown, b: unknown) => a !== b),
  looseEqual: comparison("==", 8, (a: unknown, b: unknown) => a == b),
  looseNotEqual: comparison("!=", 8, (a: unknown, b: unknown) => a != b),
  not: { form: { kind: "unary", operator: "!" }, result: "boolean", evaluate: (x: unknown) => !x },
  bitAnd: binary("&", 7, (a, b) => a & b),
  bitXor: binary("^", 6, (a, b) => a ^ b),
  bitOr: binary("|", 5, (a, b) => a | b),
  bitNot: { form: { kind: "unary", operator: "~" }, result: "number", evaluate: (x: number) => ~x },
  shiftLeft: binary("<<", 10, (a, b) => a << b),
  shiftRight: binary(">>", 10, (a, b) => a >> b),
  shiftRightUnsigned: binary(">>>", 10, (a, b) => a >>> b),
  isNullish: {
    form: { kind: "suffix", text: "== null", precedence: 8 },
    result: "boolean",
    evaluate: (x: unknown) => x == null,
  },
  isUndefined: {
    form: { kind: "suffix", text: "=== undefined", precedence: 8 },
    result: "boolean",
    evaluate: (x: unknown) => x === undefined,
  },
  stopGradient: { form: { kind: "identity" }, result: "number", evaluate: (x: number) => x },
  selected: { form: { kind: "identity" }, result: "number", evaluate: (x: number, _source: number) => x },
  extremum: { form: { kind: "identity" }, result: "number", evaluate: (x: number, _source: number) => x },
} as const satisfies Record<string, Primitive>;

/** The functions of `Math` that are primitives under their own names. */
export const mathFunctions = {
  sin: call("Math.sin", Math.sin),
  cos: call("Math.cos", Math.cos),
  tan: call("Math.tan", Math.tan),
  asin: call("Math.asin", Math.asin),
  acos: call("Math.acos", Math.acos),
  atan: call("Math.atan", Math.atan),
  atan2: call("Math.atan2", Math.atan2),
  sinh: call("Math.sinh", Math.sinh),
  cosh: call("Math.cosh", Math.cosh),
  tanh: call("Math.tanh", Math.tanh),
  asinh: call("Math.asinh", Math.asinh),
  acosh: call("Math.acosh", Math.acosh),
  atanh: call("Math.atanh", Math.atanh),
  exp: call("Math.exp", Math.exp),
  expm1: call("Math.expm1", Math.expm1),
  log: call("Math.log", Math.log),
  log1p: call("Math.log1p", Math.log1p),
  log2: call("Math.log2", Math.log2),
  log10: call("Math.log10", Math.log10),
  sqrt: call("Math.sqrt", Math.sqrt),
  cbrt: call("Math.cbrt", Math.cbrt),
  hypot: call("Math.hypot", Math.hypot),
  abs: call("Math.abs", Math.abs),
  sign: call("Math.sign", Math.sign),
  floor: call("Math.floor", Math.floor),
  ceil: call("Math.ceil", Math.ceil),
  round: call("Math.round", Math.round),
  trunc: call("Math.trunc", Math.trunc),
  fround: call("Math.fround", Math.fround),
  imul: call("Math.imul", Math.imul),
  clz32: call("Math.clz32", Math.clz32),
  max: call("Math.max", Math.max),
  min: call("Math.min", Math.min),
} as const satisfies Record<string, Primitive>;

export const tests = {
  isNaN: test("Number.isNaN", Number.isNaN),
  isFinite: test("Number.isFinite", Number.isFinite),
  isInteger: test("Number.isInteger", Number.isInteger),
  isSafeInteger: test("Number.isSafeInteger", Number.isSafeInteger),
  toNumber: call("Number", Number),
} as const satisfies Record<string, Primitive>;

export const primitives = { ...operators, ...mathFunctions, ...tests };

export type PrimitiveName = keyof typeof primitives;

export function primitiveNamed(name: string): Primitive {
  const found = (primitives as Record<string, Primitive>)[name];
  if (!found) throw new Error(`unknown primitive ${name}`);
  return found;
}

export function isPrimitive(name: string): name is PrimitiveName {
  return Object.hasOwn(primitives, name);
}

/** Primitives that give integers whatever they are given. */
export const alwaysInteger: ReadonlySet<string> = new Set([
  "floor",
  "ceil",
  "round",
  "trunc",
  "bitAnd",
  "bitOr",
  "bitXor",
  "bitNot",
  "shiftLeft",
  "shiftRight",
  "shiftRightUnsigned",
  "clz32",
  "imul",
  "sign",
]);
/** Primitives that give integers of integers. */
export const integerWhenArgumentsAre: ReadonlySet<string> = new Set([
  "add",
  "subtract",
  "multiply",
  "negate",
  "max",
  "min",
  "abs",
  "stopGradient",
]);

/** Costs relative to an addition, from what V8 takes. */
const costs: Readonly<Record<string, number>> = {
  divide: 2,
  remainder: 8,
  sqrt: 2,
  sin: 8,
  cos: 8,
  tan: 12,
  asin: 10,
  acos: 10,
  atan: 8,
  atan2: 10,
  exp: 8,
  expm1: 8,
  log: 8,
  log1p: 8,
  log2: 8,
  log10: 8,
  cbrt: 8,
  tanh: 15,
  sinh: 15,
  cosh: 15,
  asinh: 12,
  acosh: 12,
  atanh: 12,
  hypot: 22,
  power: 50,
};

export function costOf(primitive: string): number {
  return costs[primitive] ?? 1;
}
