/**
 * Writes that follow one another: a place that is cleared and then added to is written once.
 *
 * Needs: any verified function. Guarantees: the same contents wherever memory is read; the primal's memory is left
 * alone, where 0 + -0 is 0 and not -0.
 *
 * before: store aBar, i, 0; addTo aBar, i, e        after: store aBar, i, e
 */
import { aliasClasses, type AliasFacts } from "../3-analyse/aliases.js";
import { reachedBy } from "../3-analyse/independence.js";
import { accessesOf } from "../ir/effects.js";
import type {
  AddToStatement,
  Block,
  IrFunction,
  Key,
  LoadStatement,
  Statement,
  StoreStatement,
  Value,
} from "../ir/ir.js";
import { isElsewhere } from "../ir/offsets.js";
import { blocksOf, mapBlocks, resultsOf, visitStatements, withBody } from "../ir/walk.js";

/** So many statements further on the addition is looked for: in long blocks the work stays in proportion to them. */
const reach = 64;

interface Facts {
  readonly aliases: AliasFacts;
  readonly zeros: ReadonlySet<Value>;
  readonly definitions: ReadonlyMap<Value, Statement>;
}

export function mergeWrites(fn: IrFunction): IrFunction {
  const zeros = new Set<Value>();
  const definitions = new Map<Value, Statement>();
  visitStatements(fn.body, (statement) => {
    resultsOf(statement).forEach((result) => definitions.set(result, statement));
    if (statement.kind === "constant" && statement.value === 0) zeros.add(statement.result);
  });
  return withBody(fn, mergeInside({ aliases: aliasClasses(fn), zeros, definitions }, fn.body));
}

function mergeInside(facts: Facts, block: Block): Block {
  const statements = block.statements.map((statement) => mapBlocks(statement, (nested) => mergeInside(facts, nested)));
  const gone = new Set<Statement>();
  const merged = new Map<Statement, Statement>();
  statements.forEach((statement, k) => {
    if (statement.kind !== "store" || statement.object.role === "primal" || !facts.zeros.has(statement.value)) return;
    const addition = statements
      .slice(k + 1, k + 1 + reach)
      .find((later) => !isBeside(facts, later, statement) && isTouching(facts, later, statement.object));
    if (addition?.kind !== "addTo" || !isSamePlace(statement, addition)) return;
    gone.add(statement);
    merged.set(addition, { ...addition, kind: "store" });
  });
  const isSame = gone.size === 0 && statements.every((statement, k) => statement === block.statements[k]);
  if (isSame) return block;
  return {
    ...block,
    statements: statements.filter((one) => !gone.has(one)).map((one) => merged.get(one) ?? one),
  };
}

/** It touches another element of the same object. */
function isBeside({ definitions }: Facts, later: Statement, store: StoreStatement): boolean {
  const isTouch = later.kind === "load" || later.kind === "store" || later.kind === "addTo";
  if (!isTouch || later.object !== store.object || later.key.kind !== store.key.kind) return false;
  return isElsewhere(definitions, later.key, store.key) && !isSamePlace(store, later);
}

function isSamePlace(store: StoreStatement, addition: AddToStatement | LoadStatement | StoreStatement): boolean {
  return store.object === addition.object && isSameKey(store.key, addition.key);
}

function isSameKey(a: Key, b: Key): boolean {
  if (a.kind === "field") return b.kind === "field" && a.name === b.name;
  return b.kind === "index" && a.index === b.index;
}

/** The statement, or one below it, touches memory that the object may share, or leaves the function. */
function isTouching(facts: Facts, statement: Statement, object: Value): boolean {
  if (statement.kind === "throw") return true;
  const accesses = accessesOf(statement);
  const memory = facts.aliases.classOf(object);
  if (accesses === "all" || memory === null) return true;
  if (accesses.some((access) => reachedBy(facts.aliases, access).has(memory))) return true;
  return blocksOf(statement).some((block) => block.statements.some((inside) => isTouching(facts, inside, object)));
}
