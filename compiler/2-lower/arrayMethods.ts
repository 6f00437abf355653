/** Methods of arrays that need no callback. */
import { Node } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import { lowerArguments, lowerSpreadArguments, type SpreadArgument } from "./calls.js";
import type { Hint } from "./expressions.js";
import { lengthOf, loadElement, lowerIndexed } from "./loops.js";
import { constant, type Lowering, refuse } from "./lowering.js";

type Call = import("ts-morph").CallExpression;

export function lowerArrayMethod(
  lowering: Lowering,
  node: Call,
  name: string,
  object: Value,
  hint: Hint,
): Value | null {
  const { builder } = lowering;
  const { span } = builder;
  if (!supported.has(name)) refuseMethod(node, name);
  if (name === "push" && object.type.kind === "array") return lowerPush(lowering, node, object);
  const args = lowerArguments(lowering, node);
  const isPlain = object.type.kind === "array";
  const [first = null, second = null, third = null] = args;
  const writes = name !== "slice" && name !== "subarray";
  if (writes) refuseGlobal(lowering, object, node);
  switch (name) {
    case "slice": {
      const element = elementType(object.type)!;
      const type: Type = isPlain ? { kind: "array", element } : object.type;
      const result = newValue(type, { name: hint.name, span });
      builder.add({ kind: "slice", result, object, start: first, end: second, span });
      return result;
    }
    case "subarray": {
      if (isPlain) break;
      const result = newValue(object.type, { name: hint.name, span });
      builder.add({ kind: "view", result, object, start: first ?? constant(lowering, 0), end: second, span });
      return result;
    }
    case "fill":
      builder.add({ kind: "fill", object: object, value: first!, start: second, end: third, span });
      return object;
    case "set":
      if (isPlain || !first || !elementType(first.type)) break;
      builder.add({ kind: "copy", object, source: first, offset: second ?? constant(lowering, 0), span });
      return null;
    case "pop": {
      if (!isPlain) break;
      const result = newValue(elementType(object.type)!, { name: hint.name, span });
      builder.add({ kind: "pop", result, object, mayBeEmpty: !Node.isNonNullExpression(node.getParent()), span });
      return result;
    }
  }
  return refuseMethod(node, name);
}

const supported: ReadonlySet<string> = new Set(["slice", "subarray", "fill", "set", "push", "pop"]);

function refuseMethod(node: Call, name: string): never {
  return refuse(
    node,
    "unsupportedMethod",
    `The method ${name} is not supported on this array.`,
    "Write it as a loop; map, forEach, reduce, filter, slice, subarray, fill, set, push and pop are known.",
  );
}

function refuseGlobal(lowering: Lowering, object: Value, node: Call): void {
  if (lowering.shared.globals.has(object))
    refuse(node, "moduleStateWrite", "A module-level constant is written.", "Copy it first.");
}

/** The arguments are pushed one by one; what a spread array held is read before anything is pushed. */
function lowerPush(lowering: Lowering, node: Call, object: Value): Value {
  refuseGlobal(lowering, object, node);
  pushAll(lowering, object, lowerSpreadArguments(lowering, node));
  return lengthOf(lowering, object);
}

export function pushAll(lowering: Lowering, object: Value, items: readonly SpreadArgument[]): void {
  const push = (inside: Lowering, value: Value): void =>
    inside.builder.add({ kind: "push", object, value, span: inside.builder.span });
  for (const { value, isSpread, node: argument } of items) {
    if (!isSpread) push(lowering, value);
    else
      lowerIndexed(lowering, {
        node: argument,
        label: null,
        array: value,
        sources: [],
        isLive: false,
        bind: (inside, index) => push(inside, loadElement(inside, value, index, argument)),
        body: () => "normal",
      });
  }
}
