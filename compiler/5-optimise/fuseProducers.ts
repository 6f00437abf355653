/**
 * Fusion of producers: a loop that makes arrays, element by element, moves into the one loop that reads them, element
 * by element, and the arrays vanish.
 *
 * Needs: a primal, or a finished tangent. Guarantees: the same values. The producer's iterations share nothing and have no
 * effect but the elements each makes; nothing that they read is written before the reader is done.
 *
 * before: t = allocate n; loop i < n {t[i] = f x[i]}; loop j < n {… t[j] …}        after: loop j < n {v = f x[j]; … v …}
 */
import { aliasClasses } from "../3-analyse/aliases.js";
import { newValue } from "../ir/build.js";
import { copyBlock } from "../ir/copyBlock.js";
import type {
  AllocateStatement,
  Block,
  IrFunction,
  LoadStatement,
  LoopStatement,
  Statement,
  StoreStatement,
  Value,
} from "../ir/ir.js";
import { isFloatArray } from "../ir/types.js";
import { blocksOf, countUses, mapBlocks, substitute, visitStatements, withBody } from "../ir/walk.js";
import { LoopCounts } from "./loopCounts.js";
import { mayMoveInto, isSelfContained } from "./producers.js";
import { renameResults } from "./renameResults.js";
import { roundsToSingle } from "./slots.js";

export function fuseProducers(fn: IrFunction): IrFunction {
  for (let current = fn; ;) {
    const fusion = findFusion(current);
    if (!fusion) return current;
    current = withBody(current, apply(fusion, current.body));
  }
}

interface Fusion {
  readonly producer: LoopStatement;
  readonly consumer: LoopStatement;
  readonly arrays: readonly Vanishing[];
}

/** An array that the producer fills and the consumer reads. */
interface Vanishing {
  readonly allocation: AllocateStatement;
  readonly store: StoreStatement;
  /** The array's elements, as the consumer reads them. */
  readonly loads: readonly Value[];
  /** Reads of the first element before it: sums without a start begin with it. */
  readonly firsts: readonly LoadStatement[];
  /** What asks for its length. */
  readonly lengths: readonly Value[];
}

function findFusion(fn: IrFunction): Fusion | null {
  const uses = countUses(fn.body);
  const counts = new LoopCounts(fn);
  const aliases = aliasClasses(fn);
  const search = (block: Block): Fusion | null => {
    const loops = block.statements.filter((statement) => statement.kind === "loop");
    for (const [k, producer] of loops.entries()) {
      const stores = storesAtCounter(producer, block);
      if (stores.size === 0 || !isSelfContained(producer, new Set(stores.keys()))) continue;
      const consumer = loops.slice(k + 1).find((loop) => readsAtCounter(loop, firstOf(stores).result).length > 0);
      if (!consumer || ![...stores.values()].every((made) => counts.covers(producer, consumer, made))) continue;
      const before = between(block, producer, consumer);
      const arrays = [...stores].map(([store, made]) => vanishing(fn, producer, store, made, consumer, before, counts));
      const isAll = arrays.every((one) => one.loads.length > 0 && uses.get(one.allocation.result) === countUsesOf(one));
      if (isAll && mayMoveInto(producer, before, consumer, aliases)) return { producer, consumer, arrays };
    }
    for (const statement of block.statements) {
      let found: Fusion | null = null;
      mapBlocks(statement, (nested) => ((found ??= search(nested)), nested));
      if (found) return found;
    }
    return null;
  };
  return search(fn.body);
}

function firstOf<Item>(items: ReadonlyMap<unknown, Item>): Item {
  return items.values().next().value!;
}

/** The store, and all the reads. */
function countUsesOf({ loads, firsts, lengths }: Vanishing): number {
  return 1 + loads.length + firsts.length + lengths.length;
}

function between(block: Block, first: Statement, second: Statement): readonly Statement[] {
  return block.statements.slice(block.statements.indexOf(first) + 1, block.statements.indexOf(second));
}

/** Where the loop writes elements of arrays that the block makes, each at its counter. */
function storesAtCounter(loop: LoopStatement, block: Block): ReadonlyMap<StoreStatement, AllocateStatement> {
  const found = new Map<StoreStatement, AllocateStatement>();
  for (const store of loop.body.statements) {
    if (store.kind !== "store" || !isAt(loop.counter, store) || store.value === store.object) continue;
    const { type } = store.object;
    if (type.kind !== "array" && !isFloatArray(type)) continue;
    const made = block.statements.find((one) => one.kind === "allocate" && one.result === store.object);
    if (made) found.set(store, made as AllocateStatement);
  }
  return found;
}

function isAt(index: Value, { key }: LoadStatement | StoreStatement): boolean {
  return key.kind === "index" && key.index === index;
}

function readsAtCounter(loop: LoopStatement, array: Value): readonly Value[] {
  const found: Value[] = [];
  visitStatements(loop.body, (one) => {
    if (one.kind === "load" && one.object === array && isAt(loop.counter, one)) found.push(one.result);
  });
  return found;
}

