/**
 * Rows: the structure of something, with a gradient in place of each of its numbers.
 *
 * before: unit of type { a: number, b: number[] }        after: { a: row along a, b: [row along b[0], …] }
 */
import { type BlockBuilder, newValue, numberType } from "../ir/build.js";
import type { Key, Type, Value } from "../ir/ir.js";
import { countedLoop } from "../ir/loops.js";
import { elementType, isReference } from "../ir/types.js";
import type { Callee } from "./program.js";

/** A call that gives one row, or one column. */
export function rowByCall(
  builder: BlockBuilder,
  { key, effects }: Callee,
  args: readonly Value[],
  type: Type,
  name: "row" | "column" = "row",
): Value {
  const result = newValue(type, { name });
  builder.add({ kind: "call", result, callee: key, arguments: args, effects, span: null });
  return result;
}

/** The structure of `unit` with a row of type `type` for each number; `row` gives it while that number is 1, others 0. */
export function rowsOf(
  builder: BlockBuilder,
  unit: Value,
  type: Type,
  row: (inside: BlockBuilder, path: readonly Key[]) => Value,
): Value {
  return structureOf(builder, unit, type, (inside, object, key, path) => {
    const [one, zero] = [inside.constant(1), inside.constant(0)];
    inside.add({ kind: "store", object, key, value: one, span: null });
    const made = row(inside, path);
    inside.add({ kind: "store", object, key, value: zero, span: null });
    return made;
  });
}

/** The structure of `model` with what `make` gives, of type `type`, for each number in it. */
export function structureOf(
  builder: BlockBuilder,
  model: Value,
  type: Type,
  make: (inside: BlockBuilder, object: Value, key: Key, path: readonly Key[]) => Value,
  path: readonly Key[] = [],
): Value {
  const at = (inside: BlockBuilder, key: Key, of: Type): Value => {
    if (of.kind === "number") return make(inside, model, key, [...path, key]);
    const part = newValue(of);
    inside.add({ kind: "load", result: part, object: model, key, span: null });
    return isReference(of) ? structureOf(inside, part, type, make, [...path, key]) : part;
  };
  const element = elementType(model.type);
  if (element) {
    const length = newValue(numberType);
    builder.add({ kind: "length", result: length, object: model, span: null });
    const rows = newValue(rowsType(model.type, type), { name: "rows" });
    builder.add({ kind: "allocate", result: rows, length, fill: null, span: null });
    countedLoop(builder, length, [], (inside, index) => {
      const value = at(inside, { kind: "index", index }, element);
      inside.add({ kind: "store", object: rows, key: { kind: "index", index }, value, span: null });
      return [];
    });
    return rows;
  }
  const result = newValue(rowsType(model.type, type));
  const parts = partsOfType(model.type);
  const elements = parts.map(([name, of]) => at(builder, { kind: "field", name }, of));
  const fields = model.type.kind === "record" ? parts.map(([name]) => name) : null;
  builder.add({ kind: "literal", result, elements, fields, span: null });
  return result;
}

/** The fields of a record or the elements of a tuple; of anything else none. */
export function partsOfType(type: Type): readonly (readonly [name: string, type: Type])[] {
  if (type.kind === "record") return type.fields.map((field) => [field.name, field.type] as const);
  return type.kind === "tuple" ? type.elements.map((of, k) => [String(k), of] as const) : [];
}

/** The type with rows in place of numbers; of a typed array an array. */
export function rowsType(type: Type, row: Type): Type {
  switch (type.kind) {
    case "number":
      return row;
    case "typedArray":
      return { kind: "array", element: row };
    case "array":
      return { kind: "array", element: rowsType(type.element, row) };
    case "tuple":
      return { ...type, elements: type.elements.map((element) => rowsType(element, row)) };
    case "record":
      return { ...type, fields: type.fields.map((field) => ({ ...field, type: rowsType(field.type, row) })) };
    default:
      return type;
  }
}
