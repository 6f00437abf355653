/** Places inside of values: fields within fields of records and tuples. */
import { type BlockBuilder, newValue, type ValueOptions } from "./build.js";
import type { Type, Value } from "./ir.js";
import { fieldType } from "./types.js";

/** The type of what the fields lead to, or null where one of them is not there in every such object. */
export function typeAt(type: Type, path: readonly string[]): Type | null {
  return path.reduce<Type | null>((of, name) => of && fieldAt(of, name), type);
}

function fieldAt(type: Type, name: string): Type | null {
  if (type.kind === "record" && type.fields.some((field) => field.name === name && field.isOptional)) return null;
  return fieldType(type, name);
}

/** Reads what the fields lead to; `options` label it. */
export function loadAt(builder: BlockBuilder, object: Value, path: readonly string[], options: ValueOptions): Value {
  return path.reduce((from, name, k) => {
    const isLast = k === path.length - 1;
    const result = newValue(fieldType(from.type, name)!, isLast ? options : { ...options, name });
    builder.add({ kind: "load", result, object: from, key: { kind: "field", name }, span: options.span ?? null });
    return result;
  }, object);
}
