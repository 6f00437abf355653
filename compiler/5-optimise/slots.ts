/** The slots of an object: a record's fields, the places of a tuple or of an array of known length. */
import type { Key, Type, Value } from "../ir/ir.js";
import { elementType, fieldType } from "../ir/types.js";

/** Larger arrays stay arrays: as many variables as this one can still read. */
export const largestArray = 16;

/** "0", "1", … */
export function placesOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, k) => String(k));
}

/** The slot that a key names, or null where that is not known. */
export function slotOf(key: Key, constants: ReadonlyMap<Value, number>): string | null {
  if (key.kind === "field") return key.name;
  const index = constants.get(key.index);
  return index === undefined ? null : String(index);
}

/** What a slot holds, or null where the type has no such slot. */
export function slotType(type: Type, slot: string): Type | null {
  return elementType(type) ?? fieldType(type, slot);
}

/** Storing into it rounds to single precision. */
export function roundsToSingle(type: Type): boolean {
  return type.kind === "typedArray" && type.name === "Float32Array";
}

/** The name of the variable that a slot becomes. */
export function nameOf(object: Value, field: string): string | null {
  const slot = field.replace(/^#/, "");
  const label = object.name === null ? slot : `${object.name}${slot[0]!.toUpperCase()}${slot.slice(1)}`;
  return /^[A-Za-z_$][\w$]*$/.test(label) ? label : null;
}
