/**
 * What a function that a marker names has captured: variables of the functions around it, variables of the module that
 * are assigned, and `this`. They become parameters of what is generated, before its own, and are passed when it is called.
 *
 * before: function fit(xs) { … valueAndGrad((p) => loss(p, xs)) … }        after: captured: xs
 */
import { Node, SyntaxKind, ts } from "ts-morph";
import { type ClassNode, classNamed, isClass, lineage } from "./classes.js";
import { type FunctionNode, refuse, symbolOf } from "./lowering.js";
import { type MadeAgain, madeAgain } from "./madeAgain.js";
import { isMemberName, standsInType } from "./mentions.js";
import { isAssignedAnywhere } from "./moduleState.js";
import { assignedTargets, isFunctionLike, thisAround, unwrap } from "./syntax.js";
import { isOfTheLanguage } from "./types.js";

export interface CapturedVariable {
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
      // What an instance does may depend on what is around its class.
      for (const local of localClassesOf(declaration)) {
        enter(local);
        usedBy.set(local, (usedBy.get(local) ?? new Set()).add(by));
      }
    }
  };
  const enter = (node: Node): void => {
    if (entered.has(node)) return;
    entered.add(node);
    node.forEachDescendant((inner) => {
      if (Node.isThisExpression(inner) && !isInside(thisAround(inner), node) && !classNamed(inner)) {
        self ??= inner;
        users.set(node, null);
      }
      if (Node.isIdentifier(inner) && !isMemberName(inner) && !standsInType(inner)) see(inner, node);
    });
  };
  const ownName = nameOfDefinition(fn);
  const ownSymbol = ownName && symbolOf(ownName);
  if (ownSymbol) names.set(fn, ownSymbol);
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

/** The classes, declared in functions, of what the variable holds. */
function localClassesOf(declaration: Node): readonly ClassNode[] {
  const type = declaration.getType().getNonNullableType();
  const whole = type.getArrayElementType() ?? type;
  const parts = whole.isUnion() ? whole.getUnionTypes() : [whole];
  const classes = parts.flatMap((part) => part.getSymbol()?.getDeclarations() ?? []).filter(isClass);
  return classes.flatMap(lineage).filter((one) => one.getFirstAncestor(Node.isFunctionLikeDeclaration) !== undefined);
}

/** The name that stands for the function for good. */
function nameOfDefinition(fn: FunctionNode): Node | undefined {
  const declaration = Node.isFunctionDeclaration(fn) ? fn : fn.getFirstAncestor(Node.isVariableDeclaration);
  return declaration && definitionOf(declaration) === fn ? declaration.getNameNode() : undefined;
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
export function isOfErrors(declaration: Node): declaration is ClassNode {
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

function isInside(node: Node, outer: Node): boolean {
  return node === outer || node.getAncestors().includes(outer);
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
export function meaningAt(call: Node, name: string): ts.Symbol | undefined {
  const checker = call.getProject().getTypeChecker().compilerObject;
  const visible = checker.getSymbolsInScope(call.compilerNode, ts.SymbolFlags.Value | ts.SymbolFlags.Alias);
  const seen = visible.find((one) => one.name === name);
  return seen && seen.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(seen) : seen;
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
