/**
 * Lifting: what a function reads of the functions around it, and what it is called with, becomes what it is passed. Numbers
 * and memory are passed as they are, a variable that the function assigns in a record that it shares with its caller.
 * Functions are no values at run time: which they are belongs to what the function is lowered for.
 *
 * before: visit(tree), which reads k and adds to total        after: visit(tree, k, { value: total })
 */
import { Node, SyntaxKind, ts } from "ts-morph";
import type { Type, Value } from "../ir/ir.js";
import { typesWithin } from "../ir/types.js";
import type { ClassNode } from "./classes.js";
import type { Given, GivenFunction, GivenScope, Lifted, Passed } from "./given.js";
import { holdsFunctions } from "./knownLists.js";
import { type Cell, type FunctionValue, type Lowering, type Place, refuse, type Scope, symbolOf } from "./lowering.js";
import { assignedTargets } from "./syntax.js";

export interface Lifting {
  readonly lifted: Lifted;
  /** One for each that is passed; of a shared variable its value. */
  readonly values: readonly Value[];
  /** The variables that are shared, by position among the values. */
  readonly shared: ReadonlyMap<number, Cell>;
}

export type Closure = FunctionValue & { readonly kind: "closure" };

/** An argument, and what its parameter says of it; the type is its own where that is null. */
export interface Argument {
  readonly value: Value;
  readonly name: string | null;
  readonly type: Type | null;
  /** It is passed apart, also where the function gets the same value in another way. */
  readonly isSeparate?: boolean;
}

/** What a call of the function passes; fails where it depends on what only run time knows. */
export function lift(lowering: Lowering, fn: FunctionValue, args: readonly Argument[], node: Node): Lifting {
  const lifter = new Lifter(lowering, node);
  const root = lifter.fn(fn);
  const given = args.map((argument) => lifter.argument(argument));
  lifter.finish();
  const { scopes, passed, values, shared } = lifter;
  return { lifted: { fn: root, args: given, scopes, passed }, values, shared };
}

/** Lifts what a value needs to be a function, or to hold some, elsewhere; `around` is where it may be called from. */
export class Lifter {
  readonly scopes: GivenScope[] = [];
  readonly passed: Passed[] = [];
  readonly values: Value[] = [];
  readonly shared = new Map<number, Cell>();
  private readonly positions = new Map<Scope, number>();
  private readonly indices = new Map<Value, number>();
  /** Syntax that runs, and the activations in which it does. */
  readonly entered = new Map<Node, Set<Scope | null>>();
  private readonly assigned = new Set<Cell>();
  /** Variables of data, in the order in which they are found. */
  private readonly found = new Map<Cell, { readonly symbol: ts.Symbol; readonly scope: Scope }>();

  constructor(
    private readonly lowering: Lowering,
    private readonly at: Node,
    private readonly around: Place | null = null,
  ) {}

  closure({ node, scope, self }: Closure): GivenFunction & { kind: "closure" } {
    const position = scope && this.position(scope);
    this.enter(node, scope, self === undefined);
    return { kind: "closure", node, scope: position, self: self && this.value(self, "self", null) };
  }

  argument({ value, name, type, isSeparate }: Argument): Given {
    const given = this.value(value, name, type);
    if (!isSeparate || given.kind !== "passed") return given;
    this.indices.delete(value);
    return given;
  }

  value(value: Value, name: string | null, declared: Type | null): Given {
    const { functions, functionFields, lists, liveObjects, literals } = this.lowering.shared;
    const fn = functions.get(value);
    if (fn) return { kind: "function", fn: this.fn(fn) };
    const live = liveObjects.get(value);
    if (live) return { kind: "live", object: live };
    const items = lists.get(value);
    if (items) return { kind: "list", type: value.type, items: items.map((item) => this.value(item, null, null)) };
    const held = functionFields.get(value);
    const data = this.data(value, name, declared, literals.has(value) ? literals.get(value) : 0);
    if (!held || held.size === 0) return data;
    const inside = [...held].map(([key, one]): [string, Given] => [key, this.value(one, key, null)]);
    return { kind: "record", data, functions: new Map(inside) };
  }

