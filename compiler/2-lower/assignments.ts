/** Assignments, compound assignments, increments: of variables, elements and fields. */
import { Node, SyntaxKind } from "ts-morph";
import { booleanType } from "../ir/build.js";
import type { Key, Value } from "../ir/ir.js";
import { elementType, fieldType } from "../ir/types.js";
import { joinBranches, openBranch } from "./branches.js";
import { assignTo } from "./destructuring.js";
import { lowerExpression, narrow } from "./expressions.js";
import { applyPrimitive, toNumber } from "./operators.js";
import { keyOf, loadAt } from "./access.js";
import { memberOf, storeField } from "./classes.js";
import { refuseModuleWrite, refuseState } from "./packageState.js";
import { openRecordOf, rememberMiss } from "./openRecords.js";
import { pushItem, storeItem } from "./items.js";
import { changeList, itemsOfList, storeInList } from "./knownLists.js";
import { callKnown } from "./functionValues.js";
import { cellOf, constant, isLost, type Lowering, nullish, refuse } from "./lowering.js";
import { refuseIfKeyed } from "./keyed.js";
import { lengthOf } from "./indexedLoops.js";
import { isOfPackage } from "./packageReader.js";
import { isEffectFree, unwrap } from "./syntax.js";
import { setLength } from "./resizingMethods.js";
import { knownTruth, truth } from "./conditions.js";

/** Something that can be read and written, its parts evaluated once. */
type Place =
  | { readonly kind: "variable"; readonly node: Node }
  | { readonly kind: "memory"; readonly object: Value; readonly key: Key }
  | { readonly kind: "accessor"; readonly object: Value; readonly name: string; readonly node: Node }
  /** The length of a plain array. */
  | { readonly kind: "length"; readonly object: Value };

export function placeOf(lowering: Lowering, target: Node): Place {
  const node = unwrap(target);
  if (Node.isIdentifier(node)) return { kind: "variable", node };
  if (Node.isElementAccessExpression(node)) {
    const object = narrow(lowering, lowerExpression(lowering, node.getExpression()));
    if (lowering.shared.liveObjects.has(object)) refuseModuleWrite(lowering, object, node);
    refuseIfKeyed(node, object, node.getExpression(), "write");
    const index = node.getArgumentExpression()!;
    const value = lowerExpression(lowering, index);
    const word = lowering.shared.literals.get(value);
    if (openRecordOf(lowering, object) && typeof word === "string") return fieldPlace(lowering, object, word, node);
    return { kind: "memory", object, key: keyOf(lowering, object, value, index, node) };
  }
  if (Node.isPropertyAccessExpression(node)) {
    const object = narrow(lowering, lowerExpression(lowering, node.getExpression()));
    if (object.type.kind === "array" && node.getName() === "length") return { kind: "length", object };
    return fieldPlace(lowering, object, node.getName(), node);
  }
  return refuse(node, "unsupportedAssignment", "This cannot be assigned to.", "Assign variables, elements and fields.");
}

/** The place that `object.name` names: a field, or what a setter makes of it. */
function fieldPlace(lowering: Lowering, object: Value, name: string, node: Node): Place {
  if (lowering.shared.liveObjects.has(object)) refuseModuleWrite(lowering, object, node);
  if (memberOf(lowering, object, name, "set", node)) return { kind: "accessor", object, name, node };
  const isOfFunction = lowering.shared.functionFields.get(object)?.has(name) ?? false;
  if (lowering.shared.functions.has(object) || isOfFunction)
    return { kind: "memory", object, key: { kind: "field", name } };
  if (object.type.kind !== "record" || !(fieldType(object.type, name) || openRecordOf(lowering, object))) {
    if (Node.isPropertyAccessExpression(node)) refuseIfKeyed(node, object, node.getExpression(), "write");
    refuse(
      node,
      "unsupportedAssignment",
      `The property ${name} cannot be assigned here.`,
      "Assign elements of arrays and fields of records.",
    );
  }
  return { kind: "memory", object, key: { kind: "field", name } };
}

function read(lowering: Lowering, place: Place): Value {
  if (place.kind === "accessor") {
    const getter = memberOf(lowering, place.object, place.name, "get", place.node);
    return (getter && callKnown(lowering, getter, [], place.node)) ?? nullish(lowering, undefined);
  }
  if (place.kind === "variable") return lowerExpression(lowering, place.node);
  if (place.kind === "length") return lengthOf(lowering, place.object);
  if (place.key.kind === "field" && !fieldType(place.object.type, place.key.name)) {
    rememberMiss(lowering, place.object, place.key.name);
    return nullish(lowering, undefined);
  }
  return loadAt(lowering, place.object, place.key, { name: null });
}

