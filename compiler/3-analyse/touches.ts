/** Which memory statements touch, and whether two of them may change places. */
import { type Access, accessesOf, keysMeet } from "../ir/effects.js";
import type { Statement, Value } from "../ir/ir.js";
import { blocksOf } from "../ir/walk.js";
import type { AliasFacts, MemoryClass } from "./aliases.js";
import { reachedBy } from "./independence.js";

export interface Touch {
  readonly object: Value;
  readonly memory: MemoryClass;
  readonly key: string;
  readonly how: Access["how"];
  /** The statement that touches it. */
  readonly by: Statement;
}

/** The order of the two matters. */
export function clash(a: Touch, b: Touch): boolean {
  return (
    a.memory === b.memory &&
    keysMeet(a.key, b.key) &&
    !(a.how === "read" && b.how === "read") &&
    !(a.how === "add" && b.how === "add")
  );
}

/** How statements touch memory; null when they may touch anything. */
export function touchesOf(aliases: AliasFacts, statements: readonly Statement[]): readonly Touch[] | null {
  const found: Touch[] = [];
  let isOpaque = false;
  const visit = (statement: Statement): void => {
    const accesses = accessesOf(statement);
    if (accesses === "all") isOpaque = true;
    else
      for (const access of accesses)
        for (const memory of reachedBy(aliases, access)) found.push({ ...access, memory, by: statement });
    blocksOf(statement).forEach((block) => block.statements.forEach(visit));
  };
  statements.forEach(visit);
  return isOpaque ? null : found;
}
