/**
 * Forward mode through a rule that has a pullback and no pushforward.
 *
 * Needs: primals whose calls are summarised. Guarantees: where nothing is reported, the tangent has every pushforward
 * that it calls.
 */
import type { Diagnostic } from "../diagnostics.js";
import type { IrFunction, Unit } from "../ir/ir.js";
import type { Request } from "../requests.js";
import { pullbackCalls } from "./pullbackCalls.js";

export function missingPushforwards(
  functions: ReadonlyMap<string, IrFunction>,
  rules: Unit["rules"],
  fn: IrFunction,
  request: Request,
): readonly Diagnostic[] {
  if (!request.verbs.includes("jvp")) return [];
  const calls = pullbackCalls(functions, rules, fn, request, (rule) => rule !== "hook" && rule.pushforward === null);
  return calls.map(({ name, span }) => ({
    code: "missingPushforward",
    severity: "error",
    span,
    message: `The rule of ${name} has a pullback and no pushforward, which jvp of ${request.displayName} needs.`,
    suggestion: "Add a pushforward to the rule, or leave jvp out of the tag.",
  }));
}