export function write(lowering: Lowering, place: Place, value: Value, node: Node): void {
  if (place.kind === "variable") {
    const cell = cellOf(lowering, place.node);
    if (isLost(lowering, place.node)) return;
    if (!cell && isOfPackage(place.node)) refuseState(lowering, place.node);
    if (!cell || !lowering.variables.has(cell) || lowering.shared.frozen.has(cell))
      refuse(
        node,
        "moduleStateWrite",
        `${place.node.getText()} lives outside of the function and is written.`,
        "Return the value, or pass an array to write into.",
      );
    lowering.variables.set(cell, value);
    return;
  }
  if (place.kind === "accessor") {
    const setter = memberOf(lowering, place.object, place.name, "set", place.node)!;
    callKnown(lowering, setter, [value], node);
    return;
  }
  const { object } = place;
  refuseModuleWrite(lowering, object, node);
  const items = place.kind === "length" ? itemsOfList(lowering, object) : null;
  if (items) changeList(lowering, object, items.slice(0, lengthGiven(lowering, value, node)), node);
  if (place.kind === "length") return setLength(lowering, object, value, node);
  const held = place.key.kind === "field" ? fieldType(object.type, place.key.name) : elementType(object.type);
  if (held?.kind === "tuple" && value.type.kind === "array")
    refuse(node, "unsupportedType", "An array is stored where a tuple is expected.", "Declare its type.");
  if (place.key.kind === "field") return storeField(lowering, object, place.key.name, value, node);
  storeInList(lowering, object, place.key.index, value, node);
  storeItem(lowering, object, place.key.index, value, node);
}

/** The new length of an array of functions. */
function lengthGiven(lowering: Lowering, value: Value, node: Node): number {
  const length = lowering.shared.literals.get(value);
  if (typeof length === "number") return length;
  return refuse(
    node,
    "functionValue",
    "How many functions this array holds is known only at run time.",
    "Write the functions into a new array.",
  );
}

const compoundPrimitives = new Map<SyntaxKind, string>([
  [SyntaxKind.PlusEqualsToken, "add"],
  [SyntaxKind.MinusEqualsToken, "subtract"],
  [SyntaxKind.AsteriskEqualsToken, "multiply"],
  [SyntaxKind.AsteriskAsteriskEqualsToken, "power"],
  [SyntaxKind.SlashEqualsToken, "divide"],
  [SyntaxKind.PercentEqualsToken, "remainder"],
  [SyntaxKind.AmpersandEqualsToken, "bitAnd"],
  [SyntaxKind.BarEqualsToken, "bitOr"],
  [SyntaxKind.CaretEqualsToken, "bitXor"],
  [SyntaxKind.LessThanLessThanEqualsToken, "shiftLeft"],
  [SyntaxKind.GreaterThanGreaterThanEqualsToken, "shiftRight"],
  [SyntaxKind.GreaterThanGreaterThanGreaterThanEqualsToken, "shiftRightUnsigned"],
]);

function nameOfTarget(target: Node): string | null {
  return Node.isIdentifier(target) ? target.getText() : null;
}

export function lowerAssignment(lowering: Lowering, node: import("ts-morph").BinaryExpression): Value {
  const operator = node.getOperatorToken().getKind();
  const target = unwrap(node.getLeft());
  const name = nameOfTarget(target);
  if (operator === SyntaxKind.EqualsToken) {
    if (Node.isArrayLiteralExpression(target) || Node.isObjectLiteralExpression(target))
      return lowerPatternAssignment(lowering, node, target);
    if (isOnePastEnd(target)) return lowerAppend(lowering, node, target);
    const place = placeOf(lowering, target);
    const value = lowerExpression(lowering, node.getRight(), { name });
    write(lowering, place, value, node);
    return value;
  }
  const place = placeOf(lowering, target);
  const before = read(lowering, place);
  const primitive = compoundPrimitives.get(operator);
  if (!primitive) return lowerLogicalAssignment(lowering, node, place, before);
  const right = toNumber(lowering, lowerExpression(lowering, node.getRight()), node.getRight());
  const value = applyPrimitive(lowering, primitive, [toNumber(lowering, before, target), right], name);
  write(lowering, place, value, node);
  return value;
}

