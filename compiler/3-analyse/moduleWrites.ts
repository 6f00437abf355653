/**
 * Writes to constants of modules under other names: `const s = c ? {x: 1} : BASE; s.x += k`. Those under their own names
 * lowering refuses.
 *
 * Needs: primals whose calls are summarised. Guarantees: where nothing is reported, what a module holds is what it held
 * when the function was called.
 *
 * before: s = if c {literal} else {global BASE}; store s.x, y        after: the store is reported
 */
import type { Diagnostic } from "../diagnostics.js";
import type { IrFunction, Span } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";
import { globalWrites } from "./pointsTo.js";

export function moduleWriteProblems(functions: ReadonlyMap<string, IrFunction>): readonly Diagnostic[] {
  const spans = [...functions.values()].filter(readsGlobals).flatMap((fn) => spansOf(fn));
  return spans.map((span) => ({
    code: "moduleStateWrite",
    severity: "error",
    span,
    message: "What is written here may be a module-level constant, or in one.",
    suggestion: "Copy it first, or pass an array to write into.",
  }));
}

function readsGlobals(fn: IrFunction): boolean {
  let found = false;
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "global" && isReference(statement.result.type)) found = true;
  });
  return found;
}

function spansOf(fn: IrFunction): readonly Span[] {
  const spans = new Map<number, Span>();
  for (const { span } of globalWrites(fn)) {
    const at = span ?? fn.span;
    if (at) spans.set(at.start, at);
  }
  return [...spans.values()];
}
