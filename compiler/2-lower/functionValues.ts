/**
 * Functions as values. What a function is must be known while the program is lowered: a literal, a name, a field of a
 * record made here, a method, or one of two by a condition. It is then called by lowering its body in place.
 */
import { Node, SyntaxKind } from "ts-morph";
import { adjointName } from "../1-parse/importedNames.js";
import type { Type, Value } from "../ir/ir.js";
import { mathFunctions } from "../ir/primitives.js";
import { joinBranches, openBranch } from "./branches.js";
import { callDerivative, callPullback } from "./innerDerivatives.js";
import { type ClassNode, memberOf, staticMethod } from "./classes.js";
import { byClass } from "./dispatch.js";
import { lowerExpression } from "./expressions.js";
import type { Closure } from "./lifting.js";
import { callKept, closuresOfKept, functionKept } from "./keptFunctions.js";
import { applyMath } from "./mathCalls.js";
import { inlineClosure } from "./inlineCall.js";
import {
  type CallableNode,
  cellIn,
  type FunctionNode,
  type FunctionValue,
  isLost,
  type Lowering,
  nullish,
  placeholder,
  placeOf,
  refuse,
  type Scope,
  symbolOf,
} from "./lowering.js";
import { enclosingFunction, isLiveFunction, liveFunction, liveOf, liveScope, lowerLive } from "./liveValues.js";
import { isBlockOfNames, isNamespace, originalSymbol } from "./mentions.js";
import { madeInModule } from "./moduleMade.js";
import { isAssignedAnywhere } from "./moduleState.js";
import { isOfPackage } from "./packageReader.js";
import { tellCaller } from "./packageCalls.js";
import { callCheckpointed, isCheckpointed } from "./checkpointedCall.js";
import { callFunction, isSplit } from "./splitCall.js";
import { callByRule } from "./ruleCalls.js";
import { stopped } from "./stop.js";
import { getterKey, isFunctionLike, unwrap } from "./syntax.js";

export const functionType: Type = { kind: "opaque", text: "Function" };

/** The function that a value is; null where it is none, or not known. */
export function functionOf(lowering: Lowering, value: Value): FunctionValue | null {
  return lowering.shared.functions.get(value) ?? functionKept(lowering, value);
}

/** A value for a function that is known. */
export function functionValue(lowering: Lowering, fn: FunctionValue): Value {
  const value = placeholder(lowering, functionType);
  lowering.shared.functions.set(value, fn);
  lowering.shared.madeIn.set(value, placeOf(lowering));
  return value;
}

/** The variables of an activation outlive it. */
export function closureScope(scope: Scope): void {
  for (let at: Scope | null = scope; at; at = at.outer) at.isCaptured = true;
}

/** A class that is declared in a function may read and write what is around it. */
export function declareClass(lowering: Lowering, node: ClassNode): void {
  closureScope(lowering.scope);
  lowering.shared.classScopes.set(node, lowering.scope);
}

/** The function that a piece of syntax makes here. */
export function closureOf(scope: Scope, node: CallableNode): FunctionValue {
  closureScope(scope);
  return { kind: "closure", node, scope, self: Node.isArrowFunction(node) ? undefined : null };
}

/** The function an expression names, found without lowering it. */
export function staticFunction(
  lowering: Lowering,
  expression: Node,
  scope: Scope | null = lowering.scope,
): FunctionValue | null {
  const node = unwrap(expression);
  const given = givenFunction(lowering, node, scope);
  if (given) return given;
  if (isFunctionLike(node)) return scope ? closureOf(scope, node) : { kind: "closure", node, scope: null, self: null };
  if (!scope && Node.isCallExpression(node) && node.getType().getCallSignatures().length > 0)
    return madeInModule(lowering, node);
  if (Node.isIdentifier(node)) {
    const cell = cellIn(scope, symbolOf(node));
    if (isLost(lowering, node, scope)) return null;
    const value = cell && lowering.variables.get(cell);
    if (cell) return value ? functionOf(lowering, value) : null;
  }
  const math = Node.isPropertyAccessExpression(node) ? mathFunctionName(lowering, node) : null;
  if (math) return { kind: "math", name: math };
  return (isOfPackage(node) ? null : functionOfProject(lowering, node)) ?? functionOfPackage(lowering, node, scope);
}

function functionOfProject(lowering: Lowering, node: Node): FunctionValue | null {
  if (Node.isIdentifier(node)) return moduleFunction(lowering, node);
  if (!Node.isPropertyAccessExpression(node)) return null;
  return isNamespace(node.getExpression()) || isBlockOfNames(node.getExpression())
    ? moduleFunction(lowering, node.getNameNode())
    : staticMethod(node.getExpression(), node.getName());
}

