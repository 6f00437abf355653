/** The check that a tangent, vector or seed has exactly the shape of the gradient. */
import { type Fields, isFloatArray, isIntegerArray, isRecord, mayCarry, typedArrayName } from "./structure.js";

/**
 * Throws when the structure or the array kinds of `tangent` are not those of the gradient with respect to `primal`:
 * RangeError for lengths, TypeError for everything else. The message names both shapes. `hasEnumerations`: whole numbers
 * of records may be enumerations, which gradients leave out.
 */
export function checkTangentShape(name: string, primal: unknown, tangent: unknown, hasEnumerations = false): void {
  const problem = mismatch(primal, tangent, "", hasEnumerations);
  if (problem) refuse(problem, `The tangent of ${name} must have the shape of its gradient`, name, primal, tangent);
}

/** The same of a seed: it has the shape of the value that is differentiated. */
export function checkSeedShape(value: unknown, seed: unknown): void {
  const problem = mismatch(value, seed, "", false);
  if (problem) refuse(problem, "The seed must have the shape of the value", "seed", value, seed);
}

/** The same of a flat array that is known by its kind, `Array` or `Float64Array`, and its length alone. */
export function checkSeedLength(kind: "Array" | "Float64Array" | "Float32Array", length: number, seed: unknown): void {
  const isKind = kind === "Array" ? Array.isArray(seed) : typedArrayName(seed) === kind;
  if (isKind && (seed as ArrayLike<number>).length === length) return;
  const zeros = new Array<number>(length).fill(0);
  checkSeedShape(kind === "Array" ? zeros : { Float64Array, Float32Array }[kind].from(zeros), seed);
}

function refuse(problem: Mismatch, what: string, name: string, primal: unknown, tangent: unknown): never {
  const where = problem.path === "" ? "" : ` The difference is at ${name}${problem.path}.`;
  const message = `${what}, ${describeShape(primal, true)}, but has the shape ${describeShape(tangent, false)}.${where}`;
  throw problem.isLength ? new RangeError(message) : new TypeError(message);
}

export interface Mismatch {
  /** `[2].mass`; empty at the root. */
  readonly path: string;
  readonly isLength: boolean;
}

/** Where `tangent` first differs in shape from the gradient with respect to `primal`; null when nowhere. */
export function mismatch(primal: unknown, tangent: unknown, path: string, hasEnumerations: boolean): Mismatch | null {
  return fits(primal, tangent, hasEnumerations) ? null : firstMismatch(primal, tangent, path, hasEnumerations);
}

/** What most data is, quickly and without allocating: numbers, typed arrays, arrays and plain records of these. */
function fits(primal: unknown, tangent: unknown, hasEnumerations: boolean): boolean {
  if (typeof primal === "number") return typeof tangent === "number";
  if (typeof primal !== "object" || typeof tangent !== "object" || primal === null || tangent === null) return false;
  if (ArrayBuffer.isView(primal))
    return (
      typedArrayName(primal) === typedArrayName(tangent) &&
      (primal as Float64Array).length === (tangent as Float64Array).length
    );
  if (Array.isArray(primal)) {
    if (!Array.isArray(tangent) || primal.length !== tangent.length) return false;
    for (let i = 0; i < primal.length; i++) if (!fits(primal[i], tangent[i], hasEnumerations)) return false;
    return true;
  }
  if (hasEnumerations || Object.getPrototypeOf(primal) !== Object.prototype || Array.isArray(tangent)) return false;
  for (const field in primal)
    if (!fits((primal as Fields)[field], (tangent as Fields)[field], hasEnumerations)) return false;
  return true;
}

function firstMismatch(primal: unknown, tangent: unknown, path: string, hasEnumerations: boolean): Mismatch | null {
  const kind: Mismatch = { path, isLength: false };
  if (typeof primal === "number") return typeof tangent === "number" ? null : kind;
  // An absent number's tangent is not looked at.
  if (primal === null || primal === undefined)
    return typeof tangent === "number" || tangent === null || tangent === undefined ? null : kind;
  if (isFloatArray(primal) || isIntegerArray(primal)) {
    if (typedArrayName(primal) !== typedArrayName(tangent)) return kind;
    return primal.length === (tangent as Float64Array).length ? null : { path, isLength: true };
  }
  if (Array.isArray(primal))
    return Array.isArray(tangent) ? arrayMismatch(primal, tangent, path, hasEnumerations) : kind;
  if (!isRecord(primal)) return tangent === undefined ? null : kind;
  if (!isRecord(tangent)) return kind;
  for (const [field, item] of Object.entries(primal)) {
    if (!mayCarry(item) || (hasEnumerations && isPerhapsEnum(item, tangent[field]))) continue;
    const found = mismatch(item, tangent[field], `${path}.${field}`, hasEnumerations);
    if (found) return found;
  }
  return null;
}

/** Enumerations are left out of a gradient's type, but are numbers when they run. */
function isPerhapsEnum(item: unknown, tangent: unknown): boolean {
  return tangent === undefined && Number.isInteger(item);
}

function arrayMismatch(
  primal: readonly unknown[],
  tangent: readonly unknown[],
  path: string,
  hasEnumerations: boolean,
): Mismatch | null {
  if (primal.length !== tangent.length) return { path, isLength: true };
  for (let i = 0; i < primal.length; i++) {
    const [item, other] = [primal[i], tangent[i]];
    if (typeof item === "number" && typeof other === "number") continue;
    const isLeftOut = !mayCarry(item) && other === undefined;
    const found = isLeftOut ? null : mismatch(item, other, `${path}[${i}]`, hasEnumerations);
    if (found) return found;
  }
  return null;
}

/** `number[3]`, `Float64Array(3)`, `number[2][3]`, `[number, Float64Array(2)]`, `{ mass: number }`. */
export function describeShape(value: unknown, isPrimal: boolean, depth = 0): string {
  if (isFloatArray(value) || isIntegerArray(value)) return `${typedArrayName(value)}(${value.length})`;
  if (Array.isArray(value)) return describeArray(value, isPrimal, depth);
  if (isRecord(value)) {
    if (depth > 3) return "{ … }";
    const fields = Object.entries(value).filter(([, item]) => !isPrimal || mayCarry(item));
    if (fields.length === 0) return "{}";
    return `{ ${fields.map(([name, item]) => `${name}: ${describeShape(item, isPrimal, depth + 1)}`).join(", ")} }`;
  }
  return value === null ? "null" : typeof value;
}

const longestList = 8;

function describeArray(value: readonly unknown[], isPrimal: boolean, depth: number): string {
  if (value.length === 0) return "[]";
  if (depth > 3) return "[…]";
  const describe = (item: unknown): string =>
    isPrimal && !mayCarry(item) ? "undefined" : describeShape(item, isPrimal, depth + 1);
  // Holes, which methods of arrays skip, are no numbers.
  if (Array.from(value).every((item) => typeof item === "number")) return `number[${value.length}]`;
  const shown = Array.from(value.slice(0, longestList), describe);
  const first = shown[0]!;
  if (/^number(\[\d+\])+$/.test(first) && value.every((item) => describe(item) === first))
    return `number[${value.length}]${first.slice("number".length)}`;
  return `[${shown.join(", ")}${value.length > longestList ? `, … ${value.length} in all` : ""}]`;
}
