/** Questions about source syntax, answered without lowering it. */
import { type MethodDeclaration, Node, type ParameterDeclaration, SyntaxKind } from "ts-morph";
import { membersReached } from "./families.js";
import type { CallableNode, FunctionNode } from "./lowering.js";

export function isFunctionLike(node: Node): node is FunctionNode {
  return (
    Node.isArrowFunction(node) ||
    Node.isFunctionExpression(node) ||
    Node.isFunctionDeclaration(node) ||
    Node.isMethodDeclaration(node)
  );
}

/** What a `this` belongs to: a function that is no arrow function, a member of a class, or the file. */
export function thisAround(node: Node): Node {
  return node.getFirstAncestorOrThrow(
    (one) =>
      Node.isSourceFile(one) ||
      Node.isFunctionExpression(one) ||
      Node.isPropertyDeclaration(one) ||
      Node.isClassStaticBlockDeclaration(one) ||
      (Node.isFunctionLikeDeclaration(one) && !Node.isArrowFunction(one)),
  );
}

/** The parameters that arguments are passed for: without `this`. */
export function parametersOf(fn: CallableNode): readonly ParameterDeclaration[] {
  return fn.getParameters().filter((parameter) => parameter.getName() !== "this");
}

export function unwrap(node: Node): Node {
  if (
    Node.isParenthesizedExpression(node) ||
    Node.isAsExpression(node) ||
    Node.isSatisfiesExpression(node) ||
    Node.isNonNullExpression(node) ||
    Node.isTypeAssertion(node) ||
    Node.isExpressionWithTypeArguments(node)
  )
    return unwrap(node.getExpression());
  return node;
}

export function hasConstantTruth(node: Node): boolean | null {
  const inner = unwrap(node);
  if (inner.getKind() === SyntaxKind.TrueKeyword) return true;
  if (inner.getKind() === SyntaxKind.FalseKeyword) return false;
  return null;
}

const assignmentOperators: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.EqualsToken,
  SyntaxKind.PlusEqualsToken,
  SyntaxKind.MinusEqualsToken,
  SyntaxKind.AsteriskEqualsToken,
  SyntaxKind.AsteriskAsteriskEqualsToken,
  SyntaxKind.SlashEqualsToken,
  SyntaxKind.PercentEqualsToken,
  SyntaxKind.AmpersandEqualsToken,
  SyntaxKind.BarEqualsToken,
  SyntaxKind.CaretEqualsToken,
  SyntaxKind.LessThanLessThanEqualsToken,
  SyntaxKind.GreaterThanGreaterThanEqualsToken,
  SyntaxKind.GreaterThanGreaterThanGreaterThanEqualsToken,
  SyntaxKind.AmpersandAmpersandEqualsToken,
  SyntaxKind.BarBarEqualsToken,
  SyntaxKind.QuestionQuestionEqualsToken,
]);

export function isAssignment(node: Node): node is import("ts-morph").BinaryExpression {
  return Node.isBinaryExpression(node) && assignmentOperators.has(node.getOperatorToken().getKind());
}

export function isIncrement(
  node: Node,
): node is import("ts-morph").PrefixUnaryExpression | import("ts-morph").PostfixUnaryExpression {
  if (Node.isPostfixUnaryExpression(node)) return true;
  if (!Node.isPrefixUnaryExpression(node)) return false;
  const operator = node.getOperatorToken();
  return operator === SyntaxKind.PlusPlusToken || operator === SyntaxKind.MinusMinusToken;
}

/** The node is the target of an assignment, compound ones and increments included. */
export function isWritten(node: Node): boolean {
  const parent = node.getParent();
  return parent !== undefined && (isIncrement(parent) || (isAssignment(parent) && parent.getLeft() === node));
}

/** What a node itself assigns, patterns taken apart: variables, fields, elements. */
export function assignedTargets(node: Node): readonly Node[] {
  if (isAssignment(node)) return targetsIn(node.getLeft());
  if (isIncrement(node)) return targetsIn(node.getOperand());
  const isWalk = Node.isForOfStatement(node) || Node.isForInStatement(node);
  if (!isWalk || Node.isVariableDeclarationList(node.getInitializer())) return [];
  return targetsIn(node.getInitializer());
}

