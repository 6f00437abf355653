/** What the body of a function with a rule says, where it is known. A rule is for functions that only compute. */
import { Node, SyntaxKind } from "ts-morph";
import { declaredFunction } from "./recursion.js";
import { type FunctionNode, refuse } from "./lowering.js";
import { originalSymbol } from "./mentions.js";
import { isAssignment, isIncrement, unwrap } from "./syntax.js";

const writingMethods: ReadonlySet<string> = new Set([
  "copyWithin",
  "fill",
  "pop",
  "push",
  "reverse",
  "set",
  "shift",
  "sort",
  "splice",
  "unshift",
]);

/** The parameter whose memory an expression reaches into, or null. */
function parameterOf(fn: FunctionNode, expression: Node): string | null {
  let root = unwrap(expression);
  while (Node.isPropertyAccessExpression(root) || Node.isElementAccessExpression(root))
    root = unwrap(root.getExpression());
  const declaration = Node.isIdentifier(root) ? originalSymbol(root)?.getDeclarations()[0] : undefined;
  const isOwn = Node.isParameterDeclaration(declaration) && declaration.getParent() === fn;
  return isOwn ? declaration.getName() : null;
}

/** Refuses a function that plainly writes an argument, or gives one back. */
export function refuseImproper(fn: FunctionNode, name: string, at: Node): void {
  const refuseWriting = (parameter: string): never =>
    refuse(
      at,
      "unusableRule",
      `${name} writes its argument ${parameter}, and a rule is for a function that only computes.`,
      "Let it write a copy and return that.",
    );
  fn.forEachDescendant((node) => {
    const target = isAssignment(node) ? node.getLeft() : isIncrement(node) ? node.getOperand() : null;
    if (target && !Node.isIdentifier(unwrap(target))) {
      const parameter = parameterOf(fn, target);
      if (parameter !== null) refuseWriting(parameter);
    }
    const callee = Node.isCallExpression(node) ? node.getExpression() : undefined;
    if (Node.isPropertyAccessExpression(callee) && writingMethods.has(callee.getName())) {
      const parameter = parameterOf(fn, callee.getExpression());
      if (parameter !== null) refuseWriting(parameter);
    }
  });
  const body = fn.getBody();
  const returned = fn
    .getDescendantsOfKind(SyntaxKind.ReturnStatement)
    .filter((one) => one.getFirstAncestor((ancestor) => Node.isFunctionLikeDeclaration(ancestor)) === fn)
    .map((one) => one.getExpression());
  for (const value of body && !Node.isBlock(body) ? [body] : returned) {
    const given = value && givenBack(value).find((one) => one.getType().isObject() && parameterOf(fn, one) !== null);
    if (given)
      refuse(
        at,
        "unusableRule",
        `${name} may return its argument ${given.getText()} itself, and a rule is for a function that returns new data.`,
        "Return a copy.",
      );
  }
}

/** What an expression may give: the branches of a choice. */
function givenBack(expression: Node): readonly Node[] {
  const node = unwrap(expression);
  if (Node.isConditionalExpression(node)) return [...givenBack(node.getWhenTrue()), ...givenBack(node.getWhenFalse())];
  return [node];
}

const pureOwners: ReadonlySet<string> = new Set(["Math", "Number", "Array", "Float64Array", "Float32Array", "Object"]);

/** The body throws nothing and does nothing that is seen: a call whose value nobody needs may be left out. */
export function isPureFunction(fn: FunctionNode, seen: ReadonlySet<FunctionNode> = new Set()): boolean {
  if (seen.has(fn)) return true;
  const open = new Set(seen).add(fn);
  return fn.getDescendants().every((node) => {
    if (Node.isThrowStatement(node) || Node.isAwaitExpression(node) || Node.isYieldExpression(node)) return false;
    if (!Node.isCallExpression(node)) return true;
    const callee = node.getExpression();
    if (Node.isPropertyAccessExpression(callee)) {
      const owner = callee.getExpression();
      if (callee.getName() === "random") return false;
      const isMethodOfData =
        !Node.isIdentifier(owner) || owner.getType().isArray() || /Array$/.test(owner.getType().getText());
      return isMethodOfData || pureOwners.has(owner.getText());
    }
    const called = declaredFunction(callee);
    return called !== null && isPureFunction(called, open);
  });
}
