/**
 * Arrays of functions: what they hold must be known, so loops over them and their methods are written out, item by item.
 */
import { Node } from "ts-morph";
import type { Value } from "../ir/ir.js";
import { bindPattern } from "./destructuring.js";
import { lowerExpression } from "./expressions.js";
import { callKnown, knownFunction } from "./functionValues.js";
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
import { lowerGuarded, lowerStatement, settle } from "./statements.js";

/** What an array of functions holds; null for an array of anything else. */
export function itemsOfList(lowering: Lowering, array: Value): readonly Value[] | null {
  return lowering.shared.lists.get(array) ?? null;
}

/** Remembers what an array holds where there are functions among it. */
export function rememberList(lowering: Lowering, array: Value, items: readonly Value[]): void {
  const { functionFields, functions, lists } = lowering.shared;
  const isKnownOnly = (item: Value): boolean => functions.has(item) || (functionFields.get(item)?.size ?? 0) > 0;
  if (items.some(isKnownOnly)) lists.set(array, items);
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
      const element = results[0]?.type ?? { kind: "number" };
      const made = makeLiteral(lowering, { kind: "array", element }, results, null, { name: null });
      rememberList(lowering, made, results);
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
