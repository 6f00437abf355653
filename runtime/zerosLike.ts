/** Zeros of a structure that generated code cannot write out, since its type contains itself: trees, lists. */
import type { Gradient, Shadow } from "./gradientType.js";
import {
  type Fields,
  type FloatArray,
  isFloatArray,
  isIntegerArray,
  isRecord,
  mayCarry,
  zeroTyped,
} from "./structure.js";

/**
 * A gradient of zeros for `object`. Every place has its own: what is reached twice is there twice. Throws TypeError for
 * data that contains itself.
 */
export function zerosLike<T>(object: T): Gradient<T> {
  return zeros(object, zeroTyped, new Set()) as Gradient<T>;
}

/** The same with numbers of double precision throughout, to add adjoints up in. */
export function shadowLike<T>(object: T): Shadow<T> {
  return zeros(object, (array) => new Float64Array(array.length), new Set()) as Shadow<T>;
}

/** `path`: the objects around `value`. */
function zeros(value: unknown, floats: (array: FloatArray) => FloatArray, path: Set<object>): unknown {
  if (typeof value === "number") return 0;
  if (value === null || value === undefined) return value;
  if (isFloatArray(value)) return floats(value);
  if (isIntegerArray(value)) return zeroTyped(value);
  if (!Array.isArray(value) && !isRecord(value)) return undefined;
  if (path.has(value)) throw new TypeError("Data that contains itself has no gradient of its shape.");
  path.add(value);
  const made = Array.isArray(value) ? zeroItems(value, floats, path) : zeroFields(value, floats, path);
  path.delete(value);
  return made;
}

function zeroItems(value: readonly unknown[], floats: (array: FloatArray) => FloatArray, path: Set<object>): unknown[] {
  const made = new Array<unknown>(value.length).fill(0);
  value.forEach((item, i) => {
    if (typeof item !== "number") made[i] = hasPlace(item) ? zeros(item, floats, path) : undefined;
  });
  return made;
}

function zeroFields(value: Fields, floats: (array: FloatArray) => FloatArray, path: Set<object>): Fields {
  const made: Fields = {};
  for (const [name, item] of Object.entries(value)) if (hasPlace(item)) made[name] = zeros(item, floats, path);
  return made;
}

/** A record without numbers may be one of several kinds, of which others hold some: its adjoint is an empty record. */
function hasPlace(item: unknown): boolean {
  return mayCarry(item) || (isRecord(item) && Object.values(item).every((part) => typeof part !== "function"));
}
