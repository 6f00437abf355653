/**
 * What a function that a marker names has captured: variables of the functions around it, variables of the module that
 * are assigned, and `this`. They become parameters of what is generated, before its own, and are passed when it is called.
 *
 * before: function fit(xs) { … valueAndGrad((p) => loss(p, xs)) … }        after: captured: xs
 */
import { Node, SyntaxKind, ts } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Parameter } from "../ir/ir.js";
import { hasPrivateNames } from "../ir/types.js";
import { type ClassNode, isClass } from "./classes.js";
import { type FunctionNode, refuse, type Scope, spanOf, symbolOf, type Variable } from "./lowering.js";
import { isMemberName, standsInType } from "./mentions.js";
import { isAssignedAnywhere } from "./moduleState.js";
import { assignedTargets, isFunctionLike, unwrap } from "./syntax.js";
import type { UnitContext } from "./unitContext.js";

export interface Captured {
  /** Where they are declared, by symbol, in the order in which they are mentioned. */
  readonly variables: ReadonlyMap<ts.Symbol, Node>;
  /** A `this` that means the one around. */
  readonly self: Node | null;
  /** Functions and classes around the function that use any of it, itself among them, by the symbols of their names. */
  readonly users: ReadonlyMap<Node, ts.Symbol | null>;
}

/** `calls` are the markers, where what is captured must be in sight. */
export function capturedBy(fn: FunctionNode, calls: readonly Node[]): Captured {
  const variables = new Map<ts.Symbol, Node>();
  const entered = new Set<Node>();
  const users = new Map<Node, ts.Symbol | null>();
  const names = new Map<Node, ts.Symbol>();
  const usedBy = new Map<Node, Set<Node>>();
  let self: Node | null = null;
  const see = (name: Node, by: Node): void => {
    const symbol = symbolOf(name);
    const [declaration] = name.getSymbol() ? declarationsOf(name, symbol) : [];
    if (!symbol || !declaration || declaration.getSourceFile() !== fn.getSourceFile()) return;
    if (declaration.getAncestors().some((one) => entered.has(one))) return;
    const definition = definitionOf(declaration);
    if (definition) {
      names.set(definition, symbol);
      enter(definition);
      usedBy.set(definition, (usedBy.get(definition) ?? new Set()).add(by));
    } else if (isCapturable(declaration)) {
      variables.set(symbol, declaration);
      users.set(by, null);
    }
  };
  const enter = (node: Node): void => {
    if (entered.has(node)) return;
    entered.add(node);
    node.forEachDescendant((inner) => {
      if (Node.isThisExpression(inner) && isThisAround(inner, node)) {
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
  for (const [symbol, declaration] of variables) for (const call of calls) refuseHidden(symbol, declaration, call);
  return { variables, self, users };
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

/** A variable that has no place in a module which generated code could read. */
function isCapturable(declaration: Node): boolean {
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

function refuseAssigned(entered: ReadonlySet<Node>, variables: ReadonlyMap<ts.Symbol, Node>): void {
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

function refuseHidden(symbol: ts.Symbol, declaration: Node, call: Node): void {
  const checker = call.getProject().getTypeChecker().compilerObject;
  const visible = checker.getSymbolsInScope(call.compilerNode, ts.SymbolFlags.Value);
  const seen = visible.find((one) => one.name === symbol.name);
  if (seen === symbol) return;
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
  return [...variables].map(([symbol, declaration]) => {
    const type = unit.typeOf(declaration.getType(), declaration);
    const value = newValue(type, { name: symbol.name, span: spanOf(declaration) });
    const cell = { kind: "cell", name: symbol.name } as const;
    scope.cells.set(symbol, cell);
    values.set(cell, value);
    return { value, name: symbol.name, typeText: null, isOptional: false, isRest: false, capturedAs: symbol.name };
  });
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
  const owner = ownerOf(self);
  // In a class the type of `this` is one that stands for all classes which extend it.
  const type = owner ? unit.typeOf(owner.getType(), owner) : unit.typeOf(self.getType(), self);
  if (hasPrivateNames(type))
    refuse(
      self,
      "privateField",
      "this holds an instance with a field like #x, which generated code cannot read.",
      "Make the field private in TypeScript's way, or pass its value.",
    );
  const value = newValue(type, { name: "self", span: spanOf(self) });
  const typeText = owner && classText(owner, unit);
  return { value, name: "self", typeText, isOptional: false, isRest: false, capturedAs: "this" };
}
