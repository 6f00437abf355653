import type { Span } from "./ir/ir.js";

/** A problem in the user's code. `code` is stable and camelCase (`unsupportedSyntax`); fixtures are named after it. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly span: Span;
  /** What is wrong, one sentence. */
  readonly message: string;
  /** What to do instead, one sentence. */
  readonly suggestion: string;
}

/** Thrown inside phases 1 to 3, caught at the pipeline, one function lost. */
export class DiagnosticError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(first: Diagnostic, ...others: readonly Diagnostic[]) {
    super(first.message);
    this.name = "DiagnosticError";
    this.diagnostics = [first, ...others];
  }
}

/** A broken promise between phases: our bug, never the user's. */
export class InvariantError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InvariantError";
  }
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes("call stack");
}

/** What is told of a failure on one function, also of our own: the others go on. A stack that overflows is told by whoever called. */
export function problemsOf(error: unknown, name: string, span: Span): readonly Diagnostic[] {
  if (error instanceof DiagnosticError) return error.diagnostics;
  if (process.env["ADJOINT_DEBUG"] || isStackOverflow(error)) throw error;
  const reason = error instanceof Error ? error.message.split("\n")[0]! : String(error);
  return [
    {
      code: "internalError",
      severity: "error",
      span,
      message: `The compiler itself failed on ${name}: ${reason}`,
      suggestion: "Please report it with the source; nothing is written for this file.",
    },
  ];
}
