import { copyOfValue, newBlock } from "./build.js";
import type { Block, Statement, Value } from "./ir.js";
import { mapBlocks, mapOperands, resultsOf } from "./walk.js";

/** A second copy of code: what each value and each block of the first is in the second. */
export interface BlockCopy {
  readonly block: Block;
  readonly values: ReadonlyMap<Value, Value>;
  /** By block id. */
  readonly blocks: ReadonlyMap<number, number>;
}

/**
 * Copies a block with everything below it; values from outside stay, but for those that `known` replaces. `copyValue` makes
 * what stands for a value that the block defines.
 */
export function copyBlock(
  block: Block,
  known: ReadonlyMap<Value, Value> = new Map(),
  copyValue: (value: Value) => Value = copyOfValue,
): BlockCopy {
  const values = new Map<Value, Value>(known);
  const blocks = new Map<number, number>();
  const use = (value: Value): Value => values.get(value) ?? value;
  const define = (value: Value): Value => {
    const copy = copyValue(value);
    values.set(value, copy);
    return copy;
  };
  const copy = (original: Block): Block => {
    const statements = original.statements.map((statement): Statement => {
      const read = mapOperands(statement, use);
      if (read.kind === "loop") {
        const counter = define(read.counter);
        const parameters = read.parameters.map(define);
        const inside = mapBlocks(read, copy);
        if (inside.kind !== "loop") return inside;
        const exit = inside.exit && use(inside.exit);
        const trips = inside.trips && define(inside.trips);
        return { ...inside, counter, parameters, exit, trips, results: inside.results.map(define) };
      }
      if (read.kind === "if") {
        const inside = mapBlocks(read, copy);
        return inside.kind === "if" ? { ...inside, results: inside.results.map(define) } : inside;
      }
      const [result] = resultsOf(read);
      return result ? ({ ...read, result: define(result) } as Statement) : read;
    });
    const made = newBlock(statements, original.yields.map(use), original.mirrors);
    blocks.set(original.id, made.id);
    return made;
  };
  return { block: copy(block), values, blocks };
}
