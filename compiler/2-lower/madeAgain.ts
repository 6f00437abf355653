/**
 * Constants around a differentiated function that are functions, or hold functions: no parameter can pass
 * what such a function does. They are made again in the differentiated function, where making them again gives the same:
 * only variables that nobody assigns are read on the way, no memory is, and none is made that could be another one.
 *
 * before: const model = scaled(2); … grad((p) => model(p))        after: const gradOf = (p) => { const model = scaled(2); … }
 */
import {
  type BindingElement,
  Node,
  type SourceFile,
  type Symbol as SourceSymbol,
  type Type as SourceType,
  type VariableDeclaration,
} from "ts-morph";
import { adjointName } from "../1-parse/importedNames.js";
import { isBlockOfNames, isNamespace, originalSymbol } from "./mentions.js";
import { isAssignedAnywhere, isChangedAnywhere } from "./moduleState.js";
import { isFieldAssigned } from "./fieldState.js";
import { isPlain, isReadHere } from "./onlyRead.js";
import { isRepeatableWhenLowered } from "./repeatable.js";
import { isEffectFree, isFunctionLike, unwrap } from "./syntax.js";
import { isOfTheLanguage } from "./types.js";

export interface MadeAgain {
  readonly declaration: VariableDeclaration;
  /** An object whose data is passed, as it is when the derivative is called; of what is made again only its functions count. */
  readonly isPassed: boolean;
}

/** How the variable that is declared there comes to its value again; null where that could be another one. */
export function madeAgain(declaration: Node): MadeAgain | null {
  const whole = Node.isBindingElement(declaration)
    ? declaration.getFirstAncestor(Node.isVariableDeclaration)
    : declaration;
  if (!Node.isVariableDeclaration(whole) || isAssignedAnywhere(declaration)) return null;
  const initializer = whole.getInitializer();
  if (!initializer) return null;
  // What a pattern takes of an object that is there may be another when it is taken again.
  if (whole !== declaration && !isMadeHere(initializer) && !isPlaceOfNames(unwrap(initializer))) return null;
  const kind = kindOf(declaration.getType(), initializer);
  if (!kind || !isRepeatableWhenLowered(initializer)) return null;
  if (kind === "list" && !isOnlyRead(declaration)) return null;
  const names = kind === "object" ? functionsOf(declaration.getType(), initializer) : [];
  if (names.some((name) => isFieldAssigned(name, declaration.getType(), declaration))) return null;
  const parts = [initializer, ...makersIn(initializer)];
  const isSame = parts.every((part) => staysTheSame(part, initializer, kind));
  return isSame ? { declaration: whole, isPassed: kind === "object" } : null;
}

/** A literal, or what a function gives. */
function isMadeHere(initializer: Node): boolean {
  const made = unwrap(initializer);
  return Node.isObjectLiteralExpression(made) || Node.isCallExpression(made);
}

/** Whether a function that a module makes when it loads is the same when it is made again: what it reads nobody changes. */
export function staysAsMade(initializer: Node): boolean {
  return [initializer, ...makersIn(initializer)].every((part) =>
    runningIn(part).every((node) => {
      if (Node.isIdentifier(node)) return isSteadyName(node) && isUnchanged(node);
      if (Node.isPropertyAccessExpression(node))
        return isOfNoObject(node) || !isFieldAssigned(node.getName(), node.getExpression().getType(), node);
      return (
        !Node.isObjectBindingPattern(node) ||
        node.getElements().every((one) => !isFieldAssigned(one.getName(), node.getType(), one))
      );
    }),
  );
}

function isUnchanged(name: Node): boolean {
  const declarations = originalSymbol(name)?.getDeclarations() ?? [];
  return declarations.every((one) => isOfTheLanguage(one) || !isChangedAnywhere(one));
}

type Kind = "function" | "list" | "object";

/** Null for what no function has to be known of; instances bring the methods of their classes with them. */
function kindOf(type: SourceType, at: Node): Kind | null {
  if (isFunction(type)) return "function";
  const element = type.getArrayElementType();
  if (element || type.isTuple())
    return (element ? [element] : type.getTupleElements()).every(isFunction) ? "list" : null;
  const [declared] = type.getSymbol()?.getDeclarations() ?? [];
  const isClass = Node.isClassDeclaration(declared) || Node.isClassExpression(declared);
  if (!type.isObject() || !declared || isClass || isOfTheLanguage(declared)) return null;
  return functionsOf(type, at).length > 0 ? "object" : null;
}

