/** Loops over the indices of an array: `for…of`, and those that array methods become. */
import { Node } from "ts-morph";
import { newValue, numberType } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import { reachIntoModule } from "./access.js";
import { assignTo, bindPattern } from "./destructuring.js";
import { lowerExpression } from "./expressions.js";
import { iteratedPart, partOf } from "./iterables.js";
import { generatorOf, lowerForEachYield } from "./generators.js";
import { readKept } from "./keptFunctions.js";
import { itemsOfList, keepInstead, lowerForEachItem } from "./knownLists.js";
import { type Counting, lowerLoop } from "./loops.js";
import { type Completion, constant, type Invented, type Lowering, refuse, type Source, spanOf } from "./lowering.js";
import { kindOf, refuseKeyed } from "./keyed.js";
import { lowerFieldLoop, recordWalk } from "./records.js";
import { mayGrowByIndex, mayResizeArrays } from "./resizing.js";
import { lowerStatement } from "./statements.js";
import { asArray } from "./tuples.js";

export function lowerForOf(
  lowering: Lowering,
  node: import("ts-morph").ForOfStatement,
  label: string | null,
): Completion {
  if (node.isAwaited())
    refuse(node, "asyncFunction", "for await is not differentiated.", "Await the data before the call.");
  const generated = generatorOf(lowering, node.getExpression());
  if (generated) return lowerForEachYield(lowering, node, label, generated);
  const fields = recordWalk(lowering, node.getExpression());
  if (fields) return lowerFieldLoop(lowering, node, label, fields);
  const { array: iterated, part } = iteratedPart(node.getExpression()) ?? {
    array: node.getExpression(),
    part: "values" as const,
  };
  const source = lowerExpression(lowering, iterated);
  const items = itemsOfList(lowering, source);
  if (items && part !== "values") keepInstead(lowering, source);
  if (items && part === "values") return lowerForEachItem(lowering, node, label, items);
  const array = asArray(lowering, source, iterated);
  const body = node.getStatement();
  const initializer = node.getInitializer();
  const bind = (inside: Lowering, index: Value): void => {
    const target = Node.isVariableDeclarationList(initializer)
      ? initializer.getDeclarations()[0]!.getNameNode()
      : initializer;
    const name = Node.isIdentifier(target) ? target.getText() : null;
    const item = part === "keys" ? index : loadElement(inside, array, index, node, part === "values" ? name : null);
    const value = partOf(inside, part, index, item);
    if (Node.isVariableDeclarationList(initializer)) bindPattern(inside, target, value);
    else assignTo(inside, target, value);
  };
  return lowerIndexed(lowering, {
    node,
    label,
    array,
    sources: [node],
    bind,
    body: (inside) => lowerStatement(inside, body),
    isLive: mayResizeArrays(lowering, [body]) || mayGrowByIndex(lowering, [body], new Set()),
  });
}

export function loadElement(
  lowering: Lowering,
  array: Value,
  index: Value,
  node: Node,
  name: string | null = null,
): Value {
  return readKept(lowering, loadItem(lowering, array, index, node, name));
}

/** An element that only moves: functions, and what holds some, as memory has them. */
export function loadItem(
  lowering: Lowering,
  array: Value,
  index: Value,
  node: Node,
  name: string | null = null,
): Value {
  const type = elementType(array.type);
  const kind = kindOf(array.type);
  if (kind) refuseKeyed(node, kind, "walk");
  if (!type)
    refuse(
      node,
      "unsupportedType",
      "Only arrays and typed arrays can be looped over.",
      "Copy the items into an array first.",
    );
  const result = newValue(type, { name, span: lowering.builder.span });
  lowering.builder.add({
    kind: "load",
    result,
    object: array,
    key: { kind: "index", index },
    span: lowering.builder.span,
  });
  reachIntoModule(lowering, array, result);
  return result;
}

export interface IndexedPlan {
  readonly node: Node;
  readonly label: string | null;
  readonly array: Value;
  readonly sources: readonly Source[];
  readonly alsoCarried?: readonly Invented[];
  readonly bind: (inside: Lowering, index: Value) => void;
  readonly body: (inside: Lowering) => Completion;
  /** The array may change its length while it is looped over. */
  readonly isLive: boolean;
}

/** A loop over the indices of an array. */
export function lowerIndexed(lowering: Lowering, plan: IndexedPlan): Completion {
  const counter = newValue(numberType, { span: spanOf(plan.node) });
  lowering.shared.integers.add(counter);
  const lower = constant(lowering, 0);
  const open: Counting = { counter, lower, upper: null, comparison: "<", step: 1 };
  const counting = plan.isLive ? open : { ...open, upper: lengthOf(lowering, plan.array) };
  return lowerLoop(lowering, {
    node: plan.node,
    label: plan.label,
    sources: plan.sources,
    alsoCarried: plan.alsoCarried,
    counting,
    test: plan.isLive
      ? (inside) => inside.builder.apply("less", [counter, lengthOf(inside, plan.array)], { kind: "boolean" })
      : null,
    body: (inside) => {
      plan.bind(inside, counter);
      return plan.body(inside);
    },
    update: null,
    neverEndsByItself: false,
  });
}

export function lengthOf(lowering: Lowering, array: Value, name: string | null = null): Value {
  if (array.type.kind === "tuple") return constant(lowering, array.type.elements.length);
  const items = itemsOfList(lowering, array);
  if (items) return constant(lowering, items.length);
  const result = newValue(numberType, { name, span: lowering.builder.span });
  lowering.builder.add({ kind: "length", result, object: array, span: lowering.builder.span });
  lowering.shared.integers.add(result);
  return result;
}
