/** Random expressions: real numbers, non-negative integers, conditions, and the places that can be assigned. */
import { both, type Both, differing, joined } from "./both.js";
import { calledMethod, helperCall, localCall } from "./functionCalls.js";
import { objectReal } from "./shapes.js";
import type { ArrayName, Generator, Scope } from "./scope.js";

const operators = { "+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod", "**": "pow" } as const;
export type Operator = keyof typeof operators;

export function operate(a: Both, operator: Operator, b: Both): Both {
  return differing(`(${a.plain} ${operator} ${b.plain})`, operators[operator], a, b);
}

export function literal(value: number | string): Both {
  return differing(String(value), "c", value);
}

export function math(name: string, ...args: readonly Both[]): Both {
  return differing(`Math.${name}(${joined(args).plain})`, name, ...args);
}

export function element(array: string, index: Both): Both {
  return differing(`${array}[${index.plain}]`, "get", array, index);
}

export function length(array: string): Both {
  return differing(`${array}.length`, "length", array);
}

const literals = [0.5, 1.25, 0.3, 2, 0.75, 1, 0.1, 3];

// -------------------------------------------------------------------------------------------------------- integers

/** A small non-negative integer. */
export function integer(generator: Generator, scope: Scope, depth = 1): Both {
  const { random } = generator;
  const known = scope.integers;
  const kind = random.integer(0, depth > 0 ? 9 : 3);
  if (kind <= 3 && known.length > 0) return both`${random.pick(known).name}`;
  if (kind <= 3) return both`${random.integer(0, 4)}`;
  const inside = (): Both => integer(generator, scope, depth - 1);
  if (kind === 4) return both`(${inside()} + ${random.integer(1, 3)})`;
  if (kind === 5) return both`(${inside()} * ${random.integer(2, 3)} + ${inside()})`;
  if (kind === 6) return both`Math.abs(${inside()} - ${inside()})`;
  if (kind === 7 && scope.arrays.length > 0) return length(random.pick(scope.arrays).name);
  if (kind === 8 && scope.reals.length > 0) {
    const real = random.pick(scope.reals).name;
    return both`Math.floor(Math.abs(${differing(real, "v", real)}) * 3)`;
  }
  return both`((${inside()} + ${inside()}) % ${random.integer(2, 4)})`;
}

/** An index that is always in range. */
export function indexOf(generator: Generator, scope: Scope, array: ArrayName, mayCount = false): Both {
  const { random } = generator;
  const running = scope.integers.filter((name) => name.indexes === array.name);
  if (running.length > 0 && random.chance(0.5)) return both`${random.pick(running).name}`;
  const ranged = scope.integers.filter((name) => name.range !== null && name.range.low < array.least);
  if (ranged.length > 0 && random.chance(0.6)) {
    const { name, range } = random.pick(ranged);
    const shift = random.integer(-1, 1);
    const fits = range!.low + shift >= 0 && range!.high + shift < array.least;
    if (fits && shift !== 0) return both`${name} ${shift > 0 ? "+" : "-"} ${Math.abs(shift)}`;
    if (range!.high < array.least) return both`${name}`;
  }
  const counters = scope.integers.filter((name) => !name.isConstant);
  if (mayCount && counters.length > 0 && random.chance(0.15))
    return both`${random.pick(counters).name}++ % ${length(array.name)}`;
  if (random.chance(0.3)) return both`${random.integer(0, array.least - 1)}`;
  return both`${integer(generator, scope)} % ${length(array.name)}`;
}

// ------------------------------------------------------------------------------------------------------ conditions

export function condition(generator: Generator, scope: Scope, depth = 1): Both {
  const { random } = generator;
  const inside = (): Both => condition(generator, scope, depth - 1);
  const kind = random.integer(0, depth > 0 ? 9 : 5);
  if (kind <= 3) {
    const [a, b] = [real(generator, scope, 1), real(generator, scope, 0)];
    const test = random.pick(["<", ">", "<=", ">="]);
    return { plain: `${a.plain} ${test} ${b.plain}`, dual: `$.v(${a.dual}) ${test} $.v(${b.dual})` };
  }
  if (kind <= 5) {
    const test = random.pick(["<", ">", "===", "!==", "<=", ">="]);
    return both`(${integer(generator, scope)}) % 3 ${test} ${random.integer(0, 2)}`;
  }
  if (kind === 6) return both`!(${inside()})`;
  return both`((${inside()}) ${random.pick(["&&", "||"])} (${inside()}))`;
}

