/** What the data of a function's arguments is made of, as far as derivatives are concerned. */

export type FloatArray = Float64Array | Float32Array;
export type IntegerArray =
  Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array;
export type TypedArray = FloatArray | IntegerArray;
export type Fields = Record<string, unknown>;

const floatNames: ReadonlySet<string> = new Set(["Float64Array", "Float32Array"]);
const integerNames: ReadonlySet<string> = new Set([
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
]);

/** `Float64Array` and the like; by tag, so that arrays of another realm are known too. Empty for other values. */
export function typedArrayName(value: unknown): string {
  return ArrayBuffer.isView(value) ? String((value as unknown as Record<symbol, unknown>)[Symbol.toStringTag]) : "";
}

export function isFloatArray(value: unknown): value is FloatArray {
  return floatNames.has(typedArrayName(value));
}

export function isIntegerArray(value: unknown): value is IntegerArray {
  return integerNames.has(typedArrayName(value));
}

/** A record or an instance of a class of the user; not a function, a Map or a Date. */
export function isRecord(value: unknown): value is Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  if (Object.getPrototypeOf(value) === Object.prototype) return true;
  return Object.prototype.toString.call(value) === "[object Object]";
}

/** Zeros of the same kind and length. */
export function zeroTyped<T extends TypedArray>(array: T): T {
  return new (array.constructor as new (length: number) => T)(array.length);
}

/**
 * Whether a field or slot that holds `value` has a place in the gradient. Integer arrays, strings, booleans and
 * functions have none, nor has a record or array of only those; what is absent or empty now might hold a number later.
 */
export function mayCarry(value: unknown, seen: readonly object[] = []): boolean {
  if (typeof value === "number" || value === undefined || value === null) return true;
  if (typeof value !== "object" || seen.includes(value)) return false;
  if (isFloatArray(value)) return true;
  if (!Array.isArray(value) && !isRecord(value)) return false;
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  // Most data is told by its first numbers, without looking inside anything.
  if (items.length === 0 || items.some(isPerhapsNumber)) return true;
  const inside = [...seen, value];
  return items.some((item) => mayCarry(item, inside));
}

const isPerhapsNumber = (item: unknown): boolean => typeof item === "number" || item === undefined || item === null;
