/** From the types of the source to the types of the IR. */
import { Node, type Type as SourceType, ts } from "ts-morph";
import { keyedKind } from "./keyed.js";
import { isMarkedConstant } from "./stop.js";
import type { Missing, RecordField, RecordType, Type, TypedArrayName } from "../ir/ir.js";
import { type ClassNode, isClass } from "./classes.js";
import { tagField } from "./dispatch.js";
import { familyOf } from "./families.js";
import { holdsUnknown, unknownType } from "./unknownTypes.js";
import { joinRecords, missingOf, optionalType, sameType } from "../ir/types.js";

const typedArrays: ReadonlySet<string> = new Set<TypedArrayName>([
  "Float64Array",
  "Float32Array",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
]);

export function typedArrayName(name: string): TypedArrayName | null {
  return typedArrays.has(name) ? (name as TypedArrayName) : null;
}

/** One IR type for each source type. */
export interface TypeTable {
  readonly known: Map<ts.Type, Type>;
  /** The same for what `new` gives. */
  readonly instances: Map<ts.Type, Type>;
  /** How often each type is being looked at: one that contains itself comes again. */
  readonly open: Map<ts.Type, number>;
  /** Records whose fields are not all known yet, and whether they came again. */
  readonly unfinished: Map<Type, boolean>;
  /** What is to be done when records are known whole. */
  readonly waiting: Map<Type, readonly (() => void)[]>;
  /** Classes by the brands of their instances' types. */
  readonly classes: Map<string, ClassNode>;
  /** How generated text names what a declaration of a module declares; null where it cannot. */
  readonly referenceTo: (declaration: Node) => string | null;
  /** Instances of the class say of which they are. */
  readonly isTagged: (declaration: ClassNode) => boolean;
  /** Instances of the class come from outside, where they say nothing. */
  readonly isOutside: (brand: string) => boolean;
  /** How generated text names an interface of a record's fields. */
  readonly declare: (name: string, type: RecordType) => string;
}

export function newTypeTable(how: Pick<TypeTable, "referenceTo" | "declare" | "isTagged" | "isOutside">): TypeTable {
  return {
    known: new Map(),
    instances: new Map(),
    open: new Map(),
    unfinished: new Map(),
    waiting: new Map(),
    classes: new Map(),
    ...how,
  };
}

/** A record within itself this often is a type that grows without end (`interface Grows<T> { inside: Grows<T[]> }`). */
const deepestRecord = 40;

export function typeOf(source: SourceType, at: Node, table: TypeTable): Type {
  const { known, open, unfinished } = table;
  const found = metAgain(known, source, table);
  if (found) return found;
  // Once more at most: what leads back to a record is known when it is reached.
  const times = open.get(source.compilerType) ?? 0;
  if (times > 1 || unfinished.size > deepestRecord)
    return { kind: "opaque", text: source.getText(at), isRecursive: true };
  open.set(source.compilerType, times + 1);
  const type = isRecord(source) ? recordOrFamily(source, at, table) : simpleType(source, at, table);
  open.set(source.compilerType, times);
  // What a type parameter stands for is found out anew wherever it is used.
  if (holdsUnknown(type)) known.delete(source.compilerType);
  else known.set(source.compilerType, type);
  return type;
}

/** The type where it is known, perhaps not yet whole. */
function metAgain(memo: ReadonlyMap<ts.Type, Type>, source: SourceType, { unfinished }: TypeTable): Type | null {
  const found = memo.get(source.compilerType);
  if (found && unfinished.has(found)) unfinished.set(found, true);
  return found ?? null;
}

function simpleType(source: SourceType, at: Node, table: TypeTable): Type {
  if (source.isEnum() || source.isEnumLiteral()) return { kind: "opaque", text: enumerationText(source, at, table) };
  if (source.isNumber() || source.isNumberLiteral()) return { kind: "number" };
  if (source.isBoolean() || source.isBooleanLiteral()) return { kind: "boolean" };
  if (source.isString() || source.isStringLiteral()) return { kind: "string" };
  if (source.isNull()) return { kind: "nullish", missing: "null" };
  if (source.isUndefined()) return { kind: "nullish" };
  if (source.isVoid()) return { kind: "nullish" };
  if (source.isTuple()) return tupleType(source, at, table);
  if (source.isArray() || source.isReadonlyArray())
    return {
      kind: "array",
      element: typeOf(source.getArrayElementTypeOrThrow(), at, table),
      isReadonly: source.isReadonlyArray(),
    };
  const typed = typedArrayName(source.getSymbol()?.getName() ?? "");
  if (typed) return { kind: "typedArray", name: typed };
  if (source.isUnion()) return unionType(source.getUnionTypes(), source, at, table);
  if (source.isIntersection() && source.getIntersectionTypes().some((part) => part.isNumber()))
    return { kind: "number" };
  const constraint = source.isTypeParameter() ? source.getConstraint() : undefined;
  if (constraint && !constraint.isUnknown() && !constraint.isAny()) return typeOf(constraint, at, table);
  if (source.isTypeParameter()) return unknownType();
  const keyed = keyedKind(source);
  if (!keyed && isOfInstalledPackage(source)) return unknownType();
  return { kind: "opaque", text: source.getText(at), ...(keyed && { keyed }) };
}

