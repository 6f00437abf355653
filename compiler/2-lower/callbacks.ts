/** Array callbacks with known bodies: they become loops. */
import type { Node } from "ts-morph";
import type { Type, Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import { joinBranches, openBranch } from "./branches.js";
import { allocate, copyOf } from "./newObjects.js";
import type { Hint } from "./expressions.js";
import { callKnown, closuresIn, knownFunction } from "./functionValues.js";
import { makeLiteral, wantedType } from "./literals.js";
import { parametersOf } from "./syntax.js";
import { takesSeveral } from "./mathCalls.js";
import { lengthOf, loadElement } from "./indexedLoops.js";
import { pushElement, storeItem } from "./items.js";
import { mayShrinkArrays } from "./resizing.js";
import { type Completion, constant, type Invented, type Lowering, nullish, refuse, type Source } from "./lowering.js";
import { difference, lowerRange } from "./positions.js";
import { truth } from "./conditions.js";

type Call = import("ts-morph").CallExpression;

/** A function that an array method calls. */
export interface Callback {
  /** What it runs, for the variables it assigns. */
  readonly sources: readonly Source[];
  /** The same as syntax alone. */
  readonly nodes: readonly Node[];
  /** What it calls its parameter at a position, where that is a plain name. */
  nameOf(position: number): string | null;
  call(inside: Lowering, args: readonly Value[], node: Node): Value | null;
}

/** The function of an expression, which must be known. */
export function requireCallback(lowering: Lowering, expression: Node | undefined, node: Node): Callback {
  const fn = expression && knownFunction(lowering, expression);
  if (!fn)
    return refuse(
      node,
      "functionValue",
      "The callback's body is not known.",
      "Write the callback in place, as an arrow function.",
    );
  if (fn.kind === "math" && takesSeveral(fn.name))
    refuse(
      node,
      "functionValue",
      `Math.${fn.name} would be called with the item, its index and the array.`,
      `Write \`(item) => Math.${fn.name}(item, …)\`.`,
    );
  const closures = closuresIn(fn);
  return {
    sources: closures,
    nodes: closures.map((closure) => closure.node),
    nameOf: (position) => {
      const first = closures[0]?.node;
      const name = first && parametersOf(first)[position]?.getName();
      return name && /^[A-Za-z_$][\w$]*$/.test(name) ? name : null;
    },
    call: (inside, args, at) => callKnown(inside, fn, args, at),
  };
}

/** A walk over the items of an array, which are the callback's parameter at `itemAt`. */
export interface Walk {
  readonly node: Node;
  readonly array: Value;
  readonly fn: Callback;
  readonly itemAt?: number;
  readonly isBackwards?: boolean;
  /** Items left out: the first ones, or the last when it goes backwards. */
  readonly skipped?: number;
  readonly alsoCarried?: readonly Invented[];
  readonly body: (inside: Lowering, item: Value, index: Value) => Completion | void;
}

/** The length is that at the beginning; items that are gone when their turn comes are passed over. */
export function walk(lowering: Lowering, plan: Walk): void {
  const { node, array, fn, itemAt = 0, isBackwards = false, skipped = 0 } = plan;
  const mayBeGone = array.type.kind === "array" && mayShrinkArrays(lowering, fn.nodes);
  const length = lengthOf(lowering, array);
  lowerRange(lowering, {
    node,
    from: isBackwards ? difference(lowering, length, constant(lowering, 1 + skipped)) : constant(lowering, skipped),
    to: isBackwards ? constant(lowering, 0) : length,
    isBackwards,
    sources: fn.sources,
    alsoCarried: plan.alsoCarried,
    body: (inside, index) => {
      const read = (here: Lowering): Completion =>
        plan.body(here, loadElement(here, array, index, node, fn.nameOf(itemAt)), index) ?? "normal";
      if (!mayBeGone) return read(inside);
      const isThere = inside.builder.apply("less", [index, lengthOf(inside, array)], { kind: "boolean" });
      const visited = openBranch(inside);
      visited.completion = read(visited.lowering);
      return joinBranches(inside, isThere, visited, openBranch(inside), node).completion;
    },
  });
}

export function lowerForEach(lowering: Lowering, node: Call, array: Value, fn: Callback): void {
  const body: Walk["body"] = (inside, item, index) => void fn.call(inside, [item, index, array], node);
  walk(lowering, { node, array, fn, body });
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
  const body: Walk["body"] = (inside, item, index) =>
    storeReturned(inside, result, index, fn.call(inside, [item, index, array], node), node);
  walk(lowering, { node, array, fn, body });
  return result;
}

function mapType(lowering: Lowering, node: Call, array: Value, hint: Hint): Type {
  return array.type.kind === "typedArray" ? array.type : wantedType(lowering, node, hint);
}

function storeReturned(inside: Lowering, array: Value, index: Value, value: Value | null, node: Node): void {
  if (!value) refuse(node, "unsupportedCall", "The callback returns nothing.", "Return the element.");
  storeItem(inside, array, index, value, node);
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
  lowerRange(lowering, {
    node,
    from: constant(lowering, 0),
    to: length,
    name: fn.nameOf(1),
    sources: fn.sources,
    body: (inside, index) => {
      const missing = nullish(inside, undefined);
      storeReturned(inside, result, index, fn.call(inside, [missing, index], node), node);
    },
  });
  return result;
}

/** What the callback says of an item, as a condition. */
export function verdict(inside: Lowering, { fn, array, node }: Walk, item: Value, index: Value): Value {
  const said = fn.call(inside, [item, index, array], node);
  if (!said) refuse(node, "unsupportedCall", "The callback returns nothing.", "Return a boolean.");
  return truth(inside, said);
}

export function lowerFilter(lowering: Lowering, node: Call, array: Value, fn: Callback, hint: Hint): Value {
  const type: Type = { kind: "array", element: elementType(array.type)! };
  const isPlain = array.type.kind === "array";
  const result = makeLiteral(lowering, type, [], null, isPlain ? hint : { name: null });
  const plan: Walk = {
    node,
    array,
    fn,
    body: (inside, item, index) => {
      const condition = verdict(inside, plan, item, index);
      const pushing = openBranch(inside);
      pushElement(pushing.lowering, result, item);
      joinBranches(inside, condition, pushing, openBranch(inside), node);
    },
  };
  walk(lowering, plan);
  return isPlain ? result : copyOf(lowering, result, array.type, hint);
}
