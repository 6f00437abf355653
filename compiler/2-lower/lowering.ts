/**
 * The state of lowering one function: where statements go, what each variable is worth now, where exits lead.
 */
import {
  type ArrowFunction,
  type ConstructorDeclaration,
  type FunctionDeclaration,
  type FunctionExpression,
  type GetAccessorDeclaration,
  type MethodDeclaration,
  Node,
  type ParameterDeclaration,
  type SetAccessorDeclaration,
  type Symbol as SourceSymbol,
  type ts,
  type Type as SourceType,
} from "ts-morph";
import { type Diagnostic, DiagnosticError } from "../diagnostics.js";
import { BlockBuilder, newValue } from "../ir/build.js";
import type { Span, Type, Value } from "../ir/ir.js";
import type { ClassNode } from "./classes.js";
import type { LoweredCallee } from "./splitCall.js";
import type { RuleInUnit } from "./userRules.js";

/** Functions with a body that lowering can step into. */
export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunction | MethodDeclaration;
export type CallableNode = FunctionNode | ConstructorDeclaration | GetAccessorDeclaration | SetAccessorDeclaration;

/** What lowering asks of the file it works for. */
export interface UnitContext {
  typeOf(type: SourceType, at: Node): Type;
  /** The key of a module-level constant, registered for emission. */
  requireBinding(declaration: Node, name: string): string;
  report(diagnostic: Diagnostic): void;
  /** The class of a record's brand. */
  classNamed(brand: string): ClassNode | null;
  /** The function, lowered by itself. */
  requireFunction(fn: FunctionNode): LoweredCallee;
  /** The rule of the function that a name or a declaration stands for; null where it has none. */
  ruleOf(node: Node): RuleInUnit | null;
  /** The key of what a name stands for, registered for emission; null where it has no place in a module. */
  referTo(name: Node): string | null;
  readonly limits: InlineLimits;
}

/** Sizes in nodes of syntax. */
export interface InlineLimits {
  /** A larger function is called, not inlined. */
  readonly callee: number;
  /** The same for a function that is called in one place only. */
  readonly calledOnce: number;
  /** No more than this is inlined into one function. */
  readonly total: number;
}

/** A variable of the source, or one that lowering invents. */
export type Variable = Cell | Invented;

/** A variable as one activation of its function has it. */
export interface Cell {
  readonly kind: "cell";
  readonly name: string;
}

export function isInvented(variable: Variable): variable is Invented {
  return variable.kind !== "cell";
}

/** The variables of one activation of a function; inside it those of the activation that made the function. */
export interface Scope {
  readonly cells: Map<ts.Symbol, Cell>;
  readonly outer: Scope | null;
  /** What `this` is; undefined where it is what it is outside, as in arrow functions. */
  readonly self: Value | null | undefined;
  /** A function that was made here may be called after the activation has ended. */
  isCaptured: boolean;
}

export function newScope(outer: Scope | null, self: Value | null | undefined): Scope {
  return { cells: new Map(), outer, self, isCaptured: false };
}

/** The variable that a symbol names in a scope. */
export function cellIn(scope: Scope | null, symbol: ts.Symbol | null): Cell | null {
  if (!symbol) return null;
  for (let at = scope; at; at = at.outer) {
    const cell = at.cells.get(symbol);
    if (cell) return cell;
  }
  return null;
}

/** The variable that an identifier names; null for what is no variable of the functions being lowered. */
export function cellOf(lowering: Lowering, node: Node): Cell | null {
  return cellIn(lowering.scope, symbolOf(node));
}

/** The variable's value where it has one here. */
export function variableValue(lowering: Lowering, node: Node): Value | null {
  const cell = cellOf(lowering, node);
  return (cell && lowering.variables.get(cell)) ?? null;
}

/** Declares the variable that an identifier names, in the activation at hand. */
export function declareVariable(lowering: Lowering, name: Node, value: Value): Cell {
  const symbol = symbolOf(name)!;
  const { cells } = lowering.scope;
  const cell = cells.get(symbol) ?? { kind: "cell", name: symbol.name };
  cells.set(symbol, cell);
  lowering.variables.set(cell, value);
  return cell;
}

export interface Invented {
  /** A flag of an exit, the result of a function, or a value that a loop carries (the total of a `reduce`). */
  readonly kind: "flag" | "result" | "carried";
  readonly name: string;
}

/** A function as a value, known while the program is lowered; none is left in the IR. */
export type FunctionValue =
  | {
      readonly kind: "closure";
      readonly node: CallableNode;
      /** Where its free variables are; null for functions of modules. */
      readonly scope: Scope | null;
      /** What `this` is in it; undefined where it is the scope's. */
      readonly self: Value | null | undefined;
    }
  /** A function of `Math`. */
  | { readonly kind: "math"; readonly name: string }
  /** `stopGradient`. */
  | { readonly kind: "stop" }
  /** A function with a derivative that the user has written. */
  | { readonly kind: "rule"; readonly rule: RuleInUnit }
  /** Some arguments are given already. */
  | { readonly kind: "partial"; readonly fn: FunctionValue; readonly first: readonly Value[] }
  | {
      readonly kind: "choice";
      readonly condition: Value;
      readonly whenTrue: FunctionValue;
      readonly whenFalse: FunctionValue;
    };

/** Where `return` leads: the function itself or an inlined one. */
export interface ReturnTarget {
  readonly flag: Invented;
  readonly result: Invented;
  /** The declared type, for the placeholder of a result not yet there. */
  readonly type: Type;
}

