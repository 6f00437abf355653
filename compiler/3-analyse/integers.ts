/**
 * Integers: which numbers are proved to be integers (so that a loop bound needs no rounding and an index no check).
 *
 * Needs: any function. Guarantees: a marked value is an integer, or the program has thrown or reads elements that are
 * not there; ±2^53 is not considered.
 *
 * before: n = length a; m = n - 1; h = n / 2        after: n and m are integers, h is not proved
 */
import type { Block, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import { alwaysInteger, integerWhenArgumentsAre, primitiveNamed } from "../ir/primitives.js";
import { blocksOf, visitStatements } from "../ir/walk.js";

export interface IntegerFacts {
  isInteger(value: Value): boolean;
}

export function integers(fn: IrFunction): IntegerFacts {
  const carried = new Map<Value, LoopStatement>();
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "loop") statement.parameters.forEach((parameter) => carried.set(parameter, statement));
  });
  const indexes = indexValues(fn, carried);
  // Carried values are taken for integers until one of their sources is not.
  const assumed = new Set(carried.keys());
  for (;;) {
    const found = marked(fn, new Set([...indexes, ...assumed]));
    const refuted = [...assumed].filter((parameter) => {
      const loop = carried.get(parameter)!;
      const k = loop.parameters.indexOf(parameter);
      const sources = [loop.initial[k]!, loop.body.yields[k]];
      return !indexes.has(parameter) && !sources.every((source) => source && found.has(source));
    });
    if (refuted.length === 0) return { isInteger: (value) => found.has(value) };
    refuted.forEach((parameter) => assumed.delete(parameter));
  }
}

/**
 * Values that elements are read at, and the terms of sums that are: were one no integer, the element would be missing
 * and the result not a number. Reads that are tested for being there say nothing.
 */
function indexValues(fn: IrFunction, carried: ReadonlyMap<Value, LoopStatement>): ReadonlySet<Value> {
  const definitions = new Map<Value, Statement>();
  const tested = new Set<Value>();
  const counted = new Map<Value, Value>();
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "loop") counted.set(statement.counter, statement.lower);
    if (statement.kind !== "apply") return;
    definitions.set(statement.result, statement);
    if (primitiveNamed(statement.primitive).result === "boolean")
      statement.arguments.forEach((argument) => tested.add(argument));
  });
  const found = new Set<Value>();
  const enter = (value: Value): void => {
    if (found.has(value)) return;
    found.add(value);
    const definition = definitions.get(value);
    if (definition?.kind === "apply" && (definition.primitive === "add" || definition.primitive === "subtract"))
      definition.arguments.forEach(enter);
    // In the first iteration it is what it starts from.
    const loop = carried.get(value);
    if (loop) enter(loop.initial[loop.parameters.indexOf(value)]!);
    const lower = counted.get(value);
    if (lower) enter(lower);
  };
  visitStatements(fn.body, (statement) => {
    if (statement.kind !== "load" || statement.key.kind !== "index") return;
    if (statement.result.type.kind === "number" && !tested.has(statement.result)) enter(statement.key.index);
  });
  return found;
}

/** Every value that is an integer when those given are. */
function marked(fn: IrFunction, given: ReadonlySet<Value>): ReadonlySet<Value> {
  const found = new Set<Value>(given);
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
      if (statement.kind === "loop")
        statement.results.forEach((result, k) => {
          if (all([statement.initial[k], statement.body.yields[k]])) found.add(result);
        });
    }
  };
  enter(fn.body);
  return found;
}
