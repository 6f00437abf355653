/**
 * What a function that a marker names has captured: variables of the functions around it, variables of the module that
 * are assigned, and `this`. They become parameters of what is generated, before its own, and are passed when it is called.
 *
 * before: function fit(xs) { … valueAndGrad((p) => loss(p, xs)) … }        after: captured: xs
 */
import { Node, SyntaxKind, ts } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Parameter, Type, Value } from "../ir/ir.js";
import { hasPrivateNames, sameType } from "../ir/types.js";
import { type ClassNode, classNamed, isClass, staticOwner } from "./classes.js";
import { refuseThis } from "./expressions.js";
import {
  type FunctionNode,
  type Lowering,
  refuse,
  type Scope,
  spanOf,
  symbolOf,
  typeAt,
  type Variable,
} from "./lowering.js";
import { type MadeAgain, madeAgain } from "./madeAgain.js";
import { isMemberName, standsInType } from "./mentions.js";
import { isAssignedAnywhere } from "./moduleState.js";
import { assignedTargets, isFunctionLike, unwrap } from "./syntax.js";
import { givenType, isOfTheLanguage } from "./types.js";
import type { UnitContext } from "./unitContext.js";

interface CapturedVariable {
  readonly declaration: Node;
  /** Where functions name it. */
  readonly mentions: Node[];
}

export interface Captured {
  /** By symbol, in the order in which they are mentioned. */
  readonly variables: ReadonlyMap<ts.Symbol, CapturedVariable>;
  /** What is made again in the function, in the order of the text. */
  readonly made: readonly MadeAgain[];
  /** A `this` that means the one around. */
  readonly self: Node | null;
  /** Functions and classes around the function that use any of it, itself among them, by the symbols of their names. */
  readonly users: ReadonlyMap<Node, ts.Symbol | null>;
  /** The markers. */
  readonly calls: readonly Node[];
}

/** `calls` are the markers, where what is captured must be in sight. */
export function capturedBy(fn: FunctionNode, calls: readonly Node[]): Captured {
  const variables = new Map<ts.Symbol, CapturedVariable>();
  const entered = new Set<Node>();
  const users = new Map<Node, ts.Symbol | null>();
  const names = new Map<Node, ts.Symbol>();
  const usedBy = new Map<Node, Set<Node>>();
  const made = new Map<Node, MadeAgain>();
  let self: Node | null = null;
  const see = (name: Node, by: Node): void => {
    const symbol = symbolOf(name);
    const [declaration] = name.getSymbol() ? declarationsOf(name, symbol) : [];
    if (!symbol || !declaration || declaration.getSourceFile() !== fn.getSourceFile()) return;
    const around = new Set<Node>(fn.getAncestors());
    // What is declared in a class that has the function in one of its methods is not of the class alone.
    const isLocal = (one: Node): boolean => one === by || (entered.has(one) && !around.has(one));
    if ([declaration, ...declaration.getAncestors()].some(isLocal)) return;
    const definition = isOfErrors(declaration) ? null : definitionOf(declaration);
    if (definition) {
      names.set(definition, symbol);
      enter(definition);
      usedBy.set(definition, (usedBy.get(definition) ?? new Set()).add(by));
    } else if (isCapturable(declaration)) {
      users.set(by, null);
      const again = madeAgain(declaration);
      if (again) {
        made.set(again.declaration, again);
        enter(again.declaration);
        if (!again.isPassed) return;
      }
      const known = variables.get(symbol);
      if (known) known.mentions.push(name);
      else variables.set(symbol, { declaration, mentions: [name] });
    }
  };
  const enter = (node: Node): void => {
    if (entered.has(node)) return;
    entered.add(node);
    node.forEachDescendant((inner) => {
      if (Node.isThisExpression(inner) && isThisAround(inner, node) && !classNamed(inner)) {
        self ??= inner;
        users.set(node, null);
      }
      if (Node.isIdentifier(inner) && !isMemberName(inner) && !standsInType(inner)) see(inner, node);
    });
  };
  enter(fn);
  // What uses a user is one.
  for (let before = -1; before < users.size;) {
    before = users.size;
    for (const [used, by] of usedBy) if (users.has(used)) by.forEach((one) => users.set(one, null));
  }
  for (const user of users.keys()) users.set(user, names.get(user) ?? null);
  refuseAssigned(entered, variables);
  for (const call of self ? calls : []) refuseOtherThis(self!, call);
  for (const [symbol, { declaration }] of variables) for (const call of calls) refuseHidden(symbol, declaration, call);
  const inOrder = [...made.values()].sort((one, other) => one.declaration.getPos() - other.declaration.getPos());
  return { variables, made: inOrder, self, users, calls };
}

