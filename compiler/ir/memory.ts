/** Making memory, on JavaScript values: what allocations, copies and zeros of the IR give when they are interpreted. */
import type { Type, TypedArrayName } from "./ir.js";
import { unreachable } from "./walk.js";

/** Stands for any typed array. */
export type Numbers = Float64Array;
export type Growable = unknown[] | Numbers;

const typedArrays: Readonly<Record<Exclude<TypedArrayName, "ArrayLike">, new (length: number) => unknown>> = {
  Float64Array,
  Float32Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
};

export function allocate(type: Type, length: number): Growable {
  if (type.kind !== "typedArray" || type.name === "ArrayLike") return new Array<unknown>(length);
  return new typedArrays[type.name](length) as Numbers;
}

/** A fresh copy of a range, of another kind of array where `type` says so. */
export function sliceAs(type: Type, source: Growable, start: number | undefined, end: number | undefined): Growable {
  const cut = source.slice(start, end);
  if (type.kind !== "typedArray" || type.name === "ArrayLike") return Array.from(cut);
  if (!Array.isArray(cut) && cut.constructor === typedArrays[type.name]) return cut;
  const result = allocate(type, cut.length) as Numbers;
  result.set(cut as ArrayLike<number>);
  return result;
}

/** The storage itself when it holds `capacity` elements, else a larger copy. */
export function grow(storage: Growable, capacity: number): Growable {
  if (Array.isArray(storage) || storage.length >= capacity) return storage;
  const larger = new (storage.constructor as new (length: number) => Numbers)(Math.max(capacity, 2 * storage.length));
  larger.set(storage);
  return larger;
}

/** Zeros of an object's structure. */
export function zerosOf(type: Type, value: unknown): unknown {
  switch (type.kind) {
    case "number":
      return 0;
    case "nullish":
      return undefined;
    case "optional":
      return value == null ? value : zerosOf(type.of, value);
    case "typedArray":
      return allocate(type, (value as Numbers).length);
    case "array":
      return (value as unknown[]).map((element) => zerosOf(type.element, element));
    case "tuple":
      return type.elements.map((element, k) => zerosOf(element, (value as unknown[])[k]));
    case "record": {
      const record = value as Record<string, unknown>;
      const present = type.fields.filter((field) => !field.isOptional || record[field.name] !== undefined);
      return Object.fromEntries(present.map((field) => [field.name, zerosOf(field.type, record[field.name])]));
    }
    case "boolean":
    case "string":
    case "opaque":
      return value;
    default:
      return unreachable(type);
  }
}
