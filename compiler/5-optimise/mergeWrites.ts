/**
 * Writes that follow one another: a place that is written or added to, and then added to, is written once.
 *
 * Needs: any verified function. Guarantees: the same contents wherever memory is read, but for the order in which derivatives
 * are added up; the primal's memory is left alone.
 *
 * before: store aBar, i, 0; addTo aBar, i, e        after: store aBar, i, e
 * before: addTo aBar, i, d; addTo aBar, i, e        after: addTo aBar, i, d + e
 */
import { aliasClasses, type AliasFacts } from "../3-analyse/aliases.js";
import { reachedBy } from "../3-analyse/independence.js";
import { newValue, numberType } from "../ir/build.js";
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
  const statements: (readonly Statement[])[] = block.statements.map((statement) => [
    mapBlocks(statement, (nested) => mergeInside(facts, nested)),
  ]);
  for (let k = 0; k < statements.length; k++) {
    const first = statements[k]!.at(-1);
    if ((first?.kind !== "store" && first?.kind !== "addTo") || !isOfDerivatives(first)) continue;
    const touching = findTouching(facts, statements, k, first);
    const addition = touching === null ? undefined : statements[touching]!.at(-1);
    if (addition?.kind !== "addTo" || !isSamePlace(first, addition)) continue;
    statements[touching!] = [...statements[k]!.slice(0, -1), ...together(facts, first, addition)];
    statements[k] = [];
  }
  const all = statements.flat();
  const isSame = all.length === block.statements.length && all.every((one, k) => one === block.statements[k]);
  return isSame ? block : { ...block, statements: all };
}

function isOfDerivatives({ object, value }: StoreStatement | AddToStatement): boolean {
  return object.role !== "primal" && value.type.kind === "number";
}

/** The next statement that touches what the first one writes. */
function findTouching(
  facts: Facts,
  statements: readonly (readonly Statement[])[],
  from: number,
  first: StoreStatement | AddToStatement,
): number | null {
  for (let k = from + 1; k < Math.min(statements.length, from + 1 + reach); k++) {
    const later = statements[k]!.at(-1);
    if (later && !isBeside(facts, later, first) && isTouching(facts, later, first.object)) return k;
  }
  return null;
}

/** The addition, with what the first write has brought. */
function together(
  facts: Facts,
  first: StoreStatement | AddToStatement,
  addition: AddToStatement,
): readonly Statement[] {
  if (first.kind === "store" && facts.zeros.has(first.value)) return [{ ...addition, kind: "store" }];
  const value = newValue(numberType, { role: "adjoint", span: addition.span });
  const { span } = addition;
  return [
    { kind: "apply", result: value, primitive: "add", arguments: [first.value, addition.value], span },
    { ...addition, kind: first.kind, value },
  ];
}

/** It touches another element of the same object. */
function isBeside({ definitions }: Facts, later: Statement, store: StoreStatement | AddToStatement): boolean {
  const isTouch = later.kind === "load" || later.kind === "store" || later.kind === "addTo";
  if (!isTouch || later.object !== store.object || later.key.kind !== store.key.kind) return false;
  return isElsewhere(definitions, later.key, store.key) && !isSamePlace(store, later);
}

function isSamePlace(
  store: StoreStatement | AddToStatement,
  addition: AddToStatement | LoadStatement | StoreStatement,
): boolean {
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
