/** Methods that make a new array out of others: `concat`, `flat`, `flatMap`, `with`; and `join`. */
import { booleanType, newBlock, newValue } from "../ir/build.js";
import { writesMemory } from "../ir/effects.js";
import type { Statement, Type, Value } from "../ir/ir.js";
import { canCarryDerivative, elementType, isReference } from "../ir/types.js";
import type { MethodCall } from "./arrayMethods.js";
import { or } from "./branches.js";
import { requireCallback, walk } from "./callbacks.js";
import { copyOf } from "./newObjects.js";
import { lowerExpression } from "./expressions.js";
import { loadField } from "./access.js";
import { toNumber } from "./operators.js";
import { makeLiteral } from "./literals.js";
import { lengthOf, loadElement } from "./indexedLoops.js";
import { pushItem, storeItem } from "./items.js";
import { constant, type Lowering, refuse, typeAt } from "./lowering.js";
import { fromEitherEnd, lowerRange } from "./positions.js";
import { lowerArguments, lowerSpreadArguments } from "./callArguments.js";

type Call = MethodCall["node"];

/** Pushes what is in a value onto an array: its elements, theirs down to a depth, or the value itself. */
function pushFlat(lowering: Lowering, onto: Value, value: Value, depth: number, node: Call): void {
  if (depth < 0 || (value.type.kind !== "array" && value.type.kind !== "tuple")) {
    if (value.type.kind === "opaque")
      refuse(node, "unsupportedType", "Whether this is an array is not known.", "Use items of one type.");
    return pushItem(lowering, onto, value, node);
  }
  if (value.type.kind === "tuple") {
    value.type.elements.forEach((_, k) =>
      pushFlat(lowering, onto, loadField(lowering, value, String(k), node, { name: null }), depth - 1, node),
    );
    return;
  }
  const elements = justWritten(lowering, value, onto);
  if (elements) return elements.forEach((element) => pushFlat(lowering, onto, element, depth - 1, node));
  lowerRange(lowering, {
    node,
    from: constant(lowering, 0),
    to: lengthOf(lowering, value),
    body: (inside, index) => pushFlat(inside, onto, loadElement(inside, value, index, node), depth - 1, node),
  });
}

/** The elements of an array that was written out here, and that nothing can have changed since. */
function justWritten(lowering: Lowering, value: Value, onto: Value): readonly Value[] | null {
  const { statements } = lowering.builder;
  const at = statements.findLastIndex((statement) => statement.kind === "literal" && statement.result === value);
  const made = statements[at];
  const isAppending = (statement: Statement): boolean => statement.kind === "push" && statement.object === onto;
  if (made?.kind !== "literal") return null;
  const isWritten = statements.slice(at).some((statement) => writesMemory(statement) && !isAppending(statement));
  return isWritten ? null : made.elements;
}

function madeBy(lowering: Lowering, node: Call): Type {
  const type = typeAt(lowering, node);
  if (type.kind !== "array" || type.element.kind === "opaque")
    refuse(node, "unsupportedType", "The items of the new array have no single type.", "Use items of one type.");
  return { kind: "array", element: type.element };
}

export function lowerConcat(lowering: Lowering, { node, object, hint }: MethodCall): Value {
  const type = madeBy(lowering, node);
  const args = lowerSpreadArguments(lowering, node);
  const result = copyOf(lowering, object, type, hint);
  for (const { value, isSpread } of args) pushFlat(lowering, result, value, isSpread ? 1 : 0, node);
  return result;
}

export function lowerFlat(lowering: Lowering, { node, object, hint }: MethodCall): Value {
  const type = madeBy(lowering, node);
  const [given] = lowerArguments(lowering, node);
  const depth = given ? lowering.shared.literals.get(given) : 1;
  if (typeof depth !== "number")
    refuse(node, "unsupportedMethod", "The depth of flat is not known.", "Write it as a number.");
  const result = makeLiteral(lowering, type, [], null, hint);
  pushFlat(lowering, result, object, Math.max(0, Math.trunc(depth)), node);
  return result;
}

export function lowerFlatMap(lowering: Lowering, { node, object: array, hint }: MethodCall): Value {
  const type = madeBy(lowering, node);
  const fn = requireCallback(lowering, node.getArguments()[0], node);
  const result = makeLiteral(lowering, type, [], null, hint);
  walk(lowering, {
    node,
    array,
    fn,
    body: (inside, item, index) => {
      const made = fn.call(inside, [item, index, array], node);
      if (!made) refuse(node, "unsupportedCall", "The callback returns nothing.", "Return an array.");
      pushFlat(inside, result, made, 0, node);
    },
  });
  return result;
}

/** A copy with one element replaced; a position outside of the array throws. */
export function lowerWith(lowering: Lowering, { node, object, hint }: MethodCall): Value {
  const [at, value] = node.getArguments();
  if (!at || !value) refuse(node, "unsupportedCall", "with needs a position and a value.", "Pass both.");
  const given = toNumber(lowering, lowerExpression(lowering, at), at);
  const item = lowerExpression(lowering, value);
  const length = lengthOf(lowering, object);
  const index = fromEitherEnd(lowering, given, length, node);
  const { builder } = lowering;
  const known = lowering.shared.literals.get(given);
  const isBefore = (): Value => builder.apply("less", [index, constant(lowering, 0)], booleanType);
  const isAfter = (): Value => builder.apply("greaterEqual", [index, length], booleanType);
  const isOutside =
    typeof known === "number" ? (known < 0 ? isBefore() : isAfter()) : or(lowering, isBefore(), isAfter());
  const message = typeof known === "number" ? [`"Invalid index : ${known}"`] : ["`Invalid index : ${", given, "}`"];
  const text = object.type.kind === "array" ? message : ['"Invalid typed array index"'];
  const pieces = ["new RangeError(", ...text, ")"];
  builder.add({
    kind: "if",
    condition: isOutside,
    then: newBlock([{ kind: "throw", pieces, span: builder.span }]),
    else: newBlock([]),
    results: [],
    span: builder.span,
  });
  const type: Type = object.type.kind === "array" ? { kind: "array", element: object.type.element } : object.type;
  const result = copyOf(lowering, object, type, hint);
  storeItem(lowering, result, index, item, node);
  return result;
}

/** Text, which carries no derivative. */
export function lowerJoin(lowering: Lowering, { node, object, hint }: MethodCall): Value {
  const element = elementType(object.type)!;
  if (isReference(element) && canCarryDerivative(element))
    refuse(node, "unsupportedMethod", "Only flat arrays are joined.", "Join the rows one by one.");
  const args = lowerArguments(lowering, node);
  const result = newValue({ kind: "string" }, { name: hint.name, span: lowering.builder.span });
  const pieces = [object, ".join(", ...args.slice(0, 1), ")"];
  lowering.builder.add({ kind: "evaluate", result, pieces, isPure: true, span: lowering.builder.span });
  return result;
}
