/** Arguments for random programs, directions to differentiate along, and the same over dual numbers. */
import type { Dual, DualArray } from "./dual.js";
import { leastLength } from "./generate.js";
import type { Program, ProgramParameter } from "./program.js";
import { type Random, randomFrom } from "./random.js";
import type { Field, Shape } from "./shapes.js";

/** Which parameters share memory. */
export type Sharing = "nothing" | "same" | "views";
export const sharings: readonly Sharing[] = ["nothing", "same", "views"];

/** One argument list; the same every time. */
export function argumentsFor(program: Program, point: number, sharing: Sharing): unknown[] {
  const random = randomFrom(program.seed * 31 + point);
  const args = program.main.parameters.map((parameter) => make(random, parameter, sharing !== "nothing"));
  if (sharing === "nothing") return args;
  const { parameters } = program.main;
  const shared = new Map<string, unknown>();
  program.wrt.forEach((position) => {
    const { kind, shape } = parameters[position]!;
    if (kind === "number") return;
    const type = `${kind} ${shape?.name}`;
    const first = shared.get(type);
    if (first === undefined) shared.set(type, args[position]);
    else if (sharing === "same") args[position] = first;
    else if (first instanceof Float64Array || first instanceof Float32Array)
      args[position] = random.chance(0.5) ? first.subarray(1) : first.subarray(0, leastLength);
    else args[position] = first;
  });
  return args;
}

function make(random: Random, { kind, shape }: ProgramParameter, mayShare: boolean): unknown {
  switch (kind) {
    case "integer":
      return random.integer(0, 5);
    case "list":
      return list(random, random.integer(leastLength, 6));
    case "Float64Array":
      return Float64Array.from(list(random, random.integer(leastLength + 1, 6)));
    case "Float32Array":
      return Float32Array.from(list(random, random.integer(leastLength + 1, 6)));
    case "matrix": {
      const rows = [list(random, 3), list(random, 3), list(random, 4)];
      if (mayShare) rows[1] = rows[0]!;
      return rows;
    }
    case "object":
      return record(random, shape!, 2, mayShare);
    case "group":
      return records(random, shape!, 2, mayShare);
    default:
      return number(random);
  }
}

const number = (random: Random): number => random.unit() * 3 - 1.2;
const list = (random: Random, length: number): number[] => Array.from({ length }, () => number(random));

/** Fields in the order of the type; those that may be missing sometimes are. */
function record(random: Random, shape: Shape, depth: number, mayShare: boolean): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const field of shape.fields) {
    const value = fieldOf(random, field, depth, mayShare);
    if (value !== undefined) result[field.name] = value;
  }
  return result;
}

function fieldOf(random: Random, field: Field, depth: number, mayShare: boolean): unknown {
  switch (field.kind) {
    case "real":
      return number(random);
    case "optional":
      return random.chance(0.5) ? number(random) : undefined;
    case "list":
      return list(random, 3);
    case "object":
      return record(random, field.shape, depth, mayShare);
    case "maybe":
      return depth > 0 && random.chance(0.6) ? record(random, field.shape, depth - 1, mayShare) : undefined;
    case "group":
      return records(random, field.shape, depth, mayShare);
  }
}

/** Two; where they may share memory one twice, or one that holds a list of the other. */
function records(random: Random, shape: Shape, depth: number, mayShare: boolean): unknown[] {
  const items = [record(random, shape, depth, mayShare), record(random, shape, depth, mayShare)];
  if (!mayShare) return items;
  const shared = shape.fields.find(({ kind }) => kind === "list" || kind === "object");
  if (shared && random.chance(0.6)) items[1]![shared.name] = items[0]![shared.name];
  else items[1] = items[0]!;
  return items;
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
  // A number that may be missing has a gradient exactly when it is there.
  const present = (whole: object): string[] =>
    Object.keys(whole).filter((name) => (whole as Record<string, unknown>)[name] !== undefined);
  const names = present(slopes as object);
  if (present(gradient).length !== names.length) throw new Error(`${path} has the parts ${present(gradient).join()}`);
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
