/**
 * Shadows of whole arguments, where memory may be shared: the same object reached twice, views of one buffer. Used by
 * generated code whose primal writes such memory.
 */
import { claimElements, claimObject, type Claims, copyPieces, noClaims } from "./claims.js";
import type { Gradients, Shadows } from "./gradientType.js";
import {
  type Fields,
  type FloatArray,
  isFloatArray,
  isIntegerArray,
  isRecord,
  mayCarry,
  typedArrayName,
  zeroTyped,
} from "./structure.js";
import { type SharedStretch, sharedStretches } from "./views.js";

/**
 * Zero shadows of the same structure, in which identities are preserved: one object has one shadow, and views of one
 * buffer have views of one shadow buffer. Shadows of float arrays are always Float64Array.
 *
 * Throws TypeError when views of different element kinds overlap.
 */
export function shadowsOf<const T extends readonly unknown[]>(objects: T): Shadows<T> {
  const mirror = newMirror(objects, (view, buffer, offset, length) =>
    buffer ? new Float64Array(buffer, offset * 8, length) : new Float64Array(view.length),
  );
  return objects.map((object) => mirrored(mirror, object)) as Shadows<T>;
}

/** Makes the counterpart of a float array: fresh, or `length` elements of `buffer` from the element `offset` on. */
type MakeFloats = (view: FloatArray, buffer: ArrayBuffer | null, offset: number, length: number) => FloatArray;

interface Mirror {
  readonly made: Map<object, unknown>;
  readonly stretches: ReadonlyMap<object, SharedStretch>;
  readonly buffers: Map<SharedStretch, ArrayBuffer>;
  readonly makeFloats: MakeFloats;
}

function newMirror(roots: readonly unknown[], makeFloats: MakeFloats): Mirror {
  return { made: new Map(), stretches: sharedStretches(roots), buffers: new Map(), makeFloats };
}

function mirrored(mirror: Mirror, value: unknown): unknown {
  if (typeof value === "number") return 0;
  if (value === null || value === undefined) return value;
  if (typeof value !== "object") return undefined;
  const known = mirror.made.get(value);
  if (known !== undefined) return known;
  if (isFloatArray(value)) return remember(mirror, value, mirroredFloats(mirror, value));
  if (isIntegerArray(value)) return remember(mirror, value, zeroTyped(value));
  if (Array.isArray(value)) return mirroredArray(mirror, value);
  return isRecord(value) ? mirroredRecord(mirror, value) : undefined;
}

function remember<T>(mirror: Mirror, value: object, made: T): T {
  mirror.made.set(value, made);
  return made;
}

function mirroredArray(mirror: Mirror, value: readonly unknown[]): unknown[] {
  const made: unknown[] = remember(mirror, value, new Array<unknown>(value.length).fill(0));
  for (let i = 0; i < value.length; i++) {
    const item = value[i];
    if (typeof item !== "number") made[i] = mayCarry(item) ? mirrored(mirror, item) : undefined;
  }
  return made;
}

function mirroredRecord(mirror: Mirror, value: Fields): Fields {
  const made: Fields = remember(mirror, value, {});
  for (const [name, item] of Object.entries(value)) if (mayCarry(item)) made[name] = mirrored(mirror, item);
  return made;
}

function mirroredFloats(mirror: Mirror, view: FloatArray): FloatArray {
  const stretch = mirror.stretches.get(view);
  if (!stretch) return mirror.makeFloats(view, null, 0, view.length);
  const other = stretch.views.find((candidate) => typedArrayName(candidate) !== typedArrayName(view));
  if (other)
    throw new TypeError(
      `A ${typedArrayName(view)} and a ${typedArrayName(other)} are views of the same memory, which has no derivative. ` +
        "Use views of one kind, or separate buffers.",
    );
  const size = view.BYTES_PER_ELEMENT;
  let buffer = mirror.buffers.get(stretch);
  if (!buffer) {
    buffer = new ArrayBuffer(((stretch.end - stretch.start) / size) * 8);
    mirror.buffers.set(stretch, buffer);
  }
  return mirror.makeFloats(view, buffer, (view.byteOffset - stretch.start) / size, view.length);
}

