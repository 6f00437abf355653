/**
 * Sums into memory: a read, an addition and a write of one place become one operation, whose adjoint clears nothing.
 *
 * Needs: any verified function. Guarantees: the same values; the place is read where it was written before.
 *
 * before: t = load a, i; u = t + e; store a, i, u        after: addTo a, i, e
 */
import { BlockBuilder } from "../ir/build.js";
import type { Block, IrFunction, Key, Statement, Value } from "../ir/ir.js";
import { countUses, mapBlocks, withBody } from "../ir/walk.js";
import { writesMemory } from "../ir/effects.js";

export function recogniseAddTo(fn: IrFunction): IrFunction {
  return withBody(fn, rewrite(fn.body, countUses(fn.body)));
}

function rewrite(block: Block, uses: ReadonlyMap<Value, number>): Block {
  const positions = new Map<Value, number>();
  const statements: (Statement | null)[] = block.statements.map((statement, k) => {
    if ("result" in statement && statement.result) positions.set(statement.result, k);
    return mapBlocks(statement, (nested) => rewrite(nested, uses));
  });
  block.statements.forEach((store, k) => {
    if (store.kind !== "store") return;
    const sum = positions.get(store.value);
    const found = sum === undefined ? null : matchSum(block.statements, sum, store, positions, uses);
    if (!found) return;
    const builder = new BlockBuilder(store.span);
    const value = found.isNegated ? builder.apply("negate", [found.added]) : found.added;
    statements[found.load] = null;
    statements[sum!] = null;
    builder.add({ kind: "addTo", object: store.object, key: store.key, value, span: store.span });
    statements[k] = builder.statements.at(-1)!;
    if (found.isNegated) statements[sum!] = builder.statements[0]!;
  });
  const kept = statements.filter((statement): statement is Statement => statement !== null);
  return kept.length === block.statements.length && kept.every((statement, k) => statement === block.statements[k])
    ? block
    : { ...block, statements: kept };
}

function sameKey(a: Key, b: Key): boolean {
  if (a.kind === "field" && b.kind === "field") return a.name === b.name;
  return a.kind === "index" && b.kind === "index" && a.index === b.index;
}

function matchSum(
  statements: readonly Statement[],
  sum: number,
  store: Statement & { kind: "store" },
  positions: ReadonlyMap<Value, number>,
  uses: ReadonlyMap<Value, number>,
): { load: number; added: Value; isNegated: boolean } | null {
  const apply = statements[sum]!;
  if (apply.kind !== "apply" || (apply.primitive !== "add" && apply.primitive !== "subtract")) return null;
  if (apply.result.name !== null || uses.get(apply.result) !== 1) return null;
  const candidates = apply.primitive === "add" ? [0, 1] : [0];
  for (const k of candidates) {
    const read = positions.get(apply.arguments[k]!);
    const load = read === undefined ? undefined : statements[read];
    if (read === undefined || load?.kind !== "load" || uses.get(load.result) !== 1) continue;
    if (load.object !== store.object || !sameKey(load.key, store.key) || load.result.type.kind !== "number") continue;
    const end = statements.indexOf(store);
    if (statements.slice(read + 1, end).some(writesMemory)) continue;
    return { load: read, added: apply.arguments[1 - k]!, isNegated: apply.primitive === "subtract" };
  }
  return null;
}
