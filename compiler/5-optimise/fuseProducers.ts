/**
 * Fusion of producers: a loop that makes an array, element by element, moves into the one loop that reads it, element
 * by element, and the array vanishes.
 *
 * Needs: a primal. Guarantees: the same values. The producer's iterations share nothing and have no effect but the
 * element each makes; nothing that they read is written before the reader is done.
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
  readonly allocation: AllocateStatement;
  readonly producer: LoopStatement;
  readonly store: StoreStatement;
  readonly consumer: LoopStatement;
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
    for (const statement of block.statements) {
      if (statement.kind !== "allocate") continue;
      const fusion = fusionOf(statement, block, fn, counts);
      if (!fusion || uses.get(statement.result) !== countUsesOf(fusion)) continue;
      const { producer, consumer } = fusion;
      if (!counts.covers(producer, consumer, statement)) continue;
      if (mayMoveInto(producer, between(block, producer, consumer), consumer, aliases)) return fusion;
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

/** The store, and all the reads. */
function countUsesOf({ loads, firsts, lengths }: Fusion): number {
  return 1 + loads.length + firsts.length + lengths.length;
}

function between(block: Block, first: Statement, second: Statement): readonly Statement[] {
  return block.statements.slice(block.statements.indexOf(first) + 1, block.statements.indexOf(second));
}

/** One loop of the block writes the array at its counter, another reads it so. */
function fusionOf(allocation: AllocateStatement, block: Block, fn: IrFunction, counts: LoopCounts): Fusion | null {
  const array = allocation.result;
  if (array.type.kind !== "array" && !isFloatArray(array.type)) return null;
  const loops = block.statements.filter((statement) => statement.kind === "loop");
  const isAt = (index: Value, one: LoadStatement | StoreStatement): boolean =>
    one.object === array && one.key.kind === "index" && one.key.index === index;
  const storeOf = (loop: LoopStatement): StoreStatement | undefined =>
    loop.body.statements.find((one) => one.kind === "store" && isAt(loop.counter, one)) as StoreStatement | undefined;
  const producer = loops.find(storeOf);
  const store = producer && storeOf(producer);
  if (!producer || !store || store.value === array || !isSelfContained(producer, store)) return null;
  for (const consumer of loops.slice(loops.indexOf(producer) + 1)) {
    const loads: Value[] = [];
    visitStatements(consumer.body, (one) => {
      if (one.kind === "load" && isAt(consumer.counter, one)) loads.push(one.result);
    });
    if (loads.length === 0) continue;
    const lengths: Value[] = [];
    visitStatements(fn.body, (one) => one.kind === "length" && one.object === array && lengths.push(one.result));
    const firsts = firstReads(allocation, producer, between(block, producer, consumer), counts);
    return { allocation, producer, store, consumer, loads, firsts, lengths };
  }
  return null;
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

function apply(fusion: Fusion, body: Block): Block {
  const { allocation, producer, store, consumer, loads, firsts, lengths } = fusion;
  const element = elementOf(fusion);
  const replaced = new Map<Value, Value>([
    [producer.counter, consumer.counter],
    ...loads.map((load): [Value, Value] => [load, element.value]),
    ...lengths.map((length): [Value, Value] => [length, allocation.length]),
    ...element.renamed,
  ]);
  const made = renameResults(producer.body, element.renamed).statements.flatMap((statement) =>
    statement === store ? element.statements : [statement],
  );
  const gone = new Set<Value>([allocation.result, ...loads, ...lengths]);
  const edit = (block: Block): Block => {
    const statements = block.statements.flatMap((statement): readonly Statement[] => {
      if (statement === producer) return [];
      if (statement.kind === "load" && firsts.includes(statement)) return firstElement(fusion, statement, replaced);
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
  { producer, store }: Fusion,
  { result, key, span }: LoadStatement,
  replaced: Map<Value, Value>,
): readonly Statement[] {
  if (key.kind !== "index") return [];
  const { block, values } = copyBlock(producer.body, new Map([[producer.counter, key.index]]));
  const value = values.get(store.value) ?? store.value;
  const statements = block.statements.filter((one) => one.kind !== "store" || one.object !== store.object);
  if (roundsToSingle(store.object.type))
    return [...statements, { kind: "apply", result, primitive: "fround", arguments: [value], span }];
  replaced.set(result, value);
  return statements;
}

interface Element {
  readonly value: Value;
  /** In place of the store. */
  readonly statements: readonly Statement[];
  readonly renamed: ReadonlyMap<Value, Value>;
}

/** The element as a value, under the name that the reader has for it. */
function elementOf({ producer, store, loads }: Fusion): Element {
  const { value, object, span } = store;
  const name = loads.find((load) => load.name !== null)?.name ?? null;
  if (roundsToSingle(object.type)) {
    const result = newValue(value.type, { name, role: value.role, span });
    const rounding: Statement = { kind: "apply", result, primitive: "fround", arguments: [value], span };
    return { value: result, statements: [rounding], renamed: new Map() };
  }
  const isComputed = producer.body.statements.some((one) => one.kind === "apply" && one.result === value);
  if (name === null || value.name !== null || !isComputed) return { value, statements: [], renamed: new Map() };
  const result = newValue(value.type, { name, role: value.role, span: value.span });
  return { value: result, statements: [], renamed: new Map([[value, result]]) };
}
