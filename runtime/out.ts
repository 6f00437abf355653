/** The caller's buffers, into which the `Into` variants of derivatives write. */
import { type Fields, isFloatArray } from "./structure.js";
import { describeShape, type Mismatch, mismatch } from "./tangentShape.js";

/** Fills a flat buffer with zeros. Throws RangeError where it is not `length` long. */
export function clearOut(out: { readonly length: number; fill(value: number): unknown }, length: number): void {
  requireArray(out);
  if (out.length !== length)
    throw new RangeError(`A buffer of ${out.length} numbers was given where the result has ${length}.`);
  out.fill(0);
}

/** Types say so, but not every caller has them. */
function requireArray(out: unknown): void {
  if (!Array.isArray(out) && !ArrayBuffer.isView(out))
    throw new TypeError(`A buffer must be an array where the result has one, and not ${describeShape(out, false)}.`);
}

/** Throws RangeError where a list of rows is not `length` long. */
export function checkOutLength(out: { readonly length: number }, length: number): void {
  requireArray(out);
  if (out.length !== length)
    throw new RangeError(`A buffer of ${out.length} rows was given where the result has ${length}.`);
}

/**
 * Zeros in a buffer shaped like the gradient with respect to `object`. Throws RangeError or TypeError. `hasEnumerations`:
 * whole numbers of records may be enumerations, which gradients leave out.
 */
export function clearOutLike(out: unknown, object: unknown, hasEnumerations = false): void {
  checkOut(out, object, hasEnumerations);
  clear(out);
}

function clear(out: unknown): void {
  if (isFloatArray(out)) return void out.fill(0);
  if (!isObject(out)) return;
  if (Array.isArray(out)) {
    for (let i = 0; i < out.length; i++)
      if (typeof out[i] === "number") out[i] = 0;
      else clear(out[i]);
    return;
  }
  const fields = out as Fields;
  for (const key in fields)
    if (typeof fields[key] === "number") fields[key] = 0;
    else clear(fields[key]);
}

/**
 * Writes every number of a result into the same place of a buffer, and zeros where only the buffer has optional fields.
 * Throws RangeError or TypeError.
 */
export function copyOut(out: unknown, result: unknown): void {
  checkOut(out, result, false);
  if (!isFloatArray(out)) clear(out);
  copy(out as Fields, result as Fields);
}

function copy(out: Fields, result: Fields): void {
  if (isFloatArray(out)) return out.set(result as unknown as ArrayLike<number>);
  if (Array.isArray(result)) for (let i = 0; i < result.length; i++) put(out, result, i);
  else for (const key in result) put(out, result, key);
}

function put(out: Fields, result: Fields, key: string | number): void {
  const item = result[key];
  if (isObject(item)) copy(out[key] as Fields, item as Fields);
  else out[key] = item;
}

function checkOut(out: unknown, like: unknown, hasEnumerations: boolean): void {
  const problem = mismatch(like, out, "", hasEnumerations);
  if (problem) refuse(problem, out, like);
}

function refuse({ path, isLength }: Mismatch, out: unknown, like: unknown): never {
  const where = path === "" ? "" : ` The difference is at out${path}.`;
  const message =
    `The buffer must have the shape of the result, ${describeShape(like, true)}, ` +
    `but has the shape ${describeShape(out, false)}.${where}`;
  throw isLength ? new RangeError(message) : new TypeError(message);
}

/**
 * Throws TypeError where a buffer shares memory with an argument, since what is written into it would be read again, or
 * holds one array or object in several places; that it is asked once. Allocates nothing then: arrays are walked by index,
 * records by their keys.
 */
export function checkApart(out: unknown, ...args: readonly unknown[]): void {
  if (!isObject(out))
    throw new TypeError(`A buffer for the result must be given, and not ${out === null ? "null" : typeof out}.`);
  if (repeats(out))
    throw new TypeError("The buffer for the result holds one array or object in several places. Give each its own.");
  for (let k = 0; k < args.length; k++)
    if (meet(out, args[k]))
      throw new TypeError("The buffer for the result is an argument as well. Give a buffer of its own.");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** A part of `out` can be reached from `arg`. */
function meet(out: object, arg: unknown): boolean {
  if (!isObject(arg)) return false;
  if (holds(arg, out)) return true;
  if (Array.isArray(out)) {
    if (typeof out[0] === "number") return false;
    for (let i = 0; i < out.length; i++) if (isObject(out[i]) && meet(out[i] as object, arg)) return true;
  } else if (!ArrayBuffer.isView(out))
    for (const key in out) {
      const item = (out as Fields)[key];
      if (isObject(item) && meet(item, arg)) return true;
    }
  return false;
}

/** `part` can be reached from `whole`. */
function holds(whole: object, part: object): boolean {
  if (whole === part) return true;
  if (Array.isArray(whole)) {
    if (typeof whole[0] === "number") return false;
    for (let i = 0; i < whole.length; i++) if (isObject(whole[i]) && holds(whole[i] as object, part)) return true;
  } else if (ArrayBuffer.isView(whole)) return overlap(whole, part);
  else
    for (const key in whole) {
      const item = (whole as Fields)[key];
      if (isObject(item) && holds(item, part)) return true;
    }
  return false;
}

function overlap(a: ArrayBufferView, b: object): boolean {
  if (!ArrayBuffer.isView(b) || a.buffer !== b.buffer) return false;
  return a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
}

/** Buffers that were looked through: what they hold is not asked again at every call. */
const known = new WeakSet<object>();

function repeats(out: object): boolean {
  if (known.has(out)) return false;
  if (hasPartTwice(out, new Set())) return true;
  known.add(out);
  return false;
}

function hasPartTwice(part: object, seen: Set<object>): boolean {
  if (seen.has(part)) return true;
  seen.add(part);
  if (ArrayBuffer.isView(part) || (Array.isArray(part) && typeof part[0] === "number")) return false;
  return Object.values(part).some((item) => isObject(item) && hasPartTwice(item, seen));
}
