/** Deep copies of arguments, so that the functions under test may write theirs. */
import { isFloatArray, isIntegerArray, isRecord, type TypedArray, zeroTyped } from "./structure.js";
import { type SharedStretch, sharedStretches } from "./views.js";

/**
 * Copies in which identities are preserved: what was one object is one object again, and views of one buffer are views
 * of one buffer. Instances keep their class (but not `#private` fields, which cannot be copied from outside); functions,
 * maps and dates are not copied.
 */
export function copyTogether(values: readonly unknown[]): unknown[] {
  const stretches = sharedStretches(values);
  const copy: Copying = { made: new Map(), stretches, buffers: new Map() };
  return values.map((value) => copyOf(copy, value));
}

/** Copies in which nothing is shared: an object that was reached twice is two objects. */
export function copyApart(value: unknown): unknown {
  return copyOf({ made: null, stretches: new Map(), buffers: new Map() }, value);
}

interface Copying {
  readonly made: Map<object, object> | null;
  readonly stretches: ReadonlyMap<object, SharedStretch>;
  readonly buffers: Map<SharedStretch, ArrayBufferLike>;
}

function copyOf(copy: Copying, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const known = copy.made?.get(value);
  if (known) return known;
  if (isFloatArray(value) || isIntegerArray(value)) {
    const made = copyTyped(copy, value);
    copy.made?.set(value, made);
    return made;
  }
  if (Array.isArray(value)) {
    const made = new Array<unknown>(value.length);
    copy.made?.set(value, made);
    for (let i = 0; i < value.length; i++) made[i] = copyOf(copy, value[i]);
    return made;
  }
  if (!isRecord(value)) return value;
  const made = Object.create(Object.getPrototypeOf(value) as object | null) as object;
  copy.made?.set(value, made);
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    const isData = "value" in property;
    const changed = isData ? { ...property, value: copyOf(copy, property.value), writable: true } : property;
    Object.defineProperty(made, name, { ...changed, configurable: true });
  }
  return made;
}

function copyTyped(copy: Copying, value: TypedArray): TypedArray {
  const stretch = copy.stretches.get(value);
  if (!stretch) {
    const made = zeroTyped(value);
    made.set(value);
    return made;
  }
  let buffer = copy.buffers.get(stretch);
  if (!buffer) copy.buffers.set(stretch, (buffer = stretch.buffer.slice(stretch.start, stretch.end)));
  const Kind = value.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => TypedArray;
  return new Kind(buffer, value.byteOffset - stretch.start, value.length);
}

/** Whether two values hold the same data, number for number. */
export function sameData(a: unknown, b: unknown, seen: Set<object> = new Set()): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  if (seen.has(a)) return true;
  seen.add(a);
  if (Array.isArray(a) || isFloatArray(a) || isIntegerArray(a)) {
    const [first, second] = [a, b] as unknown as [ArrayLike<unknown>, ArrayLike<unknown>];
    if (first.length !== second.length) return false;
    for (let i = 0; i < first.length; i++) if (!sameData(first[i], second[i], seen)) return false;
    return true;
  }
  if (!isRecord(a) || !isRecord(b)) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => sameData(a[name], b[name], seen));
}

/** Whether `f` writes its arguments at this point, and what it gives there. */
export function trial(f: (...args: never[]) => unknown, args: readonly unknown[]): { value: unknown; writes: boolean } {
  const copies = copyTogether(args);
  const value = (f as (...args: unknown[]) => unknown)(...copies);
  return { value, writes: !sameData(args, copies) };
}
