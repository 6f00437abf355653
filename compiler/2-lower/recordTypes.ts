/** Types of records: interfaces, instances of classes, and values that may be of several of these. */
import { Node, type Type as SourceType, ts } from "ts-morph";
import type { RecordField, RecordType, Type } from "../ir/ir.js";
import { joinRecords, optionalType, sameType } from "../ir/types.js";
import { type ClassNode, isClass } from "./classes.js";
import { tagField } from "./dispatch.js";
import { familyOf } from "./families.js";
import { isMarkedConstant } from "./stop.js";
import { isOfTheLanguage, metAgain, typedArrayName, typeOf, type TypeTable } from "./types.js";

export function isRecord(source: SourceType): boolean {
  if (source.isIntersection()) return source.getIntersectionTypes().every(isRecord);
  if (!source.isObject() || source.isArray() || source.isReadonlyArray() || source.isTuple()) return false;
  if (typedArrayName(source.getSymbol()?.getName() ?? "")) return false;
  if (source.getCallSignatures().length > 0 || source.getConstructSignatures().length > 0) return false;
  if (source.getStringIndexType() || source.getNumberIndexType()) return false;
  const declarations = source.getSymbol()?.getDeclarations() ?? [];
  const isMapped = ((source.compilerType as ts.ObjectType).objectFlags & ts.ObjectFlags.Mapped) !== 0;
  return isMapped || !declarations.some((declaration) => isOfTheLanguage(declaration));
}

export function recordOrFamily(source: SourceType, at: Node, table: TypeTable): Type {
  const classes = familyOf(source, at);
  return classes ? familyType(source, classes, at, table) : recordType(source, at, table, table.known);
}

/** What `new` gives: an instance of the class itself, whatever extends it. */
export function instanceType(source: SourceType, at: Node, table: TypeTable): Type {
  if (!familyOf(source, at)) return typeOf(source, at, table);
  return metAgain(table.instances, source, table) ?? recordType(source, at, table, table.instances);
}

