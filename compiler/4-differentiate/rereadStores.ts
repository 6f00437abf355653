/**
 * Values that the primal stores where nothing is written later are read again from there: the reverse sweep recalls the
 * element, and not the value, which then is neither kept nor computed again.
 *
 * Needs: the adjoint's output (recalls in mirror blocks), after fusion. Guarantees: reads are added behind stores, of what
 * was stored; nothing else changes.
 *
 * before: loop j {h = tanh s; store a, j, h} … {recall h}        after: loop j {h = tanh s; store a, j, h; r = load a, j} … {recall r}
 */
import { aliasClasses } from "../3-analyse/aliases.js";
import { finality } from "../3-analyse/finality.js";
import { newValue } from "../ir/build.js";
import type { Block, IrFunction, LoadStatement, Statement, StoreStatement, Value } from "../ir/ir.js";
import { mapBlocks, visitStatements, withBody } from "../ir/walk.js";

export function rereadStores(fn: IrFunction): IrFunction {
  const recalled = new Set<Value>();
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "recall") recalled.add(statement.value);
  });
  const reads = new Map<StoreStatement, LoadStatement>();
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "store" && isExact(statement)) reads.set(statement, readOf(statement));
  });
  if (recalled.size === 0 || reads.size === 0) return fn;
  const tried = withBody(fn, withReads(fn.body, reads));
  const facts = finality(tried, aliasClasses(tried));
  const replaced = new Map<Value, Value>();
  const used = new Map<StoreStatement, LoadStatement>();
  collect(fn.body, (block, store) => {
    const read = reads.get(store);
    const values = read ? storedIn(block, store.value).filter((value) => recalled.has(value)) : [];
    if (!read || values.length === 0 || !facts.isFinal(read)) return;
    used.set(store, read);
    values.forEach((value) => replaced.set(value, read.result));
  });
  if (used.size === 0) return fn;
  return withBody(fn, redirected(withReads(fn.body, used), replaced));
}

/** What is read there is what was stored, to the last bit. */
function isExact({ object, key, value }: StoreStatement): boolean {
  const { type } = object;
  const isOfNumbers =
    (type.kind === "typedArray" && type.name === "Float64Array") ||
    (type.kind === "array" && type.element.kind === "number");
  return isOfNumbers && key.kind === "index" && value.type.kind === "number" && value.role === "primal";
}

function readOf({ object, key, value, span }: StoreStatement): LoadStatement {
  return { kind: "load", result: newValue(value.type, { name: value.name, span }), object, key, span };
}

function collect(block: Block, use: (block: Block, store: StoreStatement) => void): void {
  for (const statement of block.statements) {
    if (statement.kind === "store") use(block, statement);
    mapBlocks(statement, (nested) => {
      collect(nested, use);
      return nested;
    });
  }
}

/** The values that are in the place, whichever way they came there: that of a branch is stored behind it. */
function storedIn(block: Block, value: Value): readonly Value[] {
  const maker = block.statements.find((one) => one.kind === "if" && one.results.includes(value));
  if (maker?.kind !== "if") return isMadeIn(block, value) ? [value] : [];
  const k = maker.results.indexOf(value);
  const inside = [maker.then, maker.else].flatMap((branch) => {
    const yielded = branch.yields[k];
    return yielded && isMadeIn(branch, yielded) ? storedIn(branch, yielded) : [];
  });
  return [value, ...inside];
}

/** Computed, and not just named: a constant or an element that is read is as easily had again. */
function isMadeIn(block: Block, value: Value): boolean {
  const maker = block.statements.find((one) =>
    one.kind === "if" || one.kind === "loop" ? one.results.includes(value) : "result" in one && one.result === value,
  );
  return maker !== undefined && maker.kind !== "constant" && maker.kind !== "load" && maker.kind !== "placeholder";
}

function withReads(block: Block, reads: ReadonlyMap<StoreStatement, LoadStatement>): Block {
  const statements = block.statements.flatMap((statement): Statement[] => {
    const read = statement.kind === "store" ? reads.get(statement) : undefined;
    return read ? [statement, read] : [mapBlocks(statement, (nested) => withReads(nested, reads))];
  });
  const isSame = statements.length === block.statements.length && statements.every((s, k) => s === block.statements[k]);
  return isSame ? block : { ...block, statements };
}

function redirected(block: Block, replaced: ReadonlyMap<Value, Value>): Block {
  const statements = block.statements.map((statement) => {
    const target = statement.kind === "recall" ? replaced.get(statement.value) : undefined;
    if (target && statement.kind === "recall") return { ...statement, value: target };
    return mapBlocks(statement, (nested) => redirected(nested, replaced));
  });
  return statements.every((s, k) => s === block.statements[k]) ? block : { ...block, statements };
}
