/**
 * Arrays of functions: what they hold must be known, so loops over them and their methods are written out, item by item.
 */
import { Node } from "ts-morph";
import type { Value } from "../ir/ir.js";
import { bindPattern } from "./destructuring.js";
import { lowerExpression } from "./expressions.js";
import { callKnown, knownFunction } from "./functionValues.js";
import { keepFunctions } from "./keptFunctions.js";
import { makeLiteral } from "./literals.js";
import {
  type Completion,
  constant,
  type FunctionValue,
  type Invented,
  type JumpTarget,
  type Lowering,
  nullish,
  refuse,
} from "./lowering.js";
import { isEffectFree } from "./syntax.js";
import { pushItem } from "./items.js";
import { learnOfFunction } from "./lessons.js";
import { isFunctionType, isUnknown, unknownFunction } from "./unknownTypes.js";
import { lowerGuarded, lowerStatement, settle } from "./statements.js";

/** What an array of functions holds; null for an array of anything else. */
export function itemsOfList(lowering: Lowering, array: Value): readonly Value[] | null {
  return lowering.shared.lists.get(array) ?? null;
}

/** Remembers what an array holds where there are functions among it; `node` made it. */
export function rememberList(
  lowering: Lowering,
  array: Value,
  items: readonly Value[],
  node: Node | null = null,
): void {
  if (!items.some((item) => holdsFunctions(lowering, item))) return;
  lowering.shared.lists.set(array, items);
  if (node) lowering.shared.listNodes.set(array, node);
}

/** The array that `node` makes of functions, where it was found out that they must be kept; null for any other. */
export function keptList(
  lowering: Lowering,
  items: readonly Value[],
  node: Node,
  hint: { readonly name: string | null },
): Value | null {
  const { lessons } = lowering.unit;
  if (!lessons.keptLists.has(node) || !items.some((item) => holdsFunctions(lowering, item))) return null;
  const list = makeLiteral(lowering, { kind: "array", element: unknownFunction() }, [], null, hint);
  lowering.shared.openLists.add(list);
  for (const item of items) pushItem(lowering, list, item, node);
  return list;
}

/** What the array holds is not known here: begins again with an array in memory, if it is known where it was made. */
export function keepInstead(lowering: Lowering, array: Value): void {
  const node = lowering.shared.listNodes.get(array);
  if (node) learnOfFunction(lowering.unit.lessons.keptLists, node);
}

/** A function, or a record with some among its fields: what it is, only lowering knows. */
export function holdsFunctions(lowering: Lowering, value: Value): boolean {
  const { functionFields, functions } = lowering.shared;
  return functions.has(value) || (functionFields.get(value)?.size ?? 0) > 0;
}

/** An array that holds functions, or may get some: which it is must be known wherever it is read. */
export function isListOfFunctions(lowering: Lowering, value: Value): boolean {
  const element = value.type.kind === "array" ? value.type.element : null;
  const isOpen = element?.kind === "opaque" && !element.keyed && (isFunctionType(element) || !isUnknown(element));
  return lowering.shared.lists.has(value) || isOpen;
}

function refuseRunTime(node: Node): never {
  return refuse(
    node,
    "functionValue",
    "Which functions this array holds is known only at run time.",
    "Write the functions into the array where it is made, or change it there.",
  );
}

/**
 * What goes into an array. What it holds stays known where it is written out, or pushed as often as that is written; else
 * functions, and what holds some, are kept in memory.
 */
export function keepUnlessKnown(lowering: Lowering, array: Value, value: Value, node: Node): Value {
  const { lists, madeIn, openLists } = lowering.shared;
  const place = madeIn.get(array) ?? null;
  if (lists.has(array) || (place?.builder === lowering.builder && !openLists.has(array))) return value;
  const kept = keepFunctions(lowering, value, array, node);
  if (kept.type.kind === "record" && kept.type.environment !== undefined) openLists.add(array);
  return kept;
}

/** Functions are pushed to an array: what it holds stays known where that is done as often as it is written. */
export function extendList(lowering: Lowering, array: Value, pushed: readonly Value[], node: Node): void {
  const { lists, openLists } = lowering.shared;
  const known = lists.get(array);
  if (openLists.has(array) || (!known && !pushed.some((value) => holdsFunctions(lowering, value)))) return;
  changeList(lowering, array, [...(known ?? []), ...pushed], node);
}

/** What the array of functions holds from here on; it must be sure to be changed here. */
export function changeList(lowering: Lowering, array: Value, items: readonly Value[], node: Node): void {
  if (lowering.shared.madeIn.get(array)?.builder !== lowering.builder) {
    keepInstead(lowering, array);
    refuseRunTime(node);
  }
  lowering.shared.lists.set(array, items);
}

