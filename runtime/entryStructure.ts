/**
 * Gradients of arguments whose inner references the primal replaces (rows swapped, a record's array exchanged): the
 * structure is written down at entry, and the gradients are read off the shadows in that structure.
 */
import { claimElements, claimObject, type Claims, copyPieces, noClaims } from "./claims.js";
import type { Gradients } from "./gradientType.js";
import { type Fields, isFloatArray, isIntegerArray, typedArrayName, zeroTyped } from "./structure.js";

/** A shadow as it stood at entry: what it held inside, by key. */
interface EntryNode {
  readonly shadow: unknown;
  readonly isSingle: boolean;
  /** Of an array; null of anything else. */
  readonly length: number | null;
  readonly inside: readonly (readonly [key: string, node: EntryNode])[];
}

/** Made by `structureAtEntry`, read by `gradientsAtEntry`. */
export type EntryStructure<T extends readonly unknown[]> = { readonly nodes: readonly EntryNode[]; readonly of?: T };

/** Writes down the structure of the objects and their shadows. */
export function structureAtEntry<const T extends readonly unknown[]>(
  objects: T,
  shadows: readonly unknown[],
): EntryStructure<T> {
  return { nodes: objects.map((object, k) => nodeOf(object, shadows[k])) };
}

function nodeOf(object: unknown, shadow: unknown): EntryNode {
  const isSingle = typedArrayName(object) === "Float32Array";
  const isLeaf = typeof shadow !== "object" || shadow === null || isFloatArray(shadow) || isIntegerArray(shadow);
  const length = Array.isArray(shadow) ? shadow.length : null;
  if (isLeaf) return { shadow, isSingle, length, inside: [] };
  const source = (object ?? {}) as Fields;
  const inside = Object.entries(shadow)
    .filter(([, item]) => typeof item !== "number")
    .map(([key, item]) => [key, nodeOf(source[key], item)] as const);
  return { shadow, isSingle, length, inside };
}

/** As `separateGradients`, in the structure written down at entry. */
export function gradientsAtEntry<T extends readonly unknown[]>(entry: EntryStructure<T>): Gradients<T> {
  const claims = noClaims();
  return entry.nodes.map((node) => gradientFrom(claims, node)) as Gradients<T>;
}

function gradientFrom(claims: Claims, { shadow, isSingle, length, inside }: EntryNode): unknown {
  if (typeof shadow !== "object" || shadow === null) return shadow;
  if (isIntegerArray(shadow)) return zeroTyped(shadow);
  if (isFloatArray(shadow)) {
    const floats = isSingle ? new Float32Array(shadow.length) : new Float64Array(shadow.length);
    copyPieces(floats, shadow, claimElements(claims, shadow));
    return floats;
  }
  const isFree = claimObject(claims, shadow);
  const result = (length === null ? {} : new Array<unknown>(length).fill(0)) as Fields;
  const references = new Set(inside.map(([key]) => key));
  // What the function has appended was not there at entry.
  const isAppended = (key: string): boolean => length !== null && Number(key) >= length;
  for (const [key, item] of Object.entries(shadow))
    if (typeof item === "number" && !references.has(key) && !isAppended(key)) result[key] = isFree ? item : 0;
  for (const [key, node] of inside) result[key] = gradientFrom(claims, node);
  return result;
}
