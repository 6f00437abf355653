import type { Key, Missing, RecordField, RecordType, Type } from "./ir.js";

/** Questions about types that every phase asks. */

/** A value of this type is a reference to memory. */
export function isReference(type: Type): boolean {
  const of = type.kind === "optional" ? type.of : type;
  return of.kind === "array" || of.kind === "typedArray" || of.kind === "tuple" || of.kind === "record";
}

/** Some list of numbers, of which kind only the caller knows. */
export function isAnyList(type: Type): boolean {
  return type.kind === "typedArray" && type.name === "ArrayLike";
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

/** The types that a value of the type holds references to itself. */
function typesInside(type: Type): readonly Type[] {
  switch (type.kind) {
    case "optional":
      return [type.of];
    case "array":
      return [type.element];
    case "tuple":
      return type.elements;
    case "record":
      return type.fields.map((field) => field.type);
    default:
      return [];
  }
}

/** Some object of the type has a field that only code of its class can reach (`#x`). */
export function hasPrivateNames(type: Type): boolean {
  return [...typesWithin(type)].some(
    (inside) => inside.kind === "record" && inside.fields.some((field) => field.name.startsWith("#")),
  );
}

/** The type, and whatever can be reached from it. */
export function typesWithin(type: Type): ReadonlySet<Type> {
  const seen = new Set<Type>();
  const enter = (inside: Type): void => {
    if (seen.has(inside)) return;
    seen.add(inside);
    typesInside(inside).forEach(enter);
  };
  enter(type);
  return seen;
}

/** The type is or holds a record of the user's that contains itself. */
export function isRecursiveType(type: Type): boolean {
  return [...typesWithin(type)].some((inside) => inside.kind === "record" && inside.text !== undefined);
}

/** Some number of the type may be missing. */
export function mayLackNumbers(type: Type): boolean {
  return [...typesWithin(type)].some(
    (inside) =>
      (inside.kind === "optional" && inside.of.kind === "number") ||
      (inside.kind === "record" && inside.fields.some((field) => field.isOptional && field.type.kind === "number")),
  );
}

/** Which numbers a value of the type holds is known from the lengths of its arrays. */
export function hasClearNumbers(type: Type): boolean {
  return (
    !mayLackNumbers(type) && !isRecursiveType(type) && ![...typesWithin(type)].some((one) => one.kind === "optional")
  );
}

/** The type contains itself in a way that nothing is known of. */
export function isEndlessType(type: Type): boolean {
  return [...typesWithin(type)].some((inside) => inside.kind === "opaque" && inside.isRecursive === true);
}

/** Numbers of single precision can be reached from the type. */
export function holdsSingles(type: Type): boolean {
  return [...typesWithin(type)].some((inside) => inside.kind === "typedArray" && inside.name === "Float32Array");
}

/** From a value of type `from`, one of type `to` can be reached. */
export function typeReaches(from: Type, to: Type): boolean {
  const wanted = to.kind === "optional" ? to.of : to;
  return [...typesWithin(from)].some((type) => sameType(type, wanted) || isPartOf(wanted, type));
}

/** A literal without a type of its own, or an instance of one of its classes, may stand for a recursive record. */
function isPartOf(literal: Type, type: Type): boolean {
  if (literal.kind !== "record" || type.kind !== "record" || !type.text) return false;
  const isOfClass = literal.brands?.every((brand) => type.brands?.includes(brand)) ?? false;
  if (literal.name !== null && !isOfClass) return false;
  return literal.fields.every(({ name }) => type.fields.some((field) => field.name === name));
}

/** Structural equality; types that contain themselves are equal when nothing tells them apart. */
export function sameType(a: Type, b: Type, assumed: ReadonlyMap<Type, Type> = new Map()): boolean {
  if (a === b || assumed.get(a) === b) return true;
  const same = (one: Type, other: Type): boolean => sameType(one, other, assumed);
  if (a.kind === "optional" && b.kind === "optional") return same(a.of, b.of);
  if (a.kind === "array" && b.kind === "array") return same(a.element, b.element);
  if (a.kind === "typedArray" && b.kind === "typedArray") return a.name === b.name;
  if (a.kind === "tuple" && b.kind === "tuple")
    return a.elements.length === b.elements.length && a.elements.every((type, k) => same(type, b.elements[k]!));
  if (a.kind === "record" && b.kind === "record") {
    const inside = new Map(assumed).set(a, b);
    return (
      a.environment === b.environment &&
      a.fields.length === b.fields.length &&
      a.fields.every(({ name }, k) => name === b.fields[k]!.name) &&
      a.fields.every(({ type }, k) => sameType(type, b.fields[k]!.type, inside))
    );
  }
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

function environmentOf(type: Type): number | undefined {
  if (type.kind === "optional") return environmentOf(type.of);
  return type.kind === "record" ? type.environment : undefined;
}

/** The type of a value that is one or the other. */
export function joinTypes(a: Type, b: Type): Type {
  // One function or another: which, is known by the condition.
  const isOther = environmentOf(a) !== environmentOf(b);
  if (isOther && a.kind !== "nullish" && b.kind !== "nullish") return { kind: "opaque", text: "Function" };
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

/** What only one of two records has may be missing; an instance of one class or of another may be of either. */
export function joinRecords(a: RecordType, b: RecordType): RecordType {
  if (holdsAll(b, a)) return b;
  if (holdsAll(a, b)) return a;
  const brands = a.brands && b.brands && [...new Set([...a.brands, ...b.brands])];
  const isUnion = a.isUnion || b.isUnion || (brands?.length ?? 0) > 1;
  const kind = { ...(brands && { brands }), ...(isUnion && { isUnion }) };
  const { brands: _, ...plain } = a;
  if (sameType(a, b)) return { ...plain, ...kind };
  const names = [...new Set([...a.fields, ...b.fields].map((field) => field.name))];
  const fields = names.map((name): RecordField => {
    const [one, other] = [a, b].map((type) => type.fields.find((field) => field.name === name));
    if (one && other)
      return { ...one, type: joinTypes(one.type, other.type), isOptional: one.isOptional || other.isOptional };
    const only = (one ?? other)!;
    return { ...only, type: optionalType(only.type, "undefined"), isOptional: true };
  });
  return { kind: "record", name: null, fields, ...kind };
}

/** What may be written through values of the one equal type may be through those of the other. */
export function sameAccess(a: Type, b: Type): boolean {
  const access = (type: Type): string => [...typesWithin(type)].map((inside) => Number(isReadonly(inside))).join("");
  return access(a) === access(b);
}

/** Whatever is of the one type is of the other. */
function holdsAll(type: RecordType, one: RecordType): boolean {
  if ((type.brands === undefined) !== (one.brands === undefined)) return false;
  if (one.brands?.some((brand) => !type.brands!.includes(brand))) return false;
  if (sameType(type, one)) return type.isUnion === true || !one.isUnion;
  const isFamily = type.isUnion === true && type.brands !== undefined;
  return isFamily && one.fields.every(({ name }) => type.fields.some((field) => field.name === name));
}

function isReadonly(type: Type): boolean {
  return (type.kind === "array" || type.kind === "tuple") && type.isReadonly === true;
}

/** What is stored is a reference, or nothing where a reference may stand; `key` null is any element. */
export function storesReference(object: Type, key: Key | null, value: Type): boolean {
  if (value.kind !== "nullish") return isReference(value);
  const place = key?.kind === "field" ? fieldType(object, key.name) : elementType(object);
  return place !== null && isReference(place);
}
