/** Places inside of values: fields within fields of records and tuples. */
import { type BlockBuilder, newValue, type ValueOptions } from "./build.js";
import type { IrFunction, Key, Type, Value } from "./ir.js";
import { elementType, fieldType, isReference } from "./types.js";

/** The type of what the fields lead to, or null where one of them is not there in every such object. */
export function typeAt(type: Type, path: readonly string[]): Type | null {
  return path.reduce<Type | null>((of, name) => of && fieldAt(of, name), type);
}

/** What a name after `of` stands for: a field of the result, or else of a parameter, as the function leaves it. */
export function outputAt(
  fn: IrFunction,
  place: { readonly parameter: number | null; readonly path: readonly string[]; readonly written: readonly string[] },
): { readonly from: Value; readonly path: readonly string[]; readonly type: Type } | null {
  const [result] = fn.body.yields;
  const ofResult = result && typeAt(result.type, place.written);
  if (result && ofResult) return { from: result, path: place.written, type: ofResult };
  const parameter = place.parameter === null ? null : fn.parameters[place.parameter]!.value;
  const type = parameter && isReference(parameter.type) ? typeAt(parameter.type, place.path) : null;
  return parameter && type ? { from: parameter, path: place.path, type } : null;
}

function fieldAt(type: Type, name: string): Type | null {
  if (type.kind === "record" && type.fields.some((field) => field.name === name && field.isOptional)) return null;
  return fieldType(type, name);
}

/** The type of what a key names in every object of the type, or null where there is no such thing. */
export function typeAtKey(type: Type, key: Key): Type | null {
  return key.kind === "index" ? elementType(type) : typeAt(type, [key.name]);
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