/**
 * A fresh gradient for each object, of its full shape, from its shadow. No two arrays of the result share memory, and
 * an element that was reported before is 0, so that the sum over all of them is the total derivative. Single precision
 * arrays are rounded here, once. A shadow may be `undefined`: zeros.
 */
export function separateGradients<const T extends readonly unknown[]>(
  objects: T,
  shadows: readonly unknown[],
): Gradients<T> {
  const claims = noClaims();
  return objects.map((object, k) => {
    const shadow = shadows[k] ?? shadowsOf([object])[0];
    return gradientFrom(claims, object, shadow, []);
  }) as Gradients<T>;
}

function gradientFrom(claims: Claims, object: unknown, shadow: unknown, path: readonly object[]): unknown {
  if (typeof shadow !== "object" || shadow === null) return shadow;
  if (isFloatArray(shadow)) return gradientFloats(claims, object, shadow);
  if (isIntegerArray(shadow)) return zeroTyped(shadow);
  if (path.includes(shadow)) throw new TypeError("Data that contains itself has no gradient of its shape.");
  const inside = [...path, shadow];
  const isFree = claimObject(claims, shadow);
  const source = (object ?? {}) as Fields;
  if (Array.isArray(shadow)) {
    const result = new Array<unknown>(shadow.length).fill(0);
    for (let i = 0; i < shadow.length; i++) {
      const item: unknown = shadow[i];
      if (typeof item !== "number") result[i] = gradientFrom(claims, source[i], item, inside);
      else if (isFree) result[i] = item;
    }
    return result;
  }
  const result: Fields = {};
  for (const [name, item] of Object.entries(shadow)) {
    if (typeof item === "number") result[name] = isFree ? item : 0;
    else result[name] = gradientFrom(claims, source[name], item, inside);
  }
  return result;
}

function gradientFloats(claims: Claims, object: unknown, shadow: FloatArray): FloatArray {
  const isSingle = typedArrayName(object) === "Float32Array";
  const result = isSingle ? new Float32Array(shadow.length) : new Float64Array(shadow.length);
  copyPieces(result, shadow, claimElements(claims, shadow));
  return result;
}

/**
 * Fresh tangents of the shape of gradients, in which identities are preserved as in `shadowsOf`, filled with the
 * tangents given; where memory is reached twice the first one given wins. `undefined` stands for zeros.
 */
export function sharedTangents<const T extends readonly unknown[]>(
  objects: T,
  tangents: readonly unknown[],
): Gradients<T> {
  const mirror = newMirror(objects, (view, buffer, offset, length) => {
    const Kind = typedArrayName(view) === "Float32Array" ? Float32Array : Float64Array;
    return buffer ? new Kind(buffer, offset * Kind.BYTES_PER_ELEMENT, length) : new Kind(length);
  });
  const claims = noClaims();
  return objects.map((object, k) => {
    const made = mirrored(mirror, object);
    const given = tangents[k];
    if (typeof made === "number") return given ?? 0;
    if (given !== undefined) fill(claims, made, given);
    return made;
  }) as Gradients<T>;
}

function fill(claims: Claims, target: unknown, given: unknown): void {
  if (typeof target !== "object" || target === null || typeof given !== "object" || given === null) return;
  if (isFloatArray(target)) return copyPieces(target, given as ArrayLike<number>, claimElements(claims, target));
  if (isIntegerArray(target) || !claimObject(claims, target)) return;
  const [made, source] = [target as Fields, given as Fields];
  // Over the keys of the target: what the shape has no place for is not looked at.
  for (const key of Object.keys(made)) {
    if (typeof made[key] === "number") made[key] = source[key] ?? 0;
    else fill(claims, made[key], source[key]);
  }
}
