/** Whether a module-level variable is state: assigned after its declaration. */
import { Node, SyntaxKind, type VariableDeclaration } from "ts-morph";
import { isIncrement } from "./syntax.js";

export function isAssignedAnywhere(declaration: VariableDeclaration): boolean {
  const list = declaration.getParent();
  if (Node.isVariableDeclarationList(list) && (list.getFlags() & 2) !== 0) return false; // const
  const name = declaration.getNameNode();
  if (!Node.isIdentifier(name)) return true;
  const symbol = declaration.getSymbol();
  return declaration
    .getSourceFile()
    .getDescendantsOfKind(SyntaxKind.Identifier)
    .filter((identifier) => identifier.getSymbol() === symbol && identifier !== name)
    .some(isWritten);
}

/** The node is the target of an assignment, compound ones and increments included. */
export function isWritten(node: Node): boolean {
  const parent = node.getParent();
  if (parent && isIncrement(parent)) return true;
  return (
    Node.isBinaryExpression(parent) &&
    parent.getLeft() === node &&
    /^[^=!<>]*=$/.test(parent.getOperatorToken().getText())
  );
}