function declarationsOf(name: Node, symbol: ts.Symbol | null): readonly Node[] {
  const found = name.getSymbol()?.getDeclarations() ?? [];
  const value = symbol?.valueDeclaration;
  // A shorthand property is declared as a property, too.
  if (!value || found.some(({ compilerNode }) => compilerNode === value)) return found;
  const parent = name.getParent();
  return Node.isShorthandPropertyAssignment(parent) ? (parent.getValueSymbol()?.getDeclarations() ?? []) : found;
}

/** The function or the class that a declaration is for good. */
function definitionOf(declaration: Node): Node | null {
  if (Node.isFunctionDeclaration(declaration) || Node.isClassDeclaration(declaration)) return declaration;
  if (!Node.isVariableDeclaration(declaration) || isAssignedAnywhere(declaration)) return null;
  const initializer = declaration.getInitializer();
  const made = initializer && unwrap(initializer);
  return made && (isFunctionLike(made) || isClass(made)) ? made : null;
}

/** A class that is declared in a function and extends one of the language: its instances are thrown, and not looked into. */
function isOfErrors(declaration: Node): declaration is ClassNode {
  if (!isClass(declaration) || Node.isSourceFile(declaration.getParent())) return false;
  const base = declaration.getExtends()?.getExpression().getSymbol()?.getDeclarations()[0];
  return base !== undefined && isOfTheLanguage(base);
}

/** A variable that has no place in a module which generated code could read. */
function isCapturable(declaration: Node): boolean {
  if (isOfErrors(declaration)) return true;
  const isVariable =
    Node.isVariableDeclaration(declaration) ||
    Node.isParameterDeclaration(declaration) ||
    Node.isBindingElement(declaration);
  if (!isVariable) return false;
  const statement = declaration.getFirstAncestorByKind(SyntaxKind.VariableStatement);
  const isOfModule =
    statement !== undefined && Node.isSourceFile(statement.getParent()) && !isParameterLike(declaration);
  return !isOfModule || isAssignedAnywhere(declaration);
}

function isParameterLike(declaration: Node): boolean {
  const owner = declaration.getFirstAncestor(
    (one) => Node.isFunctionLikeDeclaration(one) || Node.isVariableStatement(one),
  );
  return !Node.isVariableStatement(owner);
}

/** Not the `this` of a function or a class within `outer`. */
function isThisAround(node: Node, outer: Node): boolean {
  for (const one of node.getAncestors()) {
    if (one !== outer && !isInside(one, outer)) return true;
    const binds = Node.isFunctionLikeDeclaration(one) && !Node.isArrowFunction(one);
    if (binds || Node.isFunctionExpression(one) || isClass(one)) return false;
    if (one === outer) return true;
  }
  return false;
}

function isInside(node: Node, outer: Node): boolean {
  return outer.getPos() <= node.getPos() && node.getEnd() <= outer.getEnd();
}

function refuseAssigned(entered: ReadonlySet<Node>, variables: ReadonlyMap<ts.Symbol, unknown>): void {
  for (const node of entered)
    node.forEachDescendant((inner) => {
      for (const target of assignedTargets(inner)) {
        const name = unwrap(target);
        const symbol = Node.isIdentifier(name) ? symbolOf(name) : null;
        if (symbol && variables.has(symbol))
          refuse(
            inner,
            "capturedWrite",
            `${name.getText()} belongs to the code around the function that is differentiated, which assigns it here.`,
            "Return the new value, or keep it in a variable of the function.",
          );
      }
    });
}

