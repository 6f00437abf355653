/** Variables declared with `var`: they are those of the whole function, wherever they are declared. */
import { type ForStatement, type Identifier, Node, SyntaxKind, VariableDeclarationKind } from "ts-morph";
import { cellOf, declareVariable, type Lowering, nullish, placeholder, symbolOf, typeAt } from "./lowering.js";
import { isOfPackage } from "./packageReader.js";
import { isAssignment, unwrap } from "./syntax.js";
import { unknownType } from "./unknownTypes.js";

/** `let x;` of plain JavaScript: undefined, unless nobody can tell. */
export function declareLater(lowering: Lowering, name: Identifier): void {
  if (cellOf(lowering, name) && isVar(name)) return;
  const first = mayBeSeenMissing(name) ? nullish(lowering, undefined) : placeholder(lowering, unknownType());
  declareVariable(lowering, name, first);
}

function isVar(name: Identifier): boolean {
  const list = name.getFirstAncestorByKind(SyntaxKind.VariableDeclarationList);
  return list?.getDeclarationKind() === VariableDeclarationKind.Var;
}

/** Some use of the variable is not arithmetic, an access or a call, so that it may look whether there is anything. */
function mayBeSeenMissing(name: Identifier): boolean {
  const symbol = symbolOf(name);
  const owner = name.getFirstAncestor((one) => Node.isFunctionLikeDeclaration(one)) ?? name.getSourceFile();
  return owner.getDescendantsOfKind(SyntaxKind.Identifier).some((one) => {
    if (one === name || one.getText() !== name.getText() || symbolOf(one) !== symbol) return false;
    return !needsValue(one);
  });
}

function needsValue(use: Node): boolean {
  const parent = use.getParent();
  if (Node.isParenthesizedExpression(parent)) return needsValue(parent);
  if (Node.isVariableDeclaration(parent)) return parent.getNameNode() === use;
  if (Node.isPropertyAccessExpression(parent) || Node.isElementAccessExpression(parent)) return true;
  if (Node.isPrefixUnaryExpression(parent)) return parent.getOperatorToken() !== SyntaxKind.ExclamationToken;
  if (Node.isPostfixUnaryExpression(parent)) return true;
  if (Node.isCallExpression(parent))
    return parent.getExpression() === use || /^Math\./.test(parent.getExpression().getText());
  if (Node.isForOfStatement(parent) || Node.isForInStatement(parent)) return true;
  if (!Node.isBinaryExpression(parent)) return false;
  if (isAssignment(parent) && parent.getLeft() === use) return true;
  return /^([-+*/%&|^]|\*\*|<<|>>>?|[<>]=?)=?$/.test(parent.getOperatorToken().getText()) && !isAssignedWhole(parent);
}

function isAssignedWhole(node: import("ts-morph").BinaryExpression): boolean {
  return node.getOperatorToken().getKind() === SyntaxKind.EqualsToken;
}

/** Declares the variables of nested statements that are used outside of them, at the beginning of a function's body. */
export function declareHoisted(lowering: Lowering, body: Node): void {
  if (!body.getText().includes("var ")) return;
  body.forEachDescendant((node, traversal) => {
    if (Node.isFunctionLikeDeclaration(node) || Node.isClassDeclaration(node)) {
      traversal.skip();
      return;
    }
    if (!Node.isVariableDeclarationList(node) || node.getDeclarationKind() !== VariableDeclarationKind.Var) return;
    const block = node.getFirstAncestor(
      (one) => Node.isBlock(one) || Node.isIterationStatement(one) || Node.isCaseClause(one) || Node.isIfStatement(one),
    );
    if (!block || block === body) return;
    for (const declaration of node.getDeclarations()) {
      const name = declaration.getNameNode();
      if (!Node.isIdentifier(name) || cellOf(lowering, name) || !isNamedOutside(name, block, body)) continue;
      if (isOfPackage(name)) declareLater(lowering, name);
      else declareVariable(lowering, name, placeholder(lowering, typeAt(lowering, declaration)));
    }
  });
}

function isNamedOutside(name: Identifier, block: Node, body: Node): boolean {
  return usesIn(body, name).some((use) => !isWithin(use, block) && !isReset(use));
}

function usesIn(body: Node, name: Identifier): readonly Identifier[] {
  const symbol = symbolOf(name);
  return body
    .getDescendantsOfKind(SyntaxKind.Identifier)
    .filter((one) => one.getText() === name.getText() && symbolOf(one) === symbol);
}

function isWithin(node: Node, outer: Node): boolean {
  return node.getPos() >= outer.getPos() && node.getEnd() <= outer.getEnd();
}

/** In a loop that gives the variable a value of its own first. */
function isReset(use: Identifier): boolean {
  const symbol = symbolOf(use);
  const starts = (node: Node | undefined): boolean => {
    if (Node.isVariableDeclarationList(node))
      return node.getDeclarations().some((one) => one.getInitializer() && symbolOf(one.getNameNode()) === symbol);
    const assigned = node && unwrap(node);
    if (!Node.isBinaryExpression(assigned)) return false;
    if (assigned.getOperatorToken().getKind() === SyntaxKind.CommaToken)
      return starts(assigned.getLeft()) || starts(assigned.getRight());
    return assigned.getOperatorToken().getKind() === SyntaxKind.EqualsToken && symbolOf(assigned.getLeft()) === symbol;
  };
  return use.getAncestors().some((one) => Node.isForStatement(one) && starts(one.getInitializer()));
}

/** A counter of `for (var …)` is read where the loop has ended. */
export function isUsedAfter(loop: ForStatement): boolean {
  const initializer = loop.getInitializer();
  const owner = loop.getFirstAncestor((one) => Node.isFunctionLikeDeclaration(one));
  if (!owner || !Node.isVariableDeclarationList(initializer)) return false;
  return initializer.getDeclarations().some((declaration) => {
    const name = declaration.getNameNode();
    return !Node.isIdentifier(name) || usesIn(owner, name).some((use) => !isWithin(use, loop) && !isReset(use));
  });
}
