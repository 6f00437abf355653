/** What is walked over at once: arrays, their `keys()`, `values()` and `entries()`. */
import { type Expression, Node } from "ts-morph";
import { numberType } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import { allocate } from "./newObjects.js";
import { type Hint, lowerExpression } from "./expressions.js";
import { collectYields, generatorOf } from "./generators.js";
import { makeLiteral } from "./literals.js";
import { lengthOf, loadElement } from "./indexedLoops.js";
import { constant, type Lowering } from "./lowering.js";
import { lowerRange } from "./positions.js";
import { storeElement } from "./items.js";
import { unwrap } from "./syntax.js";
import { asArray } from "./tuples.js";
import { typedArrayName } from "./types.js";

export type Part = "keys" | "values" | "entries";

/** An array, and what of its elements is walked over. */
export interface Iterated {
  readonly array: Expression;
  readonly part: Part;
}

/** `xs.entries()` and its kin, where `xs` is an array. */
export function iteratedPart(node: Node): Iterated | null {
  const call = unwrap(node);
  if (!Node.isCallExpression(call) || call.getArguments().length > 0) return null;
  const callee = call.getExpression();
  if (!Node.isPropertyAccessExpression(callee)) return null;
  const name = callee.getName();
  const type = callee.getExpression().getType();
  const isArray =
    type.isArray() || type.isReadonlyArray() || type.isTuple() || typedArrayName(type.getSymbol()?.getName() ?? "");
  if (!isArray || (name !== "keys" && name !== "values" && name !== "entries")) return null;
  return { array: callee.getExpression(), part: name };
}

/** An array of what an expression gives when it is walked over. */
export function lowerIterable(lowering: Lowering, node: Expression, hint: Hint = { name: null }): Value {
  const generated = generatorOf(lowering, node);
  if (generated) return collectYields(lowering, generated, node, hint.name);
  const iterated = iteratedPart(node);
  if (!iterated) return lowerExpression(lowering, node, hint);
  const array = asArray(lowering, lowerExpression(lowering, iterated.array), node);
  const element = elementType(array.type);
  if (iterated.part === "values" || !element) return array;
  const length = lengthOf(lowering, array);
  const isKey = iterated.part === "keys";
  const type: Type = { kind: "array", element: isKey ? numberType : pairType(element) };
  const result = allocate(lowering, type, length, null, hint);
  lowerRange(lowering, {
    node,
    from: constant(lowering, 0),
    to: length,
    body: (inside, index) => {
      const item = isKey ? index : loadElement(inside, array, index, node);
      storeElement(inside, result, index, partOf(inside, iterated.part, index, item));
    },
  });
  return result;
}

function pairType(element: Type): Type {
  return { kind: "tuple", elements: [numberType, element], labels: null };
}

/** What is walked over, of an element and its index. */
export function partOf(lowering: Lowering, part: Part, index: Value, item: Value): Value {
  if (part === "keys") return index;
  return part === "values" ? item : makeLiteral(lowering, pairType(item.type), [index, item], null, { name: null });
}

/** `lowerIterable` makes a new array for this. */
export function makesArray(node: Node): boolean {
  const part = iteratedPart(node)?.part;
  return part === "keys" || part === "entries";
}
