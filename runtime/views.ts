/** Which typed arrays reachable from some data are views of the same memory. */
import { isFloatArray, isIntegerArray, isRecord, type TypedArray } from "./structure.js";

/** A stretch of a buffer that several typed arrays show, in bytes; it begins at a multiple of 8. */
export interface SharedStretch {
  readonly start: number;
  readonly end: number;
  readonly buffer: ArrayBufferLike;
  readonly views: readonly TypedArray[];
}

/** For each typed array whose elements overlap those of another one, the stretch they lie in. */
export function sharedStretches(roots: readonly unknown[]): ReadonlyMap<TypedArray, SharedStretch> {
  const byBuffer = new Map<ArrayBufferLike, TypedArray[]>();
  const seen = new Set<object>();
  for (const root of roots) collect(root, seen, byBuffer);
  const result = new Map<TypedArray, SharedStretch>();
  for (const [buffer, views] of byBuffer) {
    if (views.length < 2) continue;
    views.sort((a, b) => a.byteOffset - b.byteOffset);
    // Disjoint views of one buffer share nothing; a stretch never spans a gap, which may be a whole heap.
    let first = 0;
    let end = endOf(views[0]!);
    for (let k = 1; k <= views.length; k++) {
      const view = views[k];
      if (view && view.byteOffset < end) {
        end = Math.max(end, endOf(view));
        continue;
      }
      const members = views.slice(first, k);
      if (members.length > 1) {
        const start = members[0]!.byteOffset - (members[0]!.byteOffset % 8);
        const stretch: SharedStretch = { start, end, buffer, views: members };
        for (const member of members) result.set(member, stretch);
      }
      first = k;
      if (view) end = endOf(view);
    }
  }
  return result;
}

const endOf = (view: TypedArray): number => view.byteOffset + view.byteLength;

function collect(value: unknown, seen: Set<object>, byBuffer: Map<ArrayBufferLike, TypedArray[]>): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (isFloatArray(value) || isIntegerArray(value)) {
    const views = byBuffer.get(value.buffer);
    if (views) views.push(value);
    else byBuffer.set(value.buffer, [value]);
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === "object") collect(item, seen, byBuffer);
    }
  } else if (isRecord(value)) for (const item of Object.values(value)) collect(item, seen, byBuffer);
}