function functionOfPackage(lowering: Lowering, node: Node, scope: Scope | null): FunctionValue | null {
  const live = liveOf(lowering, node, scope);
  if (!live && isOfPackage(node)) return ownNameAround(lowering, node, scope);
  if (!live || !isLiveFunction(live.value)) return null;
  const fn = liveFunction(lowering, live.value);
  // A method of the language is one of the value, whatever that is.
  if (fn.kind === "native" && Node.isPropertyAccessExpression(node)) return null;
  if (fn.kind !== "closure" || !Node.isPropertyAccessExpression(node) || !usesThis(fn.node)) return fn;
  const owner = liveOf(lowering, node.getExpression(), scope)!;
  return { ...fn, self: lowerLive(lowering, owner.value, null, node) };
}

/** The name of a function expression, seen from a function inside of it: the engine tells of no such variable. */
function ownNameAround(lowering: Lowering, name: Node, scope: Scope | null): FunctionValue | null {
  const owner = enclosingFunction(scope);
  const declaration = Node.isIdentifier(name) ? name.getSymbol()?.getDeclarations()[0] : undefined;
  if (!owner || !Node.isFunctionExpression(declaration)) return null;
  return { kind: "closure", node: declaration, scope: liveScope(lowering, owner), self: null };
}

function usesThis(node: Node): boolean {
  return node.getDescendantsOfKind(SyntaxKind.ThisKeyword).length > 0;
}

/** `stopGradient`, or a function that a rule is written for. */
function givenFunction(lowering: Lowering, node: Node, scope: Scope | null): FunctionValue | null {
  if (Node.isIdentifier(node) && cellIn(scope, symbolOf(node))) return null;
  if (adjointName(node) === "stopGradient") return { kind: "stop" };
  const rule = lowering.unit.ruleOf(node);
  return rule && { kind: "rule", rule };
}

/** A function of a module. */
function moduleFunction(lowering: Lowering, name: Node): FunctionValue | null {
  for (const declaration of originalSymbol(name)?.getDeclarations() ?? []) {
    if (Node.isFunctionDeclaration(declaration) && declaration.getBody())
      return { kind: "closure", node: declaration, scope: null, self: null };
    // Its own name, inside of a function expression of a module.
    if (Node.isFunctionExpression(declaration) && !declaration.getFirstAncestor(Node.isFunctionLikeDeclaration))
      return { kind: "closure", node: declaration, scope: null, self: null };
    if (Node.isBindingElement(declaration)) return boundMathFunction(declaration);
    // Which function a variable holds that is assigned, is known only when it is called.
    if (Node.isVariableDeclaration(declaration) && isAssignedAnywhere(declaration)) return null;
    const written = Node.isVariableDeclaration(declaration)
      ? declaration.getInitializer()
      : Node.isExportAssignment(declaration)
        ? declaration.getExpression()
        : undefined;
    if (!written) continue;
    const made = unwrap(written);
    // What a function makes when it runs is found when that is lowered.
    if (Node.isCallExpression(made) && made.getFirstAncestor(Node.isFunctionLikeDeclaration)) continue;
    const isName = Node.isIdentifier(made) || Node.isPropertyAccessExpression(made);
    if (isFunctionLike(made) || isName || Node.isCallExpression(made)) return staticFunction(lowering, made, null);
  }
  return null;
}

/** The functions that an object written in a module holds; null where it holds none. */
export function moduleFunctions(lowering: Lowering, initializer: Node): ReadonlyMap<string, Value> | null {
  const literal = unwrap(initializer);
  if (!Node.isObjectLiteralExpression(literal)) return null;
  const members = new Map<string, Value>();
  for (const property of literal.getProperties()) {
    if (Node.isGetAccessorDeclaration(property)) {
      const getter = functionValue(lowering, { kind: "closure", node: property, scope: null, self: null });
      members.set(getterKey(property.getName()), getter);
      continue;
    }
    const made =
      Node.isPropertyAssignment(property) || Node.isShorthandPropertyAssignment(property)
        ? (property.getInitializer() ?? property.getNameNode())
        : property;
    const fn = Node.isSpreadAssignment(made) ? null : staticFunction(lowering, made, null);
    if (fn && Node.hasName(property)) members.set(property.getName(), functionValue(lowering, fn));
  }
  return members.size > 0 ? members : null;
}

/** The functions of an array written in a module; null where it holds anything else. */
export function moduleItems(lowering: Lowering, initializer: Node): readonly Value[] | null {
  const literal = unwrap(initializer);
  if (!Node.isArrayLiteralExpression(literal)) return null;
  const items = literal.getElements().map((element) => staticFunction(lowering, element, null));
  return items.length > 0 && items.every((fn) => fn !== null) ? items.map((fn) => functionValue(lowering, fn)) : null;
}

