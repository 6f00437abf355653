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
  ts,
} from "ts-morph";
import { type Diagnostic, DiagnosticError } from "../diagnostics.js";
import { type BlockBuilder, newValue } from "../ir/build.js";
import type { InnerDerivative, Span, Type, Value } from "../ir/ir.js";
import type { Capturing } from "./capturedLate.js";
import type { ClassNode } from "./classes.js";
import type { YieldTarget } from "./generators.js";
import type { Environment } from "./environments.js";
import type { OpenRecord } from "./openRecords.js";
import type { LiveFunction } from "./packageReader.js";
import { LearningBuilder } from "./unknownTypes.js";
import type { UnitContext } from "./unitContext.js";
import type { RuleInUnit } from "./userRules.js";

/** Functions with a body that lowering can step into. */
export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunction | MethodDeclaration;
export type CallableNode = FunctionNode | ConstructorDeclaration | GetAccessorDeclaration | SetAccessorDeclaration;

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
  /** The function of a package whose captured variables are outside of this scope. */
  readonly live?: LiveFunction;
  /** All that the function was called with, for `arguments`. */
  passed?: readonly Value[];
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
  if (isLost(lowering, node)) return standIn(lowering, node);
  return (cell && lowering.variables.get(cell)) ?? null;
}

/** A statement that failed would have declared or assigned the variable. */
export function isLost(lowering: Lowering, node: Node, scope: Scope | null = lowering.scope): boolean {
  const cell = Node.isIdentifier(node) ? cellIn(scope, symbolOf(node)) : null;
  return cell !== null && lowering.shared.lost.has(cell);
}

