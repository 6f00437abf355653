/** Calls, active ones and those in functions that are called, whose rules give a pullback, and hooks. */
import type { ExternalCallStatement, IrFunction, Span, Unit, UserRule } from "../ir/ir.js";
import { isScalar } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";
import type { Request } from "../requests.js";
import { activity } from "./activity.js";
import { questionOf, requestedWrt } from "./requested.js";
import { aliasClasses } from "./aliases.js";

export type PullbackRule = UserRule & { readonly kind: "pullback" };

/** What is called, and where; one for each place. */
export interface PullbackCall {
  readonly name: string;
  readonly span: Span;
  readonly isHook: boolean;
}

export function pullbackCalls(
  functions: ReadonlyMap<string, IrFunction>,
  rules: Unit["rules"],
  fn: IrFunction,
  request: Request,
  isWanted: (rule: PullbackRule | "hook") => boolean,
): readonly PullbackCall[] {
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
      if (statement.kind !== "externalCall") return;
      const rule = isHook(statement) ? "hook" : rules.get(statement.rule ?? "");
      if (!rule || (rule !== "hook" && rule.kind !== "pullback")) return;
      if (isWanted(rule) && counts(statement)) found.push(statement);
    });
  };
  const facts = activity(fn, aliasClasses(fn), questionOf(fn, requestedWrt(fn, request)));
  enter(fn, ({ result }) => (isScalar(result.type) ? facts.isActive(result) : facts.hasShadow(result)));
  const places = new Map(
    found.map((call): [number | undefined, PullbackCall] => [
      call.span?.start,
      { name: call.name, span: call.span ?? request.span, isHook: isHook(call) },
    ]),
  );
  return [...places.values()];
}

function isHook({ callee }: ExternalCallStatement): boolean {
  return callee.kind === "hooked";
}
