/**
 * What cannot be differentiated inside of another function: what writes memory that its caller sees, what is not the same
 * when it is run again (the derivative of a derivative runs it again), what gives back memory that it was given, and calls
 * whose rule gives a pullback, of which no derivative is known.
 *
 * Needs: primals whose calls are summarised. Guarantees: where nothing is reported, inner derivatives can be made, and theirs.
 */
import type { Diagnostic } from "../diagnostics.js";
import type { CallEffects, InnerDerivative, IrFunction, Span, Statement, Unit } from "../ir/ir.js";
import { visitStatements } from "../ir/walk.js";
import { callEffects } from "./callEffects.js";

interface Lookup {
  readonly functions: ReadonlyMap<string, IrFunction>;
  readonly unit: Pick<Unit, "rules" | "derivatives">;
}

/** Of all derivatives that the function calls, directly or not. */
export function innerDerivativeProblems(lookup: Lookup, fn: IrFunction): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  everyStatement(lookup, fn, (statement) => {
    if (statement.kind !== "externalCall" || statement.callee.kind !== "derivative") return;
    const inner = lookup.unit.derivatives.get(statement.callee.key)!;
    problems.push(...problemsOf(lookup, inner));
  });
  return problems;
}

/** Visits what the function runs, functions that it calls and those that it differentiates included. */
function everyStatement({ functions, unit }: Lookup, root: IrFunction, visit: (statement: Statement) => void): void {
  const seen = new Set<IrFunction>();
  const enter = (fn: IrFunction | undefined): void => {
    if (!fn || seen.has(fn)) return;
    seen.add(fn);
    visitStatements(fn.body, (statement) => {
      visit(statement);
      if (statement.kind === "call") enter(functions.get(statement.callee));
      if (statement.kind === "externalCall" && statement.callee.kind === "derivative")
        enter(functions.get(unit.derivatives.get(statement.callee.key)!.of));
    });
  };
  enter(root);
}

function problemsOf(lookup: Lookup, { of, verb, span }: InnerDerivative): readonly Diagnostic[] {
  const fn = lookup.functions.get(of)!;
  const problems: Diagnostic[] = [];
  const tell = (at: Span | null, message: string, suggestion: string): void =>
    void problems.push({ code: "innerDerivative", severity: "error", span: at ?? span, message, suggestion });
  const effects = callEffects(fn);
  fn.parameters.forEach(({ name }, k) => {
    const reached = reachedFrom(effects, effects.parameters[k] ?? null);
    if ([...reached].some((position) => effects.classes[position]!.isWritten))
      tell(span, `What ${verb} differentiates here writes ${name}.`, "Make a copy with the changes.");
    else if (effects.result !== null && reached.has(effects.result))
      tell(span, `What ${verb} differentiates here gives back ${name}, or a part of it.`, "Give back a copy.");
  });
  let isRecursive = false;
  everyStatement(lookup, fn, (statement) => {
    if (statement.kind === "externalCall" && statement.callee.kind === "derivative")
      isRecursive ||= lookup.unit.derivatives.get(statement.callee.key)!.of === of;
    if (statement.kind === "evaluate" && !statement.isPure)
      tell(
        statement.span,
        `This is called by what ${verb} differentiates, which may run more often than the source says.`,
        "Do it outside, and pass what it gives.",
      );
    if (statement.kind !== "externalCall") return;
    if (statement.callee.kind === "hooked")
      tell(
        statement.span,
        "What a hook makes of a cotangent has no derivative, which would be needed here.",
        "Leave the hook out of what is differentiated twice.",
      );
    if (statement.rule === null) return;
    if (lookup.unit.rules.get(statement.rule)?.kind === "pullback")
      tell(
        statement.span,
        `The rule of ${statement.name} gives a pullback, of which the derivative would be needed here.`,
        "Give the rule partials.",
      );
  });
  if (isRecursive)
    tell(
      span,
      `What ${verb} differentiates here comes to this place again: how often it is differentiated is known only at run time.`,
      "Nest as many derivatives as are wanted.",
    );
  return problems;
}

function reachedFrom({ classes }: CallEffects, start: number | null): ReadonlySet<number> {
  const reached = new Set<number>();
  const enter = (position: number): void => {
    if (reached.has(position)) return;
    reached.add(position);
    for (const { memory } of classes[position]!.contents) enter(memory);
  };
  if (start !== null) enter(start);
  return reached;
}