function isFunction(type: SourceType): boolean {
  return type.getCallSignatures().length > 0;
}

function functionsOf(type: SourceType, at: Node): readonly string[] {
  const isComputed = (one: SourceSymbol): boolean => one.getDeclarations().some(Node.isGetAccessorDeclaration);
  const held = type.getProperties().filter((one) => isFunction(one.getTypeAtLocation(at)) || isComputed(one));
  return held.map((one) => one.getName());
}

/** Nothing is done with the list but to read it where it is named. */
function isOnlyRead(declaration: Node): boolean {
  if (!Node.isVariableDeclaration(declaration)) return false;
  const name = declaration.getNameNode();
  return namesIn(declaration.getSourceFile(), name.getText()).every((mention) => {
    const parent = mention.getParent();
    if (mention === name || originalSymbol(mention) !== originalSymbol(name)) return true;
    if (Node.isElementAccessExpression(parent)) return Node.isCallExpression(parent.getParent());
    if (Node.isPropertyAccessExpression(parent))
      return /^(length|map|forEach|reduce|reduceRight|at)$/.test(parent.getName());
    return Node.isForOfStatement(parent) && parent.getExpression() === mention;
  });
}

function namesIn(file: SourceFile, name: string): readonly Node[] {
  return file.getDescendants().filter((node) => Node.isIdentifier(node) && node.getText() === name);
}

/** The functions with a body that run while it is made. */
function makersIn(initializer: Node): readonly Node[] {
  const found = new Set<Node>();
  const enter = (part: Node): void => {
    for (const node of runningIn(part)) {
      if (!Node.isCallExpression(node)) continue;
      for (const one of [node.getExpression(), ...node.getArguments()])
        for (const body of bodiesOf(unwrap(one))) {
          if (found.has(body)) continue;
          found.add(body);
          enter(body);
        }
    }
  };
  enter(initializer);
  return [...found];
}

function bodiesOf(called: Node): readonly Node[] {
  if (isFunctionLike(called)) return [called];
  if (adjointName(called) !== null) return [];
  return (originalSymbol(called)?.getDeclarations() ?? []).flatMap((one) => {
    if (isFunctionLike(one)) return one.getBody() ? [one] : [];
    const initializer = Node.isVariableDeclaration(one) ? one.getInitializer() : undefined;
    return initializer && isFunctionLike(unwrap(initializer)) ? [unwrap(initializer)] : [];
  });
}

/** The nodes of a part that run when it does: those of functions made in it run when these are called. */
function runningIn(part: Node, isLeftOut: (node: Node) => boolean = () => false): readonly Node[] {
  const inside = (node: Node): readonly Node[] =>
    isFunctionLike(node) || Node.isGetAccessorDeclaration(node) || isLeftOut(node) ? [] : [node, ...childrenIn(node)];
  const childrenIn = (node: Node): readonly Node[] => node.forEachChildAsArray().flatMap(inside);
  return [part, ...childrenIn(part)];
}

/** Whatever runs in it reads the same each time, makes no memory of its own, and shows nothing of having run. */
function staysTheSame(part: Node, initializer: Node, kind: Kind): boolean {
  const nodes = runningIn(part, (node) => isData(node, part, initializer));
  return nodes.every((node) => {
    if (Node.isIdentifier(node)) return isSteadyName(node);
    if (Node.isPropertyAccessExpression(node))
      return isOfNoObject(node) || isSteadyField(node.getNameNode(), node.getExpression().getType());
    if (Node.isObjectBindingPattern(node)) return node.getElements().every((one) => isSteadyElement(one, node));
    if (Node.isObjectLiteralExpression(node)) return isResult(node, part, initializer) || isReadHere(node);
    if (Node.isArrayLiteralExpression(node)) {
      const isList = kind === "list" && node === unwrap(initializer) && node.getElements().length > 0;
      return isList || isReadHere(node);
    }
    if (Node.isCallExpression(node)) return bodiesOf(unwrap(node.getExpression())).length > 0 || takesOnlyPlain(node);
    return !touchesMemory(node);
  });
}

