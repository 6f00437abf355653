/**
 * The oracle: dual numbers, written without looking at the compiler. Values are computed by exactly the operations of
 * the plain program, so both take the same branches; derivatives follow the calculus conventions of the design.
 */
import { methods } from "./dualMethods.js";

export interface Dual {
  readonly v: number;
  readonly d: number;
}

/** A typed array of duals: two arrays whose views move together. */
export interface DualArray {
  readonly v: Float64Array | Float32Array;
  readonly d: Float64Array;
}

export type DualList = Dual[] | DualArray;

const make = (v: number, d: number): Dual => {
  // Where values overflow, 0 · ∞ makes a NaN of what nobody reads in the end.
  const size = Number.isFinite(v) ? Math.abs(d) : Infinity;
  if (!(size <= peak.value)) peak.value = size;
  return { v, d };
};

/** The largest derivative met on the way: how much of the result may have been lost by cancellation. */
export const peak = { value: 0 };

const unary =
  (value: (x: number) => number, slope: (x: number, y: number) => number) =>
  (x: Dual): Dual => {
    const y = value(x.v);
    return make(y, x.d === 0 ? 0 : slope(x.v, y) * x.d);
  };

const flat = (value: (x: number) => number) => (x: Dual) => make(value(x.v), 0);

const arithmetic = {
  c: (v: number): Dual => make(v, 0),
  v: (x: Dual): number => x.v,
  add: (a: Dual, b: Dual) => make(a.v + b.v, a.d + b.d),
  sub: (a: Dual, b: Dual) => make(a.v - b.v, a.d - b.d),
  mul: (a: Dual, b: Dual) => make(a.v * b.v, a.d * b.v + a.v * b.d),
  div: (a: Dual, b: Dual) => make(a.v / b.v, a.d / b.v - (a.v / (b.v * b.v)) * b.d),
  mod: (a: Dual, b: Dual) => {
    const rest = a.v % b.v;
    return make(rest, a.d - Math.round((a.v - rest) / b.v) * b.d);
  },
  neg: (a: Dual) => make(-a.v, -a.d),
  pow: (a: Dual, b: Dual) => {
    const y = a.v ** b.v;
    const base = a.d === 0 || b.v === 0 ? 0 : b.v === 1 ? a.d : b.v * a.v ** (b.v - 1) * a.d;
    const exponent = b.d === 0 || a.v === 0 ? 0 : y * Math.log(a.v) * b.d;
    return make(y, base + exponent);
  },
};

/** All to the first argument that attains the extreme. */
const router =
  (extreme: (...values: number[]) => number) =>
  (...args: Dual[]): Dual => {
    const y = extreme(...args.map((arg) => arg.v));
    return make(y, (args.find((arg) => arg.v === y) ?? { d: NaN }).d);
  };

const functions = {
  sin: unary(Math.sin, Math.cos),
  cos: unary(Math.cos, (x) => -Math.sin(x)),
  tan: unary(Math.tan, (_, y) => 1 + y * y),
  asin: unary(Math.asin, (x) => 1 / Math.sqrt(1 - x * x)),
  acos: unary(Math.acos, (x) => -1 / Math.sqrt(1 - x * x)),
  atan: unary(Math.atan, (x) => 1 / (1 + x * x)),
  sinh: unary(Math.sinh, Math.cosh),
  cosh: unary(Math.cosh, Math.sinh),
  tanh: unary(Math.tanh, (x) => 1 / Math.cosh(x) ** 2),
  asinh: unary(Math.asinh, (x) => 1 / Math.sqrt(1 + x * x)),
  acosh: unary(Math.acosh, (x) => 1 / Math.sqrt(x * x - 1)),
  atanh: unary(Math.atanh, (x) => 1 / (1 - x * x)),
  exp: unary(Math.exp, (_, y) => y),
  expm1: unary(Math.expm1, Math.exp),
  log: unary(Math.log, (x) => 1 / x),
  log1p: unary(Math.log1p, (x) => 1 / (1 + x)),
  log2: unary(Math.log2, (x) => 1 / (x * Math.LN2)),
  log10: unary(Math.log10, (x) => 1 / (x * Math.LN10)),
  sqrt: unary(Math.sqrt, (_, y) => 1 / (2 * y)),
  cbrt: unary(Math.cbrt, (_, y) => 1 / (3 * y * y)),
  abs: unary(Math.abs, Math.sign),
  fround: unary(Math.fround, () => 1),
  floor: flat(Math.floor),
  ceil: flat(Math.ceil),
  round: flat(Math.round),
  trunc: flat(Math.trunc),
  sign: flat(Math.sign),
  max: router(Math.max),
  min: router(Math.min),
  atan2: (y: Dual, x: Dual) => {
    const square = x.v * x.v + y.v * y.v;
    return make(Math.atan2(y.v, x.v), square === 0 ? 0 : (x.v * y.d - y.v * x.d) / square);
  },
  hypot: (...args: Dual[]) => {
    const size = Math.hypot(...args.map((arg) => arg.v));
    return make(size, size === 0 ? 0 : args.reduce((sum, arg) => sum + (arg.v / size) * arg.d, 0));
  },
};

