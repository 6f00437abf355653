/** Calls of functions whose body is known: the body is lowered in place of the call. */
import { Node, type ParameterDeclaration } from "ts-morph";
import { DiagnosticError } from "../diagnostics.js";
import type { Value } from "../ir/ir.js";
import { type ClassNode, isClass } from "./classes.js";
import { bindPattern, withDefault } from "./destructuring.js";
import { lowerExpression } from "./expressions.js";
import { functionValue } from "./functionValues.js";
import { keptList, rememberList } from "./knownLists.js";
import { makeLiteral, makeTuple } from "./literals.js";
import {
  type CallableNode,
  declareVariable,
  type FunctionValue,
  type Invented,
  type Lowering,
  newScope,
  nullish,
  refuse,
  rememberType,
  typeAt,
} from "./lowering.js";
import { isRecursive } from "./recursion.js";
import type { YieldTarget } from "./generators.js";
import { learnOfFunction } from "./lessons.js";
import { isOfPackage } from "./packageReader.js";
import type { Closure } from "./lifting.js";
import { callSpecialised } from "./specialised.js";
import { callFunction, canStandAlone, isTooLarge, sizeOf } from "./splitCall.js";
import { isMarkedConstant, stopped } from "./stop.js";
import { failTogether } from "./recovery.js";
import { lowerStatements } from "./statements.js";
import { callByRule } from "./ruleCalls.js";
import { refuseShadowed } from "./shadowedGlobals.js";
import { isFunctionLike, parametersOf } from "./syntax.js";

export function refuseUnlessPlain(fn: CallableNode, node: Node, isWalked = false): void {
  const owner = fn.getParent();
  if (isClass(owner)) refuseDecorated(owner, node);
  if (!isOfPackage(fn)) refuseShadowed(fn, node);
  if (Node.isConstructorDeclaration(fn) || Node.isGetAccessorDeclaration(fn)) return;
  if (Node.isSetAccessorDeclaration(fn)) return;
  if (fn.isAsync())
    refuse(node, "asyncFunction", "An async function cannot be differentiated.", "Await the data before the call.");
  if (Node.isArrowFunction(fn)) return;
  if (fn.isGenerator() && !isWalked)
    refuse(node, "generator", "A generator cannot be differentiated.", "Return an array instead.");
}

/** What a decorator makes of a class or a member is known only when it runs. */
export function refuseDecorated(declaration: ClassNode, node: Node): void {
  const decorated = [declaration, ...declaration.getMembers()].find(
    (one) => Node.isDecoratable(one) && one.getDecorators().length > 0,
  );
  if (decorated)
    refuse(
      node,
      "unsupportedSyntax",
      `${declaration.getName() ?? "This class"} is decorated, and what a decorator makes of it is not known.`,
      "Use a class without decorators here.",
    );
}

const deepestReentry = 12;
/** Functions of packages test what they are given before they call themselves: that is often decided already. */
const deepestOfPackage = 5;

/**
 * Whether a call would go on for ever. A function that is handed another function may well be called inside itself
 * (an integral of an integral), and so may two functions that one piece of syntax made.
 */
function isRecursion(lowering: Lowering, fn: FunctionValue & { kind: "closure" }, args: readonly Value[]): boolean {
  const open = lowering.inlining.filter((one) => one.node === fn.node);
  if (isOfPackage(fn.node)) return open.length > deepestOfPackage;
  if (open.length > deepestReentry) return true;
  const isOther = args.some((argument) => lowering.shared.functions.has(argument));
  return !isOther && open.some((one) => one.scope === fn.scope);
}

/** A call of a function that calls itself. */
export function callRecursive(lowering: Lowering, fn: Closure, args: readonly Value[], at: Node): Value | null {
  return !isOfPackage(fn.node) && isFunctionLike(fn.node) && canStandAlone(lowering, fn, args)
    ? callFunction(lowering, fn.node, args, at)
    : callSpecialised(lowering, fn, args, at);
}

/** A call of a large function of a package, which is lowered in place after all where it cannot stand by itself. */
function callApart(lowering: Lowering, fn: Closure, args: readonly Value[], at: Node): Value | null {
  try {
    return callSpecialised(lowering, fn, args, at);
  } catch (error) {
    if (error instanceof DiagnosticError) learnOfFunction(lowering.unit.lessons.inseparable, fn.node);
    throw error;
  }
}

export interface InlineOptions {
  /** Runs before the body. */
  readonly prelude?: (inside: Lowering) => void;
  /** The function is a generator, which is walked over. */
  readonly yields?: YieldTarget | null;
}

