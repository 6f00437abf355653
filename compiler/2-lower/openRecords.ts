/**
 * Objects of plain JavaScript, which get their fields one by one: `this.x = x` in a constructor, `o.y = 1` after
 * `o = {}`. The record has every field that is ever stored, from the beginning on.
 *
 * before: o = record; store o.x = a        after: o = record x = nothing yet; store o.x = a
 */
import type { Node } from "ts-morph";
import { type BlockBuilder, newValue } from "../ir/build.js";
import type { LiteralStatement, RecordField, RecordType, Statement, Value } from "../ir/ir.js";
import { missingOf, optionalType } from "../ir/types.js";
import { operandsOf } from "../ir/walk.js";
import type { Hint } from "./expressions.js";
import { changeField, rememberField, rememberFields } from "./knownFields.js";
import { type Lowering, placeOf, refuse } from "./lowering.js";
import { unify, unknownType } from "./unknownTypes.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface OpenRecord {
  readonly type: Omit<RecordType, "fields"> & { readonly fields: Mutable<RecordField>[] };
  /** What makes it. */
  literal: LiteralStatement & { readonly elements: Value[]; readonly fields: string[] };
  /** Where it is made. */
  readonly builder: BlockBuilder;
  readonly loops: number;
  /** Fields that were read before anything was stored there. */
  readonly missed: Set<string>;
}

/** A record that may get more fields. */
export function makeOpenRecord(
  lowering: Lowering,
  contents: ReadonlyMap<string, Value>,
  { name, brand, hint }: { readonly name: string | null; readonly brand?: string; readonly hint: Hint },
): Value {
  const fields = [...contents].map(([field, value]) => newField(field, value, false));
  const type = { kind: "record" as const, name, fields, ...(brand !== undefined && { brands: [brand] }) };
  const { span } = lowering.builder;
  const result = newValue(type, { name: hint.name, span });
  const literal = {
    kind: "literal" as const,
    result,
    elements: [...contents.values()],
    fields: [...contents.keys()],
    span,
  };
  lowering.builder.add(literal);
  const { builder, loops } = lowering;
  lowering.shared.madeIn.set(result, placeOf(lowering));
  rememberFields(lowering, result, contents);
  lowering.shared.openRecords.set(type, { type, literal, builder, loops, missed: new Set() });
  return result;
}

export function openRecordOf(lowering: Lowering, value: Value): OpenRecord | null {
  return lowering.shared.openRecords.get(value.type) ?? null;
}

function newField(name: string, value: Value, isOptional: boolean): Mutable<RecordField> {
  const missing = missingOf(value.type);
  const of =
    value.type.kind === "optional" ? value.type.of : value.type.kind === "nullish" ? unknownType() : value.type;
  const type = missing === null ? of : optionalType(of, missing);
  return { name, type: isOptional ? optionalType(type, "undefined") : type, isOptional };
}

/** Nothing is there yet; that it is read must not be forgotten, should the field come later in a loop. */
export function rememberMiss(lowering: Lowering, object: Value, name: string): void {
  openRecordOf(lowering, object)?.missed.add(name);
}

/** Makes a place for what is stored into a field, before it is stored. */
export function makeRoom(lowering: Lowering, object: Value, name: string, value: Value, node: Node): void {
  const open = openRecordOf(lowering, object);
  if (!open) return changeField(lowering, name, value);
  const field = open.type.fields.find((one) => one.name === name);
  if (!field) return addField(lowering, open, name, value, node);
  changeField(lowering, name, value);
  unify(field.type, value.type);
  const missing = missingOf(value.type);
  if (missing !== null) field.type = optionalType(field.type, missing);
}

