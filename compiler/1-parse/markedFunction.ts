/** Which function a marker differentiates: named, written in place, or a derivative of one, `grad(f)`. */
import { type CallExpression, Node } from "ts-morph";
import type { Verb } from "../requests.js";
import type { AnnotatedNode } from "./findRequests.js";
import { adjointName } from "./importedNames.js";

export const verbs = ["grad", "valueAndGrad", "vjp", "jvp", "jacobian", "hessian", "hvp"] as const satisfies Verb[];

export type MarkerVerb = (typeof verbs)[number];

export function unwrap(node: Node): Node {
  const isWrapped =
    Node.isParenthesizedExpression(node) ||
    Node.isAsExpression(node) ||
    Node.isSatisfiesExpression(node) ||
    Node.isNonNullExpression(node) ||
    Node.isExpressionWithTypeArguments(node);
  return isWrapped ? unwrap(node.getExpression()) : node;
}

export interface Named {
  readonly node: AnnotatedNode;
  /** Null for a function without a name. */
  readonly name: string | null;
  /** The derivative of it that is meant: `grad(f)`. */
  readonly through: CallExpression | null;
}

/** The verb, where the call is a marker's. */
export function derivativeOf(call: CallExpression): MarkerVerb | undefined {
  const name = adjointName(unwrap(call.getExpression()));
  return verbs.find((verb) => verb === name);
}

/** The function that an expression names, with its body; null where that is not known. */
export function functionNamed(expression: Node): Named | null {
  const node = unwrap(expression);
  if (Node.isArrowFunction(node) || Node.isFunctionExpression(node)) {
    const owner = node.getParent();
    const name = Node.isVariableDeclaration(owner) || Node.isPropertyAssignment(owner) ? owner.getName() : null;
    return { node, name: name && /^[\w$]+$/.test(name) ? name : null, through: null };
  }
  if (Node.isCallExpression(node)) {
    const [what] = node.getArguments();
    const found = derivativeOf(node) && what ? functionNamed(what) : null;
    if (!found) return null;
    const name = found.name && nameThrough(found.through, found.name);
    return { node: found.node, name, through: node };
  }
  const name = Node.isPropertyAccessExpression(node) ? node.getNameNode() : node;
  if (!Node.isIdentifier(name)) return null;
  const symbol = name.getSymbol();
  const original = symbol?.isAlias() ? symbol.getAliasedSymbol() : symbol;
  for (const declaration of original?.getDeclarations() ?? []) {
    const found = declaredFunction(declaration, name.getText());
    if (found) return found;
  }
  return null;
}

function declaredFunction(declaration: Node, name: string): Named | null {
  if (Node.isFunctionDeclaration(declaration)) {
    const node = declaration.getImplementation() ?? declaration;
    return node.getBody() ? { node, name: node.getName() ?? name, through: null } : null;
  }
  if (Node.isMethodDeclaration(declaration)) {
    const owner = declaration.getParent();
    if (!declaration.isStatic() || !declaration.getBody() || !Node.isClassDeclaration(owner)) return null;
    return { node: declaration, name: `${owner.getName() ?? "Class"}.${declaration.getName()}`, through: null };
  }
  if (Node.isExportAssignment(declaration)) return functionNamed(declaration.getExpression());
  if (Node.isPropertyAssignment(declaration)) return functionNamed(declaration.getInitializerOrThrow());
  if (!Node.isVariableDeclaration(declaration)) return null;
  const isConstant = declaration.getVariableStatement()?.getDeclarationKind() === "const";
  const initializer = declaration.getInitializer();
  return isConstant && initializer ? functionNamed(initializer) : null;
}

/** `gradLoss` of `grad(loss)`. */
export function nameThrough(through: CallExpression | null, name: string): string {
  return through ? `${derivativeOf(through)}${name[0]!.toUpperCase()}${name.slice(1)}` : name;
}
