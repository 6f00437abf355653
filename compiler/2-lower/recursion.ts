/** Functions that call themselves, directly or through others: they are called, never lowered in place. */
import { Node, SyntaxKind, type Type as SourceType } from "ts-morph";
import type { Type } from "../ir/ir.js";
import { type CallableNode, type FunctionNode, type Lowering, refuse } from "./lowering.js";
import type { UnitContext } from "./unitContext.js";
import { originalSymbol } from "./mentions.js";
import { isFunctionLike, unwrap } from "./syntax.js";

/** The function that an expression stands for, when its body is known. */
export function declaredFunction(expression: Node): FunctionNode | null {
  const node = unwrap(expression);
  if (isFunctionLike(node)) return node;
  for (const declaration of originalSymbol(node)?.getDeclarations() ?? []) {
    if (Node.isFunctionDeclaration(declaration) && declaration.getBody()) return declaration;
    if (Node.isFunctionExpression(declaration)) return declaration;
    const initializer = Node.isVariableDeclaration(declaration)
      ? declaration.getInitializer()
      : Node.isExportAssignment(declaration) && declaration.getExpression();
    if (initializer && isFunctionLike(unwrap(initializer))) return unwrap(initializer) as FunctionNode;
  }
  return null;
}

const mentioned = new WeakMap<CallableNode, readonly FunctionNode[]>();

/** The functions that a body names, whether it calls them or hands them on. */
function functionsNamedIn(fn: CallableNode): readonly FunctionNode[] {
  const known = mentioned.get(fn);
  if (known) return known;
  const found = new Set<FunctionNode>();
  for (const name of fn.getBody()?.getDescendantsOfKind(SyntaxKind.Identifier) ?? []) {
    const named = isOfLibrary(name) ? null : declaredFunction(name);
    if (named) found.add(named);
  }
  const result = [...found];
  mentioned.set(fn, result);
  return result;
}

/** `sin` of `Math.sin`: what declarations without bodies name has no body either, and the checker need not look for it. */
function isOfLibrary(name: Node): boolean {
  const access = name.getParent();
  if (!Node.isPropertyAccessExpression(access) || access.getNameNode() !== name) return false;
  const base = access.getExpression();
  const declarations = Node.isIdentifier(base) ? (base.getSymbol()?.getDeclarations() ?? []) : [];
  return declarations.length > 0 && declarations.every((one) => one.getSourceFile().isDeclarationFile());
}

/** All functions that a call may lead to, as far as bodies name them. */
function functionsReached(fn: CallableNode): ReadonlySet<CallableNode> {
  const reached = new Set<CallableNode>();
  const enter = (named: CallableNode): void => {
    if (reached.has(named)) return;
    reached.add(named);
    functionsNamedIn(named).forEach(enter);
  };
  functionsNamedIn(fn).forEach(enter);
  return reached;
}

const recursive = new WeakMap<FunctionNode, boolean>();

/** Whether a call of the function may lead to another call of it. */
export function isRecursive(fn: FunctionNode): boolean {
  const known = recursive.get(fn);
  if (known !== undefined) return known;
  const result = functionsReached(fn).has(fn);
  recursive.set(fn, result);
  return result;
}

/** Whether a call may end with a throw of the function's own, or of one that it leads to. */
function mayThrow(fn: CallableNode): boolean {
  const throws = (one: CallableNode): boolean =>
    one.getDescendantsOfKind(SyntaxKind.ThrowStatement).some((statement) => !isCaughtInside(statement, one));
  return throws(fn) || [...functionsReached(fn)].some(throws);
}

/** The function catches it itself. */
function isCaughtInside(statement: Node, fn: CallableNode): boolean {
  let inner = statement;
  for (const outer of statement.getAncestors()) {
    if (outer === fn) return false;
    if (Node.isTryStatement(outer) && outer.getCatchClause() && outer.getTryBlock() === inner) return true;
    inner = outer;
  }
  return false;
}

/** What a function returns, as its callers know it before it is lowered; null for nothing. */
export function resultType(unit: UnitContext, type: SourceType, fn: CallableNode): Type | null {
  if (type.isAny())
    refuse(
      fn,
      "recursion",
      "What this function returns cannot be told, since it calls itself.",
      "Declare the type of its result.",
    );
  if (type.getCallSignatures().length > 0) refuseFunctions(fn);
  return type.isVoid() || type.isUndefined() || type.isNever() ? null : unit.typeOf(type, fn);
}

export function refuseFunctions(fn: CallableNode): never {
  return refuse(
    fn,
    "recursion",
    "A function that calls itself returns functions.",
    "Return numbers, arrays or records of them.",
  );
}

/** What a function throws that is only called cannot be caught. */
export function refuseCaught(lowering: Lowering, fn: CallableNode, node: Node): void {
  if (!lowering.throwTarget || !mayThrow(fn)) return;
  refuse(
    node,
    "tryStatement",
    "What this function throws would be caught here, but it calls itself.",
    "Return a value that says so, or move the try outside of the differentiated function.",
  );
}
