/** The caller's buffers, into which the `Into` variants of derivatives write. */
import { type Fields, isFloatArray, isRecord, typedArrayName } from "./structure.js";
import { describeShape, type Mismatch, mismatch } from "./tangentShape.js";

/** Fills a flat buffer with zeros. Throws RangeError where it is not `length` long. */
export function clearOut(out: { readonly length: number; fill(value: number): unknown }, length: number): void {
  if (out.length !== length)
    throw new RangeError(`A buffer of ${out.length} numbers was given where the result has ${length}.`);
  out.fill(0);
}

/** Throws RangeError where a list of rows is not `length` long. */
export function checkOutLength(out: { readonly length: number }, length: number): void {
  if (out.length !== length)
    throw new RangeError(`A buffer of ${out.length} rows was given where the result has ${length}.`);
}

/** Zeros in a buffer shaped like the gradient with respect to `object`. Throws RangeError or TypeError. */
export function clearOutLike(out: unknown, object: unknown): void {
  checkOut(out, object);
  clear(out);
}

function clear(out: unknown): void {
  if (isFloatArray(out)) return void out.fill(0);
  if (typeof out !== "object" || out === null) return;
  const fields = out as Fields;
  for (const key of Object.keys(fields)) {
    if (typeof fields[key] === "number") fields[key] = 0;
    else clear(fields[key]);
  }
}

/** Writes every number of a result into the same place of a buffer. Throws RangeError or TypeError. */
export function copyOut(out: unknown, result: unknown): void {
  checkOut(out, result);
  copy(out as Fields, result as Fields);
}

function copy(out: Fields, result: Fields): void {
  if (isFloatArray(out)) return out.set(result as unknown as ArrayLike<number>);
  for (const key of Object.keys(result)) {
    const item = result[key];
    if (typeof item === "object" && item !== null) copy(out[key] as Fields, item as Fields);
    else out[key] = item;
  }
}

function checkOut(out: unknown, like: unknown): void {
  const problem = mismatch(like, out, "");
  if (problem) refuse(problem, out, like);
}

function refuse({ path, isLength }: Mismatch, out: unknown, like: unknown): never {
  const where = path === "" ? "" : ` The difference is at out${path}.`;
  const message =
    `The buffer must have the shape of the result, ${describeShape(like, true)}, ` +
    `but has the shape ${describeShape(out, false)}.${where}`;
  throw isLength ? new RangeError(message) : new TypeError(message);
}

/** Throws where a buffer shares memory with an argument: what is written into it would be read again. */
export function checkApart(out: unknown, ...args: readonly unknown[]): void {
  for (const arg of args)
    if (meet(out, arg))
      throw new TypeError("The buffer for the result is an argument as well. Give a buffer of its own.");
}

function meet(out: unknown, arg: unknown): boolean {
  if (typeof out !== "object" || typeof arg !== "object" || out === null || arg === null) return false;
  if (out === arg) return true;
  if (typedArrayName(out) !== "") return typedArrayName(arg) === "" ? holds(arg, out) : overlap(out, arg);
  if (typeof (out as readonly unknown[])[0] === "number") return holds(arg, out);
  for (const item of Object.values(out)) if (meet(item, arg)) return true;
  return false;
}

/** `part` can be reached from `whole`. */
function holds(whole: unknown, part: object): boolean {
  if (whole === part) return true;
  if (typeof whole !== "object" || whole === null) return false;
  if (typedArrayName(whole) !== "") return overlap(whole, part);
  if (!Array.isArray(whole) && !isRecord(whole)) return false;
  if (Array.isArray(whole) && typeof whole[0] === "number") return false;
  for (const item of Object.values(whole)) if (holds(item, part)) return true;
  return false;
}

function overlap(a: unknown, b: unknown): boolean {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b) || a.buffer !== b.buffer) return false;
  return a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
}
