/** Methods that move elements within an array or into a new one: `reverse`, `toReversed`, `copyWithin`. */
import type { Type, Value } from "../ir/ir.js";
import type { MethodCall } from "./arrayMethods.js";
import { allocate } from "./newObjects.js";
import { applyPrimitive } from "./operators.js";
import { lengthOf, loadItem } from "./indexedLoops.js";
import { storeElement } from "./items.js";
import { constant, type Lowering, refuse } from "./lowering.js";
import { clampedPosition, difference, lowerRange, sum } from "./positions.js";
import { lowerArguments } from "./callArguments.js";

/** The type of a new array with the same elements. */
export function freshType(array: Value): Type {
  return array.type.kind === "array" ? { kind: "array", element: array.type.element } : array.type;
}

/** A new array of some elements, which are known to be there. */
export function copyRange(
  lowering: Lowering,
  array: Value,
  { from, count }: { readonly from: Value; readonly count: Value },
  node: MethodCall["node"],
  name: string | null,
): Value {
  const result = allocate(lowering, freshType(array), count, null, { name });
  lowerRange(lowering, {
    node,
    from: constant(lowering, 0),
    to: count,
    body: (inside, index) =>
      storeElement(inside, result, index, loadItem(inside, array, sum(inside, from, index), node)),
  });
  return result;
}

function opposite(lowering: Lowering, last: Value, index: Value): Value {
  return applyPrimitive(lowering, "subtract", [last, index], "opposite");
}

/** Elements change places pair by pair, from the outside in. */
export function lowerReverse(lowering: Lowering, { node, object }: MethodCall): Value {
  const length = lengthOf(lowering, object);
  const last = difference(lowering, length, constant(lowering, 1));
  const half = applyPrimitive(lowering, "shiftRight", [length, constant(lowering, 1)], "half");
  lowerRange(lowering, {
    node,
    from: constant(lowering, 0),
    to: half,
    body: (inside, index) => {
      const other = opposite(inside, last, index);
      const left = loadItem(inside, object, index, node);
      const right = loadItem(inside, object, other, node);
      storeElement(inside, object, index, right);
      storeElement(inside, object, other, left);
    },
  });
  return object;
}

export function lowerToReversed(lowering: Lowering, { node, object, hint }: MethodCall): Value {
  const length = lengthOf(lowering, object);
  const last = difference(lowering, length, constant(lowering, 1));
  const result = allocate(lowering, freshType(object), length, null, hint);
  lowerRange(lowering, {
    node,
    from: constant(lowering, 0),
    to: length,
    body: (inside, index) =>
      storeElement(inside, result, index, loadItem(inside, object, opposite(inside, last, index), node)),
  });
  return result;
}

/** What is copied is taken out first, since the places may overlap. */
export function lowerCopyWithin(lowering: Lowering, { node, object }: MethodCall): Value {
  const [target, start, end] = lowerArguments(lowering, node);
  if (!target) refuse(node, "unsupportedCall", "copyWithin needs a position.", "Pass one.");
  const length = lengthOf(lowering, object);
  const to = clampedPosition(lowering, target, length, node);
  const from = clampedPosition(lowering, start ?? constant(lowering, 0), length, node);
  const until = end ? clampedPosition(lowering, end, length, node) : length;
  const distance = difference(lowering, until, from);
  const available = end ? applyPrimitive(lowering, "max", [distance, constant(lowering, 0)], null) : distance;
  const isWholeRoom = lowering.shared.literals.get(to) === 0;
  const room = difference(lowering, length, to);
  const count = isWholeRoom ? available : applyPrimitive(lowering, "min", [available, room], null);
  const taken = copyRange(lowering, object, { from, count }, node, "taken");
  lowerRange(lowering, {
    node,
    from: constant(lowering, 0),
    to: lengthOf(lowering, taken),
    body: (inside, index) => storeElement(inside, object, sum(inside, to, index), loadItem(inside, taken, index, node)),
  });
  return object;
}
