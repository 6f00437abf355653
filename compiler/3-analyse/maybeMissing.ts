import type { Block, Statement, Value } from "../ir/ir.js";
import { blocksOf, visitStatements } from "../ir/walk.js";

/**
 * Numbers of which it matters that they may be `undefined`, read behind the end of an array: they are tested for it, or
 * put into an array as they are. Storage of numbers would make NaN of them.
 */
export function maybeMissing(body: Block): ReadonlySet<Value> {
  const sources = new Map<Value, Value[]>();
  const read = new Set<Value>();
  const wanted: Value[] = [];
  const from = (value: Value, source: Value): void => void sources.set(value, [...(sources.get(value) ?? []), source]);
  visitStatements(body, (statement) => {
    if (statement.kind === "load" || statement.kind === "pop") read.add(statement.result);
    if (statement.kind === "narrow") from(statement.result, statement.value);
    if (statement.kind === "if" || statement.kind === "loop")
      statement.results.forEach((result, k) => {
        for (const block of blocksOf(statement)) if (block.yields[k]) from(result, block.yields[k]!);
      });
    if (statement.kind === "loop")
      statement.parameters.forEach((parameter, k) => {
        from(parameter, statement.initial[k]!);
        from(parameter, statement.body.yields[k]!);
        from(statement.results[k]!, statement.initial[k]!);
      });
    wanted.push(...whereItMatters(statement));
  });
  const found = new Set<Value>();
  for (let value = wanted.pop(); value; value = wanted.pop()) {
    if (found.has(value) || value.type.kind !== "number") continue;
    found.add(value);
    wanted.push(...(sources.get(value) ?? []));
  }
  const passesOn = (value: Value): boolean => read.has(value) || sources.has(value);
  return new Set([...found].filter(passesOn));
}

function whereItMatters(statement: Statement): readonly Value[] {
  switch (statement.kind) {
    case "apply":
      return statement.primitive === "isNullish" || statement.primitive === "isUndefined" ? statement.arguments : [];
    case "store":
    case "push":
      return statement.object.type.kind === "typedArray" ? [] : [statement.value];
    case "literal":
      return statement.elements;
    default:
      return [];
  }
}
