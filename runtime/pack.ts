/**
 * Working with results: numbers in any structure (parameters, gradients, rows) as one flat vector and back, and the
 * operations of a vector space on them. The numbers of a record are taken in the order of its fields' names, so that a
 * gradient and the parameters that it belongs to agree, whoever made them.
 */
import { type Fields, isFloatArray, isRecord } from "./structure.js";

/** Every number of `places`, and what stands in its place in each of the others. */
function visit(
  places: unknown,
  others: readonly unknown[],
  see: (place: number, others: readonly unknown[]) => void,
): void {
  if (typeof places === "number") return see(places, others);
  if (typeof places !== "object" || places === null) return;
  const at = (key: number | string): readonly unknown[] => others.map((other) => (other as Fields)[key]);
  if (isFloatArray(places) || Array.isArray(places))
    for (let i = 0; i < places.length; i++) visit(places[i], at(i), see);
  else if (isRecord(places)) for (const key of Object.keys(places).sort()) visit(places[key], at(key), see);
}

/** How many numbers a structure holds. */
export function countNumbers(places: unknown): number {
  let count = 0;
  visit(places, [], () => count++);
  return count;
}

/**
 * The numbers of a structure as one vector.
 *
 * `like` says which numbers are meant, where the structure holds others as well: a gradient has none for enumerations.
 * Shape: any structure of n numbers → [n].
 */
export function pack(value: unknown, like: unknown = value): Float64Array {
  const flat = new Float64Array(countNumbers(like));
  let next = 0;
  visit(like, [value], (_, [number]) => {
    flat[next++] = number as number;
  });
  return flat;
}

/**
 * A structure like `template` with the numbers of the vector, as `pack` has put them there; everything else in it is the
 * template's. `like` says which numbers are meant. Shape: [n] → the structure. Throws RangeError for another n.
 */
export function unpack<T>(flat: ArrayLike<number>, template: T, like: unknown = template): T {
  const count = countNumbers(like);
  if (flat.length !== count) throw new RangeError(`${flat.length} numbers for a structure of ${count}.`);
  let next = 0;
  return filled(template, like, () => flat[next++]!) as T;
}

/** a + b, number by number, in the structure of `a`; numbers of `a` that `b` lacks stay. */
export function add<T>(a: T, b: unknown): T {
  const [first, second] = [pack(a, b), pack(b)];
  return unpack(
    first.map((number, k) => number + second[k]!),
    a,
    b,
  );
}

/** factor · a, number by number, in the structure of `a`. */
export function scale<T>(factor: number, a: T): T {
  return filled(a, a, (number) => factor * number) as T;
}

/** Σ aₖ bₖ over the numbers in the same places of two structures; `dot` of the package is this, too. */
export function dotOfStructures(a: unknown, b: unknown): number {
  let total = 0;
  visit(b, [a], (number, [other]) => {
    total += number * (other as number);
  });
  return total;
}

/** A copy of `template` in which every number where `like` has one is another. */
function filled(template: unknown, like: unknown, next: (number: number) => number): unknown {
  if (typeof like === "number") return next(template as number);
  if (typeof like !== "object" || like === null || typeof template !== "object" || template === null) return template;
  if (isFloatArray(template)) return template.map(next);
  if (Array.isArray(template)) return template.map((item, i) => filled(item, (like as Fields)[i], next));
  if (!isRecord(template)) return template;
  const made = Object.create(Object.getPrototypeOf(template) as object | null) as Fields;
  Object.assign(made, template);
  for (const key of Object.keys(like).sort()) made[key] = filled(template[key], (like as Fields)[key], next);
  return made;
}
