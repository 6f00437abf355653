/**
 * Gives every call the summary of its callee's effects, also where functions call one another in a circle.
 *
 * Needs: all functions that are called. Guarantees: the effects at every call are those of the callee.
 *
 * before: call f (nothing known)        after: call f (writes its second argument)
 */
import { invariant } from "../diagnostics.js";
import type { CallEffects, IrFunction, Statement } from "../ir/ir.js";
import { mapBlocks, visitStatements, withBody } from "../ir/walk.js";
import { callEffects } from "./callEffects.js";

/** Beyond the longest chain of calls, and what one round adds to another along it. */
const mostRounds = 500;

export function summariseCalls(functions: ReadonlyMap<string, IrFunction>): ReadonlyMap<string, IrFunction> {
  const called = new Set<string>();
  for (const fn of functions.values())
    visitStatements(fn.body, (statement) => statement.kind === "call" && called.add(statement.callee));
  if (called.size === 0) return functions;
  const effects = new Map<string, CallEffects>();
  const current = new Map(functions);
  // From no effects upwards: what a summary adds, no later one takes away.
  let rounds = 0;
  for (let changed = true; changed;) {
    changed = false;
    invariant(rounds++ < mostRounds, `the effects of ${[...called].join(", ")} do not settle`);
    for (const key of called) {
      const next = callEffects(current.get(key)!);
      if (JSON.stringify(next) === JSON.stringify(effects.get(key))) continue;
      effects.set(key, next);
      changed = true;
    }
    for (const [key, fn] of current) current.set(key, withEffects(fn, effects));
  }
  return current;
}

function withEffects(fn: IrFunction, effects: ReadonlyMap<string, CallEffects>): IrFunction {
  const rewrite = (block: IrFunction["body"]): IrFunction["body"] => {
    const statements = block.statements.map((statement): Statement => {
      const inside = mapBlocks(statement, rewrite);
      return inside.kind === "call" ? { ...inside, effects: effects.get(inside.callee)! } : inside;
    });
    return statements.every((statement, k) => statement === block.statements[k]) ? block : { ...block, statements };
  };
  return withBody(fn, rewrite(fn.body));
}
