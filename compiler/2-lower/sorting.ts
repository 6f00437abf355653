/**
 * `sort` and `toSorted`: the order is found once, on the primal's values, and the elements are gathered by it; so the
 * derivative moves as the elements did. The order is that of a stable merge sort, which is JavaScript's for every
 * comparator that is consistent; how often and for which pairs the comparator is called is not said by the language.
 */
import { booleanType } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import type { MethodCall } from "./arrayMethods.js";
import { joinBranches, openBranch } from "./branches.js";
import { requireCallback } from "./callbacks.js";
import { allocate, copyOf } from "./newObjects.js";
import { applyPrimitive, toNumber } from "./operators.js";
import { lowerLoop } from "./loops.js";
import { lengthOf, loadElement, loadItem } from "./indexedLoops.js";
import { constant, type Invented, type Lowering, refuse, type Source } from "./lowering.js";
import { lowerRange } from "./positions.js";
import { freshType } from "./reordering.js";
import { storeElement } from "./items.js";
import { mayWriteMemory } from "./resizing.js";
import { assignedVariables } from "./assignedVariables.js";

type Node = import("ts-morph").Node;

/** Which of two elements comes first. */
interface Comparison {
  readonly sources: readonly Source[];
  readonly names: readonly [string | null, string | null];
  /** The element on the right comes before the one on the left. */
  isRightFirst(inside: Lowering, left: Value, right: Value): Value;
}

export function lowerSort(lowering: Lowering, call: MethodCall): Value {
  const { node, object } = call;
  const length = lengthOf(lowering, object);
  const order = orderOf(lowering, object, length, comparisonOf(lowering, call), node);
  const values = copyOf(lowering, object, freshType(object), { name: "unsorted" });
  gather(lowering, object, values, { order, length }, node);
  return object;
}

export function lowerToSorted(lowering: Lowering, call: MethodCall): Value {
  const { node, object, hint } = call;
  const length = lengthOf(lowering, object);
  const order = orderOf(lowering, object, length, comparisonOf(lowering, call), node);
  const result = allocate(lowering, freshType(object), length, null, hint);
  gather(lowering, result, object, { order, length }, node);
  return result;
}

interface Order {
  readonly order: Value;
  readonly length: Value;
}

function gather(lowering: Lowering, into: Value, from: Value, { order, length }: Order, node: Node): void {
  lowerRange(lowering, {
    node,
    from: constant(lowering, 0),
    to: length,
    body: (inside, index) =>
      storeElement(inside, into, index, loadItem(inside, from, loadElement(inside, order, index, node), node)),
  });
}

function comparisonOf(lowering: Lowering, { node, name, object }: MethodCall): Comparison {
  const [given] = node.getArguments();
  if (!given) return naturalComparison(object, node);
  const fn = requireCallback(lowering, given, node);
  const assigned = assignedVariables(lowering, fn.sources);
  const changes = [...lowering.variables.keys()].some((variable) => variable.kind === "cell" && assigned.has(variable));
  if (changes || mayWriteMemory(lowering, fn.nodes))
    refuse(
      node,
      "unsupportedMethod",
      `The comparator of ${name} changes something, and how often it is called is not known.`,
      "Let it only compare.",
    );
  return {
    sources: fn.sources,
    names: [fn.nameOf(0), fn.nameOf(1)],
    isRightFirst: (inside, left, right) => {
      const compared = fn.call(inside, [left, right], node);
      if (!compared) refuse(node, "unsupportedCall", "The comparator returns nothing.", "Return a number.");
      const zero = constant(inside, 0);
      return inside.builder.apply("greater", [toNumber(inside, compared, node), zero], booleanType);
    },
  };
}

/** Without a comparator: texts by their code units, elements of typed arrays by size. */
function naturalComparison(array: Value, node: Node): Comparison {
  const isText = elementType(array.type)!.kind === "string";
  if (!isText && array.type.kind !== "typedArray")
    refuse(
      node,
      "unsupportedMethod",
      "Without a comparator JavaScript sorts these elements as texts, 10 before 9.",
      "Pass one, as in `(a, b) => a - b`.",
    );
  const isFloat = array.type.kind === "typedArray" && array.type.name.startsWith("Float");
  return {
    sources: [],
    names: [null, null],
    isRightFirst: (inside, left, right) => {
      const isLess = inside.builder.apply("less", [right, left], booleanType);
      if (!isFloat) return isLess;
      const sure = openBranch(inside);
      sure.value = constant(sure.lowering, true);
      const unsure = openBranch(inside);
      unsure.value = isBeforeAtLimits(unsure.lowering, left, right, node);
      return joinBranches(inside, isLess, sure, unsure, node).value!;
    },
  };
}

/** What `<` does not tell: NaN comes last, and -0 before 0. */
function isBeforeAtLimits(lowering: Lowering, left: Value, right: Value, node: Node): Value {
  const isLeftNaN = lowering.builder.apply("isNaN", [left], booleanType);
  const last = openBranch(lowering);
  const isRightNaN = last.lowering.builder.apply("isNaN", [right], booleanType);
  last.value = last.lowering.builder.apply("not", [isRightNaN], booleanType);
  const number = openBranch(lowering);
  const isEqual = number.lowering.builder.apply("equal", [left, right], booleanType);
  const signs = openBranch(number.lowering);
  const one = constant(signs.lowering, 1);
  const [a, b] = [left, right].map((zero) => applyPrimitive(signs.lowering, "divide", [one, zero], null));
  signs.value = signs.lowering.builder.apply("less", [b!, a!], booleanType);
  const differ = openBranch(number.lowering);
  differ.value = constant(differ.lowering, false);
  number.value = joinBranches(number.lowering, isEqual, signs, differ, node).value;
  return joinBranches(lowering, isLeftNaN, last, number, node).value!;
}

