/** Array callbacks with known bodies: they become loops. */
import { Node } from "ts-morph";
import { newBlock, newValue, numberType } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { mathFunctions } from "../ir/primitives.js";
import { elementType } from "../ir/types.js";
import { joinBranches, openBranch } from "./branches.js";
import { allocate } from "./calls.js";
import { applyPrimitive, type Hint, lowerExpression, toNumber, truth } from "./expressions.js";
import { inlineFunction, resolveFunction } from "./inlineCall.js";
import { callByRule } from "./ruleCalls.js";
import { makeLiteral, wantedType } from "./literals.js";
import { lengthOf, loadElement, lowerIndexed, lowerLoop } from "./loops.js";
import { mayShrinkArrays } from "./resizing.js";
import { stopped } from "./stop.js";
import { adjointName } from "./syntax.js";
import { constant, type FunctionNode, type Invented, type Lowering, refuse, spanOf } from "./lowering.js";

type Call = import("ts-morph").CallExpression;

/** A function that an array method calls. */
export interface Callback {
  /** Its syntax, for the variables it assigns. */
  readonly sources: readonly Node[];
  /** What it calls its parameter at a position, where that is a plain name. */
  nameOf(position: number): string | null;
  call(inside: Lowering, args: readonly Value[], node: Node): Value | null;
}

/** The function of an expression: one whose body is known, or one of Math. */
export function requireCallback(lowering: Lowering, expression: Node | undefined, node: Node): Callback {
  if (expression && adjointName(expression) === "stopGradient")
    return { sources: [], nameOf: () => null, call: (inside, [item]) => stopped(inside, item!, null) };
  const fn = expression && resolveFunction(lowering, expression);
  if (fn) return callbackOf(fn);
  const rule = expression && lowering.unit.ruleOf(expression);
  if (rule)
    return { sources: [], nameOf: () => null, call: (inside, args) => callByRule(inside, rule, args, node, null) };
  const name = expression && mathFunctionName(expression);
  if (name) return mathCallback(name);
  return refuse(
    node,
    "functionValue",
    "The callback's body is not known.",
    "Write the callback in place, as an arrow function.",
  );
}

function callbackOf(fn: FunctionNode): Callback {
  return {
    sources: [fn],
    nameOf: (position) => {
      const name = fn.getParameters()[position]?.getName();
      return name && /^[A-Za-z_$][\w$]*$/.test(name) ? name : null;
    },
    call: (inside, args, node) => inlineFunction(inside, fn, args, node),
  };
}

function mathFunctionName(expression: Node): string | null {
  const isMath = Node.isPropertyAccessExpression(expression) && expression.getExpression().getText() === "Math";
  return isMath && Object.hasOwn(mathFunctions, expression.getName()) ? expression.getName() : null;
}

/** Of one argument: `map(Math.hypot)` and the like would take the index, too. */
function mathCallback(name: string): Callback {
  return {
    sources: [],
    nameOf: () => null,
    call: (inside, [item], node) => {
      if (name === "max" || name === "min" || name === "hypot" || name === "atan2" || name === "imul")
        refuse(
          node,
          "functionValue",
          `Math.${name} would be called with the item, its index and the array.`,
          `Write \`(item) => Math.${name}(item, …)\`.`,
        );
      return applyPrimitive(inside, name, [toNumber(inside, item!, node)], null);
    },
  };
}

function each(
  lowering: Lowering,
  node: Node,
  array: Value,
  fn: Callback,
  body: (inside: Lowering, item: Value, index: Value) => void,
  alsoCarried: readonly Invented[] = [],
): void {
  let index: Value;
  lowerIndexed(lowering, {
    node,
    label: null,
    array,
    sources: fn.sources,
    alsoCarried,
    isLive: false,
    bind: (_, counter) => (index = counter),
    body: (inside) => {
      visit(inside, node, array, fn, index, alsoCarried.length, (here, item) => body(here, item, index));
      return "normal";
    },
  });
}

