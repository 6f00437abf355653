/** Which variables running some source may assign, in the functions that it calls, too. */
import { Node } from "ts-morph";
import { closuresIn, everyClosure, staticFunction } from "./functionValues.js";
import { type Cell, cellIn, isLost, type Lowering, type Scope, type Source, symbolOf } from "./lowering.js";
import { isKnownMethod } from "./resizing.js";
import { accessorsOf, assignedTargets, unwrap } from "./syntax.js";

export function assignedVariables(lowering: Lowering, sources: readonly Source[]): ReadonlySet<Cell> {
  const assigned = new Set<Cell>();
  const entered = new Map<Node, Set<Scope | null>>();
  const enter = (root: Node, scope: Scope | null): void => {
    const scopes = entered.get(root) ?? new Set();
    if (scopes.has(scope)) return;
    entered.set(root, scopes.add(scope));
    const visit = (node: Node): void => {
      for (const target of assignedTargets(node)) {
        const cell = Node.isIdentifier(target) ? cellIn(scope, symbolOf(target)) : null;
        if (cell) assigned.add(cell);
      }
      if (Node.isYieldExpression(node)) lowering.yieldTarget?.sources.forEach(enterSource);
      if (Node.isCallExpression(node) || Node.isNewExpression(node)) enterCallee(node, scope);
      else if (accessorsOf(node).length > 0) enterAll();
      // A function that is named may be called by whoever gets it.
      else if (Node.isIdentifier(node) && cellIn(scope, symbolOf(node))) enterFunction(node, scope);
    };
    visit(root);
    root.forEachDescendant(visit);
  };
  const enterSource = (source: Source): void =>
    Node.isNode(source) ? enter(source, lowering.scope) : enter(source.node, source.scope);
  const enterFunction = (expression: Node, scope: Scope | null): boolean => {
    if (isLost(lowering, unwrap(expression), scope)) return true;
    const fn = staticFunction(lowering, expression, scope);
    // It may share what functions that are being called have captured.
    if (fn?.kind === "kept") for (const cell of lowering.shared.openBoxes.keys()) assigned.add(cell);
    for (const closure of fn ? closuresIn(fn) : []) enter(closure.node, closure.scope);
    return fn !== null;
  };
  const enterAll = (): void => {
    for (const cell of lowering.shared.openBoxes.keys()) assigned.add(cell);
    for (const [declaration, scope] of lowering.shared.classScopes) enter(declaration, scope);
    for (const { node, scope } of everyClosure(lowering)) enter(node, scope);
  };
  const enterCallee = (
    node: import("ts-morph").CallExpression | import("ts-morph").NewExpression,
    scope: Scope | null,
  ): void => {
    const callee = node.getExpression();
    if (!enterFunction(callee, scope) && !isKnownMethod(callee)) enterAll();
  };
  sources.forEach(enterSource);
  return assigned;
}