function unionType(parts: readonly SourceType[], source: SourceType, at: Node, table: TypeTable): Type {
  const records = parts.filter((part) => !part.isNull() && !part.isUndefined());
  if (records.length === parts.length && records.every(isRecord))
    return eitherType(
      source,
      source.getAliasSymbol()?.getName() ?? null,
      () => parts.map((part) => typeOf(part, at, table)),
      at,
      table,
    );
  const areRecords = records.length > 1 && records.every(isRecord);
  const types = areRecords
    ? [...parts.filter((part) => !records.includes(part)), source.getNonNullableType()].map((part) =>
        typeOf(part, at, table),
      )
    : parts.map((part) => typeOf(part, at, table));
  const present = types.filter((type) => type.kind !== "nullish");
  const first = present[0];
  const ways = new Set(types.flatMap((type) => missingOf(type) ?? []));
  const missing: Missing = ways.size > 1 ? "null | undefined" : ways.has("null") ? "null" : "undefined";
  if (!first) return { kind: "nullish", missing };
  const whole = present.every((type) => sameType(type, first)) ? first : null;
  if (!whole && isOfInstalledPackage(source)) return unknownType();
  if (!whole) return { kind: "opaque", text: source.getText(at) };
  return present.length === types.length ? whole : optionalType(whole, missing);
}

/** What a package declares says little of what its code makes. */
function isOfInstalledPackage(source: SourceType): boolean {
  const declarations = (source.getAliasSymbol() ?? source.getSymbol())?.getDeclarations() ?? [];
  return declarations.some((one) => one.getSourceFile().isInNodeModules() && !isOfTheLanguage(one));
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

function tupleType(source: SourceType, at: Node, table: TypeTable): Type {
  const target = source.getTargetType()?.compilerType as ts.TupleType | undefined;
  const isFixed = target?.elementFlags.every((flag) => flag === ts.ElementFlags.Required) ?? false;
  if (!isFixed) return { kind: "opaque", text: source.getText(at) };
  const elements = source.getTupleElements().map((element) => typeOf(element, at, table));
  // The compiler gives an empty list, or none, to a tuple that is made by a pattern.
  const labels = elements.map((_, k) => target?.labeledElementDeclarations?.[k]?.name.getText() ?? null);
  return {
    kind: "tuple",
    elements,
    labels: labels.every((label) => label !== null) ? labels : null,
    isReadonly: target?.readonly ?? false,
  };
}

function isRecord(source: SourceType): boolean {
  if (source.isIntersection()) return source.getIntersectionTypes().every(isRecord);
  if (!source.isObject() || source.isArray() || source.isReadonlyArray() || source.isTuple()) return false;
  if (typedArrayName(source.getSymbol()?.getName() ?? "")) return false;
  if (source.getCallSignatures().length > 0 || source.getConstructSignatures().length > 0) return false;
  if (source.getStringIndexType() || source.getNumberIndexType()) return false;
  const declarations = source.getSymbol()?.getDeclarations() ?? [];
  const isMapped = ((source.compilerType as ts.ObjectType).objectFlags & ts.ObjectFlags.Mapped) !== 0;
  return isMapped || !declarations.some((declaration) => isOfTheLanguage(declaration));
}

/** Declared by TypeScript's own libraries, or by Node's. */
function isOfTheLanguage(declaration: Node): boolean {
  const file = declaration.getSourceFile();
  return file.isDeclarationFile() && /(^|[\\/])lib\.[^\\/]*\.d\.ts$|@types[\\/]node[\\/]/.test(file.getFilePath());
}

function recordOrFamily(source: SourceType, at: Node, table: TypeTable): Type {
  const classes = familyOf(source, at);
  return classes ? familyType(source, classes, at, table) : recordType(source, at, table, table.known);
}

/** What `new` gives: an instance of the class itself, whatever extends it. */
export function instanceType(source: SourceType, at: Node, table: TypeTable): Type {
  if (!familyOf(source, at)) return typeOf(source, at, table);
  return metAgain(table.instances, source, table) ?? recordType(source, at, table, table.instances);
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
function eitherType(
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

function finishWaiting(type: Type, table: TypeTable): void {
  const waiting = table.waiting.get(type) ?? [];
  table.waiting.delete(type);
  for (const finish of waiting) finish();
}

let unfinishedRecords = 0;

type OpenRecordType = { -readonly [K in keyof RecordType]: RecordType[K] };

/** Until its own are known, it has a field that no other record has: unfinished records are equal to themselves only. */
function unfinishedRecord(name: string | null, table: TypeTable): { type: OpenRecordType; fields: RecordField[] } {
  const fields: RecordField[] = [
    { name: `unfinished ${unfinishedRecords++}`, type: { kind: "nullish" }, isOptional: true },
  ];
  const type: OpenRecordType = { kind: "record", name, fields };
  table.unfinished.set(type, false);
  return { type, fields };
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

/** A type by its name and the types that it is given. */
function namedText(source: SourceType, at: Node, table: TypeTable): string {
  const alias = source.getAliasSymbol();
  const declaration = (alias ?? source.getSymbol())?.getDeclarations()[0];
  const reference = declaration && table.referenceTo(declaration);
  if (!reference) return source.getText(at);
  const given = alias ? source.getAliasTypeArguments() : source.getTypeArguments();
  return given.length === 0 ? reference : `${reference}<${given.map((one) => one.getText(at)).join(", ")}>`;
}

/** `Kind`, or `Kind.Linear` of one of its members. */
function enumerationText(source: SourceType, at: Node, table: TypeTable): string {
  const declaration = source.getSymbol()?.getDeclarations()[0];
  const isMember = Node.isEnumMember(declaration);
  const owner = isMember ? declaration.getParent() : declaration;
  const reference = owner && table.referenceTo(owner);
  return reference ? `${reference}${isMember ? `.${declaration.getName()}` : ""}` : source.getText(at);
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
