/**
 * Fields that say what a record is: `{ type: "Polygon", … }`. As long as no function of the file stores to a field of that
 * name later, what is read from the record itself is what it was made with, so that tests of it are decided.
 */
import type { Value } from "../ir/ir.js";
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

/** A field is stored to that was there before. */
export function changeField(lowering: Lowering, name: string): void {
  const { changingFields, foldedFields } = lowering.unit.lessons;
  if (foldedFields.has(name)) learn(changingFields, name);
  changingFields.add(name);
}