  private data(
    value: Value,
    name: string | null,
    declared: Type | null,
    literal: number | string | boolean | null | undefined,
  ): Given {
    if (declared === null && typeof literal !== "number") return { kind: "constant", value: literal };
    return { kind: "passed", index: this.pass(value, declared ?? value.type, name ?? value.name) };
  }

  private pass(value: Value, type: Type, name: string | null): number {
    const known = this.indices.get(value);
    if (known !== undefined && this.passed[known]!.type === type) return known;
    const index = this.values.push(value) - 1;
    this.passed.push({ type, name });
    this.indices.set(value, index);
    // Instances bring the methods of their classes.
    const brands = [...typesWithin(type)].flatMap((inside) => (inside.kind === "record" && inside.brands) || []);
    for (const brand of brands) {
      const declaration = this.lowering.unit.classNamed(brand);
      if (declaration) this.class(declaration);
    }
    return index;
  }

  fn(fn: FunctionValue): GivenFunction {
    switch (fn.kind) {
      case "closure":
        return this.closure(fn);
      case "derivative":
        return { ...fn, fn: this.fn(fn.fn) };
      case "pullback":
        return { ...fn, given: fn.given.map((one) => this.value(one, null, null)) };
      case "partial":
        return { kind: "partial", fn: this.fn(fn.fn), first: fn.first.map((one) => this.value(one, null, null)) };
      case "choice": {
        const [whenTrue, whenFalse] = [this.fn(fn.whenTrue), this.fn(fn.whenFalse)];
        return { kind: "choice", condition: this.value(fn.condition, null, null), whenTrue, whenFalse };
      }
      case "kept": {
        const self = fn.self && this.value(fn.self, "self", null);
        return { ...fn, object: this.value(fn.object, null, null), self };
      }
      case "method":
        return refuse(
          this.at,
          "recursion",
          "A function that calls itself takes one of several, which only run time knows.",
          "Choose inside of the function that is passed.",
        );
      default:
        return { kind: "fixed", fn };
    }
  }

  private position(scope: Scope): number {
    const known = this.positions.get(scope);
    if (known !== undefined) return known;
    const self = scope.self && (this.isAround(scope) ? ({ kind: "there", value: scope.self } as const) : null);
    const own: GivenScope = { outer: null, live: scope.live ?? null, self, cells: [], classes: [] };
    const position = this.scopes.push(own) - 1;
    this.positions.set(scope, position);
    if (scope.outer && !scope.live) own.outer = this.position(scope.outer);
    return position;
  }

  /** Functions are called from inside the activation. */
  private isAround(scope: Scope): boolean {
    for (let at = this.around?.scope ?? null; at; at = at.outer) if (at === scope) return true;
    return false;
  }

  /** Finds what a piece of syntax reads and assigns of the activations around it. */
  private enter(root: Node, scope: Scope | null, isArrow: boolean): void {
    const scopes = this.entered.get(root) ?? new Set();
    if (!scope || scopes.has(scope)) return;
    this.entered.set(root, scopes.add(scope));
    for (const node of root.getDescendants()) {
      if (Node.isIdentifier(node)) this.name(node, scope);
      if (isArrow && (Node.isThisExpression(node) || node.getKind() === SyntaxKind.SuperKeyword)) this.self(scope);
      for (const target of assignedTargets(node)) {
        const found = Node.isIdentifier(target) ? ownerOf(scope, symbolOf(target)) : null;
        if (found) this.assigned.add(found.cell);
      }
    }
  }

  private name(node: import("ts-morph").Identifier, scope: Scope): void {
    const symbol = symbolOf(node);
    const owner = ownerOf(scope, symbol);
    if (owner) return this.cell(owner, symbol!);
    for (const declaration of node.getSymbol()?.getDeclarations() ?? []) this.class(declaration as ClassNode);
  }

  /** A class that is declared in a function reads what is around it. */
  private class(declaration: ClassNode): void {
    const around = this.lowering.shared.classScopes.get(declaration);
    if (!around) return;
    const { classes } = this.scopes[this.position(around)]!;
    if (!classes.includes(declaration)) classes.push(declaration);
    this.enter(declaration, around, false);
  }