/** Where `break` and `continue` lead. */
export interface JumpTarget {
  readonly node: Node;
  readonly label: string | null;
  readonly breakFlag: Invented;
  /** Null for `switch` and labelled blocks. */
  readonly continueFlag: Invented | null;
}

export interface ThrowTarget {
  readonly flag: Invented;
  readonly error: Invented;
  /** How many functions were being inlined at the `try`. */
  readonly depth: number;
}

export interface Lowering {
  readonly unit: UnitContext;
  readonly builder: BlockBuilder;
  readonly variables: Map<Variable, Value>;
  readonly scope: Scope;
  /** Values of expressions that have been lowered already: the beginnings of optional chains. */
  readonly decided: ReadonlyMap<Node, Value>;
  readonly returnTarget: ReturnTarget;
  /** Where `throw` leads, when something catches it. */
  readonly throwTarget: ThrowTarget | null;
  readonly jumpTargets: readonly JumpTarget[];
  /** Functions being inlined, to refuse recursion. */
  readonly inlining: readonly { readonly node: CallableNode; readonly scope: Scope | null }[];
  readonly shared: SharedState;
}

/** Shared by all branches of one function. */
export interface SharedState {
  /** What values that are functions are known to be. */
  readonly functions: Map<Value, FunctionValue>;
  /** Where the free variables of classes declared inside functions are. */
  readonly classScopes: Map<ClassNode, Scope>;
  /** Instances of exactly the class that their type says, made by `new` here. */
  readonly exactInstances: Set<Value>;
  /** Arrays that stand for all the arguments of a rest parameter. */
  readonly restArrays: Set<Value>;
  /** What arrays with functions in them hold. */
  readonly lists: Map<Value, readonly Value[]>;
  /** Functions held by fields of records, which have no place in memory. */
  readonly functionFields: Map<Value, ReadonlyMap<string, Value>>;
  readonly integers: Set<Value>;
  /** What values are known to be. */
  readonly literals: Map<Value, number | string | boolean | null | undefined>;
  /** References to module-level constants, which must not be written. */
  readonly globals: Set<Value>;
  budget: number;
  /** Nodes of syntax inlined so far. */
  inlined: number;
  /** The function is part of a rule: it is not differentiated, so that what it calls need not be known. */
  readonly isRule: boolean;
  /** What variables are declared to hold, where their first value alone does not say. */
  readonly declaredTypes: Map<Variable, Type>;
}

/** How a statement may end: always at its end, never, or depending on flags. */
export type Completion = "normal" | "abrupt" | "maybe";

/** The same lowering, inside a nested block. */
export function nested(lowering: Lowering): Lowering {
  return {
    ...lowering,
    builder: new BlockBuilder(lowering.builder.span),
    variables: new Map(lowering.variables),
  };
}

export function spanOf(node: Node): Span {
  return { file: node.getSourceFile().getFilePath(), start: node.getStart(), end: node.getEnd() };
}

export function refuse(node: Node, code: string, message: string, suggestion: string): never {
  throw new DiagnosticError({ code, severity: "error", span: spanOf(node), message, suggestion });
}

export function typeAt(lowering: Lowering, node: Node): Type {
  return lowering.unit.typeOf(node.getType(), node);
}

/** The variable an identifier names. */
export function symbolOf(node: Node): ts.Symbol | null {
  const parent = node.getParent();
  if (parent && Node.isShorthandPropertyAssignment(parent)) return parent.getValueSymbol()?.compilerSymbol ?? null;
  if (parent && Node.isParameterDeclaration(parent) && parent.isParameterProperty()) return parameterSymbol(parent);
  const symbol: SourceSymbol | undefined = node.getSymbol();
  return symbol?.compilerSymbol ?? null;
}

/** The variable of a parameter that declares a property, too: its name alone means the property. */
function parameterSymbol(parameter: ParameterDeclaration): ts.Symbol | null {
  const checker = parameter.getProject().getTypeChecker().compilerObject;
  return checker.getSymbolsOfParameterPropertyDeclaration(parameter.compilerNode, parameter.getName())[0] ?? null;
}

/** What a variable is declared to hold, for the loops that change it. */
export function rememberType(lowering: Lowering, name: Node, type: Type): void {
  const cell = cellOf(lowering, name);
  if (cell) lowering.shared.declaredTypes.set(cell, type);
}

/** Emits a constant and remembers its value. */
export function constant(lowering: Lowering, value: number | string | boolean, text: string | null = null): Value {
  const result = lowering.builder.constant(value, text);
  lowering.shared.literals.set(result, value);
  if (Number.isInteger(value)) lowering.shared.integers.add(result);
  return result;
}

export function nullish(lowering: Lowering, value: null | undefined): Value {
  const result = newValue({ kind: "nullish", missing: value === null ? "null" : "undefined" });
  lowering.builder.add({ kind: "constant", result, value, text: null, span: null });
  lowering.shared.literals.set(result, value);
  return result;
}

export function placeholder(lowering: Lowering, type: Type): Value {
  const result = newValue(type);
  lowering.builder.add({ kind: "placeholder", result, span: null });
  return result;
}

/** Runs `build` with statements attributed to `node`. */
export function at<T>(lowering: Lowering, node: Node, build: () => T): T {
  const before = lowering.builder.span;
  lowering.builder.span = spanOf(node);
  if (lowering.shared.budget-- < 0)
    refuse(
      node,
      "functionTooLarge",
      "After its calls are inlined the function is too large.",
      "Split it, or differentiate a smaller part.",
    );
  try {
    return build();
  } finally {
    lowering.builder.span = before;
  }
}
