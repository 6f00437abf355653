/**
 * Arrays that are borrowed from the runtime where they would be made, and given back at the end of the block that would make
 * them. What iterations make is made for each of them.
 *
 * before: t = allocate n; …; return …        after: t = borrow n; …; giveBack t; return …
 */
import type { Block, IrFunction, Statement, Value } from "../ir/ir.js";
import { endsInThrow, mapBlocks, withBody } from "../ir/walk.js";

export interface Lending {
  /** What stands for the statement that makes the array. */
  readonly borrowed: Statement;
  /** The name that the array has at the end of the block. */
  readonly last: Value;
}

/** Whether a statement of a block makes an array that can be borrowed. */
export type LendingOf = (statement: Statement, block: Block, owner: Statement | null) => Lending | null;

export function lend(fn: IrFunction, lendingOf: LendingOf): IrFunction {
  return withBody(fn, lendInside(fn.body, null, lendingOf));
}

function lendInside(block: Block, owner: Statement | null, lendingOf: LendingOf): Block {
  const given: Statement[] = [];
  const statements = block.statements.map((statement): Statement => {
    if (statement.kind === "loop") return statement;
    const lending = endsInThrow(block) ? null : lendingOf(statement, block, owner);
    if (!lending) return mapBlocks(statement, (nested) => lendInside(nested, statement, lendingOf));
    const { borrowed, last } = lending;
    given.push({ kind: "runtimeCall", result: null, name: "giveBack", arguments: [last], writes: [], span: null });
    return borrowed;
  });
  const isSame = given.length === 0 && statements.every((one, k) => one === block.statements[k]);
  return isSame ? block : { ...block, statements: [...statements, ...given] };
}