// ----------------------------------------------------------------------------------------------------------- reals

function leaf(generator: Generator, scope: Scope): Both {
  const { random } = generator;
  const kind = random.integer(0, 14);
  if (kind <= 4 && scope.reals.length > 0) return both`${random.pick(scope.reals).name}`;
  if (kind <= 8 && scope.arrays.length > 0) {
    const array = random.pick(scope.arrays);
    return element(array.name, indexOf(generator, scope, array, true));
  }
  if (kind === 9 && scope.matrices.length > 0) return matrixElement(generator, scope);
  if (kind === 10 || (kind === 11 && generator.topics.has("classes"))) {
    const found = objectReal(generator, scope);
    if (found) return found;
  }
  if (kind === 13 && scope.stacks.length > 0) return top(generator, scope);
  if (kind === 14 && scope.ragged.length > 0) {
    const row = both`${random.pick(scope.ragged)}[${integer(generator, scope, 0)} % 2]`;
    return both`${row}[${integer(generator, scope, 0)} % ${row}.length]`;
  }
  if (kind === 12) {
    const value = integer(generator, scope);
    return differing(`(${value.plain})`, "c", value);
  }
  return scope.reals.length > 0 && random.chance(0.6)
    ? both`${random.pick(scope.reals).name}`
    : literal(random.pick(literals));
}

/** The last element, or one before it, of an array that may have none. */
function top(generator: Generator, scope: Scope): Both {
  const { random } = generator;
  const { name } = random.pick(scope.stacks);
  if (random.chance(0.5)) return both`(${name}[${name}.length - 1] ?? ${literal(0.3)})`;
  const back = integer(generator, scope, 0);
  return both`(${name}.length > ${back} ? ${name}[${name}.length - 1 - ${back}] : ${literal(0.8)})`;
}

export function matrixElement(generator: Generator, scope: Scope): Both {
  const { random } = generator;
  const [row, column] = [integer(generator, scope, 0), integer(generator, scope, 0)];
  return both`${random.pick(scope.matrices)}[${row} % 3][${column} % 3]`;
}

/** In [-1, 1], smoothly. */
export function unit(generator: Generator, scope: Scope, depth: number): Both {
  return math(generator.random.pick(["sin", "cos", "tanh", "sin"]), real(generator, scope, depth - 1));
}

/** Positive and of moderate size. */
function positive(generator: Generator, scope: Scope, depth: number): Both {
  const { random } = generator;
  const kind = random.integer(0, 3);
  if (kind === 0) return math("exp", unit(generator, scope, depth));
  if (kind === 1) return operate(literal(1.5), "+", unit(generator, scope, depth));
  if (kind === 2) return operate(literal(0.7), "+", math("abs", real(generator, scope, depth - 1)));
  return math("cosh", unit(generator, scope, depth));
}

/** A function of Math on a part of its domain where it is smooth. */
function smooth(generator: Generator, scope: Scope, depth: number): Both {
  const { random } = generator;
  const small = (): Both => unit(generator, scope, depth);
  const inside = (): Both => real(generator, scope, depth - 1);
  const above = (): Both => positive(generator, scope, depth);
  const name = random.integer(0, 3);
  if (name === 0) return math(random.pick(["asin", "acos", "atanh", "tan"]), operate(literal(0.8), "*", small()));
  if (name === 1) return math(random.pick(["sinh", "cosh", "exp", "expm1", "asinh", "atan"]), small());
  if (name === 2) return math(random.pick(["log", "log1p", "log2", "log10", "sqrt", "cbrt"]), above());
  const kind = random.integer(0, 5);
  if (kind === 0) return math("acosh", operate(literal(1.5), "+", math("abs", inside())));
  if (kind === 1) return math("atan2", inside(), above());
  if (kind === 2)
    return operate(above(), "**", random.chance(0.5) ? small() : literal(random.pick([0.5, 1.5, -1, 2.5])));
  if (kind === 3) return operate(small(), "**", literal(random.pick([2, 3, 2, 1, 0])));
  return math("hypot", inside(), inside(), ...(random.chance(0.3) ? [inside()] : []));
}

