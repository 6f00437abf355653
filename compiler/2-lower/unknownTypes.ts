/**
 * Types that are found out while a function is lowered: of arrays that are made empty, of what plain JavaScript holds.
 * Such a type is settled once, by the first value that is stored, joined or computed with; whoever refers to it sees that.
 *
 * before: xs = [] of unknown; push xs, 1        after: xs = [] of number; push xs, 1
 */
import { BlockBuilder, numberType } from "../ir/build.js";
import type { Statement, Type } from "../ir/ir.js";
import { elementType, fieldType, typesWithin } from "../ir/types.js";

/** Unknown types, and those that turned out to be the same. */
const linked = new WeakMap<Type, Set<Type>>();

export function unknownType(): Type {
  const type: Type = { kind: "opaque", text: "any" };
  linked.set(type, new Set([type]));
  return type;
}

export function isUnknown(type: Type): boolean {
  return linked.has(type);
}

const functionTypes = new WeakSet<Type>();

/** Values of the type are functions, or hold some: which, only lowering knows. */
export function isFunctionType(type: Type): boolean {
  return functionTypes.has(type) && !(type.kind === "record" && type.environment !== undefined);
}

export function markFunctionType(type: Type): void {
  functionTypes.add(type);
}

/** A type to be found out, of functions or of what holds some. */
export function unknownFunction(): Type {
  const type = unknownType();
  functionTypes.add(type);
  return type;
}

/** Something within the type is not known yet. */
export function holdsUnknown(type: Type): boolean {
  return [...typesWithin(type)].some(isUnknown);
}

/** Makes two types one, as far as they are unknown. */
export function unify(a: Type, b: Type, open: ReadonlyMap<Type, Type> = new Map()): void {
  if (a === b || open.get(a) === b) return;
  if (isUnknown(a) && isUnknown(b)) return link(a, b);
  if (isUnknown(a)) return settle(a, b);
  if (isUnknown(b)) return settle(b, a);
  // Types that contain themselves come again.
  const inside = new Map(open).set(a, b);
  const unifyIfThere = (one: Type, other: Type | undefined): void => void (other && unify(one, other, inside));
  if (a.kind === "optional") return unify(a.of, b.kind === "optional" ? b.of : b, inside);
  if (b.kind === "optional") return unify(a, b.of, inside);
  if (a.kind === "array" && b.kind === "array") return unify(a.element, b.element, inside);
  if (a.kind === "tuple" && b.kind === "tuple")
    return a.elements.forEach((type, k) => unifyIfThere(type, b.elements[k]));
  if (a.kind === "record" && b.kind === "record" && a.fields !== b.fields)
    for (const field of a.fields) unifyIfThere(field.type, b.fields.find(({ name }) => name === field.name)?.type);
}

function link(a: Type, b: Type): void {
  const all = new Set([...linked.get(a)!, ...linked.get(b)!]);
  for (const type of all) linked.set(type, all);
}

function settle(unknown: Type, known: Type): void {
  // That something may be missing, or is some function, says nothing of what is there.
  if (known.kind === "nullish" || isFunctionType(known)) return;
  const { kind: _, ...fields } = known;
  for (const type of linked.get(unknown)!) {
    linked.delete(type);
    Reflect.deleteProperty(type, "text");
    Object.assign(type, { kind: known.kind }, fields);
  }
}

/** The type of what arithmetic is done with. */
export function settleAsNumber(type: Type): void {
  if (isUnknown(type)) settle(type, numberType);
}

/** A sink for statements that learns what arrays hold from what is put into them. */
export class LearningBuilder extends BlockBuilder {
  override add(statement: Statement): void {
    learn(statement);
    super.add(statement);
  }
}

function learn(statement: Statement): void {
  switch (statement.kind) {
    case "push":
    case "fill":
      return learnElement(statement.object.type, statement.value.type);
    case "store":
      if (statement.key.kind === "index") return learnElement(statement.object.type, statement.value.type);
      return learnField(statement.object.type, statement.key.name, statement.value.type);
    case "allocate":
      if (statement.fill) learnElement(statement.result.type, statement.fill.type);
      return;
    case "literal":
      if (statement.result.type.kind === "array")
        for (const item of statement.elements) learnElement(statement.result.type, item.type);
      return;
    case "copy":
    case "slice":
      return unify(statement.object.type, statement.kind === "copy" ? statement.source.type : statement.result.type);
    default:
  }
}

function learnField(record: Type, name: string, value: Type): void {
  const field = fieldType(record, name);
  if (field) unify(field, value);
}

function learnElement(array: Type, item: Type): void {
  const element = elementType(array);
  if (element) unify(element, item);
}
