/**
 * Constants around a differentiated function that are functions, hold functions, or stand for `this`: no parameter can pass
 * what such a function does. They are made again in the differentiated function, where making them again gives the same:
 * nothing that is read on the way is ever written, and what they have captured stays as it is.
 *
 * before: const model = scaled(2); … grad((p) => model(p))        after: const gradOf = (p) => { const model = scaled(2); … }
 */
import { Node, type Type as SourceType, type VariableDeclaration } from "ts-morph";
import { isAssignedAnywhere, isChangedAnywhere } from "./moduleState.js";
import { originalSymbol } from "./mentions.js";
import { isRepeatableWhenLowered } from "./repeatable.js";
import { adjointName, isFunctionLike, unwrap } from "./syntax.js";
import { isOfTheLanguage, typedArrayName } from "./types.js";

/** The declaration that a variable is of, where what it holds can be made again. */
export function madeAgain(declaration: Node): VariableDeclaration | null {
  const whole = Node.isBindingElement(declaration)
    ? declaration.getFirstAncestor(Node.isVariableDeclaration)
    : declaration;
  if (!Node.isVariableDeclaration(whole)) return null;
  const initializer = whole.getInitializer();
  if (!initializer || !needsMaking(initializer)) return null;
  const isSteady = [whole, declaration].every((one) => !isAssignedAnywhere(one) && !isChangedAnywhere(one));
  if (!isSteady || !isRepeatableWhenLowered(initializer)) return null;
  const parts = [initializer, ...makersIn(initializer)];
  return parts.every(staysTheSame) && hasLastingData(initializer.getType(), initializer) ? whole : null;
}

function needsMaking(initializer: Node): boolean {
  return Node.isThisExpression(unwrap(initializer)) || holdsFunctions(initializer.getType(), initializer);
}

/** It is a function, or has functions in it that are its own: those of a class come with the class. */
function holdsFunctions(type: SourceType, at: Node, depth = 0): boolean {
  if (type.getCallSignatures().length > 0) return true;
  if (depth > 2 || type.isUnion()) return false;
  const element = type.getArrayElementType();
  if (element || type.isTuple())
    return (element ? [element] : type.getTupleElements()).some((one) => holdsFunctions(one, at, depth + 1));
  const [declared] = type.getSymbol()?.getDeclarations() ?? [];
  if (!declared || isOfTheLanguage(declared) || Node.isClassDeclaration(declared) || Node.isClassExpression(declared))
    return false;
  return type.getProperties().some((one) => holdsFunctions(one.getTypeAtLocation(at), at, depth + 1));
}

/** The functions with a body that run while it is made. */
function makersIn(initializer: Node): readonly Node[] {
  const found = new Set<Node>();
  const enter = (part: Node): void => {
    for (const node of runningIn(part)) {
      if (!Node.isCallExpression(node) && !Node.isNewExpression(node)) continue;
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
function runningIn(part: Node): readonly Node[] {
  const inside = (node: Node): readonly Node[] => (isFunctionLike(node) ? [] : [node, ...childrenIn(node)]);
  const childrenIn = (node: Node): readonly Node[] => node.forEachChildAsArray().flatMap(inside);
  return [part, ...childrenIn(part)];
}

/** Whatever runs in it reads the same each time, and shows nothing of having run; lists may be written unseen. */
function staysTheSame(part: Node): boolean {
  return runningIn(part).every((node) => {
    if (Node.isIdentifier(node)) return isSteadyName(node);
    if (Node.isPropertyAccessExpression(node)) return !isList(node.getExpression().getType());
    if (Node.isCallExpression(node) || Node.isNewExpression(node))
      return bodiesOf(unwrap(node.getExpression())).length > 0 || takesOnlyPlain(node);
    return !readsWhole(node);
  });
}

/** It reads a list, or all of an object. */
function readsWhole(node: Node): boolean {
  return (
    Node.isElementAccessExpression(node) ||
    Node.isSpreadElement(node) ||
    Node.isSpreadAssignment(node) ||
    Node.isForOfStatement(node) ||
    Node.isForInStatement(node) ||
    Node.isArrayBindingPattern(node)
  );
}

/** A variable that nobody assigns, and into which nobody writes. */
function isSteadyName(name: Node): boolean {
  const declarations = originalSymbol(name)?.getDeclarations() ?? [];
  return declarations.every((one) => isOfTheLanguage(one) || (!isAssignedAnywhere(one) && !isChangedAnywhere(one)));
}

function isList(type: SourceType): boolean {
  return type.isArray() || type.isTuple() || typedArrayName(type.getSymbol()?.getName() ?? "") !== null;
}

/** A function of the language, or a marker: what it is given is a number, a text, or a function. */
function takesOnlyPlain(call: import("ts-morph").CallExpression | import("ts-morph").NewExpression): boolean {
  const callee = call.getExpression();
  const owner = Node.isPropertyAccessExpression(callee) ? callee.getExpression().getText() : "";
  if (owner === "console") return false;
  return call.getArguments().every((argument) => {
    const type = argument.getType();
    return !type.isObject() || type.getCallSignatures().length > 0 || Node.isObjectLiteralExpression(argument);
  });
}

/** The data beside the functions is written nowhere; arrays, which others may write, are the ones that others have. */
function hasLastingData(type: SourceType, at: Node, depth = 0): boolean {
  if (type.getCallSignatures().length > 0 || Node.isThisExpression(unwrap(at))) return true;
  if (depth > 3) return false;
  if (type.isArray() || type.isTuple()) return holdsFunctions(type, at);
  return type.getProperties().every((property) => {
    const declarations = property.getDeclarations();
    if (declarations.some(isOfTheLanguage)) return true;
    if (declarations.some((one) => isAssignedAnywhere(one) || isChangedAnywhere(one))) return false;
    const inside = property.getTypeAtLocation(at);
    return !inside.isObject() || declarations.some(isHandedOn) || hasLastingData(inside, at, depth + 1);
  });
}

/** `{ data }`, `{ data: xs }`. */
function isHandedOn(property: Node): boolean {
  if (Node.isShorthandPropertyAssignment(property)) return true;
  return Node.isPropertyAssignment(property) && Node.isIdentifier(unwrap(property.getInitializerOrThrow()));
}