function targetsIn(target: Node): readonly Node[] {
  const node = unwrap(target);
  if (Node.isArrayLiteralExpression(node)) return node.getElements().flatMap(targetsIn);
  if (Node.isSpreadElement(node)) return targetsIn(node.getExpression());
  if (isAssignment(node)) return targetsIn(node.getLeft());
  if (Node.isObjectLiteralExpression(node))
    return node.getProperties().flatMap((property) => {
      if (Node.isShorthandPropertyAssignment(property)) return [property.getNameNode()];
      if (Node.isSpreadAssignment(property)) return targetsIn(property.getExpression());
      return Node.isPropertyAssignment(property) ? targetsIn(property.getInitializerOrThrow()) : [];
    });
  return [node];
}

/** The accessors of the program that reading or writing a property may run. */
export function accessorsOf(node: Node): readonly Node[] {
  if (!Node.isPropertyAccessExpression(node)) return [];
  return membersReached(node).filter((one) => Node.isGetAccessorDeclaration(one) || Node.isSetAccessorDeclaration(one));
}

/** Evaluating the expression changes nothing and calls nothing unknown. */
export function isEffectFree(node: Node): boolean {
  const fine = (inner: Node): boolean => {
    if (isAssignment(inner) || isIncrement(inner) || Node.isNewExpression(inner)) return false;
    if (accessorsOf(inner).length > 0) return false;
    if (Node.isCallExpression(inner)) {
      const callee = inner.getExpression();
      if (!Node.isPropertyAccessExpression(callee)) return false;
      const owner = callee.getExpression().getText();
      return (owner === "Math" && callee.getName() !== "random") || owner === "Number";
    }
    return !isFunctionLike(inner) && !Node.isAwaitExpression(inner) && !Node.isYieldExpression(inner);
  };
  return fine(node) && node.getDescendants().every(fine);
}

/** Running the node may write memory, as far as its text says. */
export function writesMemory(node: Node): boolean {
  return [node, ...node.getDescendants()].some(
    (inner) =>
      (Node.isCallExpression(inner) && !isEffectFree(inner)) ||
      accessorsOf(inner).length > 0 ||
      assignedTargets(inner).some((target) => !Node.isIdentifier(target)),
  );
}

/** The user says that the value is there: `xs.at(-1)!`, `xs.pop() as number`. */
export function isAsserted(node: Node): boolean {
  const parent = node.getParent();
  if (!parent) return false;
  if (Node.isNonNullExpression(parent)) return true;
  if (Node.isParenthesizedExpression(parent)) return isAsserted(parent);
  return Node.isAsExpression(parent) && !parent.getType().isNullable();
}

/**
 * TypeScript knows that the value is there, and the program does not ask. Where it asks (`x?.y`, `x ?? y`,
 * `x === undefined`) it may know better: another name, or a function called meanwhile, may have taken the value away.
 */
export function isKnownPresent(node: Node): boolean {
  const type = node.getType();
  if (type.isNullable() || type.isUndefined() || type.isNull() || type.isNever()) return false;
  return !isAskedFor(node);
}

function isAskedFor(node: Node): boolean {
  const parent = node.getParent();
  if (Node.isParenthesizedExpression(parent)) return isAskedFor(parent);
  if (
    Node.isPropertyAccessExpression(parent) ||
    Node.isElementAccessExpression(parent) ||
    Node.isCallExpression(parent)
  )
    return parent.getExpression() === node && parent.hasQuestionDotToken();
  if (!Node.isBinaryExpression(parent)) return false;
  return presenceTests.has(parent.getOperatorToken().getKind()) && parent.getLeft() === node;
}

const presenceTests: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.QuestionQuestionToken,
  SyntaxKind.EqualsEqualsToken,
  SyntaxKind.EqualsEqualsEqualsToken,
  SyntaxKind.ExclamationEqualsToken,
  SyntaxKind.ExclamationEqualsEqualsToken,
]);

/** A method that `this` is an instance in. */
export function isOfInstance(node: Node): node is MethodDeclaration {
  return Node.isMethodDeclaration(node) && !node.isStatic() && Node.isClassDeclaration(node.getParent());
}

/** Under what a getter is among the functions that a record holds. */
export function getterKey(name: string): string {
  return `get ${name}`;
}

/** The name of a property, under whatever its function is held. */
export function withoutGetter(key: string): string {
  return key.replace(/^get /, "");
}