/** `const { sin, cos } = Math`. */
function boundMathFunction(element: import("ts-morph").BindingElement): FunctionValue | null {
  const owner = element.getParent().getParent();
  const source = Node.isVariableDeclaration(owner) ? owner.getInitializer()?.getText() : undefined;
  const name = element.getPropertyNameNode()?.getText() ?? element.getName();
  return source === "Math" && Object.hasOwn(mathFunctions, name) ? { kind: "math", name } : null;
}

function mathFunctionName(lowering: Lowering, node: import("ts-morph").PropertyAccessExpression): string | null {
  const owner = node.getExpression();
  if (!Node.isIdentifier(owner) || owner.getText() !== "Math" || cellIn(lowering.scope, symbolOf(owner))) return null;
  return Object.hasOwn(mathFunctions, node.getName()) || node.getName() === "pow" ? node.getName() : null;
}

/** The function an expression is, lowered where its value must be found; null where it is not known. */
export function knownFunction(lowering: Lowering, expression: Node): FunctionValue | null {
  const found = staticFunction(lowering, expression);
  if (found) return found;
  const node = unwrap(expression);
  const type = node.getType();
  if (Node.isIdentifier(node) && !cellIn(lowering.scope, symbolOf(node))) return null;
  if (isOfPackage(node)) return functionOf(lowering, lowerExpression(lowering, node));
  if (type.getCallSignatures().length === 0 && !type.isAny() && !type.isUnion()) return null;
  return functionOf(lowering, lowerExpression(lowering, node));
}

/** Calls a function that is known; null when it returns nothing. */
export function callKnown(
  lowering: Lowering,
  fn: FunctionValue,
  args: readonly Value[],
  node: Node,
  name: string | null = null,
): Value | null {
  switch (fn.kind) {
    case "closure":
      if (isOfPackage(fn.node) && !isOfPackage(node))
        return tellCaller(node, fn.node, () => inlineClosure(lowering, fn, args, node));
      if (isOfPackage(fn.node)) return inlineClosure(lowering, fn, args, node);
      if (isCheckpointed(fn.node)) return callCheckpointed(lowering, fn, args, node);
      return isSplit(lowering, fn, args)
        ? callFunction(lowering, fn.node as FunctionNode, args, node)
        : inlineClosure(lowering, fn, args, node);
    case "native":
      return refuse(
        node,
        "unsupportedCall",
        `What ${fn.fn.name || "this function"} does is not known to the compiler.`,
        "Write it with arithmetic, Math, arrays and records.",
      );
    case "math":
      return applyMath(lowering, fn.name, args, node, name);
    case "stop":
      return stopped(lowering, args[0] ?? nullish(lowering, undefined), name);
    case "rule":
      return callByRule(lowering, fn.rule, args, node, name);
    case "derivative":
      return callDerivative(lowering, fn, args, node, name);
    case "pullback":
      return callPullback(lowering, fn, args, node, name);
    case "partial":
      return callKnown(lowering, fn.fn, [...fn.first, ...args], node);
    case "method":
      return byClass(lowering, fn.object, fn.classes, node, (inside, instance) =>
        callKnown(inside, memberOf(inside, instance, fn.name, "method", node)!, args, node, name),
      );
    case "kept":
      return callKept(lowering, fn, args, node, name);
    case "choice":
      return callChosen(lowering, fn, args, node);
  }
}

function callChosen(
  lowering: Lowering,
  fn: FunctionValue & { kind: "choice" },
  args: readonly Value[],
  node: Node,
): Value | null {
  const known = lowering.shared.literals.get(fn.condition);
  if (typeof known === "boolean") return callKnown(lowering, known ? fn.whenTrue : fn.whenFalse, args, node);
  const [taken, other] = [openBranch(lowering), openBranch(lowering)];
  taken.value = callKnown(taken.lowering, fn.whenTrue, args, node);
  other.value = callKnown(other.lowering, fn.whenFalse, args, node);
  return joinBranches(lowering, fn.condition, taken, other, node).value;
}

/** Every function that is a value somewhere, or was kept. */
export function everyClosure(lowering: Lowering): readonly Closure[] {
  const kept = lowering.unit.environments.all.flatMap(({ cases }) => cases.flatMap(({ closures }) => closures));
  return [...new Set([...lowering.shared.functions.values()].flatMap(closuresIn)), ...kept];
}

/** Every function of the program that this one may turn out to be. */
export function closuresIn(fn: FunctionValue): readonly (FunctionValue & { kind: "closure" })[] {
  if (fn.kind === "closure") return [fn];
  if (fn.kind === "partial" || fn.kind === "derivative") return closuresIn(fn.fn);
  if (fn.kind === "method") return fn.closures;
  if (fn.kind === "kept") return closuresOfKept(fn);
  return fn.kind === "choice" ? [...closuresIn(fn.whenTrue), ...closuresIn(fn.whenFalse)] : [];
}
