/**
 * What a project writes of its modules: variables that are assigned after their declaration, and constants whose contents
 * are changed.
 */
import { Node, type SourceFile, SyntaxKind, type ts, VariableDeclarationKind } from "ts-morph";
import { originalSymbol } from "./mentions.js";
import { declaredFunction } from "./recursion.js";
import { writesItsArray } from "./arrayMethods.js";
import { isKnownMethod } from "./resizing.js";
import { assignedTargets, parametersOf, unwrap } from "./syntax.js";

/** By the file's tree, which is another one when its text changes. */
type ByFile = WeakMap<ts.SourceFile, ReadonlySet<Node>>;

const [assignedIn, changedIn]: [ByFile, ByFile] = [new WeakMap(), new WeakMap()];

function known(sets: ByFile, file: SourceFile, find: (file: SourceFile) => ReadonlySet<Node>): ReadonlySet<Node> {
  let found = sets.get(file.compilerNode);
  if (!found) sets.set(file.compilerNode, (found = find(file)));
  return found;
}

function targetsOf(node: Node): readonly Node[] {
  return [...assignedTargets(node), ...(Node.isDeleteExpression(node) ? [node.getExpression()] : [])];
}

// An element has no declaration: what holds it comes first.
function isElement(target: Node): boolean {
  return Node.isElementAccessExpression(unwrap(target));
}

function findAssigned(file: SourceFile): ReadonlySet<Node> {
  const assigned = new Set<Node>();
  file.forEachDescendant((node) => {
    for (const target of targetsOf(node))
      if (!isElement(target))
        declarationsAlong(target)
          .slice(0, 1)
          .forEach((one) => assigned.add(one));
  });
  return assigned;
}

function findChanged(file: SourceFile): ReadonlySet<Node> {
  const changed = new Set<Node>();
  const see = (declarations: readonly Node[]): void => declarations.forEach((one) => changed.add(one));
  file.forEachDescendant((node) => {
    for (const target of targetsOf(node)) see(declarationsAlong(target).slice(isElement(target) ? 0 : 1));
    if (Node.isCallExpression(node)) changedBy(node).forEach((place) => see(declarationsAlong(place)));
  });
  return changed;
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
  if (isConstant(declaration)) return false;
  return filesNaming(declaration).some((file) => known(assignedIn, file, findAssigned).has(declaration));
}

/** Whether any file of the project writes into what the declaration holds. */
export function isChangedAnywhere(declaration: Node): boolean {
  return filesNaming(declaration).some((file) => known(changedIn, file, findChanged).has(declaration));
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

function isConstant(declaration: Node): boolean {
  const list = declaration.getFirstAncestorByKind(SyntaxKind.VariableDeclarationList);
  return list?.getDeclarationKind() === VariableDeclarationKind.Const && !isPartOfFunction(declaration, list);
}

/** A parameter of a function that the list holds. */
function isPartOfFunction(declaration: Node, list: Node): boolean {
  return declaration.getFirstAncestor((one) => one === list || Node.isFunctionLikeDeclaration(one)) !== list;
}

/** Where a variable can be written: in its own file, and where it is exported to. */
function filesNaming(declaration: Node): readonly SourceFile[] {
  const statement = declaration.getFirstAncestorByKind(SyntaxKind.VariableStatement);
  const name = Node.hasName(declaration) ? declaration.getName() : "";
  const file = declaration.getSourceFile();
  if (statement && !statement.isExported() && !isNamedInExports(file, name)) return [file];
  return declaration
    .getProject()
    .getSourceFiles()
    .filter((file) => !file.isDeclarationFile() && file.getFullText().includes(name));
}

function isNamedInExports(file: SourceFile, name: string): boolean {
  const lists = file.getExportDeclarations().filter((one) => !one.hasModuleSpecifier());
  const isNamed = lists.some((list) => list.getNamedExports().some((one) => one.getName() === name));
  return isNamed || file.getExportAssignments().length > 0;
}