  private cell({ scope, cell }: { scope: Scope; cell: Cell }, symbol: ts.Symbol): void {
    const value = this.lowering.variables.get(cell);
    const position = this.position(scope);
    const { lists, liveObjects, lost } = this.lowering.shared;
    if (this.around && isThere(this.around, symbol, cell, this.at)) {
      const { cells } = this.scopes[position]!;
      const isNew = !cells.some((one) => one.symbol === symbol);
      if (isNew) cells.push({ symbol, name: cell.name, given: null, isShared: false, there: cell });
      return;
    }
    if (this.found.has(cell) || !(value || lost.has(cell))) return;
    this.found.set(cell, { symbol, scope });
    if (!value || lost.has(cell)) {
      this.scopes[position]!.cells.push({ symbol, name: cell.name, given: null, isShared: false });
      return;
    }
    const isData = !holdsFunctions(this.lowering, value) && !lists.has(value) && !liveObjects.has(value);
    // Whether data is assigned is known when all has been seen.
    if (isData) return;
    const { cells } = this.scopes[position]!;
    const given = this.value(value, cell.name, null);
    cells.push({ symbol, name: cell.name, given, isShared: false });
  }

  private self(scope: Scope): void {
    for (let at: Scope | null = scope; at; at = at.outer) {
      if (at.self === undefined) continue;
      const own = this.scopes[this.position(at)]!;
      if (at.self && !own.self) own.self = this.value(at.self, "self", null);
      return;
    }
  }

  /** Variables of data: those that are assigned are shared with the caller. */
  finish(): void {
    const { declaredTypes } = this.lowering.shared;
    for (const [cell, { symbol, scope }] of this.found) {
      const { cells } = this.scopes[this.position(scope)]!;
      const isShared = this.assigned.has(cell);
      if (isShared && this.lowering.shared.frozen.has(cell))
        refuse(
          this.at,
          "moduleStateWrite",
          `${cell.name} lives outside of the function and is written.`,
          "Return the value, or pass an array to write into.",
        );
      const known = cells.find((one) => one.symbol === symbol);
      if (known?.given && isShared)
        refuse(
          this.at,
          "functionValue",
          `Which function ${cell.name} holds is known only at run time: a function that calls itself assigns it.`,
          "Choose the function where it is called.",
        );
      if (known) continue;
      const value = this.lowering.variables.get(cell)!;
      const type = declaredTypes.get(cell) ?? value.type;
      if (!isShared) {
        cells.push({ symbol, name: cell.name, given: this.value(value, cell.name, null), isShared });
        continue;
      }
      const index = this.values.push(value) - 1;
      this.passed.push({ type: boxType(type), name: cell.name });
      this.shared.set(index, cell);
      cells.push({ symbol, name: cell.name, given: { kind: "passed", index }, isShared });
    }
  }
}

/** The variable, as it is, is the same in every call: it was there before the memory that the function goes to. */
function isThere({ variables, span }: Place, symbol: ts.Symbol, cell: Cell, at: Node): boolean {
  if (!variables.has(cell)) return false;
  const list = symbol.valueDeclaration?.parent;
  if (!list || !ts.isVariableDeclarationList(list) || (list.flags & ts.NodeFlags.BlockScoped) === 0) return true;
  // What the head of a loop declares is another variable in every iteration.
  const loop = at.getAncestors().find(({ compilerNode }) => compilerNode === list.parent);
  if (!Node.isForStatement(loop)) return true;
  const isSameFile = span !== null && span.file === loop.getSourceFile().getFilePath();
  return isSameFile && loop.getStart() <= span.start && span.end <= loop.getEnd();
}

/** The record in which a variable is shared. */
function boxType(type: Type): Type {
  return { kind: "record", name: null, fields: [{ name: "value", type, isOptional: false }] };
}

function ownerOf(scope: Scope | null, symbol: ts.Symbol | null): { scope: Scope; cell: Cell } | null {
  if (!symbol) return null;
  for (let at = scope; at; at = at.live ? null : at.outer) {
    const cell = at.cells.get(symbol);
    if (cell) return { scope: at, cell };
  }
  return null;
}
