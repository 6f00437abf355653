/**
 * Columns of a Jacobian, put into rows.
 *
 * before: column along x: { a: number, bs: number[] }        after: rows.a.x = column.a; loop i { rows.bs[i].x = column.bs[i] }
 */
import { type BlockBuilder, newValue } from "../ir/build.js";
import type { Key, Type, Value } from "../ir/ir.js";
import { countedLoop } from "../ir/loops.js";
import { loadAt, typeAtKey } from "../ir/place.js";
import { elementType, isReference } from "../ir/types.js";
import type { Request } from "../requests.js";
import { partsOfType, read, structureOf } from "./rows.js";
import { type Differentiated, shaped, tupleType } from "./verbShapes.js";

/** The type of one row: a gradient. */
export function rowType(request: Request, parts: readonly Differentiated[]): Type {
  return request.isBare ? parts[0]!.type : tupleType(parts);
}

/** Zeros of the structure of what is differentiated with respect to. */
export function zerosFor(
  builder: BlockBuilder,
  { value, path, name, type }: Differentiated,
  ending: "Unit" | "Row",
): Value {
  if (!isReference(type)) return builder.constant(0);
  const result = newValue(type, { name: `${name}${ending}` });
  const object = loadAt(builder, value, path, { name });
  builder.add({ kind: "zerosLike", result, object, keepsIdentity: false, span: null });
  return result;
}

/** A row of zeros for each number of something that is shaped as the output. */
export function rowsOfZeros(
  builder: BlockBuilder,
  output: Value,
  request: Request,
  parts: readonly Differentiated[],
): Value {
  return structureOf(builder, [output], rowType(request, parts), (inside) => {
    const gradients = parts.map((part) => zerosFor(inside, part, "Row"));
    return shaped(inside.statements, request, parts, gradients);
  });
}

/** Where the numbers of a part are in a row. */
export function pathInRow(request: Request, part: number): readonly Key[] {
  return request.isBare ? [] : [{ kind: "field", name: String(part) }];
}

export function eachPart(
  builder: BlockBuilder,
  object: Value,
  body: (inside: BlockBuilder, key: Key, type: Type) => void,
): void {
  const element = elementType(object.type);
  if (!element) return partsOfType(object.type).forEach(([name, type]) => body(builder, { kind: "field", name }, type));
  const length = newValue({ kind: "number" });
  builder.add({ kind: "length", result: length, object, span: null });
  countedLoop(builder, length, [], (inside, index) => {
    body(inside, { kind: "index", index }, element);
    return [];
  });
}

/** Stores every number of a column into the row in its place, where `path` leads to. */
export function spread(builder: BlockBuilder, rows: Value, column: Value, path: readonly Key[]): void {
  const last = path.at(-1);
  eachPart(builder, column, (inside, key, type) => {
    // A row of one input is a number.
    if (!last && type.kind === "number")
      return inside.add({ kind: "store", object: rows, key, value: read(inside, column, key, type), span: null });
    const row = read(inside, rows, key, typeAtKey(rows.type, key)!);
    const part = read(inside, column, key, type);
    if (type.kind !== "number") return isReference(type) ? spread(inside, row, part, path) : undefined;
    const object = path.slice(0, -1).reduce((from, at) => read(inside, from, at, typeAtKey(from.type, at)!), row);
    inside.add({ kind: "store", object, key: last!, value: part, span: null });
  });
}