const isList = (array: DualList): array is Dual[] => Array.isArray(array);

const memory = {
  get: (array: DualList, index: number): Dual =>
    isList(array) ? array[index]! : { v: array.v[index]!, d: array.d[index]! },
  set: (array: DualList, index: number, value: Dual): Dual => {
    if (!(index >= 0 && index < memory.length(array))) throw new Error(`the generator indexes out of range: ${index}`);
    if (isList(array)) array[index] = value;
    else {
      array.v[index] = value.v;
      array.d[index] = value.d;
    }
    return value;
  },
  length: (array: DualList): number => (isList(array) ? array.length : array.v.length),
  /** Live, as the iterators of arrays are. */
  items: function* (array: DualList): Iterable<Dual> {
    for (let k = 0; k < memory.length(array); k++) yield memory.get(array, k);
  },
  typed: (length: number): DualArray => ({ v: new Float64Array(length), d: new Float64Array(length) }),
  single: (length: number): DualArray => ({ v: new Float32Array(length), d: new Float64Array(length) }),
  typedFrom: (items: DualList): DualArray => fill(memory.typed(memory.length(items)), items),
  singleFrom: (items: DualList): DualArray => fill(memory.single(memory.length(items)), items),
  list: (length: number, value: Dual): Dual[] => new Array<Dual>(length).fill(value),
  listFrom: (items: DualList): Dual[] => [...memory.items(items)],
  view: (array: DualArray, start: number, end?: number): DualArray => ({
    v: array.v.subarray(start, end),
    d: array.d.subarray(start, end),
  }),
  slice: (array: DualList, start?: number, end?: number): DualList =>
    isList(array) ? array.slice(start, end) : { v: array.v.slice(start, end), d: array.d.slice(start, end) },
  fill: (array: DualList, value: Dual, start?: number, end?: number): DualList => {
    if (isList(array)) return array.fill(value, start, end);
    array.v.fill(value.v, start, end);
    array.d.fill(value.d, start, end);
    return array;
  },
  copy: (array: DualArray, source: DualList, offset: number): void => {
    const from = isList(source) ? memory.typedFrom(source) : source;
    array.v.set(from.v, offset);
    array.d.set(from.d, offset);
  },
  map: (array: DualList, change: (value: Dual, index: number) => Dual): DualList => {
    const result = isList(array) ? [...array] : (memory.slice(array) as DualArray);
    memory.forEach(array, (value, k) => memory.set(result, k, change(value, k)));
    return result;
  },
  forEach: (array: DualList, visit: (value: Dual, index: number) => void): void => {
    const length = memory.length(array);
    for (let k = 0; k < length; k++) if (k < memory.length(array)) visit(memory.get(array, k), k);
  },
  reduce: (array: DualList, step: (sum: Dual, value: Dual, index: number) => Dual, first: Dual): Dual => {
    let sum = first;
    memory.forEach(array, (value, k) => (sum = step(sum, value, k)));
    return sum;
  },
};

function fill(array: DualArray, items: DualList): DualArray {
  for (let k = 0; k < array.v.length; k++) memory.set(array, k, memory.get(items, k));
  return array;
}

/** What programs over dual numbers call. */
const nothing: Dual = { v: NaN, d: NaN };

/** An element that is not there counts as NaN, as it does in arithmetic. */
const withMissing = <Operations extends object>(all: Operations): Operations =>
  Object.fromEntries(
    Object.entries(all).map(([name, run]) => [
      name,
      (...args: unknown[]): unknown => (run as (...given: unknown[]) => unknown)(...args.map((one) => one ?? nothing)),
    ]),
  ) as Operations;

export const operations = { ...withMissing({ ...arithmetic, ...functions }), ...memory, ...methods };