function addField(lowering: Lowering, open: OpenRecord, name: string, value: Value, node: Node): void {
  const wasRead = open.missed.has(name) && lowering.loops > open.loops;
  if (wasRead || !isInside(lowering.builder, open.builder))
    refuse(
      node,
      "lateField",
      `The field ${name} is added to an object in a place where it may be there already.`,
      "Give the object all of its fields where it is made.",
    );
  const isConditional = lowering.builder !== open.builder;
  const field = newField(name, value, isConditional);
  const initial = newValue(isConditional ? { kind: "nullish", missing: "undefined" } : field.type);
  const made: Statement = isConditional
    ? { kind: "constant", result: initial, value: undefined, text: null, span: null }
    : { kind: "placeholder", result: initial, span: null };
  const { statements } = open.builder;
  statements.splice(statements.indexOf(open.literal), 0, made);
  open.type.fields.push(field);
  if (!isConditional) rememberField(lowering, open.literal.result, name, value);
  open.literal.elements.push(initial);
  open.literal.fields.push(name);
}

function isInside(builder: BlockBuilder, outer: BlockBuilder): boolean {
  for (let at: BlockBuilder | null = builder; at; at = at.parent) if (at === outer) return true;
  return false;
}

/** After construction: what every way through has stored is there, and the first stores are the first contents. */
export function settleRecord(lowering: Lowering, self: Value): void {
  const open = openRecordOf(lowering, self);
  if (!open || open.builder !== lowering.builder) return;
  const { statements } = lowering.builder;
  const after = statements.slice(statements.indexOf(open.literal) + 1);
  for (const [k, field] of open.type.fields.entries()) {
    const isRead = after.some((statement) => readsField(statement, self, field.name));
    if (!field.isOptional || isRead || !storesAlways(after, self, field.name)) continue;
    field.isOptional = false;
    if (field.type.kind === "optional") field.type = field.type.of;
    const initial = newValue(field.type);
    statements.splice(statements.indexOf(open.literal), 0, { kind: "placeholder", result: initial, span: null });
    open.literal.elements[k] = initial;
  }
  takeFirstStores(open, self, statements);
}

function takeFirstStores(open: OpenRecord, self: Value, statements: Statement[]): void {
  const made = statements.indexOf(open.literal);
  const contents = new Map(open.literal.fields.map((name, k) => [name, open.literal.elements[k]!]));
  const before: Statement[] = [];
  let k = made + 1;
  for (; k < statements.length; k++) {
    const statement = statements[k]!;
    const isOwn = statement.kind === "store" && statement.object === self && statement.key.kind === "field";
    const isPlain = statement.kind !== "if" && statement.kind !== "loop";
    if (isOwn && statement.value !== self) contents.set((statement.key as { name: string }).name, statement.value);
    else if (isPlain && !operandsOf(statement).includes(self)) before.push(statement);
    else break;
  }
  const elements = open.literal.fields.map((name) => contents.get(name)!);
  open.literal = { ...open.literal, elements };
  statements.splice(made, k - made, ...before, open.literal);
}

function readsField(statement: Statement, self: Value, name: string): boolean {
  if (statement.kind === "load")
    return statement.object === self && statement.key.kind === "field" && statement.key.name === name;
  if (statement.kind === "store" && statement.object === self && statement.value !== self) return false;
  if (operandsOf(statement).includes(self)) return true;
  return blocksIn(statement).some((block) => block.some((inner) => readsField(inner, self, name)));
}

function storesAlways(statements: readonly Statement[], self: Value, name: string): boolean {
  return statements.some((statement) => {
    if (statement.kind === "throw") return true;
    if (statement.kind === "store")
      return statement.object === self && statement.key.kind === "field" && statement.key.name === name;
    return (
      statement.kind === "if" &&
      storesAlways(statement.then.statements, self, name) &&
      storesAlways(statement.else.statements, self, name)
    );
  });
}

function blocksIn(statement: Statement): readonly (readonly Statement[])[] {
  if (statement.kind === "if") return [statement.then.statements, statement.else.statements];
  return statement.kind === "loop" ? [statement.body.statements, statement.test?.statements ?? []] : [];
}