/** What a name means where the derivative is asked for, through imports. */
function meaningAt(call: Node, name: string): ts.Symbol | undefined {
  const checker = call.getProject().getTypeChecker().compilerObject;
  const visible = checker.getSymbolsInScope(call.compilerNode, ts.SymbolFlags.Value | ts.SymbolFlags.Alias);
  const seen = visible.find((one) => one.name === name);
  return seen && seen.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(seen) : seen;
}

/** The function or the class member whose `this` a node sees. */
function thisAround(node: Node): Node | undefined {
  return node.getFirstAncestor(
    (one) =>
      Node.isPropertyDeclaration(one) ||
      Node.isClassStaticBlockDeclaration(one) ||
      Node.isSourceFile(one) ||
      (Node.isFunctionLikeDeclaration(one) && !Node.isArrowFunction(one)) ||
      Node.isFunctionExpression(one),
  );
}

/** Members of one class are called on one instance, as far as the function is made and differentiated in the same. */
function refuseOtherThis(self: Node, call: Node): void {
  if (thisAround(self) === thisAround(call)) return;
  refuse(
    self,
    "capturedHidden",
    "`this` is used by the function that is differentiated, and where its derivative is asked for, it is another one.",
    "Write `const self = this` beside the function, and use that.",
  );
}

function refuseHidden(symbol: ts.Symbol, declaration: Node, call: Node): void {
  if (meaningAt(call, symbol.name) === symbol) return;
  refuse(
    declaration,
    "capturedHidden",
    `${symbol.name} is used by the function that is differentiated, and where its derivative is asked for, the name means something else.`,
    "Give one of the two another name.",
  );
}

/** Parameters for what is captured, which the scope around the function holds as variables. */
export function capturedParameters(
  { variables }: Captured,
  scope: Scope,
  values: Map<Variable, Parameter["value"]>,
  unit: UnitContext,
): readonly Parameter[] {
  return [...variables].map(([symbol, variable]) => {
    const { declaration } = variable;
    const type = withoutPrivateNames(typeOfVariable(variable, unit));
    if (hasPrivateNames(type)) refusePrivate(declaration, symbol.name);
    const value = newValue(type, { name: symbol.name, span: spanOf(declaration) });
    const cell = { kind: "cell", name: symbol.name } as const;
    scope.cells.set(symbol, cell);
    values.set(cell, value);
    const owner = ownerOfAlias(declaration);
    const typeText = owner && classText(owner, unit);
    return { value, name: symbol.name, typeText, isOptional: false, isRest: false, capturedAs: symbol.name };
  });
}

/** What it is declared to hold; of several kinds the one that TypeScript leaves wherever the functions name it. */
function typeOfVariable({ declaration, mentions }: CapturedVariable, unit: UnitContext): Type {
  if (isOfErrors(declaration)) return { kind: "opaque", text: "any" };
  const owner = ownerOfAlias(declaration);
  // In a class the type of `this` is one that stands for all classes which extend it.
  if (owner) return unit.typeOf(owner.getType(), owner);
  const declared = givenType(unit.typeOf(declaration.getType(), declaration), declaration.getType());
  if (declared.kind !== "opaque" || !declaration.getType().isUnion()) return declared;
  const [first, ...others] = mentions.map((name) => unit.typeOf(name.getType(), name));
  return first && others.every((other) => sameType(other, first)) ? first : declared;
}

/** The class of `self` in `const self = this`. */
function ownerOfAlias(declaration: Node): ClassNode | null {
  const initializer = Node.isVariableDeclaration(declaration) ? declaration.getInitializer() : undefined;
  return initializer && Node.isThisExpression(unwrap(initializer)) ? ownerOf(initializer) : null;
}

