/** Numbers inside arguments, as places in memory: one place may be reached by several paths. */
import type { Path } from "./differences.js";

type Container = Record<string | number, unknown>;

/** A place that holds a number, and every path that leads to it. The first part of a path is the argument's position. */
export interface Location {
  readonly container: Container;
  readonly key: string | number;
  readonly paths: Path[];
}

const isRealArray = (value: object): boolean =>
  Array.isArray(value) || value instanceof Float64Array || value instanceof Float32Array;

/** Keys of what can carry a derivative; none for integer arrays. */
function keysOf(value: object): readonly (string | number)[] {
  if (isRealArray(value)) return Array.from(value as ArrayLike<unknown>, (_, k) => k);
  return ArrayBuffer.isView(value) ? [] : Object.keys(value);
}

/** Two views of one buffer reach one place. */
function placeName(container: Container, key: string | number): string | null {
  if (!ArrayBuffer.isView(container)) return null;
  const size = container instanceof Float32Array ? 4 : 8;
  return String(container.byteOffset + size * Number(key));
}

/** The places reached from the arguments at `positions`, in order. */
export function locationsOf(args: unknown[], positions: readonly number[]): readonly Location[] {
  const found = new Map<unknown, Map<string, Location>>();
  const all: Location[] = [];
  const visit = (container: Container, key: string | number, path: Path): void => {
    const value = container[key];
    if (typeof value === "object" && value !== null) {
      for (const inner of keysOf(value)) visit(value as Container, inner, [...path, inner]);
      return;
    }
    if (typeof value !== "number") return;
    const place = placeName(container, key);
    const owner = place === null ? container : (container as unknown as ArrayBufferView).buffer;
    const places = found.get(owner) ?? new Map<string, Location>();
    found.set(owner, places);
    const name = place ?? String(key);
    const known = places.get(name);
    if (known) return void known.paths.push(path);
    const location: Location = { container, key, paths: [path] };
    places.set(name, location);
    all.push(location);
  };
  for (const position of positions) visit(args as unknown as Container, position, [position]);
  return all;
}

/** Moves every location by `step` times its direction, in place. */
export function moveBy(locations: readonly Location[], direction: readonly number[], step: number): void {
  locations.forEach(({ container, key }, k) => {
    container[key] = (container[key] as number) + step * direction[k]!;
  });
}

/** Deep equality, bit for bit, kinds of arrays included; functions of instances are each their own. */
export function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === "function" && typeof b === "function") return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  return keys.every(
    (key) => Object.hasOwn(b, key) && isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}

/** Whether `gradient` has the shape of `value`: same arrays, same lengths, numbers for numbers, nothing else. */
export function shapeProblem(value: unknown, gradient: unknown, path = ""): string | null {
  if (typeof value === "number")
    return typeof gradient === "number" ? null : `${path || "it"} is ${describe(gradient)}, not a number`;
  const isIntegerArray = ArrayBuffer.isView(value) && !isRealArray(value);
  if (typeof value !== "object" || value === null || isIntegerArray) {
    const isNothing = gradient === undefined || (gradient === null && value === null);
    return isNothing ? null : `${path || "it"} is ${describe(gradient)} where there is no number`;
  }
  if (typeof gradient !== "object" || gradient === null) return `${path || "it"} is ${describe(gradient)}`;
  if (describe(value) !== describe(gradient) && (isRealArray(value) || isRealArray(gradient)))
    return `${path || "it"} is ${describe(gradient)}, not ${describe(value)}`;
  const surplus = keysOf(gradient).find(
    (key) => !Object.hasOwn(value, key) && (gradient as Container)[key] !== undefined,
  );
  if (surplus !== undefined) return `${path || "it"} has a field ${surplus} that the argument lacks`;
  for (const key of keysOf(value)) {
    const inner = shapeProblem(
      (value as Container)[key],
      (gradient as Container)[key],
      `${path}${typeof key === "number" ? `[${key}]` : `.${key}`}`,
    );
    if (inner) return inner;
  }
  return null;
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? `an array of ${value.length}` : `${value.constructor.name}`;
}

/** A copy shaped like a gradient that holds the directions; what is one object stays one object. */
export function tangentsOf(
  args: unknown[],
  positions: readonly number[],
  locations: readonly Location[],
  direction: readonly number[],
): unknown[] {
  const slopes = new Map<string, number>();
  locations.forEach(({ paths }, k) => paths.forEach((path) => slopes.set(path.join("/"), direction[k]!)));
  const known = new Map<unknown, unknown>();
  const build = (value: unknown, path: Path): unknown => {
    if (typeof value === "number") return slopes.get(path.join("/"));
    if (typeof value !== "object" || value === null) return undefined;
    if (known.has(value)) return known.get(value);
    const result = emptyLike(value, known);
    known.set(value, result);
    for (const key of keysOf(value)) {
      const inner = build((value as Container)[key], [...path, key]);
      if (inner !== undefined || Array.isArray(result)) (result as Container)[key] = inner;
    }
    return result;
  };
  return positions.map((position) => build(args[position], [position]));
}

function emptyLike(value: object, known: Map<unknown, unknown>): object {
  if (Array.isArray(value)) return [];
  if (!(value instanceof Float64Array || value instanceof Float32Array)) return {};
  const Kind = value.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => Float64Array;
  const buffer = (known.get(value.buffer) as ArrayBuffer | undefined) ?? new ArrayBuffer(value.buffer.byteLength);
  known.set(value.buffer, buffer);
  return new Kind(buffer, value.byteOffset, value.length);
}

/** Every number of a result, in order. */
export function numbersOf(value: unknown): readonly number[] {
  if (typeof value === "number") return [value];
  if (typeof value !== "object" || value === null) return [];
  return keysOf(value).flatMap((key) => numbersOf((value as Container)[key]));
}
