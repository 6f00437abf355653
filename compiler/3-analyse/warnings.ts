/**
 * Warnings: gradients that are zero everywhere, and active values that integer storage swallows.
 *
 * Needs: the primal as lowered. Guarantees: no warning for an input whose derivative may be different from zero.
 */
import type { Diagnostic } from "../diagnostics.js";
import type { IrFunction, Span, Value } from "../ir/ir.js";
import { isScalar } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";
import type { Request } from "../requests.js";
import { activity, type ActivityFacts, isIntegerStorage } from "./activity.js";
import { questionOf, requestedWrt } from "./requested.js";
import { aliasClasses } from "./aliases.js";

export function warningsFor(fn: IrFunction, request: Request): readonly Diagnostic[] {
  const aliases = aliasClasses(fn);
  const asked = requestedWrt(fn, request);
  const facts = activity(fn, aliases, questionOf(fn, asked));
  const warnings: Diagnostic[] = [];
  for (const part of asked) {
    const question = questionOf(fn, [part]);
    if (isReached(asked.length === 1 ? facts : activity(fn, aliases, question), part.value)) continue;
    const isStopped = isReached(activity(fn, aliases, { ...question, passes: () => true }), part.value);
    warnings.push({
      code: isStopped ? "zeroGradient" : "unreachedInput",
      severity: "warning",
      span: part.value.span ?? request.span,
      message: isStopped
        ? `The gradient with respect to ${part.text} is zero: it reaches the result only through functions that are piecewise constant (floor, round, sign, bit operations, comparisons) or through stopGradient.`
        : `The gradient with respect to ${part.text} is zero: the result does not depend on it.`,
      suggestion: isStopped
        ? "Replace the rounding by something smooth, or leave the parameter out of wrt."
        : "Leave it out of wrt.",
    });
  }
  return [...warnings, ...integerStores(fn, facts)];
}

function isReached(facts: ActivityFacts, value: Value): boolean {
  return isScalar(value.type) ? facts.isActive(value) : facts.hasShadow(value);
}

function integerStores(fn: IrFunction, facts: ActivityFacts): readonly Diagnostic[] {
  const places = new Map<number, Span>();
  visitStatements(fn.body, (statement) => {
    const writes = statement.kind === "store" || statement.kind === "fill" || statement.kind === "addTo";
    if (!writes || !statement.span || !isIntegerStorage(statement.object) || !facts.isVaried(statement.value)) return;
    places.set(statement.span.start, statement.span);
  });
  return [...places.values()].map((span) => ({
    code: "integerStorage",
    severity: "warning",
    span,
    message: "An integer array receives a value that carries a derivative; the derivative ends here.",
    suggestion: "Use a Float64Array, or round on purpose before storing.",
  }));
}
