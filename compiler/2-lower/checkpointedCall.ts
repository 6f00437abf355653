/**
 * Calls of functions with `@checkpoint`: what the function computes is not kept for the reverse sweep, but computed again.
 *
 * before: y = f(x)        after: y = if true (checkpoint) {f(x)} else {0}
 */
import type { Node } from "ts-morph";
import { directivesOf } from "../1-parse/directives.js";
import type { Value } from "../ir/ir.js";
import { joinBranches, openBranch } from "./branches.js";
import { inlineClosure } from "./inlineCall.js";
import {
  type CallableNode,
  constant,
  type FunctionNode,
  type FunctionValue,
  type Lowering,
  placeholder,
  refuse,
} from "./lowering.js";
import { callFunction, canStandAlone, isSplit } from "./splitCall.js";

const known = new WeakMap<CallableNode, boolean>();

export function isCheckpointed(node: CallableNode): boolean {
  let isMarked = known.get(node);
  if (isMarked === undefined) known.set(node, (isMarked = directivesOf(node).checkpoint !== null));
  return isMarked;
}

export function callCheckpointed(
  lowering: Lowering,
  fn: FunctionValue & { kind: "closure" },
  args: readonly Value[],
  node: Node,
): Value | null {
  if (!canStandAlone(lowering, fn, args))
    refuse(
      node,
      "checkpoint",
      "A function with @checkpoint takes and gives nothing but data, and stands at the top of a module; this one does not.",
      "Move it there, or put @checkpoint before a loop.",
    );
  const [taken, other] = [openBranch(lowering), openBranch(lowering)];
  const inside = taken.lowering;
  taken.value = isSplit(inside, fn, args)
    ? callFunction(inside, fn.node as FunctionNode, args, node)
    : inlineClosure(inside, fn, args, node);
  other.value = taken.value && placeholder(other.lowering, taken.value.type);
  return joinBranches(lowering, constant(lowering, true), taken, other, node, null, true).value;
}