/** Reads the item, which is the callback's k-th parameter; items that are gone when their turn comes are passed over. */
function visit(
  inside: Lowering,
  node: Node,
  array: Value,
  fn: Callback,
  index: Value,
  k: number,
  body: (inside: Lowering, item: Value) => void,
): void {
  const read = (here: Lowering): void => body(here, loadElement(here, array, index, node, fn.nameOf(k)));
  if (array.type.kind !== "array" || !mayShrinkArrays(inside, fn.sources)) return read(inside);
  const isThere = inside.builder.apply("less", [index, lengthOf(inside, array)], { kind: "boolean" });
  const visited = openBranch(inside);
  read(visited.lowering);
  joinBranches(inside, isThere, visited, openBranch(inside), node);
}

export function lowerForEach(lowering: Lowering, node: Call, array: Value, fn: Callback): void {
  each(lowering, node, array, fn, (inside, item, index) => void fn.call(inside, [item, index, array], node));
}

export function lowerMap(
  lowering: Lowering,
  node: Call,
  array: Value,
  fn: Callback,
  hint: Hint,
  type: Type = mapType(lowering, node, array, hint),
): Value {
  const length = lengthOf(lowering, array);
  const result = allocate(lowering, type, length, null, hint);
  each(lowering, node, array, fn, (inside, item, index) => {
    const value = fn.call(inside, [item, index, array], node);
    storeItem(inside, result, index, value, node);
  });
  return result;
}

function mapType(lowering: Lowering, node: Call, array: Value, hint: Hint): Type {
  return array.type.kind === "typedArray" ? array.type : wantedType(lowering, node, hint);
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
  fn: Callback,
  type: Type,
  hint: Hint,
): Value {
  const result = allocate(lowering, type, length, null, hint);
  const counter = newValue(numberType, { span: spanOf(node), name: fn.nameOf(1) });
  lowering.shared.integers.add(counter);
  lowerLoop(lowering, {
    node,
    label: null,
    sources: fn.sources,
    counting: { counter, lower: constant(lowering, 0), upper: length, comparison: "<", step: 1 },
    test: null,
    body: (inside) => {
      const missing = newValue({ kind: "nullish" });
      inside.builder.add({ kind: "constant", result: missing, value: undefined, text: null, span: null });
      storeItem(inside, result, counter, fn.call(inside, [missing, counter], node), node);
      return "normal";
    },
    update: null,
    neverEndsByItself: false,
  });
  return result;
}

export function lowerReduce(lowering: Lowering, node: Call, array: Value, fn: Callback): Value {
  const start = node.getArguments()[1];
  const accumulator: Invented = { kind: "carried", name: fn.nameOf(0) ?? "accumulator" };
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
  fn: Callback,
  accumulator: Invented,
  item: Value,
  index: Value,
  array: Value,
  node: Call,
): void {
  const value = fn.call(inside, [inside.variables.get(accumulator)!, item, index, array], node);
  if (!value) refuse(node, "unsupportedCall", "The reducer returns nothing.", "Return the new total.");
  inside.variables.set(accumulator, value);
}

/** Without an initial value the first element starts, and an empty array throws. */
function reduceFromFirst(lowering: Lowering, node: Call, array: Value, fn: Callback, accumulator: Invented): void {
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
    sources: fn.sources,
    alsoCarried: [accumulator],
    counting: { counter, lower: constant(lowering, 1), upper: length, comparison: "<", step: 1 },
    test: null,
    body: (inside) => {
      visit(inside, node, array, fn, counter, 1, (here, item) =>
        reduceStep(here, fn, accumulator, item, counter, array, node),
      );
      return "normal";
    },
    update: null,
    neverEndsByItself: false,
  });
}

export function lowerFilter(lowering: Lowering, node: Call, array: Value, fn: Callback, hint: Hint): Value {
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
    const kept = fn.call(inside, [item, index, array], node);
    if (!kept) refuse(node, "unsupportedCall", "The callback returns nothing.", "Return a boolean.");
    const condition = truth(inside, kept);
    const pushing = openBranch(inside);
    pushing.lowering.builder.add({ kind: "push", object: result, value: item, span: inside.builder.span });
    joinBranches(inside, condition, pushing, openBranch(inside), node);
  });
  return result;
}
