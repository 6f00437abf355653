/** Whether running a piece of source again gives the same again, so that a copy of it is as good. */
import { Node } from "ts-morph";
import { declaredFunction } from "./recursion.js";
import { isFunctionLike } from "./syntax.js";

const changing: ReadonlySet<string> = new Set(["random", "now"]);

/** It calls nothing that may give something else the next time, and makes no instance of a class. */
export function isRepeatable(node: Node, seen: Set<Node> = new Set()): boolean {
  if (Node.isNewExpression(node) && !isOfTheLanguage(node.getExpression())) return false;
  if (Node.isNewExpression(node) && node.getText() === "new Date()") return false;
  if (Node.isCallExpression(node) && !isRepeatableCall(node, seen)) return false;
  // What a function does counts where it is called.
  return node.forEachChildAsArray().every((child) => isFunctionLike(child) || isRepeatable(child, seen));
}

function isRepeatableCall(call: import("ts-morph").CallExpression, seen: Set<Node>): boolean {
  const callee = call.getExpression();
  const isChanging = Node.isPropertyAccessExpression(callee) && changing.has(callee.getName());
  const fn = declaredFunction(callee);
  const called = [...(fn ? [fn] : []), ...call.getArguments().filter(isFunctionLike)];
  for (const inner of called) {
    if (seen.has(inner)) continue;
    seen.add(inner);
    const body = inner.getBody();
    if (body && !isFunctionLike(body) && !isRepeatable(body, seen)) return false;
  }
  return !isChanging && (fn !== null || isOfTheLanguage(callee));
}

/** Declared by TypeScript's own libraries. */
function isOfTheLanguage(name: Node): boolean {
  const symbol = Node.isPropertyAccessExpression(name) ? name.getNameNode().getSymbol() : name.getSymbol();
  return (symbol?.getDeclarations() ?? []).some((one) =>
    /(^|[\\/])lib\.[^\\/]*\.d\.ts$/.test(one.getSourceFile().getFilePath()),
  );
}
