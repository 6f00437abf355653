/** Whether running some source may change the length of a plain array, functions that it calls included. */
import { Node, type ts, VariableDeclarationKind } from "ts-morph";
import { classNamed } from "./classes.js";
import { membersReached } from "./families.js";
import { closuresIn, everyClosure, staticFunction } from "./functionValues.js";
import { type Lowering, symbolOf } from "./lowering.js";
import { originalSymbol } from "./mentions.js";
import { isOfPackage } from "./packageReader.js";
import { accessorsOf, assignedTargets, isEffectFree, isFunctionLike, unwrap } from "./syntax.js";

const resizing: ReadonlySet<string> = new Set(["push", "pop", "shift", "unshift", "splice"]);
const shrinking: ReadonlySet<string> = new Set(["pop", "shift", "splice"]);

/** Some node that runs passes the test. A function that is not known yet may be any that is. */
function anyThatRuns(lowering: Lowering, roots: readonly Node[], test: (node: Node) => boolean): boolean {
  const entered = new Set<Node>();
  const enter = (root: Node): boolean => {
    if (entered.has(root)) return false;
    entered.add(root);
    return [root, ...root.getDescendants()].some((node) => {
      if (test(node) || accessorsOf(node).some(enter)) return true;
      if (Node.isYieldExpression(node))
        return (lowering.yieldTarget?.sources ?? []).some((one) => enter(Node.isNode(one) ? one : one.node));
      if (!Node.isCallExpression(node) && !Node.isNewExpression(node)) return false;
      const callee = node.getExpression();
      const fn = staticFunction(lowering, callee);
      if (fn) return closuresIn(fn).some((closure) => enter(closure.node));
      const bodies = declaredBodies(callee);
      if (bodies.length > 0) return bodies.some(enter);
      if (isKnownMethod(callee) || isEffectFree(node)) return false;
      return isOfPackage(callee) || everyClosure(lowering).some((closure) => enter(closure.node));
    });
  };
  return roots.some(enter);
}

/** Methods and constructors of classes that a call or `new` may run. */
function declaredBodies(callee: Node): readonly Node[] {
  const declaration = classNamed(callee);
  if (declaration) return [declaration];
  if (Node.isElementAccessExpression(callee)) return tableNamed(callee.getExpression());
  if (!Node.isPropertyAccessExpression(callee)) return [];
  return membersReached(callee).filter((one) => {
    if (Node.isMethodDeclaration(one)) return one.getBody() !== undefined;
    return Node.isPropertyAssignment(one) && isFunctionLike(unwrap(one.getInitializerOrThrow()));
  });
}

/** What a constant is made of whose elements are called. */
function tableNamed(name: Node): readonly Node[] {
  const declaration = Node.isIdentifier(name) ? originalSymbol(name)?.getDeclarations()[0] : undefined;
  if (!Node.isVariableDeclaration(declaration)) return [];
  const isConstant = declaration.getVariableStatement()?.getDeclarationKind() === VariableDeclarationKind.Const;
  const made = declaration.getInitializer();
  return isConstant && made && !Node.isCallExpression(unwrap(made)) ? [made] : [];
}

/** A method or constructor of the language itself: it runs no code of the program but the functions it is given. */
export function isKnownMethod(callee: Node): boolean {
  const name = Node.isPropertyAccessExpression(callee) ? callee.getNameNode() : callee;
  const declarations = name.getSymbol()?.getDeclarations() ?? [];
  return declarations.length > 0 && declarations.every((one) => one.getSourceFile().isDeclarationFile());
}

function callsMethod(node: Node, names: ReadonlySet<string>): boolean {
  if (!Node.isCallExpression(node)) return false;
  const callee = node.getExpression();
  return Node.isPropertyAccessExpression(callee) && names.has(callee.getName());
}

function writesLength(node: Node): boolean {
  return assignedTargets(node).some(
    (target) => Node.isPropertyAccessExpression(target) && target.getName() === "length",
  );
}

/** Writes elements or fields, or calls what may. */
export function mayWriteMemory(lowering: Lowering, nodes: readonly Node[]): boolean {
  return anyThatRuns(lowering, nodes, (node) => assignedTargets(node).some((target) => !Node.isIdentifier(target)));
}

export function mayResizeArrays(lowering: Lowering, nodes: readonly Node[]): boolean {
  return anyThatRuns(lowering, nodes, (node) => callsMethod(node, resizing) || writesLength(node));
}

export function mayShrinkArrays(lowering: Lowering, nodes: readonly Node[]): boolean {
  return anyThatRuns(lowering, nodes, (node) => callsMethod(node, shrinking) || writesLength(node));
}

/** Writes to elements of plain arrays at places other than the plain variables in `safe`. */
export function mayGrowByIndex(lowering: Lowering, nodes: readonly Node[], safe: ReadonlySet<ts.Symbol>): boolean {
  const isGrowing = (target: Node): boolean => {
    if (!Node.isElementAccessExpression(target)) return false;
    if (!target.getExpression().getType().isArray()) return false;
    const index = target.getArgumentExpression();
    const symbol = index && Node.isIdentifier(index) ? symbolOf(index) : null;
    return !symbol || !safe.has(symbol);
  };
  return anyThatRuns(lowering, nodes, (node) => assignedTargets(node).some(isGrowing));
}
