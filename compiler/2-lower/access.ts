/** Access: fields, elements, members of instances, by keys known or found at run time. */
import { type Expression, Node } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Key, Type, Value } from "../ir/ir.js";
import { readable } from "../ir/references.js";
import { elementType, fieldType, isReference, optionalType } from "../ir/types.js";
import { lowerBuiltin } from "./builtins.js";
import { capturedPrivate } from "./capturedLate.js";
import { isComputedBySome, lowerStaticField, memberOf } from "./classes.js";
import { byClass, possibleClasses } from "./dispatch.js";
import { lowerKnownElement } from "./enumerations.js";
import { type Hint, lowerExpression, narrow } from "./expressions.js";
import { lowerGlobal } from "./moduleValues.js";
import { callKnown, functionType, functionValue, staticFunction } from "./functionValues.js";
import { readKept } from "./keptFunctions.js";
import { itemsOfList, keepInstead } from "./knownLists.js";
import { lowerKeyedPart } from "./keyed.js";
import { lengthOf } from "./indexedLoops.js";
import { chosenFunction, loadByName } from "./namedParts.js";
import { cellOf, constant, type FunctionValue, type Lowering, nullish, placeholder, refuse } from "./lowering.js";
import { isBlockOfNames, isNamespace } from "./mentions.js";
import { toNumber } from "./operators.js";
import { identityOf, prototypeConstant } from "./liveClasses.js";
import { liveOf, lowerLive, propertyOf } from "./liveValues.js";
import { holdsObject, knownField } from "./knownFields.js";
import { openRecordOf, rememberMiss } from "./openRecords.js";
import { isOfPackage } from "./packageReader.js";
import { refuseStateIn } from "./packageState.js";
import { isMathConstant, mathConstant } from "./mathObject.js";
import { stopped } from "./stop.js";
import { getterKey, isKnownPresent } from "./syntax.js";
import { asArray } from "./tuples.js";

const numberConstants: ReadonlySet<string> = new Set([
  "EPSILON",
  "MAX_SAFE_INTEGER",
  "MIN_SAFE_INTEGER",
  "MAX_VALUE",
  "MIN_VALUE",
  "POSITIVE_INFINITY",
  "NEGATIVE_INFINITY",
  "NaN",
]);

export function lowerProperty(
  lowering: Lowering,
  node: import("ts-morph").PropertyAccessExpression,
  hint: Hint,
): Value {
  const name = node.getName();
  const owner = node.getExpression();
  const ownerText = owner.getText();
  const isGlobalOwner = Node.isIdentifier(owner) && !cellOf(lowering, owner);
  if (isGlobalOwner && ownerText === "Math" && isMathConstant(name)) return mathConstant(lowering, name);
  if (isGlobalOwner && ownerText === "Number" && numberConstants.has(name))
    return constant(lowering, (Number as unknown as Record<string, number>)[name]!, `Number.${name}`);
  const known = lowerKnownElement(lowering, node);
  if (known) return known;
  refuseStateIn(lowering, node);
  const fn = staticFunction(lowering, node);
  if (fn) return functionValue(lowering, fn);
  const live = liveOf(lowering, node);
  if (live) return lowerLive(lowering, live.value, name, node);
  if (isNamespace(owner) || isBlockOfNames(owner)) return lowerGlobal(lowering, node.getNameNode(), hint);
  const field = lowerStaticField(lowering, owner, name, hint);
  if (field) return field;
  let object = lowerExpression(lowering, owner);
  if (object.type.kind === "optional") object = narrow(lowering, object);
  return lowerMember(lowering, object, name, node, hint);
}

/** A field, a function held by one, a getter's result or a method as a value. */
function lowerMember(
  lowering: Lowering,
  object: Value,
  name: string,
  node: import("ts-morph").PropertyAccessExpression,
  hint: Hint,
): Value {
  const possible = possibleClasses(lowering, object, node.getExpression());
  if (possible && isComputedBySome(possible, name)) {
    const read = (inside: Lowering, instance: Value): Value => lowerMember(inside, instance, name, node, hint);
    return byClass(lowering, object, possible, node, read)!;
  }
  const getter = memberOf(lowering, object, name, "get", node);
  if (getter) return callKnown(lowering, getter, [], node) ?? nullish(lowering, undefined);
  const method = memberOf(lowering, object, name, "method", node);
  if (method) return functionValue(lowering, method);
  return loadField(lowering, object, name, node, hint);
}

