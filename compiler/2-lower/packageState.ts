/** Variables of packages that change while the program runs: what they hold now says nothing of later. */
import { Node, type Symbol as SourceSymbol, SyntaxKind } from "ts-morph";
import type { Value } from "../ir/ir.js";
import { isAnyList } from "../ir/types.js";
import { learn } from "./lessons.js";
import { cellOf, type Lowering, refuse } from "./lowering.js";
import { isOfPackage } from "./packageReader.js";
import { isWritten, unwrap } from "./syntax.js";

const changing = new WeakMap<Node, boolean>();

/** A variable that functions of its package assign when the program runs is scratch at best. */
export function refuseState(lowering: Lowering, name: Node): void {
  const symbol = name.getSymbol();
  const declaration = symbol?.getDeclarations().find((one) => Node.isVariableDeclaration(one));
  if (!symbol || !declaration) return;
  let isState = changing.get(declaration);
  if (isState === undefined) changing.set(declaration, (isState = isAssignedLater(declaration, symbol)));
  if (!isState) return;
  if (!runsLater(declaration)) learn(lowering.unit.lessons.scratchVariables, declaration);
  refuse(
    name,
    "moduleState",
    `${name.getText()} is state of the package: it is assigned when its functions run.`,
    "Pass what is computed from it as a parameter, or give the function a rule with defineRule.",
  );
}

/** Refuses an expression whose value depends on state of a package. */
export function refuseStateIn(lowering: Lowering, expression: Node): void {
  const node = unwrap(expression);
  if (Node.isPropertyAccessExpression(node) || Node.isElementAccessExpression(node))
    return refuseStateIn(lowering, node.getExpression());
  if (Node.isIdentifier(node) && isOfPackage(node) && !cellOf(lowering, node)) refuseState(lowering, node);
}

/** What is written is a constant of a module, or an object of a package that is scratch. */
export function refuseModuleWrite(lowering: Lowering, object: Value, node: Node): void {
  const live = lowering.shared.liveObjects.get(object);
  if (live) learn(lowering.unit.lessons.scratchObjects, live);
  if (live || lowering.shared.globals.has(object)) failModuleWrite(node);
  if (isAnyList(object.type))
    refuse(
      node,
      "unsupportedType",
      "What is written here depends on which kind of array this is.",
      "Declare it as one kind: number[] or Float64Array.",
    );
}

export function failModuleWrite(node: Node): never {
  return refuse(
    node,
    "moduleStateWrite",
    "A module-level constant is written.",
    "Copy it first, or pass an array to write into.",
  );
}

/** What the declaring function assigns itself, it has assigned before its closures are called. */
function isAssignedLater(declaration: Node, symbol: SourceSymbol): boolean {
  const owner = functionAround(declaration);
  return declaration
    .getSourceFile()
    .getDescendantsOfKind(SyntaxKind.Identifier)
    .some(
      (one) =>
        one.getText() === symbol.getName() &&
        isWritten(one) &&
        one.getSymbol() === symbol &&
        functionAround(one) !== owner &&
        runsLater(one),
    );
}

function functionAround(node: Node): Node | undefined {
  return node.getFirstAncestor((one) => Node.isFunctionLikeDeclaration(one));
}

/** The code runs in a function that is not called while the module is loaded, as far as can be seen. */
function runsLater(node: Node): boolean {
  for (let at = node.getParent(); at; at = at.getParent())
    if (Node.isFunctionLikeDeclaration(at) && !runsAtLoad(at)) return true;
  return false;
}

/** `(function () { … })()`, or the factory that is passed to such a function. */
function runsAtLoad(fn: Node): boolean {
  let outer: Node = fn;
  while (Node.isParenthesizedExpression(outer.getParent())) outer = outer.getParentOrThrow();
  const parent = outer.getParent();
  if (Node.isPropertyAccessExpression(parent)) return Node.isCallExpression(parent.getParent());
  return Node.isCallExpression(parent);
}
