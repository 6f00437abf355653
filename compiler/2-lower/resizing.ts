/** Whether running some source may change the length of a plain array, functions that it calls included. */
import { Node, type ts } from "ts-morph";
import { resolveFunction } from "./inlineCall.js";
import { type Lowering, symbolOf } from "./lowering.js";
import { assignedTargets, isEffectFree } from "./syntax.js";

const resizing: ReadonlySet<string> = new Set(["push", "pop", "shift", "unshift", "splice"]);
const shrinking: ReadonlySet<string> = new Set(["pop", "shift", "splice"]);

/** Some node that runs passes the test; a call of an unknown function passes any. */
function anyThatRuns(lowering: Lowering, roots: readonly Node[], test: (node: Node) => boolean): boolean {
  const entered = new Set<Node>();
  const enter = (root: Node): boolean => {
    if (entered.has(root)) return false;
    entered.add(root);
    return [root, ...root.getDescendants()].some((node) => {
      if (test(node)) return true;
      if (!Node.isCallExpression(node) && !Node.isNewExpression(node)) return false;
      const callee = node.getExpression();
      const fn = resolveFunction(lowering, callee);
      if (fn) return enter(fn);
      // Methods of arrays and of Math are known; the rest may do anything.
      return !Node.isNewExpression(node) && !Node.isPropertyAccessExpression(callee) && !isEffectFree(node);
    });
  };
  return roots.some(enter);
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
