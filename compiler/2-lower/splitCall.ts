/**
 * Calls of functions too large to be lowered in place: the callee becomes a function of the unit of its own.
 *
 * before: y = big(x, a)        after: y = call big(x, a), and big among the unit's functions
 */
import { Node, type SourceFile, type Symbol as SourceSymbol, SyntaxKind, type Type as SourceType } from "ts-morph";
import { newValue } from "../ir/build.js";
import { nothingKnown } from "../ir/effects.js";
import type { Type, Value } from "../ir/ir.js";
import { isClass } from "./classes.js";
import { isFunctionLike, parametersOf } from "./syntax.js";
import { restOfArguments } from "./inlineCall.js";
import { holdsFunctions } from "./knownLists.js";
import { refuseCaught } from "./recursion.js";
import {
  type CallableNode,
  type FunctionNode,
  type FunctionValue,
  type Lowering,
  nullish,
  spanOf,
} from "./lowering.js";

/** A function of the unit, as its callers see it. */
export interface LoweredCallee {
  readonly key: string;
  /** Null for a function that returns nothing. */
  readonly result: Type | null;
}

/** Whether a call is left a call: the callee stands by itself, takes and gives no functions, and is large. */
export function isSplit(lowering: Lowering, fn: FunctionValue & { kind: "closure" }, args: readonly Value[]): boolean {
  // What a function throws that is only called cannot be caught.
  return !lowering.throwTarget && isTooLarge(lowering, fn.node) && canStandAlone(lowering, fn, args);
}

/** What the function is lowered for is the same in every call. */
export function canStandAlone(
  lowering: Lowering,
  { node, self }: FunctionValue & { kind: "closure" },
  args: readonly Value[],
): boolean {
  const isData = (value: Value): boolean => value.type.kind !== "opaque" && !holdsFunctions(lowering, value);
  return !self && standsAlone(lowering, node) && args.every(isData);
}

/** Lowered in place the function would make its caller too large. */
export function isTooLarge(lowering: Lowering, fn: CallableNode): boolean {
  const size = sizeOf(fn);
  const { callee, calledOnce, total } = lowering.unit.limits;
  const limit = callSitesOf(fn) > 1 ? callee : calledOnce;
  return size > limit || lowering.shared.inlined + size > total;
}

/** Declared at the top of a module, with parameters whose types say what they hold. */
function standsAlone(lowering: Lowering, fn: CallableNode): fn is FunctionNode {
  if (!isFunctionLike(fn) || Node.isMethodDeclaration(fn)) return false;
  const parent = fn.getParent();
  const owner = Node.isVariableDeclaration(parent) ? parent.getVariableStatement()?.getParent() : parent;
  if (!owner || !Node.isSourceFile(owner) || fn.getTypeParameters().length > 0) return false;
  if (mayHoldFunctions(fn.getReturnType(), fn)) return false;
  return fn.getParameters().every((parameter) => {
    const type = parameter.getType().getNonNullableType();
    if (lowering.unit.typeOf(type, parameter).kind === "opaque") return false;
    return !type.isAny() && !mayHoldFunctions(type, parameter);
  });
}

/** Which functions, only those who made the value know. */
export function mayHoldFunctions(type: SourceType, at: Node): boolean {
  return type.getCallSignatures().length > 0 || hasFunctionFields(type, at);
}

function hasFunctionFields(type: SourceType, at: Node): boolean {
  const declarations = type.getSymbol()?.getDeclarations() ?? [];
  if (!type.isObject() || type.isTuple() || type.isArray() || type.isReadonlyArray()) return false;
  if (declarations.some((one) => isClass(one) || one.getSourceFile().isDeclarationFile())) return false;
  return type
    .getProperties()
    .some((property) => property.getTypeAtLocation(at).getNonNullableType().getCallSignatures().length > 0);
}

/** By the checker, which is another after an edit, and the file: how often it calls what. */
const callSites = new WeakMap<object, Map<SourceFile, ReadonlyMap<SourceSymbol | undefined, number>>>();

/** How often the function's own file calls it; one that only other files call counts as called once. */
function callSitesOf(fn: CallableNode): number {
  const named = Node.isFunctionDeclaration(fn) ? fn : fn.getParent();
  return callSitesIn(fn.getSourceFile()).get(named?.getSymbol()) ?? 0;
}

function callSitesIn(file: SourceFile): ReadonlyMap<SourceSymbol | undefined, number> {
  const checker = file.getProject().getTypeChecker().compilerObject;
  const files = callSites.get(checker) ?? new Map<SourceFile, ReadonlyMap<SourceSymbol | undefined, number>>();
  callSites.set(checker, files);
  const known = files.get(file);
  if (known) return known;
  const counts = new Map<SourceSymbol | undefined, number>();
  for (const call of file.getDescendantsOfKind(SyntaxKind.CallExpression)) {
    const symbol = call.getExpression().getSymbol();
    counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  }
  files.set(file, counts);
  return counts;
}

const sizes = new WeakMap<CallableNode, number>();

/** The number of nodes of a function's syntax. */
export function sizeOf(fn: CallableNode): number {
  let size = sizes.get(fn);
  if (size === undefined) sizes.set(fn, (size = fn.getDescendants().length));
  return size;
}

export function callFunction(lowering: Lowering, fn: FunctionNode, args: readonly Value[], node: Node): Value | null {
  refuseCaught(lowering, fn, node);
  const all = parametersOf(fn).map((parameter, k) => {
    if (parameter.isRestParameter()) return restOfArguments(lowering, parameter, args.slice(k));
    return args[k] ?? nullish(lowering, undefined);
  });
  const callee = lowering.unit.requireFunction(fn);
  const result = callee.result && newValue(callee.result, { span: spanOf(node) });
  lowering.builder.add({
    kind: "call",
    result,
    callee: callee.key,
    arguments: all,
    effects: nothingKnown,
    span: spanOf(node),
  });
  return result;
}