/** For what was lost by a problem: any number is as good as another, everything else would lead to more problems. */
function standIn(lowering: Lowering, node: Node): Value {
  if (!node.getType().isNumber()) throw new FollowUpError();
  return placeholder(lowering, { kind: "number" });
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

/** Thrown where a problem that is known already stands in the way. */
export class FollowUpError extends Error {
  constructor() {
    super("a problem that was told already");
    this.name = "FollowUpError";
  }
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
  /** A function of the language, or a class: known, but without a body to step into. */
  | { readonly kind: "native"; readonly fn: LiveFunction }
  /** A function with a derivative that the user has written. */
  | { readonly kind: "rule"; readonly rule: RuleInUnit }
  /** The derivative of a function: `grad(f)`. */
  | {
      readonly kind: "derivative";
      readonly verb: InnerDerivative["verb"];
      readonly fn: FunctionValue;
      readonly wrt: readonly number[];
      readonly isBare: boolean;
    }
  /** The pullback that `vjp(f)` gives, with what `f` was called with. */
  | {
      readonly kind: "pullback";
      readonly derivative: InnerDerivative;
      readonly given: readonly Value[];
    }
  /** Some arguments are given already. */
  | { readonly kind: "partial"; readonly fn: FunctionValue; readonly first: readonly Value[] }
  /** A method of an instance that may be of several classes. */
  | {
      readonly kind: "method";
      readonly object: Value;
      readonly classes: readonly ClassNode[];
      readonly name: string;
      /** What it may turn out to be. */
      readonly closures: readonly (FunctionValue & { readonly kind: "closure" })[];
    }
  /** One that was read from memory, where what it has captured is (`keptFunctions.ts`). */
  | {
      readonly kind: "kept";
      readonly environment: Environment;
      readonly object: Value;
      /** Under what the kept value holds it; null where it is the function itself. */
      readonly part: string | null;
      /** What `this` is in a method. */
      readonly self: Value | null;
    }
  | {
      readonly kind: "choice";
      readonly condition: Value;
      readonly whenTrue: FunctionValue;
      readonly whenFalse: FunctionValue;
    };

/** Source that runs here, or a function that does, whose variables are where it was made. */
export type Source = Node | { readonly node: Node; readonly scope: Scope | null };

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
  /** Where `yield` hands its value, in a generator that is walked over. */
  readonly yieldTarget: YieldTarget | null;
  /** Functions being inlined, to refuse recursion. */
  readonly inlining: readonly { readonly node: CallableNode; readonly scope: Scope | null }[];
  /** How many loops are being lowered. */
  readonly loops: number;
  readonly shared: SharedState;
}

/** A place in the function: its block, the variables there, the activation that it belongs to. */
export interface Place extends Pick<Lowering, "builder" | "variables" | "scope"> {
  readonly span: Span | null;
}

export function placeOf({ builder, variables, scope }: Lowering): Place {
  return { builder, variables, scope, span: builder.span };
}

/** Shared by all branches of one function. */
export interface SharedState {
  /** What values that are functions are known to be. */
  readonly functions: Map<Value, FunctionValue>;
  /** Objects of packages that values stand for. */
  readonly liveObjects: Map<Value, object>;
  readonly liveScopes: Map<LiveFunction, Scope>;
  /** The scratch variables of modules of packages. */
  readonly packageScope: Scope;
  /** The function's own instances of scratch objects of packages. */
  readonly scratch: Map<object, Value>;
  /** Of the function's own block. */
  readonly entry: BlockBuilder;
  /** What records are made with. */
  readonly knownFields: Map<Value, Map<string, Value>>;
  /** Records that may still get fields, by their types. */
  readonly openRecords: Map<Type, OpenRecord>;
  /** Where the free variables of classes declared inside functions are. */
  readonly classScopes: Map<ClassNode, Scope>;
  /** Instances of exactly the class that their type says, made by `new` here. */
  readonly exactInstances: Set<Value>;
  /** Arrays that stand for all the arguments of a rest parameter. */
  readonly restArrays: Set<Value>;
  /** What arrays with functions in them hold. */
  readonly lists: Map<Value, readonly Value[]>;
  /** What made arrays of functions. */
  readonly listNodes: Map<Value, Node>;
  /** Arrays of which not all items are known. */
  readonly openLists: Set<Value>;
  /** What memory holds of values that were read from it. */
  readonly keptAs: Map<Value, Value>;
  /** Where objects and functions are made. */
  readonly madeIn: Map<Value, Place>;
  /** Objects read from where nothing else can be. */
  readonly present: Set<Value>;
  /** Functions held by fields of records, which have no place in memory. */
  readonly functionFields: Map<Value, ReadonlyMap<string, Value>>;
  readonly integers: Set<Value>;
  /** What values are known to be. */
  readonly literals: Map<Value, number | string | boolean | null | undefined>;
  /** References to module-level constants, and into them, which must not be written. */
  readonly globals: Set<Value>;
  /** Parameters of the annotated function, as they came. */
  readonly outside: Set<Value>;
  /** What more the function of a marker turns out to use of the code around; null elsewhere. */
  capturing: Capturing | null;
  /** Where records among these are read by keys that only run time knows. */
  readonly keyedReads: Node[];
  /** What was found so far; the function has failed where there is anything. */
  readonly problems: Diagnostic[];
  /** How many statements have failed, also by what others have lost. */
  failures: number;
  /** Variables that failed statements would have declared or assigned. */
  readonly lost: Set<Cell>;
  budget: number;
  /** Nodes of syntax inlined so far. */
  inlined: number;
  /** The names of the functions that were. */
  readonly inlinedNames: Set<string>;
  /** The function is part of a rule: it is not differentiated, so that what it calls need not be known. */
  readonly isRule: boolean;
  /** Functions that modules make by a call, by the call; null while it is being made. */
  readonly moduleMade: Map<Node, FunctionValue | null>;
  /** Variables that such functions have captured. */
  readonly frozen: Set<Cell>;
  /** The records in which the function shares variables of those around it with its caller. */
  readonly boxes: Map<Cell, Value>;
  /** The same of functions that were read from memory, while they are called. */
  readonly openBoxes: Map<Cell, Value>;
  /** What variables are declared to hold, where their first value alone does not say. */
  readonly declaredTypes: Map<Variable, Type>;
}

/** How a statement may end: always at its end, never, or depending on flags. */
export type Completion = "normal" | "abrupt" | "maybe";

/** The same lowering, inside a nested block. */
export function nested(lowering: Lowering): Lowering {
  return {
    ...lowering,
    builder: new LearningBuilder(lowering.builder.span, lowering.builder),
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
  return symbol ? oneOf(symbol.compilerSymbol) : null;
}

const symbolsOfFunctions = new WeakMap<ts.Declaration, ts.Symbol>();

/** TypeScript may know a function by two symbols, of which it has merged one into the other. */
function oneOf(symbol: ts.Symbol): ts.Symbol {
  const declaration = symbol.valueDeclaration;
  if (!(symbol.flags & ts.SymbolFlags.Function) || !declaration) return symbol;
  const known = symbolsOfFunctions.get(declaration);
  if (!known) symbolsOfFunctions.set(declaration, symbol);
  return known ?? symbol;
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
