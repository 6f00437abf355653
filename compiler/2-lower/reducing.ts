/** `reduce` and `reduceRight`. */
import { newBlock } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { type Callback, walk } from "./callbacks.js";
import { lowerExpression } from "./expressions.js";
import { lengthOf, loadElement } from "./indexedLoops.js";
import { constant, type Invented, type Lowering, refuse, spanOf } from "./lowering.js";
import { difference } from "./positions.js";

type Call = import("ts-morph").CallExpression;

export function lowerReduce(lowering: Lowering, node: Call, array: Value, fn: Callback, isBackwards = false): Value {
  const start = node.getArguments()[1];
  const accumulator: Invented = { kind: "carried", name: fn.nameOf(0) ?? "accumulator" };
  const first = start
    ? lowerExpression(lowering, start, { name: accumulator.name, declared: node })
    : startingItem(lowering, node, array, isBackwards);
  lowering.variables.set(accumulator, first);
  walk(lowering, {
    node,
    array,
    fn,
    itemAt: 1,
    isBackwards,
    skipped: start ? 0 : 1,
    alsoCarried: [accumulator],
    body: (inside, item, index) => {
      const value = fn.call(inside, [inside.variables.get(accumulator)!, item, index, array], node);
      if (!value) refuse(node, "unsupportedCall", "The reducer returns nothing.", "Return the new total.");
      inside.variables.set(accumulator, value);
    },
  });
  const result = lowering.variables.get(accumulator)!;
  lowering.variables.delete(accumulator);
  return result;
}

/** Without an initial value the first item starts, and an empty array throws. */
function startingItem(lowering: Lowering, node: Call, array: Value, isBackwards: boolean): Value {
  const length = lengthOf(lowering, array);
  const zero = constant(lowering, 0);
  const isEmpty = lowering.builder.apply("equal", [length, zero], { kind: "boolean" });
  const text = 'new TypeError("Reduce of empty array with no initial value")';
  const span = spanOf(node);
  lowering.builder.add({
    kind: "if",
    condition: isEmpty,
    then: newBlock([{ kind: "throw", pieces: [text], span }]),
    else: newBlock([]),
    results: [],
    span,
  });
  const at = isBackwards ? difference(lowering, length, constant(lowering, 1)) : zero;
  return loadElement(lowering, array, at, node);
}
