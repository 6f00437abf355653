import type { Missing, RecordField, RecordType, Type } from "./ir.js";

/** Questions about types that every phase asks. */

/** A value of this type is a reference to memory. */
export function isReference(type: Type): boolean {
  const of = type.kind === "optional" ? type.of : type;
  return of.kind === "array" || of.kind === "typedArray" || of.kind === "tuple" || of.kind === "record";
}

export function isFloatArray(type: Type): boolean {
  return type.kind === "typedArray" && (type.name === "Float64Array" || type.name === "Float32Array");
}

/** A value of this type can carry a derivative itself: a number, or an optional number. */
export function isScalar(type: Type): boolean {
  return type.kind === "number" || (type.kind === "optional" && type.of.kind === "number");
}

/** A value of this type is or contains a number that can carry a derivative. */
export function canCarryDerivative(type: Type, seen: ReadonlySet<Type> = new Set()): boolean {
  if (seen.has(type)) return false;
  const inside = new Set(seen).add(type);
  switch (type.kind) {
    case "number":
      return true;
    case "optional":
      return canCarryDerivative(type.of, inside);
    case "array":
      return canCarryDerivative(type.element, inside);
    case "typedArray":
      return isFloatArray(type);
    case "tuple":
      return type.elements.some((element) => canCarryDerivative(element, inside));
    case "record":
      return type.fields.some((field) => canCarryDerivative(field.type, inside));
    case "boolean":
    case "string":
    case "nullish":
    case "opaque":
      return false;
  }
}

/** What stands for nothing in a type, or null where something always is there. */
export function missingOf(type: Type): Missing | null {
  return type.kind === "nullish" || type.kind === "optional" ? (type.missing ?? "undefined") : null;
}

/** The type, or nothing in one of the ways given. */
export function optionalType(type: Type, missing: Missing): Type {
  const before = missingOf(type);
  const both = before === null || before === missing ? missing : "null | undefined";
  return { kind: "optional", of: type.kind === "optional" ? type.of : type, missing: both };
}

/** The type contains itself. */
export function isRecursive(type: Type): boolean {
  switch (type.kind) {
    case "opaque":
      return type.isRecursive === true;
    case "optional":
      return isRecursive(type.of);
    case "array":
      return isRecursive(type.element);
    case "tuple":
      return type.elements.some(isRecursive);
    case "record":
      return type.fields.some((field) => isRecursive(field.type));
    default:
      return false;
  }
}

/** Some object of the type has a field that only code of its class can reach (`#x`). */
export function hasPrivateNames(type: Type): boolean {
  switch (type.kind) {
    case "optional":
      return hasPrivateNames(type.of);
    case "array":
      return hasPrivateNames(type.element);
    case "tuple":
      return type.elements.some(hasPrivateNames);
    case "record":
      return type.fields.some((field) => field.name.startsWith("#") || hasPrivateNames(field.type));
    default:
      return false;
  }
}

/** Structural equality. */
export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.kind === "optional" && b.kind === "optional") return sameType(a.of, b.of);
  if (a.kind === "array" && b.kind === "array") return sameType(a.element, b.element);
  if (a.kind === "typedArray" && b.kind === "typedArray") return a.name === b.name;
  if (a.kind === "tuple" && b.kind === "tuple")
    return a.elements.length === b.elements.length && a.elements.every((type, k) => sameType(type, b.elements[k]!));
  if (a.kind === "record" && b.kind === "record")
    return (
      a.fields.length === b.fields.length &&
      a.fields.every((field, k) => field.name === b.fields[k]!.name && sameType(field.type, b.fields[k]!.type))
    );
  if (a.kind === "opaque" && b.kind === "opaque") return a.text === b.text;
  return a.kind === b.kind;
}

/** The element type of anything indexable by a number, or null. */
export function elementType(type: Type): Type | null {
  if (type.kind === "array") return type.element;
  if (type.kind === "typedArray") return { kind: "number" };
  return null;
}

/** The type of a record's or tuple's field, or null. */
export function fieldType(type: Type, name: string): Type | null {
  if (type.kind === "record") return type.fields.find((field) => field.name === name)?.type ?? null;
  if (type.kind === "tuple") return type.elements[Number(name)] ?? null;
  return null;
}

/** The type of a value that is one or the other. */
export function joinTypes(a: Type, b: Type): Type {
  if (a.kind === "record" && b.kind === "record") return joinRecords(a, b);
  if (sameType(a, b) && missingOf(a) === missingOf(b)) return isReadonly(b) ? b : a;
  if (a.kind === "array" && b.kind === "array" && a.element.kind === "opaque") return b;
  const [missing, other] = [missingOf(a), missingOf(b)];
  if (a.kind === "nullish") return b.kind === "nullish" ? a : optionalType(b, missing!);
  if (missing !== null || other !== null) {
    const either = missing ?? other!;
    const joined = optionalType(a, either);
    return other === null ? joined : optionalType(joined, other);
  }
  return a;
}

/** What only one of two records has may be missing; an instance of one class or of another is of neither. */
export function joinRecords(a: RecordType, b: RecordType): RecordType {
  const isSameClass = a.brand === b.brand;
  if (sameType(a, b) && isSameClass) return b.isUnion ? b : a;
  const { brand: _, ...plain } = a;
  if (sameType(a, b)) return plain;
  const names = [...new Set([...a.fields, ...b.fields].map((field) => field.name))];
  const fields = names.map((name): RecordField => {
    const [one, other] = [a, b].map((type) => type.fields.find((field) => field.name === name));
    if (one && other)
      return { ...one, type: joinTypes(one.type, other.type), isOptional: one.isOptional || other.isOptional };
    const only = (one ?? other)!;
    return { ...only, type: optionalType(only.type, "undefined"), isOptional: true };
  });
  return { kind: "record", name: null, fields, ...((a.isUnion || b.isUnion) && { isUnion: true }) };
}

function isReadonly(type: Type): boolean {
  return (type.kind === "array" || type.kind === "tuple") && type.isReadonly === true;
}
