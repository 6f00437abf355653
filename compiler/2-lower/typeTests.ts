/** Questions about kinds of values: `typeof`, `instanceof`, `in`. Where the type says it, the answer is a constant. */
import { type BinaryExpression, Node, type TypeOfExpression } from "ts-morph";
import { booleanType } from "../ir/build.js";
import type { RecordType, Type, Value } from "../ir/ir.js";
import { fieldType, isAnyList, isReference, missingOf } from "../ir/types.js";
import { anyOf, joinBranches, openBranch } from "./branches.js";
import { classNamed, type ClassNode, classOf, lineage } from "./classes.js";
import { askFor, isInstanceOf, possibleClasses } from "./dispatch.js";
import { constructorOf, isInstance, isNative, prototypeFor } from "./liveClasses.js";
import { evaluated, lowerExpression, lowerOpaque } from "./expressions.js";
import { loadAt } from "./access.js";
import { knownField } from "./knownFields.js";
import { rememberMiss } from "./openRecords.js";
import { cellOf, constant, type Lowering, refuse } from "./lowering.js";
import { lowerKeyedIn } from "./keyed.js";
import { isEffectFree, unwrap } from "./syntax.js";

export function lowerTypeOf(lowering: Lowering, node: TypeOfExpression): Value {
  const operand = unwrap(node.getExpression());
  const isUnknownName = Node.isIdentifier(operand) && !cellOf(lowering, operand) && !operand.getSymbol();
  if (isUnknownName) return constant(lowering, "undefined");
  const value = lowerExpression(lowering, operand);
  if (lowering.shared.functions.has(value)) return constant(lowering, "function");
  const name = kindName(value.type);
  if (name === null) return lowerOpaque(lowering, node, { kind: "string" });
  if (missingOf(value.type) === null && !Node.isElementAccessExpression(operand)) return constant(lowering, name);
  if (missingOf(value.type)?.includes("null")) return lowerOpaque(lowering, node, { kind: "string" });
  const isMissing = lowering.builder.apply("isUndefined", [value], booleanType);
  const [missing, present] = [openBranch(lowering), openBranch(lowering)];
  missing.value = constant(missing.lowering, "undefined");
  present.value = constant(present.lowering, name);
  return joinBranches(lowering, isMissing, missing, present, node).value!;
}

/** `typeof x === "number"`, decided as far as the type of `x` goes; null where it says too little. */
export function compareKinds(lowering: Lowering, left: Node, right: Node, isEqual: boolean): Value | null {
  const [test, word] = [unwrap(left), unwrap(right)];
  if (!Node.isTypeOfExpression(test))
    return Node.isTypeOfExpression(word) ? compareKinds(lowering, word, test, isEqual) : null;
  if (!Node.isStringLiteral(word) && !Node.isNoSubstitutionTemplateLiteral(word)) return null;
  const operand = unwrap(test.getExpression());
  if (!Node.isElementAccessExpression(operand) || !isEffectFree(operand)) return null;
  const value = lowerExpression(lowering, operand);
  const name = lowering.shared.functions.has(value) ? "function" : kindName(value.type);
  const asked = word.getLiteralText();
  if (name === null || missingOf(value.type)?.includes("null")) return null;
  if (asked !== "undefined" && asked !== name) return constant(lowering, !isEqual);
  if (name === "undefined" || name === "function") return constant(lowering, (asked === name) === isEqual);
  const isMissing = lowering.builder.apply("isUndefined", [value], booleanType);
  return (asked === "undefined") === isEqual ? isMissing : lowering.builder.apply("not", [isMissing], booleanType);
}

function kindName(type: Type): string | null {
  switch (type.kind) {
    case "number":
    case "boolean":
    case "string":
      return type.kind;
    case "nullish":
      return type.missing === "null" ? "object" : type.missing === "null | undefined" ? null : "undefined";
    case "optional":
      return kindName(type.of);
    case "array":
    case "typedArray":
    case "tuple":
    case "record":
      return "object";
    case "opaque":
      return null;
  }
}

/** `"field" in record`. A field that holds undefined counts as missing. */
export function lowerIn(lowering: Lowering, node: BinaryExpression): Value {
  const key = lowerExpression(lowering, node.getLeft());
  const record = lowerExpression(lowering, node.getRight());
  const keyed = lowerKeyedIn(lowering, node, key, record);
  if (keyed) return keyed;
  return hasField(lowering, record, key, node);
}