function vanishing(
  fn: IrFunction,
  producer: LoopStatement,
  store: StoreStatement,
  allocation: AllocateStatement,
  consumer: LoopStatement,
  before: readonly Statement[],
  counts: LoopCounts,
): Vanishing {
  const array = allocation.result;
  const lengths: Value[] = [];
  visitStatements(fn.body, (one) => one.kind === "length" && one.object === array && lengths.push(one.result));
  const firsts = firstReads(allocation, producer, before, counts);
  return { allocation, store, loads: readsAtCounter(consumer, array), firsts, lengths };
}

/** A few statements may stand twice: for the first element, once it is known that there is one, and for the others. */
const longestRepeated = 12;

function firstReads(
  allocation: AllocateStatement,
  producer: LoopStatement,
  statements: readonly Statement[],
  counts: LoopCounts,
): readonly LoadStatement[] {
  const { statements: repeated } = producer.body;
  if (repeated.length > longestRepeated || repeated.some((one) => blocksOf(one).length > 0)) return [];
  const guard = statements.findIndex((one) => counts.throwsWhenEmpty(one, allocation));
  if (guard < 0) return [];
  return statements
    .slice(guard)
    .filter(
      (one): one is LoadStatement =>
        one.kind === "load" &&
        one.object === allocation.result &&
        one.key.kind === "index" &&
        counts.constantOf(one.key.index) === 0,
    );
}

function apply({ producer, consumer, arrays }: Fusion, body: Block): Block {
  const renamed = new Map<Value, Value>();
  const elements = new Map(arrays.map((one) => [one.store as Statement, elementOf(producer, one, renamed)]));
  const replaced = new Map<Value, Value>([
    [producer.counter, consumer.counter],
    ...arrays.flatMap(({ allocation, store, loads, lengths }): [Value, Value][] => [
      ...loads.map((load): [Value, Value] => [load, elements.get(store)!.value]),
      ...lengths.map((length): [Value, Value] => [length, allocation.length]),
    ]),
    ...renamed,
  ]);
  const made = renameResults(producer.body, renamed).statements.flatMap(
    (statement) => elements.get(statement)?.statements ?? [statement],
  );
  const gone = new Set(arrays.flatMap(({ allocation, loads, lengths }) => [allocation.result, ...loads, ...lengths]));
  const edit = (block: Block): Block => {
    const statements = block.statements.flatMap((statement): readonly Statement[] => {
      if (statement === producer) return [];
      const first = statement.kind === "load" && arrays.find(({ firsts }) => firsts.includes(statement));
      if (first) return firstElement(producer, arrays, first, statement as LoadStatement, replaced);
      if ("result" in statement && statement.result && gone.has(statement.result)) return [];
      const inside = mapBlocks(statement, edit);
      if (statement !== consumer || inside.kind !== "loop") return [inside];
      return [{ ...inside, body: { ...inside.body, statements: [...made, ...inside.body.statements] } }];
    });
    return { ...block, statements };
  };
  const resolve = (value: Value): Value => {
    const next = replaced.get(value);
    return next ? resolve(next) : value;
  };
  return substitute(edit(body), resolve);
}

/** The producer's body for the first element alone. */
function firstElement(
  producer: LoopStatement,
  arrays: readonly Vanishing[],
  { store, allocation }: Vanishing,
  { result, key, span }: LoadStatement,
  replaced: Map<Value, Value>,
): readonly Statement[] {
  if (key.kind !== "index") return [];
  const { block, values } = copyBlock(producer.body, new Map([[producer.counter, key.index]]));
  const value = values.get(store.value) ?? store.value;
  const vanish = new Set(arrays.map((one) => one.allocation.result));
  const statements = block.statements.filter((one) => one.kind !== "store" || !vanish.has(one.object));
  if (roundsToSingle(allocation.result.type))
    return [...statements, { kind: "apply", result, primitive: "fround", arguments: [value], span }];
  replaced.set(result, value);
  return statements;
}

interface Element {
  readonly value: Value;
  /** In place of the store. */
  readonly statements: readonly Statement[];
}

/** The element as a value, under the name that the reader has for it. */
function elementOf(producer: LoopStatement, { store, loads }: Vanishing, renamed: Map<Value, Value>): Element {
  const { value, object, span } = store;
  const name = loads.find((load) => load.name !== null)?.name ?? null;
  if (roundsToSingle(object.type)) {
    const result = newValue(value.type, { name, role: value.role, span });
    const rounding: Statement = { kind: "apply", result, primitive: "fround", arguments: [value], span };
    return { value: result, statements: [rounding] };
  }
  const isComputed = producer.body.statements.some((one) => one.kind === "apply" && one.result === value);
  if (name !== null && value.name === null && isComputed && !renamed.has(value))
    renamed.set(value, newValue(value.type, { name, role: value.role, span: value.span }));
  return { value: renamed.get(value) ?? value, statements: [] };
}