export function loadField(lowering: Lowering, object: Value, name: string, node: Node, hint: Hint): Value {
  if (name === "length" && (elementType(object.type) || object.type.kind === "tuple"))
    return lengthOf(lowering, object, hint.name);
  const { functionFields } = lowering.shared;
  const held = functionFields.get(object)?.get(name);
  if (held) return held;
  const getter = functionFields.get(object)?.get(getterKey(name));
  const computed = getter && lowering.shared.functions.get(getter);
  if (computed?.kind === "closure" || computed?.kind === "kept")
    return callKnown(lowering, { ...computed, self: object }, [], node) ?? nullish(lowering, undefined);
  const fn = lowering.shared.functions.get(object);
  if (fn) return loadFromFunction(lowering, fn, name, node);
  const known = knownField(lowering, object, name);
  if (known === "missing" && isWithout(lowering, object, name)) return nullish(lowering, undefined);
  if (known !== null && known !== "missing") return known;
  const part = lowering.shared.liveObjects.has(object)
    ? propertyOf(lowering.shared.liveObjects.get(object), name)
    : null;
  if (part && (typeof part.value !== "number" || object.type.kind === "opaque"))
    return lowerLive(lowering, part.value, name, node);
  const type = fieldType(object.type, name);
  const inherited = type ? null : prototypeConstant(lowering, object, name);
  if (inherited) return inherited;
  const isOpen = !type && openRecordOf(lowering, object) !== null;
  if (isOpen) rememberMiss(lowering, object, name);
  if (isOpen || (!type && functionFields.has(object))) return nullish(lowering, undefined);
  if (!type && isOfPackage(node) && !hasNatively(object.type, name)) return nullish(lowering, undefined);
  if (!type && isFunctionTyped(node)) return placeholder(lowering, functionType);
  const keyed = type ? null : lowerKeyedPart(lowering, node, object, name);
  if (keyed) return keyed;
  const plain = !type && Node.isPropertyAccessExpression(node) ? lowerBuiltin(lowering, node) : null;
  if (plain) return plain;
  const ofInstance = !type && name.startsWith("#") ? capturedPrivate(lowering, object, name, node) : null;
  if (ofInstance) return ofInstance;
  if (!type && name.startsWith("#"))
    refuse(
      node,
      "privateField",
      `Generated code cannot read ${name} of an instance from outside.`,
      "Make the field private in TypeScript's way, or pass its value.",
    );
  if (!type)
    refuse(
      node,
      "unsupportedType",
      `The field ${name} of ${describe(object.type)} cannot be read here.`,
      "Use plain numbers, arrays and records.",
    );
  const span = lowering.builder.span;
  const result = newValue(type, { name: hint.name, span });
  lowering.builder.add({ kind: "load", result, object, key: { kind: "field", name }, span });
  if (holdsObject(lowering, object, name)) lowering.shared.present.add(result);
  reachIntoModule(lowering, object, result);
  const isNarrowed =
    type.kind === "optional" &&
    !Node.isBindingElement(node) &&
    Node.isExpression(node) &&
    isKnownPresent(node) &&
    !node.getType().isAny();
  const value = isNarrowed ? narrow(lowering, result) : withoutUndefined(lowering, result, node);
  return isConstantField(object.type, name) ? stopped(lowering, value, hint.name) : value;
}

/** Of a union's field, which may be undefined in other records of the union: here it may only be null. */
function withoutUndefined(lowering: Lowering, value: Value, node: Node): Value {
  const { type } = value;
  if (type.kind !== "optional" || type.missing !== "null | undefined" || !isReference(type)) return value;
  const declared = Node.isExpression(node) ? lowering.unit.typeOf(node.getType(), node) : type;
  if (declared.kind !== "optional" || declared.missing !== "null") return value;
  const result = newValue(optionalType(type.of, "null"), { name: value.name, span: value.span });
  lowering.builder.add({ kind: "narrow", result, value, span: value.span });
  return result;
}

/** A property of a function: of one that is made here, what was not stored is not there. */
function loadFromFunction(lowering: Lowering, fn: FunctionValue, name: string, node: Node): Value {
  const identity = identityOf(fn);
  const part = identity && propertyOf(identity, name);
  return part ? lowerLive(lowering, part.value, name, node) : nullish(lowering, undefined);
}

/** Values of the type have the property from the language. */
function hasNatively(type: Type, name: string): boolean {
  switch (type.kind) {
    case "array":
    case "tuple":
      return name in Array.prototype;
    case "typedArray":
      return name in Float64Array.prototype;
    case "record":
      return name in Object.prototype;
    case "number":
      return name in Number.prototype;
    case "string":
      return name in String.prototype;
    case "boolean":
      return name in Boolean.prototype;
    default:
      return true;
  }
}

/** The record was made without a field that its type allows to be missing. */
function isWithout(lowering: Lowering, object: Value, name: string): boolean {
  if (object.type.kind !== "record" || openRecordOf(lowering, object)) return false;
  return object.type.fields.some((field) => field.name === name && field.isOptional);
}

