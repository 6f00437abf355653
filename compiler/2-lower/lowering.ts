/**
 * The state of lowering one function: where statements go, what each variable is worth now, where exits lead.
 */
import {
  type ArrowFunction,
  type FunctionDeclaration,
  type FunctionExpression,
  type MethodDeclaration,
  Node,
  type Symbol as SourceSymbol,
  type ts,
  type Type as SourceType,
} from "ts-morph";
import { type Diagnostic, DiagnosticError } from "../diagnostics.js";
import { BlockBuilder, newValue } from "../ir/build.js";
import type { Span, Type, Value } from "../ir/ir.js";
import type { LoweredCallee } from "./splitCall.js";

/** Functions with a body that lowering can step into. */
export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunction | MethodDeclaration;

/** What lowering asks of the file it works for. */
export interface UnitContext {
  typeOf(type: SourceType, at: Node): Type;
  /** The key of a module-level constant, registered for emission. */
  requireBinding(declaration: Node, name: string): string;
  report(diagnostic: Diagnostic): void;
  /** The function, lowered by itself. */
  requireFunction(fn: FunctionNode): LoweredCallee;
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
export type Variable = ts.Symbol | Invented;

export function isInvented(variable: Variable): variable is Invented {
  return "kind" in variable;
}

export interface Invented {
  /** A flag of an exit, the result of a function, or a value that a loop carries (the total of a `reduce`). */
  readonly kind: "flag" | "result" | "carried";
  readonly name: string;
}

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

export interface Lowering {
  readonly unit: UnitContext;
  readonly builder: BlockBuilder;
  readonly variables: Map<Variable, Value>;
  readonly returnTarget: ReturnTarget;
  readonly jumpTargets: readonly JumpTarget[];
  /** Functions being inlined, to refuse recursion. */
  readonly inlining: readonly Node[];
  readonly shared: SharedState;
}

/** Shared by all branches of one function. */
export interface SharedState {
  readonly localFunctions: Map<ts.Symbol, FunctionNode>;
  readonly integers: Set<Value>;
  /** What values are known to be. */
  readonly literals: Map<Value, number | string | boolean | null | undefined>;
  /** References to module-level constants, which must not be written. */
  readonly globals: Set<Value>;
  budget: number;
  /** Nodes of syntax inlined so far. */
  inlined: number;
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
  const symbol: SourceSymbol | undefined = node.getSymbol();
  return symbol?.compilerSymbol ?? null;
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
