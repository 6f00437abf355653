/** Whether a test around an expression says that an array has elements: `while (queue.length > 0) … queue.pop()`. */
import { Node, SyntaxKind } from "ts-morph";
import { assignedTargets, isEffectFree, unwrap } from "./syntax.js";

/** `call` takes an element of the array that is called `array` in the source. */
export function isKnownNonEmpty(array: Node, call: Node): boolean {
  const name = unwrap(array).getText();
  if (!/^[\w$.]+$/.test(name)) return false;
  for (let inner = call, outer = call.getParent(); outer; inner = outer, outer = outer.getParent()) {
    const condition = conditionBefore(outer, inner);
    if (condition && saysNonEmpty(condition, name)) return !mayChange(inner, call, name);
    // What a loop runs may run again, a function at any time.
    if (Node.isIterationStatement(outer) || Node.isFunctionLikeDeclaration(outer)) return false;
  }
  return false;
}

/** The condition that holds where `inner` begins. */
function conditionBefore(outer: Node, inner: Node): Node | null {
  if (Node.isIfStatement(outer) && outer.getThenStatement() === inner) return outer.getExpression();
  if (Node.isWhileStatement(outer) && outer.getStatement() === inner) return outer.getExpression();
  if (Node.isConditionalExpression(outer) && outer.getWhenTrue() === inner) return outer.getCondition();
  const isAnd = Node.isBinaryExpression(outer) && outer.getOperatorToken().getText() === "&&";
  return isAnd && outer.getRight() === inner ? outer.getLeft() : null;
}

function saysNonEmpty(condition: Node, name: string): boolean {
  const node = unwrap(condition);
  const isLength = (part: Node): boolean => unwrap(part).getText() === `${name}.length`;
  if (isLength(node)) return true;
  if (!Node.isBinaryExpression(node)) return false;
  const [left, right] = [node.getLeft(), node.getRight()];
  const bound = Node.isNumericLiteral(right) && isLength(left) ? Number(right.getText()) : NaN;
  switch (node.getOperatorToken().getKind()) {
    case SyntaxKind.AmpersandAmpersandToken:
      return isEffectFree(node) && (saysNonEmpty(left, name) || saysNonEmpty(right, name));
    case SyntaxKind.GreaterThanToken:
      return bound >= 0;
    case SyntaxKind.GreaterThanEqualsToken:
      return bound > 0;
    case SyntaxKind.ExclamationEqualsEqualsToken:
      return bound === 0;
    default:
      return false;
  }
}

/** Something that runs in `branch` before `call` may shorten the array or give its name to another. */
function mayChange(branch: Node, call: Node, name: string): boolean {
  const root = name.split(".")[0]!;
  return [branch, ...branch.getDescendants()].some((node) => {
    if (node.getStart() >= call.getStart() && node !== branch) return false;
    if (Node.isCallExpression(node)) return node.getEnd() <= call.getStart() && !isEffectFree(node);
    return assignedTargets(node).some((target) => new RegExp(`^${root.replace("$", "\\$")}\\b`).test(target.getText()));
  });
}
