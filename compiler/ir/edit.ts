import type { Block, Statement, Value } from "./ir.js";
import { mapBlocks, resultsOf, scopedValuesOf } from "./walk.js";

/**
 * Edits collected against an unchanged tree and applied in one go. Every edit names original blocks, statements and
 * values, so the order in which edits are collected does not matter, but for several in one place: first come, first.
 */
export class Edits {
  private readonly top = new Map<Block, Statement[]>();
  private readonly end = new Map<Block, Statement[]>();
  private readonly before = new Map<Statement, Statement[]>();
  private readonly after = new Map<Value, Statement[]>();
  private readonly yields = new Map<Block, Value[]>();
  private readonly results = new Map<Statement, Value[]>();
  private readonly carried = new Map<Statement, { parameter: Value; initial: Value; result: Value }[]>();
  private readonly dropped = new Set<Statement>();

  atTop(block: Block, statements: readonly Statement[]): void {
    append(this.top, block, statements);
  }
  atEnd(block: Block, statements: readonly Statement[]): void {
    append(this.end, block, statements);
  }
  beforeStatement(statement: Statement, statements: readonly Statement[]): void {
    append(this.before, statement, statements);
  }
  /** After the definition of a value; for a loop's parameter or counter, at the top of its body. */
  afterDefinition(value: Value, statements: readonly Statement[]): void {
    append(this.after, value, statements);
  }
  yieldAlso(block: Block, value: Value): void {
    append(this.yields, block, [value]);
  }
  resultAlso(statement: Statement & { kind: "if" }, result: Value): void {
    append(this.results, statement, [result]);
  }
  /** The body must yield the next value with `yieldAlso`, in the same order. */
  carry(statement: Statement & { kind: "loop" }, parameter: Value, initial: Value, result: Value): void {
    append(this.carried, statement, [{ parameter, initial, result }]);
  }
  drop(statement: Statement): void {
    this.dropped.add(statement);
  }

  apply(block: Block): Block {
    return this.applyTo(block, []);
  }

  private applyTo(block: Block, scoped: readonly Value[]): Block {
    const statements: Statement[] = scoped.flatMap((value) => this.after.get(value) ?? []);
    statements.unshift(...(this.top.get(block) ?? []));
    for (const statement of block.statements) {
      const isThrow = statement.kind === "throw";
      if (isThrow) statements.push(...(this.end.get(block) ?? []));
      statements.push(...(this.before.get(statement) ?? []));
      if (!this.dropped.has(statement)) statements.push(this.applyInside(statement));
      for (const result of resultsOf(statement)) statements.push(...(this.after.get(result) ?? []));
    }
    if (block.statements.at(-1)?.kind !== "throw") statements.push(...(this.end.get(block) ?? []));
    return { ...block, statements, yields: [...block.yields, ...(this.yields.get(block) ?? [])] };
  }

  private applyInside(statement: Statement): Statement {
    const scoped = scopedValuesOf(statement);
    const inside = mapBlocks(statement, (nested) =>
      this.applyTo(nested, statement.kind === "loop" && nested === statement.body ? scoped : []),
    );
    if (inside.kind === "if")
      return { ...inside, results: [...inside.results, ...(this.results.get(statement) ?? [])] };
    if (inside.kind !== "loop") return inside;
    const carried = this.carried.get(statement) ?? [];
    return {
      ...inside,
      parameters: [...inside.parameters, ...carried.map((one) => one.parameter)],
      initial: [...inside.initial, ...carried.map((one) => one.initial)],
      results: [...inside.results, ...carried.map((one) => one.result)],
    };
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, values: readonly V[]): void {
  const list = map.get(key);
  if (list) list.push(...values);
  else map.set(key, [...values]);
}
