/** Functions that call themselves, directly or through others: they are called, never lowered in place. */
import { Node, SyntaxKind, ts, type Type as SourceType } from "ts-morph";
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
  const file = fn.getSourceFile();
  const found = new Set<FunctionNode>();
  for (const name of namesOfFunctions(fn)) {
    const node = file.getDescendantAtPos(name.getStart(file.compilerNode));
    const named = node && declaredFunction(node);
    if (named) found.add(named);
  }
  const result = [...found];
  mentioned.set(fn, result);
  return result;
}

/** The first of the names of each function, in nodes of the compiler: there are too many names to wrap them all. */
function namesOfFunctions(fn: CallableNode): readonly ts.Identifier[] {
  const checker = fn.getProject().getTypeChecker().compilerObject;
  const found: ts.Identifier[] = [];
  const seen = new Set<ts.Symbol | undefined>();
  const visit = (node: ts.Node): void => {
    if (!ts.isIdentifier(node)) return ts.forEachChild(node, visit);
    if (ts.isShorthandPropertyAssignment(node.parent)) return void found.push(node);
    if (isMember(node, checker)) return;
    const symbol = checker.getSymbolAtLocation(node);
    if (seen.has(symbol)) return;
    seen.add(symbol);
    if (symbol && mayBeFunction(symbol)) found.push(node);
  };
  const body = fn.getBody();
  if (body) visit(body.compilerNode);
  return found;
}

/** `sin` of `Math.sin`, `x` of `point.x`: only members of modules and namespaces name functions that are declared. */
function isMember(name: ts.Identifier, checker: ts.TypeChecker): boolean {
  const access = name.parent;
  if (!ts.isPropertyAccessExpression(access) || access.name !== name) return false;
  let base = access.expression;
  while (ts.isPropertyAccessExpression(base)) base = base.expression;
  const symbol = ts.isIdentifier(base) ? checker.getSymbolAtLocation(base) : undefined;
  return !symbol || !(symbol.flags & (ts.SymbolFlags.Alias | ts.SymbolFlags.Namespace)) || isOfLibrary(symbol);
}

function isOfLibrary({ declarations }: ts.Symbol): boolean {
  return (declarations ?? []).every((one) => one.getSourceFile().isDeclarationFile);
}

/** As declared, or as something else that an import stands for. */
function mayBeFunction(symbol: ts.Symbol): boolean {
  if (symbol.flags & ts.SymbolFlags.Alias) return true;
  return (symbol.declarations ?? []).some((declaration) => {
    if (ts.isFunctionDeclaration(declaration) || ts.isFunctionExpression(declaration)) return true;
    if (ts.isExportAssignment(declaration)) return true;
    if (!ts.isVariableDeclaration(declaration) || !declaration.initializer) return false;
    const value = unwrapped(declaration.initializer);
    return ts.isArrowFunction(value) || ts.isFunctionExpression(value);
  });
}

/** As `unwrap`, for nodes of the compiler. */
function unwrapped(node: ts.Expression): ts.Expression {
  const isAround =
    ts.isParenthesizedExpression(node) ||
    ts.isAssertionExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isExpressionWithTypeArguments(node);
  return isAround ? unwrapped(node.expression) : node;
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
