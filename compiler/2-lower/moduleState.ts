/**
 * What a project writes of its modules: variables that are assigned after their declaration, and constants whose contents
 * are changed.
 */
import { type CallExpression, Node, type SourceFile, SyntaxKind, type ts, VariableDeclarationKind } from "ts-morph";
import { originalSymbol } from "./mentions.js";
import { declaredFunction } from "./recursion.js";
import { writesItsArray } from "./arrayMethods.js";
import { isKnownMethod } from "./resizing.js";
import { assignedTargets, parametersOf, unwrap } from "./syntax.js";
import { writesFirstArgument } from "./fieldState.js";
import { isElement, meet, namesFor, targetsAt, type Write, writesOf } from "./writes.js";

/** What a write is found to mean. */
interface Meaning {
  /** The variables and the fields that get another value. */
  readonly assigned: readonly Node[];
  /** The declarations of what holds the places that are written. */
  readonly changed: readonly Node[];
}

/** Known until something of the project changes. */
interface Known {
  readonly meanings: Map<Write, Meaning>;
  /** Parameters, and whether their functions write into what they hold. */
  readonly writing: Map<Node, boolean>;
}

const knownBy = new WeakMap<ts.TypeChecker, Known>();

function knownOf(node: Node): Known {
  const checker = node.getProject().getTypeChecker().compilerObject;
  let known = knownBy.get(checker);
  if (!known) knownBy.set(checker, (known = { meanings: new Map(), writing: new Map() }));
  return known;
}

function meaningOf(write: Write, file: SourceFile): Meaning {
  const { meanings } = knownOf(file);
  let found = meanings.get(write);
  if (!found) {
    const targets = targetsAt(write, file);
    found = { assigned: targets.flatMap(assigned), changed: targets.flatMap(changed) };
    meanings.set(write, found);
  }
  return found;
}

/** The variable or the field that a target is. */
function assigned(target: Node): readonly Node[] {
  return isElement(target) || Node.isCallExpression(target) ? [] : declarationsAlong(target).slice(0, 1);
}

