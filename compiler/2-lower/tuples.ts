/** Tuples where arrays are asked for: the elements in an array of their own, for reading. */
import { Node } from "ts-morph";
import type { Type, Value } from "../ir/ir.js";
import { sameType } from "../ir/types.js";
import { loadField } from "./access.js";
import { makeLiteral } from "./literals.js";
import { loadElement } from "./indexedLoops.js";
import { constant, type Lowering, typeAt } from "./lowering.js";
import { unwrap } from "./syntax.js";

/** The type of all elements of a tuple, where they have one type. */
export function commonType(type: Type): Type | null {
  if (type.kind !== "tuple") return null;
  const first = type.elements[0];
  return first && type.elements.every((element) => sameType(element, first)) ? first : null;
}

/** A tuple of elements of one type as an array, from one position on; anything else as it is. */
export function asArray(lowering: Lowering, value: Value, node: Node, from = 0): Value {
  const element = commonType(value.type);
  if (!element || value.type.kind !== "tuple") return value;
  const elements = value.type.elements.flatMap((_, k) =>
    k < from ? [] : [loadField(lowering, value, String(k), node, { name: null })],
  );
  return makeLiteral(lowering, { kind: "array", element }, elements, null, { name: value.name });
}

/** `xs.map(f) as Vec3`: an array just made, as the tuple that the user says it is. */
export function asTuple(
  lowering: Lowering,
  value: Value,
  node: import("ts-morph").AsExpression | import("ts-morph").SatisfiesExpression | import("ts-morph").TypeAssertion,
): Value {
  const isFresh = Node.isCallExpression(unwrap(node.getExpression()));
  return isFresh ? tupleOf(lowering, value, typeAt(lowering, node), node) : value;
}

/** An array that nobody else has yet, as the tuple that is expected. */
export function tupleOf(lowering: Lowering, value: Value, wanted: Type, node: Node): Value {
  if (wanted.kind !== "tuple" || value.type.kind !== "array") return value;
  const elements = wanted.elements.map((_, k) => loadElement(lowering, value, constant(lowering, k), node));
  return makeLiteral(lowering, wanted, elements, null, { name: value.name });
}