/** Lowers the body of a function with its parameters bound to `args`; null when it returns nothing. */
export function inlineClosure(
  lowering: Lowering,
  fn: FunctionValue & { kind: "closure" },
  args: readonly Value[],
  at: Node,
  { prelude, yields = null }: InlineOptions = {},
): Value | null {
  const { node, self } = fn;
  const rule = isFunctionLike(node) ? lowering.unit.ruleOf(node) : null;
  if (rule) return callByRule(lowering, rule, args, at, null);
  refuseUnlessPlain(node, at, yields !== null);
  const { recursive, inseparable } = lowering.unit.lessons;
  const isKnownRecursive = recursive.has(node) || (!isOfPackage(node) && isFunctionLike(node) && isRecursive(node));
  if (isKnownRecursive) return callRecursive(lowering, fn, args, at);
  const isApart = isOfPackage(node) && !lowering.throwTarget && isTooLarge(lowering, node) && !inseparable.has(node);
  if (isApart) return callApart(lowering, fn, args, at);
  if (isRecursion(lowering, fn, args)) learnOfFunction(recursive, node);
  lowering.shared.inlined += sizeOf(node);
  const called = nameOfFunction(node);
  if (called !== null) lowering.shared.inlinedNames.add(called);
  const scope = newScope(fn.scope, self);
  if (!Node.isArrowFunction(node)) scope.passed = args;
  const flag: Invented = { kind: "flag", name: "returned" };
  const result: Invented = { kind: "result", name: "result" };
  const inside: Lowering = {
    ...lowering,
    scope,
    returnTarget: { flag, result, type: { kind: "nullish" } },
    jumpTargets: [],
    yieldTarget: yields,
    inlining: [...lowering.inlining, fn],
  };
  const value = failTogether(lowering, () => {
    const ownName = Node.isFunctionExpression(node) ? node.getNameNode() : undefined;
    if (ownName) declareVariable(inside, ownName, functionValue(lowering, fn));
    bindParameters(inside, node, args);
    prelude?.(inside);
    const body = node.getBody();
    if (!body || !Node.isBlock(body)) return body ? lowerExpression(inside, body) : null;
    lowerStatements(inside, body.getStatements());
    return lowering.variables.get(result) ?? null;
  });
  lowering.variables.delete(result);
  lowering.variables.delete(flag);
  if (!scope.isCaptured) for (const cell of scope.cells.values()) lowering.variables.delete(cell);
  return value;
}

/** The name of a function that has one of its own, or is kept in a variable. */
function nameOfFunction(node: CallableNode): string | null {
  if (Node.isFunctionDeclaration(node) || Node.isMethodDeclaration(node)) return node.getName() ?? null;
  const parent = node.getParent();
  return Node.isVariableDeclaration(parent) ? parent.getName() : null;
}

export function bindParameters(lowering: Lowering, fn: CallableNode, args: readonly Value[]): void {
  parametersOf(fn).forEach((parameter, k) => {
    const name = parameter.getNameNode();
    if (parameter.isRestParameter()) {
      const rest = restOfArguments(lowering, parameter, args.slice(k));
      return bindPattern(lowering, name, rest);
    }
    const given = args[k] ?? nullish(lowering, undefined);
    const initializer = parameter.getInitializer();
    const isOptional = given.type.kind === "optional" || given.type.kind === "nullish";
    let value = given;
    if (initializer && given.type.kind === "nullish") value = lowerExpression(lowering, initializer);
    else if (initializer && isOptional) value = withDefault(lowering, given, initializer, parameter);
    bindPattern(lowering, name, isMarkedConstant(parameter) ? stopped(lowering, value, null) : value);
    if (value.type.kind === "optional" || value.type.kind === "nullish")
      if (Node.isIdentifier(name)) rememberType(lowering, name, typeAt(lowering, parameter));
  });
}

/** The array of a rest parameter. */
export function restOfArguments(lowering: Lowering, parameter: ParameterDeclaration, args: readonly Value[]): Value {
  const only = args[0];
  if (only && lowering.shared.restArrays.has(only)) return only;
  if (isOfPackage(parameter)) return makeTuple(lowering, args, { name: null });
  const kept = keptList(lowering, args, parameter, { name: null });
  if (kept) return kept;
  const list = makeLiteral(lowering, typeAt(lowering, parameter), args, null, { name: null });
  rememberList(lowering, list, args, parameter);
  return list;
}