/** What a constant of a module holds is its own, too. */
export function reachIntoModule(lowering: Lowering, object: Value, part: Value): void {
  const { globals } = lowering.shared;
  if (globals.has(object)) globals.add(part);
}

function isConstantField(type: Type, name: string): boolean {
  return type.kind === "record" && type.fields.some((field) => field.name === name && field.isConstant === true);
}

/** The type of what is read is a function's, maybe a missing one's. */
function isFunctionTyped(node: Node): boolean {
  return node.getType().getNonNullableType().getCallSignatures().length > 0;
}

export function describe(type: Type): string {
  return type.kind === "opaque" ? `the type ${readable(type.text)}` : `this ${type.kind}`;
}

/** The key of a place that is written; `value` is what its index gives. */
export function keyOf(lowering: Lowering, object: Value, value: Value, index: Expression, node: Node): Key {
  const literal = lowering.shared.literals.get(value);
  if (object.type.kind === "tuple" || object.type.kind === "record") {
    if (literal === undefined || !fieldType(object.type, String(literal)))
      refuse(
        node,
        "dynamicKey",
        "A tuple or record is read with a key known only at run time.",
        "Use an array for data that is indexed by a variable.",
      );
    return { kind: "field", name: String(literal) };
  }
  if (!elementType(object.type))
    refuse(
      node,
      "unsupportedType",
      `An element of ${describe(object.type)} cannot be used here.`,
      "Use arrays, typed arrays, tuples or records.",
    );
  return { kind: "index", index: toNumber(lowering, value, index) };
}

export function lowerElement(lowering: Lowering, node: import("ts-morph").ElementAccessExpression, hint: Hint): Value {
  const element = lowerKnownElement(lowering, node);
  if (element) return element;
  refuseStateIn(lowering, node);
  const ofPackage = isOfPackage(node) ? liveOf(lowering, node) : null;
  if (ofPackage) return lowerLive(lowering, ofPackage.value, null, node);
  let object = lowerExpression(lowering, node.getExpression());
  if (object.type.kind === "optional") object = narrow(lowering, object);
  if (object.type.kind === "string") {
    const plain = lowerBuiltin(lowering, node);
    if (plain) return plain;
  }
  return elementAt(lowering, node, object, lowerExpression(lowering, node.getArgumentExpression()!), hint);
}

/** What the object has at an index or under a key, both of which are lowered already. */
export function elementAt(
  lowering: Lowering,
  node: import("ts-morph").ElementAccessExpression,
  object: Value,
  value: Value,
  hint: Hint,
): Value {
  const index = node.getArgumentExpression()!;
  if (object.type.kind === "tuple" && typeof lowering.shared.literals.get(value) !== "number")
    return loadFromTuple(lowering, object, value, index, node, hint);
  const keyed = lowerKeyedPart(lowering, node, object, value);
  if (keyed) return keyed;
  const items = itemsOfList(lowering, object);
  const item = items?.[Number(lowering.shared.literals.get(value) ?? NaN)];
  if (item) return item;
  const chosen = chosenFunction(lowering, object, value, items, index);
  if (chosen) return chosen;
  if (items) keepInstead(lowering, object);
  const known = lowering.shared.literals.get(value);
  const owner = lowering.shared.liveObjects.get(object);
  const live = typeof known === "string" && owner ? propertyOf(owner, known) : null;
  if (live) return lowerLive(lowering, live.value, String(known), node);
  if (typeof known === "string" && owner) return nullish(lowering, undefined);
  if (typeof known === "string" && object.type.kind === "record") return loadField(lowering, object, known, node, hint);
  if (object.type.kind === "record" && value.type.kind === "string")
    return loadByName(lowering, object, object.type, value, node);
  return loadAt(lowering, object, keyOf(lowering, object, value, index, node), hint);
}

/** An element of a tuple at a place known only at run time. */
function loadFromTuple(
  lowering: Lowering,
  tuple: Value,
  position: Value,
  index: Expression,
  node: Node,
  hint: Hint,
): Value {
  const array = asArray(lowering, tuple, node);
  return loadAt(lowering, array, keyOf(lowering, array, position, index, node), hint);
}

export function loadAt(lowering: Lowering, object: Value, key: Key, hint: Hint): Value {
  const type = key.kind === "field" ? fieldType(object.type, key.name)! : elementType(object.type)!;
  const { span } = lowering.builder;
  const result = newValue(type, { name: hint.name, span });
  lowering.builder.add({ kind: "load", result, object, key, span });
  if (key.kind === "field" && holdsObject(lowering, object, key.name)) lowering.shared.present.add(result);
  reachIntoModule(lowering, object, result);
  const value = readKept(lowering, result);
  return key.kind === "field" && isConstantField(object.type, key.name) ? stopped(lowering, value, hint.name) : value;
}
