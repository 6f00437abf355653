/**
 * Branches that the reverse sweep would run again, in functions that are not differentiated any more: what they hold takes
 * their place.
 *
 * Needs: a finished function. Guarantees: the same values.
 *
 * before: y = if true (checkpoint) {f(x)} else {0}        after: y = f(x)
 */
import type { Block, IrFunction, Statement } from "../ir/ir.js";
import { mapBlocks, visitStatements, withBody } from "../ir/walk.js";
import { simplify } from "./simplify.js";

export function forgetCheckpoints(fn: IrFunction): IrFunction {
  let hasAny = false;
  visitStatements(fn.body, (statement) => (hasAny ||= statement.kind === "if" && statement.isCheckpoint === true));
  return hasAny ? simplify(withBody(fn, forgetInside(fn.body))) : fn;
}

function forgetInside(block: Block): Block {
  const statements = block.statements.map((statement): Statement => {
    const inside = mapBlocks(statement, forgetInside);
    return inside.kind === "if" ? { ...inside, isCheckpoint: false } : inside;
  });
  return { ...block, statements };
}
