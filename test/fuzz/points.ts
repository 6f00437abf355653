/** Arguments for random programs, directions to differentiate along, and the same over dual numbers. */
import type { Dual, DualArray } from "./dual.js";
import { leastLength } from "./generate.js";
import type { ParameterKind, Program } from "./program.js";
import { type Random, randomFrom } from "./random.js";

/** Which parameters share memory. */
export type Sharing = "nothing" | "same" | "views";
export const sharings: readonly Sharing[] = ["nothing", "same", "views"];

/** One argument list; the same every time. */
export function argumentsFor(program: Program, point: number, sharing: Sharing): unknown[] {
  const random = randomFrom(program.seed * 31 + point);
  const args = program.main.parameters.map(({ kind }) => make(random, kind, sharing !== "nothing"));
  if (sharing === "nothing") return args;
  const { parameters } = program.main;
  const shared = new Map<ParameterKind, unknown>();
  program.wrt.forEach((position) => {
    const { kind } = parameters[position]!;
    if (kind === "number") return;
    const first = shared.get(kind);
    if (first === undefined) shared.set(kind, args[position]);
    else if (sharing === "same") args[position] = first;
    else if (first instanceof Float64Array || first instanceof Float32Array)
      args[position] = random.chance(0.5) ? first.subarray(1) : first.subarray(0, leastLength);
    else args[position] = first;
  });
  return args;
}

function make(random: Random, kind: ParameterKind, mayShare: boolean): unknown {
  const number = (): number => random.unit() * 3 - 1.2;
  const list = (length: number): number[] => Array.from({ length }, number);
  const record = () => ({ p: number(), q: number(), w: list(3) });
  switch (kind) {
    case "number":
      return number();
    case "integer":
      return random.integer(0, 5);
    case "list":
      return list(random.integer(leastLength, 6));
    case "Float64Array":
      return Float64Array.from(list(random.integer(leastLength + 1, 6)));
    case "Float32Array":
      return Float32Array.from(list(random.integer(leastLength + 1, 6)));
    case "matrix": {
      const rows = [list(3), list(3), list(4)];
      if (mayShare) rows[1] = rows[0]!;
      return rows;
    }
    case "record":
      return record();
    case "records": {
      const items = [record(), record()];
      if (mayShare) items[1]!.w = items[0]!.w;
      return items;
    }
  }
}

/** Turns arguments into duals; what is one object stays one object, and views stay views. */
export function dualArguments(program: Program, args: readonly unknown[], direction: number): unknown[] {
  const random = randomFrom(program.seed * 17 + direction + 1);
  const slope = (): number => random.unit() * 2 - 1;
  const made = new Map<unknown, unknown>();
  const visit = (value: unknown, isActive: boolean): unknown => {
    if (typeof value === "number") return { v: value, d: isActive ? slope() : 0 } satisfies Dual;
    if (typeof value !== "object" || value === null) return value;
    if (made.has(value)) return made.get(value);
    const result = convert(value, isActive);
    made.set(value, result);
    return result;
  };
  const convert = (value: object, isActive: boolean): unknown => {
    if (value instanceof Float64Array || value instanceof Float32Array) {
      const known = made.get(value.buffer) as Float64Array | undefined;
      const size = value.buffer.byteLength / value.BYTES_PER_ELEMENT;
      const slopes = known ?? Float64Array.from({ length: size }, () => (isActive ? Math.fround(slope()) : 0));
      made.set(value.buffer, slopes);
      const start = value.byteOffset / value.BYTES_PER_ELEMENT;
      return { v: value, d: slopes.subarray(start, start + value.length) } satisfies DualArray;
    }
    if (Array.isArray(value)) return value.map((item) => visit(item, isActive));
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, visit(item, isActive)]));
  };
  return args.map((arg, k) =>
    program.main.parameters[k]!.kind === "integer" ? arg : visit(arg, program.wrt.includes(k)),
  );
}

/** The slopes alone, in the shape of a gradient. */
export function slopesOf(dual: unknown): unknown {
  if (typeof dual !== "object" || dual === null) return dual;
  if (Array.isArray(dual)) return dual.map(slopesOf);
  const { v, d } = dual as { v?: unknown; d?: unknown };
  if (typeof v === "number") return d;
  if (d instanceof Float64Array) return v instanceof Float32Array ? Float32Array.from(d) : d.slice();
  return Object.fromEntries(Object.entries(dual).map(([name, item]) => [name, slopesOf(item)]));
}

/** ⟨gradient, slopes⟩ and the sum of the sizes of its terms; throws when their shapes differ. */
export function dot(gradient: unknown, slopes: unknown, path = "gradient"): { value: number; size: number } {
  if (typeof slopes === "number") {
    if (typeof gradient !== "number") throw new Error(`${path} is ${typeof gradient}, not a number`);
    return { value: gradient * slopes, size: Math.abs(gradient * slopes) };
  }
  if (typeof gradient !== "object" || gradient === null) throw new Error(`${path} is missing`);
  if (Object.getPrototypeOf(gradient) !== Object.getPrototypeOf(slopes))
    throw new Error(`${path} is another kind of object`);
  const names = Object.keys(slopes as object);
  if (Object.keys(gradient).length !== names.length)
    throw new Error(`${path} has ${Object.keys(gradient).length} parts`);
  const parts = names.map((name) =>
    dot((gradient as Record<string, unknown>)[name], (slopes as Record<string, unknown>)[name], `${path}.${name}`),
  );
  return {
    value: parts.reduce((sum, part) => sum + part.value, 0),
    size: parts.reduce((sum, part) => sum + part.size, 0),
  };
}

/** The arguments moved by `step` along the slopes; objects that are one stay one. */
export function movedArguments(args: readonly unknown[], duals: readonly unknown[], step: number): unknown[] {
  const moved = new Set<unknown>();
  const move = (value: unknown, dual: unknown): unknown => {
    if (typeof value === "number") return typeof dual === "object" ? value + step * (dual as Dual).d : value;
    if (typeof value !== "object" || value === null || moved.has(value)) return value;
    moved.add(value);
    if (value instanceof Float64Array || value instanceof Float32Array) {
      if (moved.has(value.buffer)) return value;
      moved.add(value.buffer);
      const kind = value instanceof Float64Array ? Float64Array : Float32Array;
      const slopes = new Float64Array((dual as DualArray).d.buffer);
      new kind(value.buffer as ArrayBuffer).forEach((item, k, all) => (all[k] = item + step * slopes[k]!));
      return value;
    }
    for (const [name, item] of Object.entries(value))
      (value as Record<string, unknown>)[name] = move(item, (dual as Record<string, unknown>)[name]);
    return value;
  };
  return args.map((arg, k) => move(arg, duals[k]));
}
