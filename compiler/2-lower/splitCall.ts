/**
 * Calls of functions too large to be lowered in place: the callee becomes a function of the unit of its own.
 *
 * before: y = big(x, a)        after: y = call big(x, a), and big among the unit's functions
 */
import { Node, SyntaxKind } from "ts-morph";
import { nothingKnown } from "../ir/effects.js";
import { newValue } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { makeLiteral } from "./literals.js";
import { type FunctionNode, type Lowering, nullish, spanOf, typeAt } from "./lowering.js";
import { isRecursive } from "./recursion.js";

/** A function of the unit, as its callers see it. */
export interface LoweredCallee {
  readonly key: string;
  /** Null for a function that returns nothing. */
  readonly result: Type | null;
}

/** Whether a call is left a call: the callee stands by itself, takes no functions, and is large or calls itself. */
export function isSplit(lowering: Lowering, fn: FunctionNode, args: readonly Value[]): boolean {
  if (isRecursive(fn)) return true;
  if (!standsAlone(fn) || args.some((argument) => argument.type.kind === "opaque")) return false;
  const size = sizeOf(fn);
  const { callee, calledOnce, total } = lowering.unit.limits;
  const limit = callSitesOf(fn) > 1 ? callee : calledOnce;
  return size > limit || lowering.shared.inlined + size > total;
}

/** Declared at the top of a module, with parameters whose types say what they hold. */
function standsAlone(fn: FunctionNode): boolean {
  const owner = Node.isFunctionDeclaration(fn) ? fn.getParent() : fn.getParent()?.getParent()?.getParent()?.getParent();
  if (!owner || !Node.isSourceFile(owner) || fn.getTypeParameters().length > 0) return false;
  return fn.getParameters().every((parameter) => {
    const type = parameter.getType();
    return !type.isAny() && type.getCallSignatures().length === 0;
  });
}

const callSites = new WeakMap<FunctionNode, number>();

/** How often the function's own file calls it; one that only other files call counts as called once. */
function callSitesOf(fn: FunctionNode): number {
  let count = callSites.get(fn);
  if (count === undefined) {
    const named = Node.isFunctionDeclaration(fn) ? fn : fn.getParent();
    const symbol = named?.getSymbol();
    count = fn
      .getSourceFile()
      .getDescendantsOfKind(SyntaxKind.CallExpression)
      .filter((call) => call.getExpression().getSymbol() === symbol).length;
    callSites.set(fn, count);
  }
  return count;
}

const sizes = new WeakMap<FunctionNode, number>();

/** The number of nodes of a function's syntax. */
export function sizeOf(fn: FunctionNode): number {
  let size = sizes.get(fn);
  if (size === undefined) sizes.set(fn, (size = fn.getDescendants().length));
  return size;
}

export function callFunction(lowering: Lowering, fn: FunctionNode, args: readonly Value[], node: Node): Value | null {
  const all = fn.getParameters().map((parameter, k) => {
    if (parameter.isRestParameter())
      return makeLiteral(lowering, typeAt(lowering, parameter), args.slice(k), null, { name: null });
    return args[k] ?? nullish(lowering, undefined);
  });
  return callWith(lowering, fn, all, node);
}

/** A call with one value for each parameter, a rest parameter included. */
export function callWith(lowering: Lowering, fn: FunctionNode, args: readonly Value[], node: Node): Value | null {
  const callee = lowering.unit.requireFunction(fn);
  const result = callee.result && newValue(callee.result, { span: spanOf(node) });
  lowering.builder.add({
    kind: "call",
    result,
    callee: callee.key,
    arguments: args,
    effects: nothingKnown,
    span: spanOf(node),
  });
  return result;
}
