/** Whether running a piece of source again gives the same again, so that a copy of it is as good. */
import { Node } from "ts-morph";
import { declaredFunction } from "./recursion.js";
import { isFunctionLike } from "./syntax.js";

const changing: ReadonlySet<string> = new Set(["random", "now"]);

/** It calls nothing that may give something else the next time, and makes no instance of a class. */
export function isRepeatable(node: Node): boolean {
  return repeats(node, { seen: new Set(), isLowered: false });
}

/** The same of what is lowered where it is repeated: what is not known is told of then, and instances are records. */
export function isRepeatableWhenLowered(node: Node): boolean {
  return repeats(node, { seen: new Set(), isLowered: true });
}

interface Walk {
  readonly seen: Set<Node>;
  readonly isLowered: boolean;
}

function repeats(node: Node, walk: Walk): boolean {
  if (Node.isNewExpression(node) && !walk.isLowered && !isOfTheLanguage(node.getExpression())) return false;
  if (Node.isNewExpression(node) && node.getText() === "new Date()") return false;
  if (Node.isCallExpression(node) && !callRepeats(node, walk)) return false;
  // What a function does counts where it is called.
  return node.forEachChildAsArray().every((child) => isFunctionLike(child) || repeats(child, walk));
}

function callRepeats(call: import("ts-morph").CallExpression, walk: Walk): boolean {
  const { seen } = walk;
  const callee = call.getExpression();
  const isChanging = Node.isPropertyAccessExpression(callee) && changing.has(callee.getName());
  const fn = declaredFunction(callee);
  const called = [...(fn ? [fn] : []), ...call.getArguments().filter(isFunctionLike)];
  for (const inner of called) {
    if (seen.has(inner)) continue;
    seen.add(inner);
    const body = inner.getBody();
    if (body && !isFunctionLike(body) && !repeats(body, walk)) return false;
  }
  return !isChanging && (walk.isLowered || fn !== null || isOfTheLanguage(callee));
}

/** Declared by TypeScript's own libraries. */
function isOfTheLanguage(name: Node): boolean {
  const symbol = Node.isPropertyAccessExpression(name) ? name.getNameNode().getSymbol() : name.getSymbol();
  return (symbol?.getDeclarations() ?? []).some((one) =>
    /(^|[\\/])lib\.[^\\/]*\.d\.ts$/.test(one.getSourceFile().getFilePath()),
  );
}