function changed(write: Node): readonly Node[] {
  if (Node.isCallExpression(write)) return changedBy(write).flatMap((place) => declarationsAlong(place));
  if (Node.isIdentifier(unwrap(write))) return [];
  return declarationsAlong(write).slice(isElement(write) ? 0 : 1);
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

/** `a` of `a.b[0].c`. */
export function rootOf(place: Node): Node {
  const node = unwrap(place);
  const isPart = Node.isPropertyAccessExpression(node) || Node.isElementAccessExpression(node);
  return isPart ? rootOf(node.getExpression()) : node;
}

/** The data that a call plainly writes: that of a writing method, and arguments that the function writes. */
function changedBy(call: CallExpression): readonly Node[] {
  const callee = unwrap(call.getExpression());
  const filled = writesFirstArgument(callee) && call.getArguments()[0];
  if (filled) return [filled];
  const own = Node.isPropertyAccessExpression(callee) && writesItsOwner(callee) ? [callee.getExpression()] : [];
  const fn = declaredFunction(callee);
  if (!fn) return own;
  return [...own, ...call.getArguments().filter((_, k) => writesParameter(fn, k))];
}

/** Parameters that are being asked about: a function that calls itself writes what it writes elsewhere. */
const open = new Set<Node>();
let wentRound = false;

/** Whether the function writes into what the parameter holds, itself or by a function that it calls. */
function writesParameter(fn: import("./lowering.js").FunctionNode, position: number): boolean {
  const parameter = parametersOf(fn)[position];
  if (!parameter) return false;
  const { meanings, writing } = knownOf(parameter);
  const before = writing.get(parameter);
  if (before !== undefined) return before;
  if (open.has(parameter)) {
    wentRound = true;
    return false;
  }
  open.add(parameter);
  const bound = [parameter, ...parameter.getDescendantsOfKind(SyntaxKind.BindingElement)];
  const result = bound.some((one) => isWrittenIn(fn, one));
  open.delete(parameter);
  // What was found on the way took it that this one is not written.
  if (open.size === 0 && wentRound && result) {
    meanings.clear();
    writing.clear();
  }
  if (open.size === 0) wentRound = false;
  writing.set(parameter, result);
  return result;
}

function isWrittenIn(
  fn: Node,
  bound: import("ts-morph").ParameterDeclaration | import("ts-morph").BindingElement,
): boolean {
  if (!Node.isIdentifier(bound.getNameNode())) return false;
  const file = fn.getSourceFile();
  const ofFile = writesOf(file);
  const names = namesFor(bound.getName(), ofFile);
  return ofFile.writes.some(
    (write) =>
      meet(write.names, names) &&
      fn.containsRange(write.start, write.end) &&
      meaningOf(write, file).changed.includes(bound),
  );
}

/**
 * The declarations of `p`, `a` and `H` in `H.a.p`, and of `a` in `a[0]`: fields, variables, parameters; and of what a
 * variable on the way is another name for.
 */
function declarationsAlong(place: Node, seen: ReadonlySet<Node> = new Set()): readonly Node[] {
  const node = unwrap(place);
  const isField = Node.isPropertyAccessExpression(node);
  const inner = isField || Node.isElementAccessExpression(node) ? declarationsAlong(node.getExpression(), seen) : [];
  const own = isField || Node.isIdentifier(node) ? originalSymbol(node)?.getDeclarations()[0] : undefined;
  if (!own || seen.has(own)) return inner;
  const others = isField ? [] : sourcesOf(own).flatMap((one) => declarationsAlong(one, new Set(seen).add(own)));
  return [own, ...inner, ...others];
}

/** The places whose contents a variable begins with. */
function sourcesOf(declaration: Node): readonly Node[] {
  if (Node.isBindingElement(declaration)) {
    const whole = declaration.getFirstAncestor(
      (one) => Node.isVariableDeclaration(one) || Node.isParameterDeclaration(one),
    );
    return Node.isVariableDeclaration(whole) ? sourcesOf(whole) : [];
  }
  if (!Node.isVariableDeclaration(declaration)) return [];
  const walk = declaration.getParent().getParent();
  const initializer = declaration.getInitializer();
  if (Node.isForOfStatement(walk)) return placesIn(walk.getExpression());
  return initializer ? placesIn(initializer) : [];
}

/** `a.b` and `c` of `test ? a.b : c`. */
function placesIn(expression: Node): readonly Node[] {
  const node = unwrap(expression);
  if (Node.isConditionalExpression(node)) return [node.getWhenTrue(), node.getWhenFalse()].flatMap(placesIn);
  if (Node.isBinaryExpression(node)) return [node.getLeft(), node.getRight()].flatMap(placesIn);
  const isPlace =
    Node.isIdentifier(node) || Node.isPropertyAccessExpression(node) || Node.isElementAccessExpression(node);
  return isPlace && node.getType().isObject() ? [node] : [];
}

/** Whether any file of the project assigns the variable or the field again. */
export function isAssignedAnywhere(declaration: Node): boolean {
  if (isConstant(declaration) || isFixed(declaration)) return false;
  const name = nameOf(declaration);
  return filesNaming(declaration).some((file) =>
    writesOf(file).writes.some(
      (write) => write.assigned.has(name) && meaningOf(write, file).assigned.includes(declaration),
    ),
  );
}

/** Whether any file of the project writes into what the declaration holds. */
export function isChangedAnywhere(declaration: Node): boolean {
  if (isFixed(declaration) || holdsNoData(declaration)) return false;
  return filesNaming(declaration).some((file) => {
    const ofFile = writesOf(file);
    const names = namesFor(nameOf(declaration), ofFile);
    return ofFile.writes.some(
      (write) => meet(write.names, names) && meaningOf(write, file).changed.includes(declaration),
    );
  });
}

/** Numbers, texts and functions have no contents. */
function holdsNoData(declaration: Node): boolean {
  const type = declaration.getType();
  const parts = type.isUnion() ? type.getUnionTypes() : [type];
  return parts.every(
    (part) =>
      part.isNumber() ||
      part.isString() ||
      part.isBoolean() ||
      part.isLiteral() ||
      part.isNull() ||
      part.isUndefined() ||
      part.getCallSignatures().length > 0,
  );
}

function nameOf(declaration: Node): string {
  return Node.hasName(declaration) ? declaration.getName() : "";
}

/** What has no value that could be written. */
function isFixed(declaration: Node): boolean {
  return (
    Node.isFunctionDeclaration(declaration) ||
    Node.isInterfaceDeclaration(declaration) ||
    Node.isTypeAliasDeclaration(declaration)
  );
}

/**
 * Whether what a variable holds goes to where it can be written by another name that is not followed: into an object, to a
 * constructor, out of a function.
 */
export function isHandedOn(declaration: Node): boolean {
  const name = nameOf(declaration);
  return filesNaming(declaration).some((file) =>
    file.getDescendantsOfKind(SyntaxKind.Identifier).some((mention) => {
      if (mention.getText() !== name || originalSymbol(mention)?.getDeclarations()[0] !== declaration) return false;
      let node: Node = mention;
      for (let parent = node.getParent(); parent && unwrap(parent) === mention; parent = parent.getParent())
        node = parent;
      const parent = node.getParent();
      const isStored = Node.isPropertyAssignment(parent) && parent.getInitializer() === node;
      const isAssigned =
        Node.isBinaryExpression(parent) && parent.getRight() === node && assignedTargets(parent).length > 0;
      return (
        isStored ||
        isAssigned ||
        Node.isShorthandPropertyAssignment(parent) ||
        Node.isArrayLiteralExpression(parent) ||
        (Node.isNewExpression(parent) && parent.getExpression() !== node) ||
        Node.isReturnStatement(parent) ||
        (Node.isArrowFunction(parent) && parent.getBody() === node) ||
        Node.isPropertyDeclaration(parent)
      );
    }),
  );
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

function isVariable(declaration: Node): boolean {
  return Node.isVariableDeclaration(declaration) || Node.isBindingElement(declaration);
}

function isConstant(declaration: Node): boolean {
  if (!isVariable(declaration)) return false;
  const list = declaration.getFirstAncestorByKind(SyntaxKind.VariableDeclarationList);
  return list?.getDeclarationKind() === VariableDeclarationKind.Const && !isPartOfFunction(declaration, list);
}

/** A parameter of a function that the list holds. */
function isPartOfFunction(declaration: Node, list: Node): boolean {
  return declaration.getFirstAncestor((one) => one === list || Node.isFunctionLikeDeclaration(one)) !== list;
}

/** Where a variable can be written: in its own file, and where it is exported to. */
function filesNaming(declaration: Node): readonly SourceFile[] {
  // A field is reached wherever the object goes.
  const statement = isVariable(declaration)
    ? declaration.getFirstAncestorByKind(SyntaxKind.VariableStatement)
    : undefined;
  const name = nameOf(declaration);
  const file = declaration.getSourceFile();
  if (Node.isParameterDeclaration(declaration) && !declaration.isParameterProperty()) return [file];
  if (statement && !statement.isExported() && !isNamedInExports(file, name)) return [file];
  return declaration
    .getProject()
    .getSourceFiles()
    .filter((file) => !file.isDeclarationFile() && hasWord(file.getFullText(), name));
}

function hasWord(text: string, word: string): boolean {
  const isPart = (at: number): boolean => /[\w$]/.test(text[at] ?? "");
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (!isPart(at - 1) && !isPart(at + word.length)) return true;
  return false;
}

function isNamedInExports(file: SourceFile, name: string): boolean {
  const lists = file.getExportDeclarations().filter((one) => !one.hasModuleSpecifier());
  const isNamed = lists.some((list) => list.getNamedExports().some((one) => one.getName() === name));
  return isNamed || file.getExportAssignments().length > 0;
}
