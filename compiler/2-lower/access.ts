/** Access: fields, elements, members of instances, by keys known or found at run time. */
import { type Expression, Node } from "ts-morph";
import { booleanType, newValue } from "../ir/build.js";
import type { Key, RecordType, Type, Value } from "../ir/ir.js";
import { elementType, fieldType } from "../ir/types.js";
import { joinBranches, openBranch } from "./branches.js";
import { lowerBuiltin } from "./builtins.js";
import { lowerStaticField, memberOf } from "./classes.js";
import { type Hint, lowerExpression, lowerGlobal, narrow, noHint } from "./expressions.js";
import { functionType, functionValue, isNamespace, staticFunction } from "./functionValues.js";
import { inlineClosure } from "./inlineCall.js";
import { itemsOfList } from "./knownLists.js";
import { getterKey } from "./literals.js";
import { lengthOf } from "./indexedLoops.js";
import { cellOf, constant, type Lowering, nullish, placeholder, refuse } from "./lowering.js";
import { toNumber } from "./operators.js";
import { stopped } from "./stop.js";
import { isKnownPresent, unwrap } from "./syntax.js";
import { asArray } from "./tuples.js";

const mathConstants: ReadonlySet<string> = new Set(["PI", "E", "LN2", "LN10", "LOG2E", "LOG10E", "SQRT2", "SQRT1_2"]);
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
  if (isGlobalOwner && ownerText === "Math" && mathConstants.has(name))
    return constant(lowering, (Math as unknown as Record<string, number>)[name]!, `Math.${name}`);
  if (isGlobalOwner && ownerText === "Number" && numberConstants.has(name))
    return constant(lowering, (Number as unknown as Record<string, number>)[name]!, `Number.${name}`);
  const known = knownElement(node);
  if (known !== null) return constant(lowering, known);
  const fn = staticFunction(lowering, node);
  if (fn) return functionValue(lowering, fn);
  if (isNamespace(owner)) return lowerGlobal(lowering, node.getNameNode(), hint);
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
  const getter = memberOf(lowering, object, name, "get", node);
  if (getter) return inlineClosure(lowering, getter, [], node) ?? nullish(lowering, undefined);
  const method = memberOf(lowering, object, name, "method", node);
  if (method) return functionValue(lowering, method);
  return loadField(lowering, object, name, node, hint);
}

/** A number that its type knows: a member of an enumeration, an element of a table written `as const` in a module. */
function knownElement(node: Node): number | null {
  const value = node.getType().getLiteralValue();
  if (typeof value !== "number") return null;
  let root = node;
  while (Node.isPropertyAccessExpression(root) || Node.isElementAccessExpression(root))
    root = unwrap(root.getExpression());
  const declaration = Node.isIdentifier(root) ? root.getSymbol()?.getDeclarations()[0] : undefined;
  const isTable =
    Node.isVariableDeclaration(declaration) && Node.isSourceFile(declaration.getVariableStatement()?.getParent());
  return isTable || Node.isEnumDeclaration(declaration) ? value : null;
}

export function loadField(lowering: Lowering, object: Value, name: string, node: Node, hint: Hint): Value {
  if (name === "length" && (elementType(object.type) || object.type.kind === "tuple"))
    return lengthOf(lowering, object, hint.name);
  const { functionFields } = lowering.shared;
  const held = functionFields.get(object)?.get(name);
  if (held) return held;
  const getter = functionFields.get(object)?.get(getterKey(name));
  const computed = getter && lowering.shared.functions.get(getter);
  if (computed?.kind === "closure")
    return inlineClosure(lowering, { ...computed, self: object }, [], node) ?? nullish(lowering, undefined);
  const type = fieldType(object.type, name);
  if (!type && functionFields.has(object)) return nullish(lowering, undefined);
  if (!type && isFunctionTyped(node)) return placeholder(lowering, functionType);
  const plain = !type && Node.isPropertyAccessExpression(node) ? lowerBuiltin(lowering, node) : null;
  if (plain) return plain;
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
  const isNarrowed =
    type.kind === "optional" && !Node.isBindingElement(node) && Node.isExpression(node) && isKnownPresent(node);
  const value = isNarrowed ? narrow(lowering, result) : result;
  return isConstantField(object.type, name) ? stopped(lowering, value, hint.name) : value;
}

function isConstantField(type: Type, name: string): boolean {
  return type.kind === "record" && type.fields.some((field) => field.name === name && field.isConstant === true);
}

/** The type of what is read is a function's, maybe a missing one's. */
function isFunctionTyped(node: Node): boolean {
  return node.getType().getNonNullableType().getCallSignatures().length > 0;
}

export function describe(type: Type): string {
  return type.kind === "opaque" ? `the type ${type.text}` : `this ${type.kind}`;
}

/** The place `object[index]` names. */
export function lowerKey(lowering: Lowering, object: Value, index: Expression | undefined, node: Node): Key {
  if (!index) refuse(node, "unsupportedSyntax", "An index is missing.", "Write one.");
  return keyOf(lowering, object, lowerExpression(lowering, index), index, node);
}

function keyOf(lowering: Lowering, object: Value, value: Value, index: Expression, node: Node): Key {
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
  const constantElement = knownElement(node);
  if (constantElement !== null) return constant(lowering, constantElement);
  let object = lowerExpression(lowering, node.getExpression());
  if (object.type.kind === "optional") object = narrow(lowering, object);
  const index = node.getArgumentExpression();
  if (object.type.kind === "tuple" && index && !Node.isNumericLiteral(unwrap(index))) {
    const position = lowerExpression(lowering, index);
    if (typeof lowering.shared.literals.get(position) !== "number")
      return loadFromTuple(lowering, object, position, index, node, hint);
  }
  if (object.type.kind === "string") {
    const plain = lowerBuiltin(lowering, node);
    if (plain) return plain;
  }
  const value = lowerExpression(lowering, index!);
  const item = itemsOfList(lowering, object)?.[Number(lowering.shared.literals.get(value) ?? NaN)];
  if (item) return item;
  const known = lowering.shared.literals.get(value);
  if (typeof known === "string" && object.type.kind === "record") return loadField(lowering, object, known, node, hint);
  if (object.type.kind === "record" && value.type.kind === "string")
    return loadByName(lowering, object, object.type, value, node);
  return loadAt(lowering, object, keyOf(lowering, object, value, index!, node), hint);
}

/** A field of a record by a name known only at run time: whichever it is, or nothing. */
function loadByName(lowering: Lowering, object: Value, type: RecordType, name: Value, node: Node): Value {
  const from = (inside: Lowering, k: number): Value => {
    const field = type.fields[k];
    if (!field) return nullish(inside, undefined);
    const isThis = inside.builder.apply("equal", [name, constant(inside, field.name)], booleanType);
    const [found, other] = [openBranch(inside), openBranch(inside)];
    found.value = loadAt(found.lowering, object, { kind: "field", name: field.name }, noHint);
    other.value = from(other.lowering, k + 1);
    return joinBranches(inside, isThis, found, other, node).value!;
  };
  return from(lowering, 0);
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
  return key.kind === "field" && isConstantField(object.type, key.name) ? stopped(lowering, result, hint.name) : result;
}
