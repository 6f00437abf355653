/** Mentions of variables that functions have captured, in the functions around them. */
import { Node, ts } from "ts-morph";
import { assignedTargets } from "./syntax.js";

/**
 * A mention of a variable, outside of the functions that have captured it, which may run after they were made: any
 * mention where they assign the variable, else an assignment. Null where there is none.
 */
export function laterMention(symbol: ts.Symbol, areAssigning: boolean, functions: readonly Node[]): Node | null {
  const declaration = symbol.valueDeclaration;
  const owner = declaration && ts.findAncestor(declaration, (one) => ts.isFunctionLike(one) || ts.isSourceFile(one));
  const made = functions.filter((one) => one.getAncestors().some(({ compilerNode }) => compilerNode === owner));
  const around = made[0]?.getAncestors().find(({ compilerNode }) => compilerNode === owner);
  if (!declaration || !around) return null;
  const targets = new Set(around.getDescendants().flatMap(assignedTargets));
  let found: Node | null = null;
  around.forEachDescendant((node, traversal) => {
    if (made.includes(node)) {
      traversal.skip();
      return;
    }
    const isMention = Node.isIdentifier(node) && node.getSymbol()?.compilerSymbol === symbol;
    if (!isMention || node.getParent()?.compilerNode === declaration) return;
    if ((areAssigning || targets.has(node)) && !runsBefore(node, made, declaration)) found ??= node;
  });
  return found;
}

/** It runs before the functions are made, whenever the variable is declared. */
function runsBefore(mention: Node, functions: readonly Node[], declaration: ts.Node): boolean {
  const holds = (outer: Node, inner: ts.Node): boolean =>
    outer.compilerNode.pos <= inner.pos && inner.end <= outer.compilerNode.end;
  for (const outer of mention.getAncestors()) {
    if (holds(outer, declaration)) {
      // The head of a loop makes a new variable of the old one.
      const head = Node.isForStatement(outer) ? outer.getIncrementor() : undefined;
      if (head && holds(head, mention.compilerNode)) return true;
      break;
    }
    if (Node.isFunctionLikeDeclaration(outer)) return false;
    if (Node.isIterationStatement(outer) && functions.some((one) => holds(outer, one.compilerNode))) return false;
  }
  return functions.every((one) => mention.getEnd() <= one.getEnd());
}
