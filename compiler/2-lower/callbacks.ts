/** Array callbacks with known bodies: they become loops. */
import type { Node } from "ts-morph";
import { newBlock, newValue, numberType } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import { joinBranches, openBranch } from "./branches.js";
import { allocate } from "./calls.js";
import { type Hint, lowerExpression, truth } from "./expressions.js";
import { inlineFunction } from "./inlineCall.js";
import { makeLiteral, settled } from "./literals.js";
import { lengthOf, loadElement, lowerIndexed, lowerLoop } from "./loops.js";
import { constant, type FunctionNode, type Invented, type Lowering, refuse, spanOf, typeAt } from "./lowering.js";

type Call = import("ts-morph").CallExpression;

/** What the callback calls its item. */
function namedItem(fn: FunctionNode, position: number): string | null {
  const name = fn.getParameters()[position]?.getName();
  return name && /^[A-Za-z_$][\w$]*$/.test(name) ? name : null;
}

function each(
  lowering: Lowering,
  node: Node,
  array: Value,
  fn: FunctionNode,
  body: (inside: Lowering, item: Value, index: Value) => void,
  alsoCarried: readonly Invented[] = [],
): void {
  let index: Value;
  let item: Value;
  lowerIndexed(lowering, {
    node,
    label: null,
    array,
    sources: [fn],
    alsoCarried,
    isLive: false,
    bind: (inside, counter) => {
      index = counter;
      item = loadElement(inside, array, counter, node, namedItem(fn, alsoCarried.length));
    },
    body: (inside) => {
      body(inside, item, index);
      return "normal";
    },
  });
}

export function lowerForEach(lowering: Lowering, node: Call, array: Value, fn: FunctionNode): void {
  each(lowering, node, array, fn, (inside, item, index) => void inlineFunction(inside, fn, [item, index, array], node));
}

export function lowerMap(
  lowering: Lowering,
  node: Call,
  array: Value,
  fn: FunctionNode,
  hint: Hint,
  type: Type = mapType(lowering, node, array),
): Value {
  const length = lengthOf(lowering, array);
  const result = allocate(lowering, type, length, null, hint);
  each(lowering, node, array, fn, (inside, item, index) => {
    const value = inlineFunction(inside, fn, [item, index, array], node);
    storeItem(inside, result, index, value, node);
  });
  return result;
}

function mapType(lowering: Lowering, node: Call, array: Value): Type {
  return array.type.kind === "typedArray" ? array.type : settled(typeAt(lowering, node));
}

function storeItem(inside: Lowering, array: Value, index: Value, value: Value | null, node: Node): void {
  if (!value) refuse(node, "unsupportedCall", "The callback returns nothing.", "Return the element.");
  inside.builder.add({ kind: "store", object: array, key: { kind: "index", index }, value, span: inside.builder.span });
}

/** `Array.from({ length }, (_, i) => …)`. */
export function lowerFromLength(
  lowering: Lowering,
  node: Call,
  length: Value,
  fn: FunctionNode,
  type: Type,
  hint: Hint,
): Value {
  const result = allocate(lowering, type, length, null, hint);
  const counter = newValue(numberType, { span: spanOf(node), name: fn.getParameters()[1]?.getName() ?? null });
  lowering.shared.integers.add(counter);
  lowerLoop(lowering, {
    node,
    label: null,
    sources: [fn],
    counting: { counter, lower: constant(lowering, 0), upper: length, comparison: "<", step: 1 },
    test: null,
    body: (inside) => {
      const missing = newValue({ kind: "nullish" });
      inside.builder.add({ kind: "constant", result: missing, value: undefined, text: null, span: null });
      storeItem(inside, result, counter, inlineFunction(inside, fn, [missing, counter], node), node);
      return "normal";
    },
    update: null,
    neverEndsByItself: false,
  });
  return result;
}

export function lowerReduce(lowering: Lowering, node: Call, array: Value, fn: FunctionNode): Value {
  const start = node.getArguments()[1];
  const accumulator: Invented = { kind: "carried", name: fn.getParameters()[0]?.getName() ?? "accumulator" };
  if (start) {
    lowering.variables.set(accumulator, lowerExpression(lowering, start, { name: accumulator.name, declared: node }));
    each(
      lowering,
      node,
      array,
      fn,
      (inside, item, index) => reduceStep(inside, fn, accumulator, item, index, array, node),
      [accumulator],
    );
  } else reduceFromFirst(lowering, node, array, fn, accumulator);
  const result = lowering.variables.get(accumulator)!;
  lowering.variables.delete(accumulator);
  return result;
}

function reduceStep(
  inside: Lowering,
  fn: FunctionNode,
  accumulator: Invented,
  item: Value,
  index: Value,
  array: Value,
  node: Call,
): void {
  const value = inlineFunction(inside, fn, [inside.variables.get(accumulator)!, item, index, array], node);
  if (!value) refuse(node, "unsupportedCall", "The reducer returns nothing.", "Return the new total.");
  inside.variables.set(accumulator, value);
}

/** Without an initial value the first element starts, and an empty array throws. */
function reduceFromFirst(lowering: Lowering, node: Call, array: Value, fn: FunctionNode, accumulator: Invented): void {
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
  lowering.variables.set(accumulator, loadElement(lowering, array, zero, node));
  const counter = newValue(numberType, { span });
  lowering.shared.integers.add(counter);
  lowerLoop(lowering, {
    node,
    label: null,
    sources: [fn],
    alsoCarried: [accumulator],
    counting: { counter, lower: constant(lowering, 1), upper: length, comparison: "<", step: 1 },
    test: null,
    body: (inside) => {
      reduceStep(inside, fn, accumulator, loadElement(inside, array, counter, node), counter, array, node);
      return "normal";
    },
    update: null,
    neverEndsByItself: false,
  });
}

export function lowerFilter(lowering: Lowering, node: Call, array: Value, fn: FunctionNode, hint: Hint): Value {
  const element = elementType(array.type)!;
  if (array.type.kind === "typedArray")
    refuse(
      node,
      "unsupportedMethod",
      "filter of a typed array is not supported.",
      "Collect the items in a plain array.",
    );
  const result = makeLiteral(lowering, { kind: "array", element }, [], null, hint);
  each(lowering, node, array, fn, (inside, item, index) => {
    const kept = inlineFunction(inside, fn, [item, index, array], node);
    if (!kept) refuse(node, "unsupportedCall", "The callback returns nothing.", "Return a boolean.");
    const condition = truth(inside, kept);
    const pushing = openBranch(inside);
    pushing.lowering.builder.add({ kind: "push", object: result, value: item, span: inside.builder.span });
    joinBranches(inside, condition, pushing, openBranch(inside), node);
  });
  return result;
}
