import { writtenObjects } from "../ir/effects.js";
import type { Block } from "../ir/ir.js";
import { visitStatements } from "../ir/walk.js";
import type { AliasFacts, MemoryClass } from "./aliases.js";
import { memoriesOfCall } from "./callEffects.js";

/** The classes of memory that the statements of a block, and those below it, may write. */
export function memoryWrittenIn(block: Block, aliases: AliasFacts): ReadonlySet<MemoryClass> {
  const found = new Set<MemoryClass>();
  const see = (memory: MemoryClass | null): void => void (memory && found.add(memory));
  visitStatements(block, (statement) => {
    if (statement.kind === "call")
      for (const [callee, memory] of memoriesOfCall(aliases, statement)) if (callee.isWritten) see(memory);
    const objects = statement.kind === "call" ? [] : writtenObjects(statement);
    if (objects !== "all") objects.forEach((object) => see(aliases.classOf(object)));
  });
  return found;
}
