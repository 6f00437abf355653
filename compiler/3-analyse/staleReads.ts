/**
 * Whether scratch of a module is read before it is written: what it holds then, an earlier call has left. The values that
 * scratch holds at first are placeholders; after the passes on the primal none of them may be used.
 */
import type { Diagnostic } from "../diagnostics.js";
import type { IrFunction, Value } from "../ir/ir.js";
import { operandsOf, visitStatements } from "../ir/walk.js";

export function staleRead(fn: IrFunction): Diagnostic | null {
  const stale = new Map<Value, string>();
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "placeholder" && statement.stale !== undefined) stale.set(statement.result, statement.stale);
  });
  if (stale.size === 0) return null;
  let found: string | undefined;
  const use = (value: Value): void => {
    found ??= stale.get(value);
  };
  visitStatements(fn.body, (statement) => {
    operandsOf(statement).forEach(use);
    if (statement.kind === "if") [...statement.then.yields, ...statement.else.yields].forEach(use);
    if (statement.kind === "loop") statement.body.yields.forEach(use);
  });
  fn.body.yields.forEach(use);
  if (found === undefined || !fn.span) return null;
  return {
    code: "moduleState",
    severity: "error",
    span: fn.span,
    message: `A function of a package reads ${found}, state of its module, and may find there what an earlier call has left.`,
    suggestion: "Give the function a rule with defineRule, or write stopGradient(…) around the call.",
  };
}
