/**
 * Call cycles: which functions call one another in a circle, so that nothing final is known of one before the others.
 *
 * before: f calls g, g calls f and h        after: f and g are in one cycle, h is in none
 */
import type { IrFunction } from "../ir/ir.js";
import { visitStatements } from "../ir/walk.js";

/** Whether each of two functions may call the other, directly or through others; of one with itself: it is recursive. */
export type InOneCycle = (one: string, other: string) => boolean;

export function callCycles(functions: ReadonlyMap<string, IrFunction>): InOneCycle {
  const reached = new Map<string, ReadonlySet<string>>();
  const reachedFrom = (key: string): ReadonlySet<string> => {
    const known = reached.get(key);
    if (known) return known;
    const found = new Set<string>();
    const enter = (fn: IrFunction): void =>
      visitStatements(fn.body, (statement) => {
        if (statement.kind !== "call" || found.has(statement.callee)) return;
        found.add(statement.callee);
        enter(functions.get(statement.callee)!);
      });
    enter(functions.get(key)!);
    reached.set(key, found);
    return found;
  };
  return (one, other) => reachedFrom(one).has(other) && reachedFrom(other).has(one);
}
