/**
 * Gives every loop whose trips are not known beforehand a count of its iterations, for the reverse loop to start from.
 *
 * before: r = loop … while c        after: r, trips = loop … while c
 */
import { newValue, numberType } from "../ir/build.js";
import type { Block, IrFunction, Statement } from "../ir/ir.js";
import { mapBlocks, withBody } from "../ir/walk.js";

export function countTrips(fn: IrFunction): IrFunction {
  return withBody(fn, countInside(fn.body));
}

function countInside(block: Block): Block {
  const statements = block.statements.map((statement): Statement => {
    const inside = mapBlocks(statement, countInside);
    if (inside.kind !== "loop" || inside.trips) return inside;
    const isKnown = inside.upper !== null && inside.test === null && inside.exit === null;
    if (isKnown) return inside;
    const name = inside.counter.name === null ? "steps" : `${inside.counter.name}Steps`;
    return { ...inside, trips: newValue(numberType, { name, span: inside.span }) };
  });
  return statements.every((statement, k) => statement === block.statements[k]) ? block : { ...block, statements };
}
