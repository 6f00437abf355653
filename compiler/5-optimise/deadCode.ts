/**
 * Dead code: what neither the result nor memory that others see needs is removed.
 *
 * Needs: any verified function. Guarantees: the same result, the same writes to memory that the caller sees, the same
 * throws and the same impure evaluations, in the same order.
 *
 * before: a = sin x; b = cos x; return a        after: a = sin x; return a
 */
import { aliasClasses, type AliasFacts, type MemoryClass } from "../3-analyse/aliases.js";
import type { Block, IfStatement, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import { readObjects, writesMemory } from "../ir/effects.js";
import { isReference } from "../ir/types.js";
import { operandsOf, resultsOf, withBody } from "../ir/walk.js";

export function removeDeadCode(fn: IrFunction): IrFunction {
  const facts = markLive(fn, aliasClasses(fn));
  return withBody(fn, sweep(facts, fn.body, fn.body.yields));
}

interface Liveness {
  readonly needed: Set<Value>;
  readonly live: Set<Statement>;
}

interface Marking extends Liveness {
  readonly aliases: AliasFacts;
  /** Classes that live code reads. */
  readonly observed: Set<MemoryClass>;
  /** Classes that live code reads with all that can be reached from them. */
  readonly observedDeeply: Set<MemoryClass>;
  changed: boolean;
}

function markLive(fn: IrFunction, aliases: AliasFacts): Liveness {
  const marking: Marking = {
    needed: new Set(),
    live: new Set(),
    aliases,
    observed: new Set(),
    observedDeeply: new Set(),
    changed: false,
  };
  fn.body.yields.forEach((value) => need(marking, value));
  do {
    marking.changed = false;
    markBlock(marking, fn.body);
  } while (marking.changed);
  return marking;
}

function need(marking: Marking, value: Value): void {
  if (marking.needed.has(value)) return;
  marking.needed.add(value);
  marking.changed = true;
}

function observe(marking: Marking, memory: MemoryClass | null, isDeep: boolean): void {
  if (!memory) return;
  const seen = isDeep ? marking.observedDeeply : marking.observed;
  if (seen.has(memory)) return;
  seen.add(memory);
  marking.observed.add(memory);
  marking.changed = true;
  if (!isDeep) return;
  const { aliases } = marking;
  for (const key of aliases.keysOf(memory)) observe(marking, aliases.contentsOf(memory, key), true);
}

/** The statement reads whatever can be reached from its operands. */
function readsDeeply(statement: Statement): boolean {
  switch (statement.kind) {
    case "runtimeCall":
    case "arrayPrimitive":
    case "evaluate":
    case "throw":
    case "call":
    case "externalCall":
    case "zerosLike":
    case "stop":
      return true;
    default:
      return false;
  }
}

/** Backwards, so that most needs are known when their definitions come by. */
function markBlock(marking: Marking, block: Block): boolean {
  let anyLive = false;
  for (let k = block.statements.length - 1; k >= 0; k--)
    anyLive = markStatement(marking, block.statements[k]!) || anyLive;
  return anyLive;
}

function markStatement(marking: Marking, statement: Statement): boolean {
  if (statement.kind === "if") return markIf(marking, statement);
  if (statement.kind === "loop") return markLoop(marking, statement);
  if (!marking.live.has(statement)) {
    if (!isRoot(marking, statement) && !resultsOf(statement).some((result) => marking.needed.has(result))) return false;
    marking.live.add(statement);
    marking.changed = true;
  }
  operandsOf(statement).forEach((operand) => need(marking, operand));
  const isDeep = readsDeeply(statement);
  for (const reference of readObjects(statement))
    if (isReference(reference.type)) observe(marking, marking.aliases.classOf(reference), isDeep);
  return statement.kind !== "note";
}

function isRoot(marking: Marking, statement: Statement): boolean {
  const isSeen = (object: Value): boolean => {
    const memory = marking.aliases.classOf(object);
    return memory === null || memory.isParameter || memory.isGlobal || memory.escapes || marking.observed.has(memory);
  };
  switch (statement.kind) {
    case "store":
    case "addTo":
    case "fill":
    case "copy":
    case "push":
    case "pop":
      return isSeen(statement.object);
    case "runtimeCall":
      // Without a result and without writes it is there to throw.
      if (statement.result === null && statement.writes.length === 0) return true;
      return statement.writes.some((k) => isSeen(statement.arguments[k]!));
    case "evaluate":
    case "externalCall":
      return !statement.isPure;
    case "call":
      return writesMemory(statement);
    case "throw":
    case "receive":
    case "note":
      return true;
    default:
      return false;
  }
}

function markIf(marking: Marking, statement: IfStatement): boolean {
  statement.results.forEach((result, k) => {
    if (!marking.needed.has(result)) return;
    for (const block of [statement.then, statement.else]) if (block.yields[k]) need(marking, block.yields[k]);
  });
  const thenLive = markBlock(marking, statement.then);
  const elseLive = markBlock(marking, statement.else);
  const isLive = thenLive || elseLive || statement.results.some((result) => marking.needed.has(result));
  if (!isLive) return false;
  marking.live.add(statement);
  need(marking, statement.condition);
  return true;
}

function markLoop(marking: Marking, statement: LoopStatement): boolean {
  const isCarried = (k: number): boolean =>
    marking.needed.has(statement.parameters[k]!) || marking.needed.has(statement.results[k]!);
  const spread = (): void =>
    statement.parameters.forEach((parameter, k) => {
      if (!isCarried(k)) return;
      need(marking, parameter);
      need(marking, statement.initial[k]!);
      if (statement.body.yields[k]) need(marking, statement.body.yields[k]);
    });
  spread();
  const bodyLive = markBlock(marking, statement.body);
  const isAsked = statement.results.some((result) => marking.needed.has(result)) || isNeeded(marking, statement.trips);
  if (!bodyLive && !isAsked) return false;
  marking.live.add(statement);
  need(marking, statement.lower);
  if (statement.upper) need(marking, statement.upper);
  if (statement.forwards) [statement.forwards.lower, statement.forwards.upper].forEach((value) => need(marking, value));
  if (statement.exit) need(marking, statement.exit);
  statement.test?.yields.forEach((value) => need(marking, value));
  spread();
  if (statement.test) markBlock(marking, statement.test);
  return true;
}

function isNeeded(marking: Liveness, value: Value | null): boolean {
  return value !== null && marking.needed.has(value);
}

function sweep(facts: Liveness, block: Block, yields: readonly Value[]): Block {
  const kept: Statement[] = [];
  for (const statement of block.statements) {
    if (statement.kind === "note") kept.push(statement);
    if (!facts.live.has(statement) || statement.kind === "note") continue;
    kept.push(sweepInside(facts, statement));
  }
  const isSame =
    kept.length === block.statements.length &&
    kept.every((statement, k) => statement === block.statements[k]) &&
    yields.length === block.yields.length;
  return isSame ? block : { ...block, statements: kept, yields };
}

function sweepInside(facts: Liveness, statement: Statement): Statement {
  if (statement.kind === "if") {
    const kept = statement.results.map((result) => facts.needed.has(result));
    const pick = <T>(values: readonly T[]): readonly T[] => values.filter((_, k) => kept[k]);
    const thenBlock = sweep(facts, statement.then, pick(statement.then.yields));
    const elseBlock = sweep(facts, statement.else, pick(statement.else.yields));
    if (thenBlock === statement.then && elseBlock === statement.else && kept.every(Boolean)) return statement;
    return { ...statement, then: thenBlock, else: elseBlock, results: pick(statement.results) };
  }
  if (statement.kind === "loop") {
    const kept = statement.parameters.map(
      (parameter, k) => facts.needed.has(parameter) || facts.needed.has(statement.results[k]!),
    );
    const pick = <T>(values: readonly T[]): readonly T[] => values.filter((_, k) => kept[k]);
    const body = sweep(facts, statement.body, pick(statement.body.yields));
    const test = statement.test && sweep(facts, statement.test, statement.test.yields);
    const trips = isNeeded(facts, statement.trips) ? statement.trips : null;
    const isSame =
      body === statement.body && test === statement.test && trips === statement.trips && kept.every(Boolean);
    if (isSame) return statement;
    return {
      ...statement,
      body,
      test,
      trips,
      parameters: pick(statement.parameters),
      initial: pick(statement.initial),
      results: pick(statement.results),
    };
  }
  return statement;
}
