/**
 * Integers: which numbers are proved to be integers (so that a loop bound needs no rounding and an index no check).
 *
 * Needs: any function. Guarantees: a marked value is an integer or the program has thrown; ±2^53 is not considered.
 *
 * before: n = length a; m = n - 1; h = n / 2        after: n and m are integers, h is not proved
 */
import type { Block, IrFunction, Statement, Value } from "../ir/ir.js";
import { blocksOf } from "../ir/walk.js";

export interface IntegerFacts {
  isInteger(value: Value): boolean;
}

const alwaysInteger: ReadonlySet<string> = new Set([
  "floor",
  "ceil",
  "round",
  "trunc",
  "bitAnd",
  "bitOr",
  "bitXor",
  "bitNot",
  "shiftLeft",
  "shiftRight",
  "shiftRightUnsigned",
  "clz32",
  "imul",
  "sign",
]);
const integerWhenArgumentsAre: ReadonlySet<string> = new Set([
  "add",
  "subtract",
  "multiply",
  "negate",
  "max",
  "min",
  "abs",
]);

export function integers(fn: IrFunction): IntegerFacts {
  const found = new Set<Value>();
  const all = (values: readonly (Value | undefined)[]): boolean => values.every((value) => value && found.has(value));
  const visit = (statement: Statement): void => {
    switch (statement.kind) {
      case "constant":
        if (Number.isInteger(statement.value)) found.add(statement.result);
        return;
      case "length":
        found.add(statement.result);
        return;
      case "apply":
        if (alwaysInteger.has(statement.primitive)) found.add(statement.result);
        else if (integerWhenArgumentsAre.has(statement.primitive) && all(statement.arguments))
          found.add(statement.result);
        return;
      case "loop":
        found.add(statement.counter);
        if (statement.trips) found.add(statement.trips);
        return;
      default:
        return;
    }
  };
  const enter = (block: Block): void => {
    for (const statement of block.statements) {
      visit(statement);
      for (const nested of blocksOf(statement)) enter(nested);
      if (statement.kind === "if")
        statement.results.forEach((result, k) => {
          if (all([statement.then.yields[k], statement.else.yields[k]])) found.add(result);
        });
    }
  };
  enter(fn.body);
  return { isInteger: (value) => found.has(value) };
}