/** `xs[xs.length]`. */
function isOnePastEnd(target: Node): target is import("ts-morph").ElementAccessExpression {
  if (!Node.isElementAccessExpression(target) || !target.getExpression().getType().isArray()) return false;
  const index = target.getArgumentExpression();
  if (!Node.isPropertyAccessExpression(index) || index.getName() !== "length") return false;
  return isEffectFree(target) && index.getExpression().getText() === target.getExpression().getText();
}

/** What is written one past the end is pushed, unless the right side has moved the end. */
function lowerAppend(
  lowering: Lowering,
  node: import("ts-morph").BinaryExpression,
  target: import("ts-morph").ElementAccessExpression,
): Value {
  const object = narrow(lowering, lowerExpression(lowering, target.getExpression()));
  const end = lengthOf(lowering, object);
  const value = lowerExpression(lowering, node.getRight());
  if (object.type.kind !== "array" || !isEffectFree(node.getRight())) {
    write(lowering, { kind: "memory", object, key: { kind: "index", index: end } }, value, node);
    return value;
  }
  refuseModuleWrite(lowering, object, node);
  pushItem(lowering, object, value, node);
  return value;
}

/** `[a, b] = [b, a]`: the right side's elements are taken before anything is assigned, without making an array. */
function lowerPatternAssignment(lowering: Lowering, node: import("ts-morph").BinaryExpression, target: Node): Value {
  const right = unwrap(node.getRight());
  const isSwap =
    Node.isArrayLiteralExpression(target) &&
    Node.isArrayLiteralExpression(right) &&
    Node.isExpressionStatement(node.getParent()) &&
    [...target.getElements(), ...right.getElements()].every(
      (element) => !Node.isSpreadElement(element) && !Node.isOmittedExpression(element),
    ) &&
    target.getElements().length <= right.getElements().length;
  if (!isSwap) {
    const value = lowerExpression(lowering, node.getRight());
    assignTo(lowering, target, value);
    return value;
  }
  const values = right.getElements().map((element) => lowerExpression(lowering, element));
  target.getElements().forEach((element, k) => assignTo(lowering, element, values[k]!));
  return values[0] ?? constant(lowering, 0);
}

/** `??=`, `||=`, `&&=`: assigned only when the test says so. */
function lowerLogicalAssignment(
  lowering: Lowering,
  node: import("ts-morph").BinaryExpression,
  place: Place,
  before: Value,
): Value {
  const operator = node.getOperatorToken().getKind();
  const known = operator === SyntaxKind.QuestionQuestionEqualsToken ? null : knownTruth(lowering, before);
  if (known !== null) {
    if (known !== (operator === SyntaxKind.AmpersandAmpersandEqualsToken)) return before;
    const value = lowerExpression(lowering, node.getRight());
    write(lowering, place, value, node);
    return value;
  }
  const condition =
    operator === SyntaxKind.QuestionQuestionEqualsToken
      ? lowering.builder.apply("isNullish", [before], booleanType)
      : truth(lowering, before);
  const assigned = openBranch(lowering);
  assigned.value = lowerExpression(assigned.lowering, node.getRight());
  write(assigned.lowering, place, assigned.value, node);
  const kept = openBranch(lowering);
  kept.value = operator === SyntaxKind.AmpersandAmpersandEqualsToken ? before : narrow(kept.lowering, before);
  const isOr = operator === SyntaxKind.BarBarEqualsToken;
  const [thenBranch, elseBranch] = isOr ? [kept, assigned] : [assigned, kept];
  return joinBranches(lowering, condition, thenBranch, elseBranch, node).value!;
}

export function lowerIncrement(
  lowering: Lowering,
  node: import("ts-morph").PrefixUnaryExpression | import("ts-morph").PostfixUnaryExpression,
): Value {
  const target = unwrap(node.getOperand());
  const isPlus = node.getOperatorToken() === SyntaxKind.PlusPlusToken;
  const place = placeOf(lowering, target);
  const before = toNumber(lowering, read(lowering, place), target);
  const one = constant(lowering, 1);
  const after = applyPrimitive(lowering, isPlus ? "add" : "subtract", [before, one], nameOfTarget(target));
  write(lowering, place, after, node);
  return Node.isPostfixUnaryExpression(node) ? before : after;
}
