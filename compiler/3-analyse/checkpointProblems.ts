/**
 * What stands in the way of `@checkpoint`: what is run again must do the same again, and nothing that is seen from outside.
 * (Memory of modules is not written at all.)
 *
 * Needs: primals whose calls are summarised. Guarantees: where nothing is reported, a part that is run again from its
 * state computes what it computed before.
 */
import type { Diagnostic } from "../diagnostics.js";
import type { Block, IrFunction, Span, Statement } from "../ir/ir.js";
import { blocksOf } from "../ir/walk.js";

export function checkpointProblems(
  functions: ReadonlyMap<string, IrFunction>,
  fn: IrFunction,
  fallback: Span,
): readonly Diagnostic[] {
  const problems = new Map<number, Diagnostic>();
  const report = (span: Span | null, message: string, suggestion: string): void => {
    const at = span ?? fallback;
    problems.set(at.start, { code: "checkpoint", severity: "error", span: at, message, suggestion });
  };
  const enter = (block: Block): void => {
    for (const statement of block.statements) {
      if (statement.kind === "loop" && statement.checkpoint) check(statement.body);
      else if (statement.kind === "if" && statement.isCheckpoint) check(statement.then);
      else blocksOf(statement).forEach(enter);
    }
  };
  const check = (body: Block): void => {
    const impure = firstImpure(functions, body, new Set());
    if (impure)
      report(
        impure.span,
        "This is done once, and what has @checkpoint is run again in the reverse sweep.",
        "Do it before, and pass what it gives, or leave @checkpoint out.",
      );
  };
  enter(fn.body);
  return [...problems.values()];
}

function find(block: Block, isMeant: (statement: Statement) => boolean): Statement | null {
  for (const statement of block.statements) {
    if (isMeant(statement)) return statement;
    for (const nested of blocksOf(statement)) {
      const found = find(nested, isMeant);
      if (found) return found;
    }
  }
  return null;
}

/** The first statement, or call of a function with one, that does what is seen, or gives something else each time. */
function firstImpure(functions: ReadonlyMap<string, IrFunction>, block: Block, seen: Set<string>): Statement | null {
  return find(block, (statement) => {
    if (statement.kind === "evaluate") return !statement.isPure;
    if (statement.kind !== "call" || seen.has(statement.callee)) return false;
    seen.add(statement.callee);
    const callee = functions.get(statement.callee);
    return callee !== undefined && firstImpure(functions, callee.body, seen) !== null;
  });
}
