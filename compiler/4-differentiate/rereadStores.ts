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
import { mapBlocks, resultsOf, visitStatements, withBody } from "../ir/walk.js";

export function rereadStores(fn: IrFunction): IrFunction {
  const recalled = new Set<Value>();
  const made = new Map<Value, Made>();
  const stores = new Map<StoreStatement, Block>();
  visitStatements(fn.body, (statement, block) => {
    if (statement.kind === "recall") recalled.add(statement.value);
    for (const result of resultsOf(statement)) made.set(result, { by: statement, block });
    if (statement.kind === "store" && isExact(statement)) stores.set(statement, block);
  });
  const reads = new Map<StoreStatement, LoadStatement>();
  const wanted = new Map<StoreStatement, readonly Value[]>();
  for (const [store, block] of stores) {
    // What is made outside of the loop that stores it is recalled outside of it, too.
    if (made.get(store.value)?.block !== block) continue;
    const values = storedIn(made, store.value).filter((value) => recalled.has(value));
    if (values.length === 0) continue;
    wanted.set(store, values);
    reads.set(store, readOf(store));
  }
  if (reads.size === 0) return fn;
  const tried = withBody(fn, withReads(fn.body, reads));
  const facts = finality(tried, aliasClasses(tried));
  const used = new Map([...reads].filter(([, read]) => facts.isFinal(read)));
  if (used.size === 0) return fn;
  const replaced = new Map<Value, Value>();
  for (const [store, read] of used) wanted.get(store)!.forEach((value) => replaced.set(value, read.result));
  return withBody(fn, redirected(withReads(fn.body, used), replaced));
}

/** Where a value comes from. */
interface Made {
  readonly by: Statement;
  readonly block: Block;
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

/** The values that are in the place, whichever way they came there: that of a branch is stored behind it. */
function storedIn(made: ReadonlyMap<Value, Made>, value: Value): readonly Value[] {
  const by = made.get(value)?.by;
  if (!by || isHadAgain(by)) return [];
  if (by.kind !== "if") return [value];
  const k = by.results.indexOf(value);
  const inside = [by.then, by.else].flatMap((branch) => {
    const yielded = branch.yields[k];
    return yielded && made.get(yielded)?.block === branch ? storedIn(made, yielded) : [];
  });
  return [value, ...inside];
}

/** A constant, or an element that is read, is as easily had again. */
function isHadAgain({ kind }: Statement): boolean {
  return kind === "constant" || kind === "load" || kind === "placeholder";
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