/** Functions with kinks and steps. */
function kinked(generator: Generator, scope: Scope, depth: number): Both {
  const { random } = generator;
  const inside = (): Both => real(generator, scope, depth - 1);
  const kind = random.integer(0, 5);
  if (kind === 0) return math("abs", inside());
  if (kind === 1) return math(random.pick(["floor", "ceil", "round", "trunc", "sign"]), inside());
  if (kind === 2) return operate(inside(), "%", random.chance(0.7) ? literal(1.75) : positive(generator, scope, depth));
  const name = random.pick(["max", "min"]);
  return random.chance(0.2) ? math(name, inside(), inside(), inside()) : math(name, inside(), inside());
}

/** Any real expression; of moderate size while variables are. */
export function real(generator: Generator, scope: Scope, depth: number): Both {
  const { random } = generator;
  if (depth <= 0) return leaf(generator, scope);
  const inside = (): Both => real(generator, scope, depth - 1);
  const kind = random.integer(0, 19);
  if (kind <= 3) return leaf(generator, scope);
  if (kind <= 7) return operate(inside(), random.pick(["+", "-"]), inside());
  if (kind <= 10) return operate(inside(), "*", inside());
  if (kind === 11) return operate(inside(), "/", positive(generator, scope, depth));
  if (kind === 12) return negated(inside());
  if (kind <= 14) return smooth(generator, scope, depth);
  if (kind === 15) return kinked(generator, scope, depth);
  if (kind === 16) return both`(${condition(generator, scope)} ? ${inside()} : ${inside()})`;
  if (kind === 17) return call(generator, scope) ?? inside();
  if (kind === 18) return total(generator, scope) ?? inside();
  return unit(generator, scope, depth);
}

/** A call of any function that gives a number. */
export function call(generator: Generator, scope: Scope): Both | null {
  const kind = generator.random.integer(0, 2);
  const way = [helperCall, localCall, (): Both | null => calledMethod(generator, scope, "number")][kind]!;
  return way(generator, scope) ?? helperCall(generator, scope) ?? localCall(generator, scope);
}

function negated(a: Both): Both {
  return differing(`(-${a.plain})`, "neg", a);
}

/** A `reduce` over an array. */
function total(generator: Generator, scope: Scope): Both | null {
  const { random } = generator;
  if (scope.arrays.length === 0 || scope.loops > 1) return null;
  const array = random.pick(scope.arrays).name;
  const weight = leaf(generator, scope);
  const step = operate(both`sum`, "+", operate(both`item`, "*", weight));
  const first = leaf(generator, scope);
  return {
    plain: `${array}.reduce((sum, item) => ${step.plain}, ${first.plain})`,
    dual: `$.reduce(${array}, (sum, item) => ${step.dual}, ${first.dual})`,
  };
}

/** Bounded by about 3, whatever it is made of. */
export function bounded(generator: Generator, scope: Scope, depth = 2): Both {
  const { random } = generator;
  const kind = random.integer(0, 9);
  if (kind <= 4) return unit(generator, scope, depth);
  if (kind === 5) return math("atan", real(generator, scope, depth));
  if (kind === 6) return operate(real(generator, scope, depth), "%", literal(2.5));
  if (kind === 7) return literal(random.pick(literals));
  const [a, b] = [literal(random.pick([0.4, 0.25, 0.5])), literal(random.pick([0.3, 0.5]))];
  const [first, second] = [leaf(generator, scope), leaf(generator, scope)];
  return operate(operate(a, "*", first), random.pick(["+", "-"]), operate(b, "*", second));
}
