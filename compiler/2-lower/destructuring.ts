/** Binding patterns and assignment patterns: tuples, arrays and records taken apart. */
import { Node, SyntaxKind } from "ts-morph";
import { booleanType, newValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import { joinBranches, openBranch } from "./branches.js";
import { memberOf } from "./classes.js";
import { callKnown } from "./functionValues.js";
import { collectYields, generatorIn } from "./generators.js";
import { makeLiteral } from "./literals.js";
import { lowerExpression, narrow } from "./expressions.js";
import { loadAt, loadField, reachIntoModule } from "./access.js";
import { kindOf, refuseKeyed } from "./keyed.js";
import { constant, declareVariable, type Lowering, nullish, refuse } from "./lowering.js";
import { placeOf, write } from "./assignments.js";
import { isAssignment, unwrap } from "./syntax.js";
import { asArray, tupleOf } from "./tuples.js";
import { knownPresence } from "./conditions.js";

/** Declares the names of a pattern with the parts of a value. */
export function bindPattern(lowering: Lowering, pattern: Node, value: Value): void {
  if (Node.isIdentifier(pattern)) {
    declareVariable(lowering, pattern, value);
    return;
  }
  if (Node.isArrayBindingPattern(pattern)) {
    const generated = generatorIn(lowering, value, pattern);
    if (generated) return bindPattern(lowering, pattern, collectYields(lowering, generated, pattern, null));
    pattern.getElements().forEach((element, k) => {
      if (Node.isOmittedExpression(element)) return;
      if (element.getDotDotDotToken())
        return bindPattern(lowering, element.getNameNode(), restOf(lowering, value, k, element));
      const part = itemAt(lowering, value, k, element, nameOf(element.getNameNode()));
      bindPattern(lowering, element.getNameNode(), withDefault(lowering, part, element.getInitializer(), element));
    });
    return;
  }
  if (Node.isObjectBindingPattern(pattern)) {
    for (const element of pattern.getElements()) {
      if (element.getDotDotDotToken()) {
        bindPattern(lowering, element.getNameNode(), restOfRecord(lowering, value, pattern, element));
        continue;
      }
      const key = element.getPropertyNameNode()?.getText() ?? element.getName();
      const getter = memberOf(lowering, value, key, "get", element);
      const part = getter
        ? (callKnown(lowering, getter, [], element) ?? nullish(lowering, undefined))
        : loadField(lowering, value, key, element, { name: nameOf(element.getNameNode()) });
      bindPattern(lowering, element.getNameNode(), withDefault(lowering, part, element.getInitializer(), element));
    }
    return;
  }
  refuse(pattern, "unsupportedSyntax", "This pattern is not supported.", "Take the value apart step by step.");
}

function nameOf(node: Node): string | null {
  return Node.isIdentifier(node) ? node.getText() : null;
}

function itemAt(lowering: Lowering, value: Value, index: number, node: Node, name: string | null): Value {
  const listed = lowering.shared.lists.get(value)?.[index];
  if (listed && lowering.shared.functions.has(listed)) return listed;
  if (value.type.kind === "tuple")
    return index < value.type.elements.length
      ? loadField(lowering, value, String(index), node, { name })
      : nullish(lowering, undefined);
  const type = elementType(value.type);
  const kind = kindOf(value.type);
  if (kind) refuseKeyed(node, kind, "walk");
  if (!type)
    refuse(node, "unsupportedType", "Only arrays and tuples can be taken apart like this.", "Read the parts by name.");
  const { span } = lowering.builder;
  const result = newValue(type, { name, span });
  const position = constant(lowering, index);
  lowering.builder.add({ kind: "load", result, object: value, key: { kind: "index", index: position }, span });
  reachIntoModule(lowering, value, result);
  return result;
}

/** A record of what the other names of the pattern leave. */
function restOfRecord(
  lowering: Lowering,
  value: Value,
  pattern: import("ts-morph").ObjectBindingPattern,
  node: Node,
): Value {
  if (value.type.kind !== "record")
    refuse(node, "unsupportedType", "Only the rest of a record can be taken.", "Name the fields.");
  const taken = new Set(pattern.getElements().map((one) => one.getPropertyNameNode()?.getText() ?? one.getName()));
  const fields = value.type.fields.filter((field) => !taken.has(field.name));
  const values = fields.map(({ name }) => loadAt(lowering, value, { kind: "field", name }, { name: null }));
  const names = fields.map((field) => field.name);
  const rest = makeLiteral(lowering, { kind: "record", name: null, fields }, values, names, { name: nameOf(node) });
  const held = [...(lowering.shared.functionFields.get(value) ?? [])].filter(([name]) => !taken.has(name));
  lowering.shared.functionFields.set(rest, new Map(held));
  return rest;
}

function restOf(lowering: Lowering, value: Value, from: number, node: Node): Value {
  if (value.type.kind === "tuple") return asArray(lowering, value, node, from);
  if (!elementType(value.type))
    refuse(node, "unsupportedType", "Only the rest of an array can be taken.", "Name the parts.");
  const { span } = lowering.builder;
  const result = newValue(value.type, { span });
  lowering.builder.add({ kind: "slice", result, object: value, start: constant(lowering, from), end: null, span });
  return result;
}

/** A default is evaluated only where the value is undefined. */
export function withDefault(lowering: Lowering, value: Value, initializer: Node | undefined, node: Node): Value {
  if (!initializer) return value;
  const known = knownPresence(lowering, value);
  if (known !== null && lowering.shared.literals.get(value) !== null)
    return known ? value : lowerExpression(lowering, initializer);
  const condition = lowering.builder.apply("isUndefined", [value], booleanType);
  const missing = openBranch(lowering);
  const made = lowerExpression(missing.lowering, initializer);
  const isLiteral = Node.isArrayLiteralExpression(unwrap(initializer));
  const wanted = value.type.kind === "optional" ? value.type.of : value.type;
  missing.value = isLiteral ? tupleOf(missing.lowering, made, wanted, initializer) : made;
  const present = openBranch(lowering);
  present.value = narrow(present.lowering, value);
  return joinBranches(lowering, condition, missing, present, node, value.name).value!;
}

/** Assigns the parts of a value to the places of an assignment pattern. */
export function assignTo(lowering: Lowering, target: Node, value: Value): void {
  const node = unwrap(target);
  if (isAssignment(node) && node.getOperatorToken().getKind() === SyntaxKind.EqualsToken)
    return assignTo(lowering, node.getLeft(), withDefault(lowering, value, node.getRight(), node));
  if (Node.isArrayLiteralExpression(node)) {
    node.getElements().forEach((element, k) => {
      if (Node.isOmittedExpression(element)) return;
      if (Node.isSpreadElement(element))
        return assignTo(lowering, element.getExpression(), restOf(lowering, value, k, element));
      assignTo(lowering, element, itemAt(lowering, value, k, element, nameOf(element)));
    });
    return;
  }
  if (Node.isObjectLiteralExpression(node)) {
    for (const property of node.getProperties()) {
      if (Node.isShorthandPropertyAssignment(property)) {
        const name = property.getName();
        const part = loadField(lowering, value, name, property, { name });
        const given = withDefault(lowering, part, property.getObjectAssignmentInitializer(), property);
        write(lowering, { kind: "variable", node: property.getNameNode() }, given, property);
      } else if (Node.isPropertyAssignment(property)) {
        const part = loadField(lowering, value, property.getName(), property, { name: null });
        assignTo(lowering, property.getInitializerOrThrow(), part);
      } else refuse(property, "unsupportedSyntax", "This pattern is not supported.", "Assign the fields one by one.");
    }
    return;
  }
  write(lowering, placeOf(lowering, node), value, node);
}
