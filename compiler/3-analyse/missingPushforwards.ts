/**
 * Forward mode through a rule that has a pullback and no pushforward.
 *
 * Needs: primals whose calls are summarised. Guarantees: where nothing is reported, the tangent has every pushforward
 * that it calls.
 */
import type { Diagnostic } from "../diagnostics.js";
import type { ExternalCallStatement, IrFunction, Unit } from "../ir/ir.js";
import { isScalar } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";
import type { Request } from "../requests.js";
import { activity } from "./activity.js";
import { aliasClasses } from "./aliases.js";

export function missingPushforwards(
  functions: ReadonlyMap<string, IrFunction>,
  rules: Unit["rules"],
  fn: IrFunction,
  request: Request,
): readonly Diagnostic[] {
  if (!request.verbs.includes("jvp")) return [];
  const found: ExternalCallStatement[] = [];
  const seen = new Set<IrFunction>();
  /** In functions that are called every call counts, active or not. */
  const enter = (inside: IrFunction, counts: (call: ExternalCallStatement) => boolean): void => {
    if (seen.has(inside)) return;
    seen.add(inside);
    visitStatements(inside.body, (statement) => {
      if (statement.kind === "call") {
        const callee = functions.get(statement.callee);
        if (callee) enter(callee, (call) => call.flows.some((type) => type !== null));
      }
      if (statement.kind !== "externalCall" || statement.rule === null) return;
      const rule = rules.get(statement.rule);
      if (rule?.kind === "pullback" && rule.pushforward === null && counts(statement)) found.push(statement);
    });
  };
  const wrt = request.wrt.map((position) => fn.parameters[position]!.value);
  const facts = activity(fn, aliasClasses(fn), { wrt, results: fn.body.yields });
  enter(fn, ({ result }) => (isScalar(result.type) ? facts.isActive(result) : facts.hasShadow(result)));
  const spans = new Map(found.map(({ name, span }) => [span?.start, { name, span: span ?? request.span }]));
  return [...spans.values()].map(({ name, span }) => ({
    code: "missingPushforward",
    severity: "error",
    span,
    message: `The rule of ${name} has a pullback and no pushforward, which jvp of ${request.displayName} needs.`,
    suggestion: "Add a pushforward to the rule, or leave jvp out of the tag.",
  }));
}
