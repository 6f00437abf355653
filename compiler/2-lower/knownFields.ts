/**
 * Fields that say what a record is: `{ type: "Polygon", … }`. As long as no function of the file stores to a field of that
 * name later, what is read from the record itself is what it was made with, so that tests of it are decided.
 */
import type { Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { learn } from "./lessons.js";
import type { Lowering } from "./lowering.js";

/** Remembers what a record is made with. Fields that are not among these are missing. */
export function rememberFields(lowering: Lowering, record: Value, fields: ReadonlyMap<string, Value>): void {
  lowering.shared.knownFields.set(record, new Map(fields));
}

export function rememberField(lowering: Lowering, record: Value, name: string, value: Value): void {
  lowering.shared.knownFields.get(record)?.set(name, value);
}

/** What a field holds, where that is a word, a truth value or nothing; null where it must be read. */
export function knownField(lowering: Lowering, record: Value, name: string): Value | "missing" | null {
  const fields = lowering.shared.knownFields.get(record);
  if (!fields || lowering.unit.lessons.changingFields.has(name)) return null;
  const value = fields.get(name);
  if (value) {
    const literal = lowering.shared.literals.get(value);
    if (!lowering.shared.literals.has(value) || typeof literal === "number") return null;
  }
  lowering.unit.lessons.foldedFields.add(name);
  return value ?? "missing";
}

/** Whether the record was made with an object in the field, so that what is read from there is not missing. */
export function holdsObject(lowering: Lowering, record: Value, name: string): boolean {
  const value = lowering.shared.knownFields.get(record)?.get(name);
  const { trustedFields, uncertainFields } = lowering.unit.lessons;
  if (!value || uncertainFields.has(name) || !isCertainObject(lowering, value)) return false;
  trustedFields.add(name);
  return true;
}

/** An object that cannot be anything else: one that was made here, or is read from where such a one was put. */
export function isCertainObject(lowering: Lowering, value: Value): boolean {
  const { liveObjects, madeIn, present } = lowering.shared;
  return liveObjects.has(value) || present.has(value) || (madeIn.has(value) && isReference(value.type));
}

/** A value is stored to a field that was there before. */
export function changeField(lowering: Lowering, name: string, value: Value): void {
  const { changingFields, foldedFields, trustedFields, uncertainFields } = lowering.unit.lessons;
  if (foldedFields.has(name)) learn(changingFields, name);
  changingFields.add(name);
  // A number or a truth value is never put where objects are.
  if (value.type.kind === "number" || value.type.kind === "boolean" || isCertainObject(lowering, value)) return;
  if (trustedFields.has(name)) learn(uncertainFields, name);
  uncertainFields.add(name);
}
