import type { Block, Statement, Value } from "../ir/ir.js";
import { mapBlocks } from "../ir/walk.js";

/** What is computed gets another name; whoever reads it is told by `substitute`. */
export function renameResults(block: Block, renamed: ReadonlyMap<Value, Value>): Block {
  if (renamed.size === 0) return block;
  const statements = block.statements.map((statement): Statement => {
    const inside = mapBlocks(statement, (nested) => renameResults(nested, renamed));
    const result = inside.kind === "apply" ? renamed.get(inside.result) : undefined;
    return result && inside.kind === "apply" ? { ...inside, result } : inside;
  });
  return { ...block, statements };
}
