/** The names under which memory files its contents. */
import type { Key } from "../ir/ir.js";

/** A field's name, or "[]" for all elements of an array. */
export function contentsKey(key: Key): string {
  return key.kind === "field" ? key.name : "[]";
}
