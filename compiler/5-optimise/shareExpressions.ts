/**
 * Common subexpressions: a pure value computed twice is computed once.
 *
 * Needs: any verified function. Guarantees: the same values; a read of memory is shared only when nothing is written
 * to memory it may reach in between; `recall`s stay where they are.
 *
 * before: a = load xs, i; b = load xs, i; c = a * b        after: a = load xs, i; c = a * a
 * before: c = if p {yield cos x}; … if p {d = cos x}       after: c = if p {yield cos x}; … if p {d = c}
 * before: s = loop {s + load xs, i}; t = loop {t + load xs, i}        after: s = loop {s + load xs, i}; t is s
 */
import { aliasClasses, type AliasFacts, type MemoryClass } from "../3-analyse/aliases.js";
import { type IntegerFacts, integers } from "../3-analyse/integers.js";
import type { Block, IfStatement, IrFunction, LoopStatement, Statement, Type, Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import { writtenObjects } from "../ir/effects.js";
import { blocksOf, mapOperands, resultsOf, withBody } from "../ir/walk.js";
import { KnownValues } from "./knownValues.js";
import { loopKey, objectsReadIn } from "./loopKey.js";

interface Sharing {
  readonly aliases: AliasFacts;
  readonly integers: IntegerFacts;
  readonly replaced: Map<Value, Value>;
}

interface Scope {
  readonly known: KnownValues;
  readonly taken: TakenBranches;
}

/** Branches taken before, by their conditions: where one is taken again, so is the other. */
class TakenBranches {
  private readonly own = new Map<Value, IfStatement[]>();
  constructor(private readonly outer: TakenBranches | null) {}
  get(condition: Value): readonly IfStatement[] {
    return [...(this.outer?.get(condition) ?? []), ...(this.own.get(condition) ?? [])];
  }
  add(statement: IfStatement): void {
    const before = this.own.get(statement.condition);
    if (before) before.push(statement);
    else this.own.set(statement.condition, [statement]);
  }
}

function scopeIn(outer: Scope | null): Scope {
  return { known: new KnownValues(outer?.known ?? null), taken: new TakenBranches(outer?.taken ?? null) };
}

export function shareExpressions(fn: IrFunction): IrFunction {
  const sharing: Sharing = { aliases: aliasClasses(fn), integers: integers(fn), replaced: new Map() };
  return withBody(fn, shareBlock(sharing, fn.body, null));
}

function resolve(sharing: Sharing, value: Value): Value {
  return sharing.replaced.get(value) ?? value;
}

/** A text that is equal for equal computations, or null for what is never shared. */
function keyOf(statement: Statement): string | null {
  const id = (value: Value): string => String(value.id);
  switch (statement.kind) {
    case "constant":
      return `constant ${typeof statement.value} ${Object.is(statement.value, -0) ? "-0" : String(statement.value)} ${statement.text}`;
    case "global":
      return `global ${statement.binding}`;
    case "apply":
      return `${statement.primitive} ${statement.arguments.map(id).join(" ")}`;
    case "length":
      return `length ${id(statement.object)}`;
    case "stop":
      return `stop ${id(statement.object)}`;
    case "narrow":
      return `narrow ${id(statement.value)} ${kindOf(statement.result.type)}`;
    case "load":
      return `load ${id(statement.object)} ${statement.key.kind === "index" ? id(statement.key.index) : `.${statement.key.name}`}`;
    default:
      return null;
  }
}

function shareBlock(sharing: Sharing, block: Block, outer: Scope | null): Block {
  const scope = scopeIn(outer);
  const statements: Statement[] = [];
  let changed = false;
  for (const original of block.statements) {
    const statement = mapOperands(original, (value) => resolve(sharing, value));
    changed ||= statement !== original;
    const key = keyOf(statement);
    const result = "result" in statement ? statement.result : null;
    if (key !== null && result) {
      const known = scope.known.get(key)?.values[0];
      if (known && mayReplace(result, known)) {
        sharing.replaced.set(result, known);
        changed = true;
        continue;
      }
      const memories =
        statement.kind === "length"
          ? lengthMemories(sharing, statement.object)
          : memoriesOf(sharing, statement.kind === "load" ? [statement.object] : []);
      scope.known.set(key, { values: [result], memories });
    }
    const next = sizedZeros(shareInside(sharing, statement, scope), scope);
    changed ||= next !== statement;
    if (next.kind === "loop" && isLoopKnown(sharing, next, scope)) {
      changed = true;
      continue;
    }
    statements.push(next);
    forgetWritten(sharing, statement, scope);
    rememberLength(sharing, statement, scope);
    if (next.kind === "if") scope.taken.add(next);
  }
  const yields = block.yields.map((value) => resolve(sharing, value));
  changed ||= yields.some((value, k) => value !== block.yields[k]);
  return changed ? { ...block, statements, yields } : block;
}

/** Writing to these may change the length; to a typed array none does. */
function lengthMemories(sharing: Sharing, array: Value): readonly MemoryClass[] {
  return array.type.kind === "typedArray" ? [] : memoriesOf(sharing, [array]);
}

function memoriesOf(sharing: Sharing, objects: readonly Value[]): readonly MemoryClass[] {
  return objects.flatMap((object) => sharing.aliases.classOf(object) ?? []);
}

/** Whether a loop before has computed the same: its results are those. The user's names for them are given up. */
function isLoopKnown(sharing: Sharing, loop: LoopStatement, scope: Scope): boolean {
  const key = loopKey(loop);
  if (key === null) return false;
  const results = resultsOf(loop);
  const known = scope.known.get(key);
  if (known) results.forEach((result, k) => sharing.replaced.set(result, known.values[k]!));
  else scope.known.set(key, { values: results, memories: memoriesOf(sharing, objectsReadIn(loop)) });
  return known !== undefined;
}

/** Zeros like a flat array are an allocation of its length, where that has a name. */
function sizedZeros(statement: Statement, scope: Scope): Statement {
  if (statement.kind !== "zerosLike" || statement.keepsIdentity) return statement;
  const { result, object, span } = statement;
  const length = scope.known.get(`length ${object.id}`)?.values[0];
  if (!length || result.type.kind !== "typedArray" || elementType(object.type)?.kind !== "number") return statement;
  return { kind: "allocate", result, length, fill: null, span };
}

/** The length of an array just made is known. */
function rememberLength(sharing: Sharing, statement: Statement, scope: Scope): void {
  const know = (array: Value, length: Value | undefined): void => {
    if (length) scope.known.set(`length ${array.id}`, { values: [length], memories: lengthMemories(sharing, array) });
  };
  if (statement.kind === "allocate" && sharing.integers.isInteger(statement.length))
    know(statement.result, statement.length);
  const isWhole = statement.kind === "zerosLike" || (statement.kind === "slice" && !statement.start && !statement.end);
  if (isWhole && elementType(statement.object.type))
    know(statement.result, scope.known.get(`length ${statement.object.id}`)?.values[0]);
}

/** A value of the user's keeps its own name; a temporary takes any. */
function mayReplace(value: Value, by: Value): boolean {
  return value.name === null || value.name === by.name || value.role !== "primal";
}

function shareInside(sharing: Sharing, statement: Statement, scope: Scope): Statement {
  if (statement.kind === "if") {
    const thenBlock = shareBlock(sharing, statement.then, alsoTaken(scope, statement, "then"));
    const elseBlock = shareBlock(sharing, statement.else, alsoTaken(scope, statement, "else"));
    const isSame = thenBlock === statement.then && elseBlock === statement.else;
    return isSame ? statement : { ...statement, then: thenBlock, else: elseBlock };
  }
  if (statement.kind !== "loop") return statement;
  // What the loop writes may be written before any of its reads.
  const inside = scopeIn(scope);
  for (const nested of blocksOf(statement)) nested.statements.forEach((one) => forgetWritten(sharing, one, inside));
  const body = shareBlock(sharing, statement.body, inside);
  const test = statement.test && shareBlock(sharing, statement.test, inside);
  const exit = statement.exit && resolve(sharing, statement.exit);
  const isSame = body === statement.body && test === statement.test && exit === statement.exit;
  return isSame ? statement : ({ ...statement, body, test, exit } satisfies LoopStatement);
}

/** In a branch that was taken before: what it computed then, and gave out, is known by what it gave it out as. */
function alsoTaken(scope: Scope, { condition }: IfStatement, which: "then" | "else"): Scope {
  const before = scope.taken.get(condition);
  if (before.length === 0) return scope;
  const inside = scopeIn(scope);
  for (const taken of before) {
    const block = taken[which];
    const outside = new Map(block.yields.map((value, k) => [value, taken.results[k]!]));
    const own = new Set(block.statements.flatMap((one) => ("result" in one && one.result ? [one.result] : [])));
    for (const statement of block.statements) {
      if (statement.kind !== "apply") continue;
      const given = outside.get(statement.result);
      const args = statement.arguments.map((argument) => outside.get(argument) ?? argument);
      if (!given || args.some((argument) => own.has(argument))) continue;
      const key = keyOf({ ...statement, arguments: args })!;
      if (!inside.known.get(key)) inside.known.set(key, { values: [given], memories: [] });
    }
  }
  return inside;
}

function forgetWritten(sharing: Sharing, statement: Statement, scope: Scope): void {
  for (const nested of blocksOf(statement)) nested.statements.forEach((one) => forgetWritten(sharing, one, scope));
  const objects = writtenObjects(statement);
  if (objects === "all") scope.known.forget(null);
  else for (const object of objects) scope.known.forget(sharing.aliases.classOf(object));
}

/** One value can be seen as an instance of several classes. */
function kindOf(type: Type): string {
  return type.kind === "record" ? type.fields.map((field) => field.name).join(" ") : "";
}