/** An item of an array is written. */
export function storeInList(lowering: Lowering, array: Value, index: Value, value: Value, node: Node): void {
  const items = lowering.shared.lists.get(array);
  const position = lowering.shared.literals.get(index);
  if (!items) return void lowering.shared.openLists.add(array);
  const isInside = typeof position === "number" && Number.isInteger(position) && position < items.length;
  if (!isInside || position < 0) keepInstead(lowering, array);
  if (!isInside || position < 0)
    refuse(
      node,
      "functionValue",
      "Which functions this array holds is known only at run time.",
      "Write to it by a position that is a number.",
    );
  changeList(lowering, array, items.with(position, value), node);
}

/** `pop`, `shift`, `reverse` and `slice` of an array of functions: what it holds stays known. */
export function followList(
  lowering: Lowering,
  node: import("ts-morph").CallExpression,
  name: string,
  array: Value,
  run: () => Value | null,
): Value | null {
  const items = lowering.shared.lists.get(array)!;
  const result = run();
  switch (name) {
    case "pop":
      changeList(lowering, array, items.slice(0, -1), node);
      return items.at(-1) ?? result;
    case "shift":
      changeList(lowering, array, items.slice(1), node);
      return items[0] ?? result;
    case "reverse":
      changeList(lowering, array, items.toReversed(), node);
      return result;
    case "slice": {
      // Bounds that are literals may be looked at again.
      const bounds = node.getArguments().map((one) => one.getType().getLiteralValue());
      if (result && node.getArguments().every(isEffectFree) && bounds.every((bound) => typeof bound === "number"))
        rememberList(lowering, result, items.slice(...bounds));
      return result;
    }
    case "push":
      return result;
    default:
      keepInstead(lowering, array);
      return refuse(
        node,
        "functionValue",
        `Which functions the array holds after ${name} is known only at run time.`,
        "Write the functions into a new array.",
      );
  }
}

/** `for (const f of fs)`. */
export function lowerForEachItem(
  lowering: Lowering,
  node: import("ts-morph").ForOfStatement,
  label: string | null,
  items: readonly Value[],
): Completion {
  const initializer = node.getInitializer();
  if (!Node.isVariableDeclarationList(initializer))
    refuse(node, "functionValue", "A variable outside of the loop takes functions.", "Declare it in the loop.");
  const breakFlag: Invented = { kind: "flag", name: "broken" };
  const from = (inside: Lowering, k: number): Completion => {
    const item = items[k];
    if (!item) return "normal";
    const continueFlag: Invented = { kind: "flag", name: "continued" };
    const target: JumpTarget = { node, label, breakFlag, continueFlag };
    const body: Lowering = { ...inside, jumpTargets: [...inside.jumpTargets, target] };
    bindPattern(body, initializer.getDeclarations()[0]!.getNameNode(), item);
    const completion = settle(inside, lowerStatement(body, node.getStatement()), continueFlag);
    if (completion === "abrupt") return "abrupt";
    return completion === "normal" ? from(inside, k + 1) : lowerGuarded(inside, node, (rest) => from(rest, k + 1));
  };
  return settle(lowering, from(lowering, 0), breakFlag);
}

/** `fs.map(…)`, `fs.forEach(…)`, `fs.reduce(…)`; undefined for any other method. */
export function lowerListMethod(
  lowering: Lowering,
  node: import("ts-morph").CallExpression,
  name: string,
  array: Value,
  items: readonly Value[],
): Value | null | undefined {
  // Arguments are evaluated once: here, or by whoever lowers the other methods.
  if (!/^(forEach|map|reduce)$/.test(name)) return undefined;
  const [callback, start] = node.getArguments();
  const fn: FunctionValue | null = callback ? knownFunction(lowering, callback) : null;
  if (!fn) return undefined;
  const call = (...args: Value[]): Value => callKnown(lowering, fn, args, node) ?? nullish(lowering, undefined);
  const index = (k: number): Value => constant(lowering, k);
  switch (name) {
    case "forEach":
      items.forEach((item, k) => call(item, index(k), array));
      return null;
    case "map": {
      const results = items.map((item, k) => call(item, index(k), array));
      const kept = keptList(lowering, results, node, { name: null });
      if (kept) return kept;
      const element = results[0]?.type ?? { kind: "number" };
      const made = makeLiteral(lowering, { kind: "array", element }, results, null, { name: null });
      rememberList(lowering, made, results, node);
      return made;
    }
    case "reduce": {
      const rest = start ? items : items.slice(1);
      const first = start ? lowerExpression(lowering, start) : items[0];
      if (!first) return undefined;
      const skipped = items.length - rest.length;
      return rest.reduce((total, item, k) => call(total, item, index(k + skipped), array), first);
    }
    default:
      return undefined;
  }
}
