/**
 * Rows: the structure of something, with a gradient in place of each of its numbers.
 *
 * before: unit of type { a: number, b: number[] }        after: { a: row along a, b: [row along b[0], …] }
 */
import { type BlockBuilder, newValue, numberType } from "../ir/build.js";
import { rowsType } from "../ir/gradientType.js";
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
  name: "row" | "column" | "columns" = "row",
): Value {
  const result = newValue(type, { name });
  builder.add({ kind: "call", result, callee: key, arguments: args, effects, span: null });
  return result;
}

/** The structure of `unit` with a row of type `type` for each number; `row` gives it while that number is 1, others 0. */
export function rowsOf(builder: BlockBuilder, unit: Value, type: Type, row: (inside: BlockBuilder) => Value): Value {
  return structureOf(builder, [unit], type, (inside, _, key, [object]) => {
    const [one, zero] = [inside.constant(1), inside.constant(0)];
    inside.add({ kind: "store", object: object!, key, value: one, span: null });
    const made = row(inside);
    inside.add({ kind: "store", object: object!, key, value: zero, span: null });
    return made;
  });
}

/** What the rows are taken along: an object, or a number, and the type of its gradient. */
export interface RowsOver {
  readonly object: Value;
  readonly type: Type;
  readonly name: string | null;
}

/** For each part the rows along its numbers, one after the other 1 while all others are 0. */
export function rowsAlongUnits(
  builder: BlockBuilder,
  parts: readonly RowsOver[],
  type: Type,
  row: (inside: BlockBuilder, along: readonly Value[]) => Value,
): readonly Value[] {
  const units = parts.map(({ object, type: of, name }): Value => {
    if (!isReference(of)) return builder.constant(0);
    const unit = newValue(of, { name: `${name}Unit` });
    builder.add({ kind: "zerosLike", result: unit, object, keepsIdentity: false, span: null });
    return unit;
  });
  return units.map((unit, k) =>
    isReference(unit.type)
      ? rowsOf(builder, unit, type, (inside) => row(inside, units))
      : row(builder, units.with(k, builder.constant(1))),
  );
}

/**
 * The structure that several values have in common, with what `make` gives, of type `type`, for each number in it: from the
 * numbers in that place of all of them, and where it is.
 */
export function structureOf(
  builder: BlockBuilder,
  models: readonly Value[],
  type: Type,
  make: (inside: BlockBuilder, numbers: () => readonly Value[], key: Key, objects: readonly Value[]) => Value,
): Value {
  const [model] = models as [Value];
  const at = (inside: BlockBuilder, key: Key, of: Type): Value => {
    const parts = (): readonly Value[] => models.map((object) => read(inside, object, key, of));
    if (of.kind === "number") return make(inside, parts, key, models);
    return isReference(of) ? structureOf(inside, parts(), type, make) : parts()[0]!;
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

/** What stands in a place of an object. */
export function read(builder: BlockBuilder, object: Value, key: Key, type: Type): Value {
  const result = newValue(type);
  builder.add({ kind: "load", result, object, key, span: null });
  return result;
}

/** The fields of a record or the elements of a tuple; of anything else none. */
export function partsOfType(type: Type): readonly (readonly [name: string, type: Type])[] {
  if (type.kind === "record") return type.fields.map((field) => [field.name, field.type] as const);
  return type.kind === "tuple" ? type.elements.map((of, k) => [String(k), of] as const) : [];
}
