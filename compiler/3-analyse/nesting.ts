/**
 * Nesting: where each value is defined, and what owns each block. A loop's counter and parameters count as defined in
 * its body.
 */
import type { Block, Statement, Value } from "../ir/ir.js";
import { blocksOf, resultsOf } from "../ir/walk.js";

/** The block that defines each value below a function's body, and each block's owner. */
export interface Nesting {
  blockOf(value: Value): Block | undefined;
  /** The statement that owns a block and the block it stands in; null for the root. */
  ownerOf(block: Block): { statement: Statement; parent: Block } | null;
}

export function nestingOf(body: Block, parameters: readonly Value[] = []): Nesting {
  const blocks = new Map<Value, Block>(parameters.map((value) => [value, body]));
  const owners = new Map<Block, { statement: Statement; parent: Block }>();
  const enter = (block: Block): void => {
    for (const statement of block.statements) {
      for (const result of resultsOf(statement)) blocks.set(result, block);
      for (const nested of blocksOf(statement)) {
        owners.set(nested, { statement, parent: block });
        enter(nested);
      }
      if (statement.kind === "loop")
        for (const value of [statement.counter, ...statement.parameters]) blocks.set(value, statement.body);
    }
  };
  enter(body);
  return { blockOf: (value) => blocks.get(value), ownerOf: (block) => owners.get(block) ?? null };
}