/** The class of whose instances a `this` is one; null where it is none. */
export function ownerOf(self: Node): ClassNode | null {
  const owner = self.getFirstAncestor(
    (one) => isClass(one) || (Node.isFunctionLikeDeclaration(one) && !Node.isArrowFunction(one) && !isMember(one)),
  );
  return isClass(owner) ? owner : null;
}

/** An instance's type by the name of its class; null where it has none. */
export function classText(owner: ClassNode, unit: UnitContext): string | null {
  const given = owner.getTypeParameters().map((parameter) => parameter.getName());
  const reference = unit.classReference(owner);
  return reference && `${reference}${given.length > 0 ? `<${given.join(", ")}>` : ""}`;
}

function isMember(node: Node): boolean {
  return isClass(node.getParent());
}

/** The parameter for `this`; null where it is not captured. */
export function capturedSelf({ self }: Captured, unit: UnitContext): Parameter | null {
  if (!self) return null;
  if (staticOwner(self)) refuseThis(self);
  const owner = ownerOf(self);
  // In a class the type of `this` is one that stands for all classes which extend it.
  const whole = owner ? unit.typeOf(owner.getType(), owner) : unit.typeOf(self.getType(), self);
  const type = withoutPrivateNames(whole);
  if (hasPrivateNames(type)) refusePrivate(self, "this");
  const value = newValue(type, { name: "self", span: spanOf(self) });
  const typeText = owner && classText(owner, unit);
  return { value, name: "self", typeText, isOptional: false, isRest: false, capturedAs: "this" };
}

/** Fields like `#x` are seen by code of the class only: what is read of them is passed beside the instance. */
function withoutPrivateNames(type: Type): Type {
  if (type.kind !== "record" || type.isUnion) return type;
  const fields = type.fields.filter((field) => !field.name.startsWith("#"));
  return fields.length === type.fields.length ? type : { ...type, fields };
}

function refusePrivate(node: Node, name: string): never {
  return refuse(
    node,
    "privateField",
    `${name} holds an instance with a field like #x, which generated code cannot read.`,
    "Make the field private in TypeScript's way, or pass its value.",
  );
}

// ------------------------------------------------------------------------------------- found while it is lowered

/** What more a function turns out to use of the code around its markers. */
export interface Capturing {
  readonly calls: readonly Node[];
  readonly self: Value | null;
  /** By the texts that stand for them. */
  readonly late: Map<string, Parameter>;
}

/** The value of `this.#x`, read where the derivative is called; null for anything else. */
export function capturedPrivate(lowering: Lowering, object: Value, name: string, node: Node): Value | null {
  const { capturing } = lowering.shared;
  if (!capturing || object !== capturing.self || !Node.isPropertyAccessExpression(node)) return null;
  const [declaration] = node.getNameNode().getSymbol()?.getDeclarations() ?? [];
  const owner = declaration?.getParent();
  const isSeen = owner !== undefined && capturing.calls.every((call) => call.getAncestors().includes(owner));
  return isSeen ? capturedLate(lowering, `this.${name}`, name.slice(1), typeAt(lowering, node), node) : null;
}

/** A variable of another module that is assigned there, as it is when the derivative is called; null where it is out of sight. */
export function capturedState(lowering: Lowering, declaration: Node, node: Node): Value | null {
  const { capturing } = lowering.shared;
  if (!capturing || !Node.isVariableDeclaration(declaration) || !isAssignedAnywhere(declaration)) return null;
  const name = node.getText();
  const symbol = declaration.getSymbol()?.compilerSymbol;
  const isSeen = capturing.calls.every((call) => meaningAt(call, name) === symbol);
  return isSeen ? capturedLate(lowering, name, name, typeAt(lowering, declaration), node) : null;
}

function capturedLate(lowering: Lowering, text: string, name: string, type: Type, node: Node): Value {
  const { late } = lowering.shared.capturing!;
  let found = late.get(text);
  if (!found) {
    const value = newValue(type, { name, span: spanOf(node) });
    found = { value, name, typeText: null, isOptional: false, isRest: false, capturedAs: text };
    late.set(text, found);
    lowering.shared.outside.add(value);
  }
  return found.value;
}
