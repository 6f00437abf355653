/** Keeps account of memory that has been dealt with, so that each element is dealt with once. */
import type { FloatArray, TypedArray } from "./structure.js";

export interface Claims {
  readonly objects: Set<object>;
  /** For each buffer the bytes dealt with: start, end, start, end, …, ascending and disjoint. */
  readonly stretches: Map<ArrayBufferLike, number[]>;
}

export function noClaims(): Claims {
  return { objects: new Set(), stretches: new Map() };
}

/** False when the object was claimed before. */
export function claimObject(claims: Claims, object: object): boolean {
  if (claims.objects.has(object)) return false;
  claims.objects.add(object);
  return true;
}

/** Claims all elements of a view; gives back those that were free as index ranges: start, end, start, end, …. */
export function claimElements(claims: Claims, view: TypedArray): readonly number[] {
  if (view.length === 0) return [];
  const taken = claims.stretches.get(view.buffer);
  const start = view.byteOffset;
  const end = start + view.byteLength;
  if (!taken) {
    claims.stretches.set(view.buffer, [start, end]);
    return [0, view.length];
  }
  const last = taken.at(-1)!;
  // Rows of one matrix usually come in order.
  if (start >= last) {
    if (start === last) taken[taken.length - 1] = end;
    else taken.push(start, end);
    return [0, view.length];
  }
  const free: number[] = [];
  const merged: number[] = [];
  let from = start;
  let low = start;
  let high = end;
  let isPlaced = false;
  for (let k = 0; k < taken.length; k += 2) {
    const [takenStart, takenEnd] = [taken[k]!, taken[k + 1]!];
    if (takenEnd < start) merged.push(takenStart, takenEnd);
    else if (takenStart > end) {
      if (!isPlaced) merged.push(low, high);
      isPlaced = true;
      merged.push(takenStart, takenEnd);
    } else {
      if (takenStart > from) free.push(from, takenStart);
      from = Math.max(from, takenEnd);
      low = Math.min(low, takenStart);
      high = Math.max(high, takenEnd);
    }
  }
  if (!isPlaced) merged.push(low, high);
  if (from < end) free.push(from, end);
  claims.stretches.set(view.buffer, merged);
  return free.map((byte) => (byte - start) / view.BYTES_PER_ELEMENT);
}

/** Copies the index ranges given: start, end, start, end, …. */
export function copyPieces(target: FloatArray, source: ArrayLike<number>, pieces: readonly number[]): void {
  for (let k = 0; k < pieces.length; k += 2) for (let i = pieces[k]!; i < pieces[k + 1]!; i++) target[i] = source[i]!;
}