/** Whether a record has a field, as far as fields that hold undefined do not count. */
export function hasField(lowering: Lowering, record: Value, key: Value | undefined, node: Node): Value {
  const word = key && lowering.shared.literals.get(key);
  const name = typeof word === "number" ? String(word) : word;
  if (key?.type.kind === "string" && name === undefined && record.type.kind === "record" && areAllThere(record.type))
    return isOneOfNames(
      lowering,
      key,
      record.type.fields.map((field) => field.name),
      node,
    );
  if (record.type.kind === "tuple" && name !== undefined)
    return constant(lowering, name === "length" || fieldType(record.type, String(name)) !== null);
  if (record.type.kind !== "record" || typeof name !== "string")
    refuse(
      node,
      "unsupportedSyntax",
      "Which fields this value has is not known.",
      "Ask for a field by its name, of a record.",
    );
  const field = record.type.fields.find((one) => one.name === name);
  if (!field) {
    rememberMiss(lowering, record, name);
    return constant(lowering, lowering.shared.functionFields.get(record)?.has(name) ?? false);
  }
  if (!field.isOptional) return constant(lowering, true);
  const known = knownField(lowering, record, name);
  if (known) return constant(lowering, known !== "missing");
  const held = loadAt(lowering, record, { kind: "field", name }, { name: null });
  return lowering.builder.apply("not", [lowering.builder.apply("isUndefined", [held], booleanType)], booleanType);
}

/** Whether an instance is of a class that extends `wanted`, or of that itself. */
function isOneOf(
  lowering: Lowering,
  value: Value,
  classes: readonly ClassNode[],
  wanted: ClassNode,
  node: Node,
): Value {
  const wantedOnes = classes.filter((one) => lineage(one).includes(wanted));
  if (wantedOnes.length === 0) return constant(lowering, false);
  if (wantedOnes.length === classes.length && !classes.some(lowering.unit.comesFromOutside))
    return constant(lowering, true);
  askFor(lowering, classes);
  const tests = wantedOnes.map((one) => (inside: Lowering) => isInstanceOf(inside, value, one, node));
  return anyOf(lowering, tests, node);
}

function areAllThere(type: RecordType): boolean {
  return type.fields.every((field) => !field.isOptional && field.type.kind !== "optional");
}

/** Whether a text is one of several. */
function isOneOfNames(lowering: Lowering, text: Value, names: readonly string[], node: Node): Value {
  const isName =
    (name: string) =>
    (inside: Lowering): Value =>
      inside.builder.apply("equal", [text, constant(inside, name)], booleanType);
  return anyOf(lowering, names.map(isName), node);
}

/** `value instanceof C`. */
export function lowerInstanceOf(lowering: Lowering, node: BinaryExpression): Value {
  const value = lowerExpression(lowering, node.getLeft());
  const right = unwrap(node.getRight());
  const wanted = classNamed(right);
  if (isAnyList(value.type) && /^\w*Array$/.test(right.getText()))
    return evaluated(lowering, booleanType, [value, ` instanceof ${right.getText()}`], node);
  const own = classOf(lowering, value.type);
  const live = constructorOf(lowering, right);
  if (live && !isNative(live)) {
    const prototype = prototypeFor(lowering, value.type);
    if (prototype) return constant(lowering, isInstance(prototype, live));
    if (value.type.kind !== "opaque" && !(missingOf(value.type) && isReference(value.type)))
      return constant(lowering, false);
  }
  const possible = possibleClasses(lowering, value, null);
  if (wanted && possible) return isOneOf(lowering, value, possible, wanted, node);
  if (wanted && own) {
    if (lineage(own).includes(wanted)) return constant(lowering, true);
    if (lowering.shared.exactInstances.has(value) || !lineage(wanted).includes(own)) return constant(lowering, false);
  } else if (value.type.kind !== "opaque" && missingOf(value.type) === null) {
    const name = right.getText();
    if (name === "Array") return constant(lowering, value.type.kind === "array" || value.type.kind === "tuple");
    if (/^\w+Array$/.test(name))
      return constant(lowering, value.type.kind === "typedArray" && value.type.name === name);
    if (wanted || name === "Object") return constant(lowering, !wanted && isReference(value.type));
  }
  return refuse(
    node,
    "unknownClass",
    "Which class this value is of is known only at run time.",
    "Tell the kinds apart by a field of theirs, such as `kind`.",
  );
}