function recordType(source: SourceType, at: Node, table: TypeTable, memo: Map<ts.Type, Type>): Type {
  const symbol = source.getAliasSymbol() ?? source.getSymbol();
  const name = symbol && !symbol.getName().startsWith("__") ? symbol.getName() : null;
  const brand = brandOf(source, table);
  const { type, fields } = unfinishedRecord(name, table);
  if (brand !== null) type.brands = [brand];
  memo.set(source.compilerType, type);
  const found: RecordField[] = [];
  for (const property of source.getProperties()) {
    const own = property.getTypeAtLocation(at);
    // Functions have no place in memory: which one it is must be known where it is called.
    if (own.getNonNullableType().getCallSignatures().length > 0 || isAccessor(property)) continue;
    const declared = typeOf(own, at, table);
    const isOptional = property.isOptional();
    const inner = isOptional ? optionalType(declared, "undefined") : declared;
    // The compiler's name of a private field `#x` is `__#1@#x`.
    const fieldName = property.getName().replace(/^__#\d+@/, "");
    const isConstant = property.getDeclarations().some(isMarkedConstant);
    found.push({
      name: fieldName,
      type: inner,
      isOptional,
      ...(isHidden(property) && { isHidden: true }),
      ...(isConstant && { isConstant: true }),
    });
  }
  const declaration = brand === null ? undefined : table.classes.get(brand)!;
  if (declaration && table.isTagged(declaration))
    found.push({ name: tagField, type: { kind: "string" }, isOptional: table.isOutside(brand!) });
  fields.splice(0, 1, ...found);
  if (table.unfinished.get(type)) {
    // Records stand in for instances, which have methods, too.
    type.text = brand === null ? namedText(source, at, table) : table.declare(`${name ?? "Instance"}Fields`, type);
  }
  table.unfinished.delete(type);
  finishWaiting(type, table);
  return type;
}

type OpenRecordType = { -readonly [K in keyof RecordType]: RecordType[K] };

let unfinishedRecords = 0;

/** Until its own are known, it has a field that no other record has: unfinished records are equal to themselves only. */
function unfinishedRecord(name: string | null, table: TypeTable): { type: OpenRecordType; fields: RecordField[] } {
  const fields: RecordField[] = [
    { name: `unfinished ${unfinishedRecords++}`, type: { kind: "nullish" }, isOptional: true },
  ];
  const type: OpenRecordType = { kind: "record", name, fields };
  table.unfinished.set(type, false);
  return { type, fields };
}

function finishWaiting(type: Type, table: TypeTable): void {
  const waiting = table.waiting.get(type) ?? [];
  table.waiting.delete(type);
  for (const finish of waiting) finish();
}

/** A type by its name and the types that it is given. */
function namedText(source: SourceType, at: Node, table: TypeTable): string {
  const alias = source.getAliasSymbol();
  const declaration = (alias ?? source.getSymbol())?.getDeclarations()[0];
  const reference = declaration && table.referenceTo(declaration);
  if (!reference) return source.getText(at);
  const given = alias ? source.getAliasTypeArguments() : source.getTypeArguments();
  return given.length === 0 ? reference : `${reference}<${given.map((one) => one.getText(at)).join(", ")}>`;
}

function isHidden(property: import("ts-morph").Symbol): boolean {
  return property
    .getDeclarations()
    .some((one) => Node.isModifierable(one) && (one.hasModifier("private") || one.hasModifier("protected")));
}

function isAccessor(property: import("ts-morph").Symbol): boolean {
  return property
    .getDeclarations()
    .some((one) => Node.isGetAccessorDeclaration(one) || Node.isSetAccessorDeclaration(one));
}

/** The key of the class whose instances the type describes. */
function brandOf(source: SourceType, table: TypeTable): string | null {
  const declaration = source.getSymbol()?.getDeclarations().find(isClass);
  if (!declaration) return null;
  const brand = brandOfClass(declaration);
  table.classes.set(brand, declaration);
  return brand;
}

export function brandOfClass(declaration: ClassNode): string {
  return `${declaration.getSourceFile().getFilePath()}#${declaration.getPos()}`;
}

/** An instance of one of several classes, which may lack what not all have. */
function familyType(source: SourceType, classes: readonly ClassNode[], at: Node, table: TypeTable): Type {
  const name = source.getSymbol()!.getName();
  const own = source.getSymbol()!.getDeclarations();
  const members = (): Type[] =>
    classes.map((one) => instanceType(own.includes(one) ? source : one.getType(), at, table));
  return eitherType(source, name, members, at, table);
}

/** Of one kind of record or of another. */
export function eitherType(
  source: SourceType,
  name: string | null,
  membersOf: () => readonly Type[],
  at: Node,
  table: TypeTable,
): Type {
  const { type, fields } = unfinishedRecord(name, table);
  table.known.set(source.compilerType, type);
  const members = membersOf();
  const finish = (): void => {
    const missing = members.find((member) => member !== type && table.unfinished.has(member));
    if (missing) {
      // The record holds what may be of its own kind.
      table.unfinished.set(type, true);
      table.waiting.set(missing, [...(table.waiting.get(missing) ?? []), finish]);
      return;
    }
    const whole = unionOfRecords(members);
    if (whole?.kind === "record") {
      fields.splice(0, 1, ...whole.fields);
      type.name ??= whole.name;
      if (whole.brands) type.brands = whole.brands;
      if (whole.isUnion || whole.brands) type.isUnion = true;
      if (table.unfinished.get(type)) type.text = table.declare(`${name ?? "Either"}Fields`, type);
    } else Object.assign(type, { kind: "opaque", text: source.getText(at) });
    table.unfinished.delete(type);
    finishWaiting(type, table);
  };
  finish();
  return type;
}

/** Records of several shapes as one that may lack what not all have. */
function unionOfRecords(types: readonly Type[]): Type | null {
  const records = types.filter((type) => type.kind === "record");
  // Instances of classes, or plain records: nothing tells one from the other.
  const isMixed = records.some((type) => (type.brands === undefined) !== (records[0]!.brands === undefined));
  if (records.length < types.length || isMixed) return null;
  const isContradictory = records.some((record) =>
    record.fields.some(({ name, type }) =>
      records.some((other) => other.fields.some((field) => field.name === name && !canBeOne(type, field.type))),
    ),
  );
  if (isContradictory) return null;
  const isOneKind = records.every(
    (record) => sameType(record, records[0]!) && record.brands?.[0] === records[0]!.brands?.[0],
  );
  return { ...records.reduce(joinRecords), ...(!isOneKind && { isUnion: true }) };
}

/** Some type describes values of both. */
function canBeOne(a: Type, b: Type): boolean {
  const [one, other] = [a, b].map((type) => (type.kind === "optional" ? type.of : type)) as [Type, Type];
  if (one.kind === "nullish" || other.kind === "nullish" || sameType(one, other)) return true;
  return one.kind === other.kind && one.kind !== "array" && one.kind !== "tuple";
}
