/**
 * What a project writes of its modules: variables that are assigned after their declaration, and constants whose contents
 * are changed.
 */
import { Node, type SourceFile, type ts } from "ts-morph";
import { originalSymbol } from "./mentions.js";
import { declaredFunction } from "./recursion.js";
import { writesItsArray } from "./arrayMethods.js";
import { isKnownMethod } from "./resizing.js";
import { assignedTargets, parametersOf, unwrap } from "./syntax.js";

interface Written {
  readonly assigned: ReadonlySet<Node>;
  readonly changed: ReadonlySet<Node>;
}

/** By the file's tree, which is another one when its text changes. */
const known = new WeakMap<ts.SourceFile, Written>();

function writtenIn(file: SourceFile): Written {
  let written = known.get(file.compilerNode);
  if (!written) known.set(file.compilerNode, (written = findWritten(file)));
  return written;
}

function findWritten(file: SourceFile): Written {
  const assigned = new Set<Node>();
  const changed = new Set<Node>();
  const seeChanged = (place: Node): void => declarationsAlong(place).forEach((one) => changed.add(one));
  file.forEachDescendant((node) => {
    for (const target of [...assignedTargets(node), ...(Node.isDeleteExpression(node) ? [node.getExpression()] : [])]) {
      const along = declarationsAlong(target);
      // An element has no declaration: what holds it comes first.
      const isElement = Node.isElementAccessExpression(unwrap(target));
      if (!isElement) along.slice(0, 1).forEach((one) => assigned.add(one));
      along.slice(isElement ? 0 : 1).forEach((one) => changed.add(one));
    }
    if (Node.isCallExpression(node)) changedBy(node).forEach(seeChanged);
  });
  return { assigned, changed };
}

/** Methods of maps and sets that write them; `set` is a method of typed arrays, too. */
const ofKeyed: ReadonlySet<string> = new Set(["add", "delete", "clear"]);

/** A method of the language that writes what it is called on, or one of the project's that writes `this`. */
function writesItsOwner(callee: import("ts-morph").PropertyAccessExpression): boolean {
  const name = callee.getName();
  if (isKnownMethod(callee)) return writesItsArray(name) || ofKeyed.has(name);
  const methods = (callee.getNameNode().getSymbol()?.getDeclarations() ?? []).filter(Node.isMethodDeclaration);
  return methods.some((method) =>
    method
      .getDescendants()
      .some((node) => assignedTargets(node).some((target) => Node.isThisExpression(rootOf(target)))),
  );
}

function rootOf(place: Node): Node {
  const node = unwrap(place);
  const isPart = Node.isPropertyAccessExpression(node) || Node.isElementAccessExpression(node);
  return isPart ? rootOf(node.getExpression()) : node;
}

/** The data that a call plainly writes: that of a writing method, and arguments that the function writes. */
function changedBy(call: import("ts-morph").CallExpression): readonly Node[] {
  const callee = unwrap(call.getExpression());
  const isAssign = callee.getText() === "Object.assign" && call.getArguments()[0];
  if (isAssign) return [isAssign];
  const own = Node.isPropertyAccessExpression(callee) && writesItsOwner(callee) ? [callee.getExpression()] : [];
  const fn = declaredFunction(callee);
  if (!fn) return own;
  return [...own, ...call.getArguments().filter((_, k) => writesParameter(fn, k))];
}

const writing = new WeakMap<Node, boolean>();

/** Whether the function writes into what the parameter holds, itself or by a function that it calls. */
function writesParameter(fn: import("./lowering.js").FunctionNode, position: number): boolean {
  const parameter = parametersOf(fn)[position];
  if (!parameter) return false;
  const before = writing.get(parameter);
  if (before !== undefined) return before;
  writing.set(parameter, false);
  const isIts = (place: Node): boolean => declarationsAlong(place).includes(parameter);
  const result = fn.getDescendants().some((node) => {
    const targets = assignedTargets(node).filter((target) => !Node.isIdentifier(unwrap(target)));
    return [...targets, ...(Node.isCallExpression(node) ? changedBy(node) : [])].some(isIts);
  });
  writing.set(parameter, result);
  return result;
}

/** The declarations of `p`, `a` and `H` in `H.a.p`, and of `a` in `a[0]`: fields, variables, parameters. */
function declarationsAlong(place: Node): readonly Node[] {
  const node = unwrap(place);
  const isField = Node.isPropertyAccessExpression(node);
  const inner = isField || Node.isElementAccessExpression(node) ? declarationsAlong(node.getExpression()) : [];
  const own = isField || Node.isIdentifier(node) ? originalSymbol(node)?.getDeclarations()[0] : undefined;
  return own ? [own, ...inner] : inner;
}

/** Whether any file of the project assigns the variable or the static field again. */
export function isAssignedAnywhere(declaration: Node): boolean {
  return filesNaming(declaration).some((file) => writtenIn(file).assigned.has(declaration));
}

/** Whether any file of the project writes into what the declaration holds. */
export function isChangedAnywhere(declaration: Node): boolean {
  return filesNaming(declaration).some((file) => writtenIn(file).changed.has(declaration));
}

/** The assignment or the call that writes into what a name holds, where the name stands in it: `name.a[0] = …`. */
export function writeOf(name: Node): Node | null {
  let place = name;
  for (let parent = place.getParent(); parent && unwrapsTo(parent, place); parent = parent.getParent()) place = parent;
  const parent = place.getParent();
  if (!parent || place === name) return null;
  if (Node.isCallExpression(parent))
    return changedBy(parent).some((one) => place.containsRange(one.getPos(), one.getEnd())) ? parent : null;
  return assignedTargets(parent).some((one) => unwrap(one) === unwrap(place)) ? parent : null;
}

function unwrapsTo(outer: Node, inner: Node): boolean {
  if (Node.isPropertyAccessExpression(outer) || Node.isElementAccessExpression(outer))
    return outer.getExpression() === inner;
  return outer !== inner && unwrap(outer) === unwrap(inner);
}

function filesNaming(declaration: Node): readonly SourceFile[] {
  const name = Node.hasName(declaration) ? declaration.getName() : "";
  return declaration
    .getProject()
    .getSourceFiles()
    .filter((file) => !file.isDeclarationFile() && file.getFullText().includes(name));
}