/** A variable that nobody assigns, or the name of something else. */
function isSteadyName(name: Node): boolean {
  const declarations = originalSymbol(name)?.getDeclarations() ?? [];
  return declarations.every(
    (one) => isOfTheLanguage(one) || Node.isPropertyAssignment(one) || !isAssignedAnywhere(one),
  );
}

/** A function that is called, or a member of what is no object of the program. */
function isOfNoObject(node: import("ts-morph").PropertyAccessExpression): boolean {
  const parent = node.getParent();
  const isCalled = Node.isCallExpression(parent) && parent.getExpression() === node;
  return isCalled || isPlaceOfNames(node.getExpression());
}

/** A number or a text in a field of the project that nobody writes. */
function isSteadyField(name: Node, owner: SourceType): boolean {
  const property = owner.getNonNullableType().getProperty(name.getText());
  // The length of an array changes without being assigned, and what a getter gives without anything being.
  const isField = (declared: Node): boolean =>
    !isOfTheLanguage(declared) &&
    (Node.isPropertyDeclaration(declared) ||
      Node.isPropertySignature(declared) ||
      Node.isPropertyAssignment(declared) ||
      Node.isParameterDeclaration(declared));
  if (!property?.getDeclarations().every(isField) || !isPlain(property.getTypeAtLocation(name))) return false;
  return !isFieldAssigned(name.getText(), owner, name);
}

/** The same, taken by a pattern. */
function isSteadyElement(element: BindingElement, pattern: Node): boolean {
  const name = element.getPropertyNameNode() ?? element.getNameNode();
  return (
    !element.getDotDotDotToken() && Node.isIdentifier(name) && isSteadyField(name, pattern.getParentOrThrow().getType())
  );
}

/** `Math`, a namespace, an enumeration. */
function isPlaceOfNames(owner: Node): boolean {
  if (isNamespace(owner) || isBlockOfNames(owner)) return true;
  const [declared] = originalSymbol(owner)?.getDeclarations() ?? [];
  return declared !== undefined && (isOfTheLanguage(declared) || Node.isEnumDeclaration(declared));
}

/** The object that is made, or that a function gives which makes it. */
function isResult(literal: Node, part: Node, initializer: Node): boolean {
  let node = literal;
  for (let parent = node.getParent(); parent && unwrap(parent) === literal; parent = parent.getParent()) node = parent;
  if (node === initializer) return true;
  const parent = node.getParent();
  return Node.isReturnStatement(parent) || (parent === part && isFunctionLike(part));
}

/** Of an object that is made, what is passed. */
function isData(property: Node, part: Node, initializer: Node): boolean {
  if (!Node.isPropertyAssignment(property) || isFunction(property.getType())) return false;
  return isResult(property.getParentOrThrow(), part, initializer) && isEffectFree(property.getInitializerOrThrow());
}

function touchesMemory(node: Node): boolean {
  return (
    Node.isElementAccessExpression(node) ||
    Node.isSpreadElement(node) ||
    Node.isSpreadAssignment(node) ||
    Node.isForOfStatement(node) ||
    Node.isForInStatement(node) ||
    Node.isArrayBindingPattern(node) ||
    Node.isNewExpression(node) ||
    Node.isClassExpression(node) ||
    Node.isAwaitExpression(node) ||
    Node.isYieldExpression(node) ||
    Node.isDeleteExpression(node) ||
    Node.isTaggedTemplateExpression(node)
  );
}

/** A function of the language, or a marker: what it is given is a number, a text, or a function. */
function takesOnlyPlain(call: import("ts-morph").CallExpression): boolean {
  const callee = call.getExpression();
  const owner = Node.isPropertyAccessExpression(callee) ? callee.getExpression() : null;
  if (owner?.getText() === "console") return false;
  // `f.bind(…)` is fine, `list.reduce(…)` is not.
  if (owner && !isPlaceOfNames(owner) && owner.getType().isObject() && !isFunction(owner.getType())) return false;
  return call.getArguments().every((argument) => !argument.getType().isObject() || isFunction(argument.getType()));
}
