/** From the types of the source to the types of the IR. */
import { Node, type Type as SourceType, ts } from "ts-morph";
import type { Missing, RecordType, Type, TypedArrayName } from "../ir/ir.js";
import { missingOf, optionalType, sameType } from "../ir/types.js";
import type { ClassNode } from "./classes.js";
import { keyedKind } from "./keyed.js";
import { mayHoldFunctions } from "./splitCall.js";
import { eitherType, isRecord, recordOrFamily } from "./recordTypes.js";
import { holdsUnknown, markFunctionType, unknownType } from "./unknownTypes.js";

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
  if (mayBeFunction(source, type, at)) markFunctionType(type);
  return type;
}

/** The type where it is known, perhaps not yet whole. */
export function metAgain(memo: ReadonlyMap<ts.Type, Type>, source: SourceType, { unfinished }: TypeTable): Type | null {
  const found = memo.get(source.compilerType);
  if (found && unfinished.has(found)) unfinished.set(found, true);
  return found ?? null;
}

function mayBeFunction(source: SourceType, type: Type, at: Node): boolean {
  if (type.kind !== "record" || type.brands === undefined) return mayHoldFunctions(source, at);
  // Instances bring their methods with them; functions in their fields are their own.
  return source.getProperties().some((property) => {
    const isField = property
      .getDeclarations()
      .some((one) => Node.isPropertyDeclaration(one) || Node.isParameterDeclaration(one));
    return isField && property.getTypeAtLocation(at).getNonNullableType().getCallSignatures().length > 0;
  });
}

/** What a function is given: also any list of numbers, which it can only read. */
export function givenType(declared: Type, source: SourceType): Type {
  const present = source.getNonNullableType();
  if (declared.kind !== "opaque" || !isListOfNumbers(present)) return declared;
  const list: Type = { kind: "typedArray", name: "ArrayLike" };
  const parts = source.isUnion() ? source.getUnionTypes() : [source];
  const ways = parts.flatMap((part): Missing[] => (part.isNull() ? ["null"] : part.isUndefined() ? ["undefined"] : []));
  return ways.reduce(optionalType, list);
}

function isListOfNumbers(source: SourceType): boolean {
  if (source.isUnion()) return source.getUnionTypes().every(isListOfNumbers);
  const element = source.getArrayElementType();
  if (element) return element.isNumber();
  const symbol = source.getSymbol();
  if (symbol && typedArrayName(symbol.getName())) return true;
  const isLike = symbol?.getName() === "ArrayLike" && symbol.getDeclarations().every(isOfTheLanguage);
  return isLike && (source.getNumberIndexType()?.isNumber() ?? false);
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

/** Declared by TypeScript's own libraries, or by Node's. */
export function isOfTheLanguage(declaration: Node): boolean {
  const file = declaration.getSourceFile();
  return file.isDeclarationFile() && /(^|[\\/])lib\.[^\\/]*\.d\.ts$|@types[\\/]node[\\/]/.test(file.getFilePath());
}

/** `Kind`, or `Kind.Linear` of one of its members. */
function enumerationText(source: SourceType, at: Node, table: TypeTable): string {
  const declaration = source.getSymbol()?.getDeclarations()[0];
  const isMember = Node.isEnumMember(declaration);
  const owner = isMember ? declaration.getParent() : declaration;
  const reference = owner && table.referenceTo(owner);
  return reference ? `${reference}${isMember ? `.${declaration.getName()}` : ""}` : source.getText(at);
}
