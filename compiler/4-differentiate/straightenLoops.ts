/**
 * Straightening: a mirrored loop whose iterations share nothing but sums may as well run forwards, over the range that
 * the user wrote.
 *
 * Needs: an adjoint after keeping (a loop that reads storage with a cursor carries it, and is no sum). Guarantees: sums
 * of derivatives are reordered, nothing else; no loop knows another range any more.
 *
 * before: loop i from n - 1 >= 0 step -1 {aBar[i] += …}        after: loop i from 0 < n step 1 {aBar[i] += …}
 */
import { aliasClasses } from "../3-analyse/aliases.js";
import { independence, type IndependenceFacts } from "../3-analyse/independence.js";
import type { Block, IrFunction, Statement } from "../ir/ir.js";
import { mapBlocks, withBody } from "../ir/walk.js";

export function straightenLoops(fn: IrFunction): IrFunction {
  return withBody(fn, straightenInside(independence(fn, aliasClasses(fn)), fn.body));
}

function straightenInside(facts: IndependenceFacts, block: Block): Block {
  const statements = block.statements.map((original): Statement => {
    const statement = mapBlocks(original, (nested) => straightenInside(facts, nested));
    if (statement.kind !== "loop" || !statement.forwards || original.kind !== "loop") return statement;
    const isFree = facts.isIndependent(original);
    return isFree ? { ...statement, ...statement.forwards, forwards: null } : { ...statement, forwards: null };
  });
  return statements.every((statement, k) => statement === block.statements[k]) ? block : { ...block, statements };
}