// ------------------------------------------------------------------------------------------------- merge sort

function carried(lowering: Lowering, name: string, value: Value): Invented {
  const variable: Invented = { kind: "carried", name };
  lowering.variables.set(variable, value);
  return variable;
}

/** The positions of the elements in sorted order: runs of twice the width are merged until one holds all. */
function orderOf(lowering: Lowering, array: Value, length: Value, comparison: Comparison, node: Node): Value {
  const indices = { kind: "typedArray", name: "Int32Array" } as const;
  const first = allocate(lowering, indices, length, null, { name: "order" });
  lowerRange(lowering, {
    node,
    from: constant(lowering, 0),
    to: length,
    body: (inside, index) => storeElement(inside, first, index, index),
  });
  const order = carried(lowering, "order", first);
  const merged = carried(lowering, "merged", allocate(lowering, indices, length, null, { name: "merged" }));
  const width = carried(lowering, "width", constant(lowering, 1));
  lowerLoop(lowering, {
    node,
    label: null,
    sources: comparison.sources,
    alsoCarried: [order, merged, width],
    counting: null,
    test: (inside) => inside.builder.apply("less", [inside.variables.get(width)!, length], booleanType),
    body: (inside) => {
      const [from, into] = [inside.variables.get(order)!, inside.variables.get(merged)!];
      const twice = applyPrimitive(inside, "multiply", [constant(inside, 2), inside.variables.get(width)!], "twice");
      const start = carried(inside, "start", constant(inside, 0));
      lowerLoop(inside, {
        node,
        label: null,
        sources: comparison.sources,
        alsoCarried: [start],
        counting: null,
        test: (here) => here.builder.apply("less", [here.variables.get(start)!, length], booleanType),
        body: (here) => {
          const at = here.variables.get(start)!;
          mergeRuns(
            here,
            array,
            comparison,
            { from, into, start: at, width: inside.variables.get(width)!, length },
            node,
          );
          here.variables.set(start, applyPrimitive(here, "add", [at, twice], "start"));
          return "normal";
        },
        update: null,
        neverEndsByItself: false,
      });
      inside.variables.delete(start);
      inside.variables.set(order, into);
      inside.variables.set(merged, from);
      inside.variables.set(width, twice);
      return "normal";
    },
    update: null,
    neverEndsByItself: false,
  });
  const result = lowering.variables.get(order)!;
  [order, merged, width].forEach((variable) => lowering.variables.delete(variable));
  return result;
}

interface Runs {
  readonly from: Value;
  readonly into: Value;
  readonly start: Value;
  readonly width: Value;
  readonly length: Value;
}

/** Merges two runs that stand side by side; of equals the left one goes first. */
function mergeRuns(lowering: Lowering, array: Value, comparison: Comparison, runs: Runs, node: Node): void {
  const { from, into, start, width, length } = runs;
  const upTo = (a: Value, name: string): Value =>
    applyPrimitive(lowering, "min", [applyPrimitive(lowering, "add", [a, width], null), length], name);
  const middle = upTo(start, "middle");
  const end = upTo(middle, "end");
  const left = carried(lowering, "left", start);
  const right = carried(lowering, "right", middle);
  lowerRange(lowering, {
    node,
    from: start,
    to: end,
    sources: comparison.sources,
    alsoCarried: [left, right],
    body: (inside, index) => {
      const [l, r] = [inside.variables.get(left)!, inside.variables.get(right)!];
      const isRightTaken = takesRight(
        inside,
        { l, r, middle, end },
        (here) => {
          const [a, b] = [l, r].map((at, k) =>
            loadElement(here, array, loadElement(here, from, at, node), node, comparison.names[k]),
          );
          return comparison.isRightFirst(here, a!, b!);
        },
        node,
      );
      const one = constant(inside, 1);
      const take = (at: Value, run: Invented): ReturnType<typeof openBranch> => {
        const branch = openBranch(inside);
        branch.value = loadElement(branch.lowering, from, at, node);
        branch.lowering.variables.set(run, applyPrimitive(branch.lowering, "add", [at, one], run.name));
        return branch;
      };
      const taken = joinBranches(inside, isRightTaken, take(r, right), take(l, left), node, "next").value!;
      storeElement(inside, into, index, taken);
    },
  });
  lowering.variables.delete(left);
  lowering.variables.delete(right);
}

interface Cursors {
  readonly l: Value;
  readonly r: Value;
  readonly middle: Value;
  readonly end: Value;
}

/** While both runs have elements they are compared; then the right one's turn has come when the left one is done. */
function takesRight(
  lowering: Lowering,
  { l, r, middle, end }: Cursors,
  isRightFirst: (inside: Lowering) => Value,
  node: Node,
): Value {
  const hasLeft = lowering.builder.apply("less", [l, middle], booleanType);
  const rest = openBranch(lowering);
  rest.value = rest.lowering.builder.apply("less", [r, end], booleanType);
  const none = openBranch(lowering);
  none.value = constant(none.lowering, false);
  const haveBoth = joinBranches(lowering, hasLeft, rest, none, node).value!;
  const compared = openBranch(lowering);
  compared.value = isRightFirst(compared.lowering);
  const single = openBranch(lowering);
  single.value = single.lowering.builder.apply("greaterEqual", [l, middle], booleanType);
  return joinBranches(lowering, haveBoth, compared, single, node, "takesRight").value!;
}
