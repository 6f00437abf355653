/**
 * Counting back: an integer that a loop carries and only counts up or down (`next++`, also in an inner loop) is not
 * kept; the mirror carries it backwards from its last value.
 *
 * Needs: the adjoint's output, integers. Guarantees: integers below 2^53 are counted back exactly.
 *
 * before: loop {…; p' = p + 1} … loop reversed {p = recall p; …}        after: … loop reversed (q) {p = q - 1; …; yield p}
 */
import type { IntegerFacts } from "../3-analyse/integers.js";
import type { Nesting } from "../3-analyse/nesting.js";
import { BlockBuilder, newValue, numberType } from "../ir/build.js";
import type { Edits } from "../ir/edit.js";
import type { Block, LoopStatement, Statement, Value } from "../ir/ir.js";
import { operandsOf } from "../ir/walk.js";

/** What an iteration adds: `amount` once, or once for each iteration of an inner loop. */
interface Addition {
  readonly amount: number;
  readonly inner: LoopStatement | null;
}

export interface BackCounter {
  readonly loop: LoopStatement;
  readonly mirror: LoopStatement;
  /** The carried value, what the body yields for it, and the loop's result. */
  readonly parameter: Value;
  readonly last: Value;
  readonly result: Value;
  /** From the end of the body to its beginning. */
  readonly additions: readonly Addition[];
  /** In the mirror: the value at the end of the iteration. */
  readonly carried: Value;
}

export interface CountingFacts {
  readonly integers: IntegerFacts;
  readonly nesting: Nesting;
  definitionOf(value: Value): Statement | undefined;
  /** In scope in the reverse sweep without doing anything. */
  isInScope(value: Value): boolean;
}

/** The counters of pairs of a loop and its mirror, outer loops first. */
export function backCounters(
  pairs: readonly { readonly loop: LoopStatement; readonly mirror: LoopStatement }[],
  facts: CountingFacts,
): readonly BackCounter[] {
  const found: BackCounter[] = [];
  const lastOfOthers = new Set<Value>();
  for (const { loop, mirror } of pairs)
    loop.parameters.forEach((parameter, k) => {
      const [last, result] = [loop.body.yields[k], loop.results[k]!];
      if (!last || parameter.type.kind !== "number" || parameter.role !== "primal") return;
      if (!facts.integers.isInteger(parameter) || !(facts.isInScope(result) || lastOfOthers.has(result))) return;
      const additions = additionsOf(facts, loop, parameter, last);
      if (!additions) return;
      lastOfOthers.add(last);
      const carried = newValue(numberType, { name: parameter.name, span: parameter.span });
      found.push({ loop, mirror, parameter, last, result, additions, carried });
    });
  return found;
}

function additionsOf(
  facts: CountingFacts,
  loop: LoopStatement,
  parameter: Value,
  last: Value,
): readonly Addition[] | null {
  const additions: Addition[] = [];
  let value = last;
  while (value !== parameter) {
    const definition = facts.definitionOf(value);
    if (definition?.kind === "loop") {
      const k = definition.results.indexOf(value);
      const amount = k < 0 ? null : amountPerIteration(facts, definition, k);
      if (amount === null || !areBoundsFree(facts, loop, definition, parameter)) return null;
      additions.push({ amount, inner: definition });
      value = definition.initial[k]!;
      continue;
    }
    const step = definition && stepOf(facts, definition);
    if (!step) return null;
    additions.push({ amount: step.amount, inner: null });
    value = step.from;
  }
  return additions.length > 0 ? additions : null;
}

/** `from + amount` or `from - amount`, of an integer literal. */
function stepOf(facts: CountingFacts, statement: Statement): { from: Value; amount: number } | null {
  if (statement.kind !== "apply" || (statement.primitive !== "add" && statement.primitive !== "subtract")) return null;
  const [from, by] = statement.arguments as [Value, Value];
  const constant = facts.definitionOf(by);
  if (constant?.kind !== "constant" || !Number.isInteger(constant.value)) return null;
  const amount = constant.value as number;
  return { from, amount: statement.primitive === "add" ? amount : -amount };
}

function amountPerIteration(facts: CountingFacts, loop: LoopStatement, k: number): number | null {
  const isCounted = loop.upper && !loop.test && !loop.exit && loop.step === 1 && loop.comparison.startsWith("<");
  const definition = facts.definitionOf(loop.body.yields[k]!);
  const step = isCounted && definition ? stepOf(facts, definition) : null;
  return step && step.from === loop.parameters[k] ? step.amount : null;
}

/** The inner loop's bounds do not depend on the counter, so that they can be had before it. */
function areBoundsFree(facts: CountingFacts, outer: LoopStatement, inner: LoopStatement, parameter: Value): boolean {
  const isFree = (value: Value): boolean => {
    if (value === parameter) return false;
    if (facts.isInScope(value) || value === outer.counter) return true;
    const definition = facts.definitionOf(value);
    if (definition?.kind === "constant") return true;
    return definition?.kind === "apply" && operandsOf(definition).every(isFree);
  };
  return isFree(inner.lower) && isFree(inner.upper!);
}

/** The bounds of inner loops that counting back reads in the mirror. */
export function boundsRead(counters: readonly BackCounter[]): readonly Value[] {
  return counters.flatMap(({ additions }) =>
    additions.flatMap(({ inner }) => (inner ? [inner.lower, inner.upper!] : [])),
  );
}

/** Carries the counter through the mirror; gives back the statements that make its value, and that value. */
export function countBack(
  edits: Edits,
  counter: BackCounter,
  initial: Value,
  standIn: (value: Value) => Value,
  integers: IntegerFacts,
): { readonly statements: readonly Statement[]; readonly value: Value } {
  const { additions, carried, mirror, parameter } = counter;
  const builder = new BlockBuilder(parameter.span);
  const value = additions.reduce((current, { amount, inner }, k) => {
    const isLast = k === additions.length - 1;
    const options = isLast ? { name: parameter.name } : {};
    if (!inner) {
      const by = builder.constant(Math.abs(amount));
      return builder.apply(amount > 0 ? "subtract" : "add", [current, by], numberType, options);
    }
    const trips = tripsOf(builder, inner, standIn, integers);
    const by = Math.abs(amount) === 1 ? trips : builder.apply("multiply", [builder.constant(Math.abs(amount)), trips]);
    return builder.apply(amount > 0 ? "subtract" : "add", [current, by], numberType, options);
  }, carried);
  const result = newValue(numberType, { name: parameter.name, span: parameter.span });
  edits.carry(mirror, carried, initial, result);
  edits.yieldAlso(mirror.body, value);
  return { statements: builder.statements, value };
}

function tripsOf(
  builder: BlockBuilder,
  loop: LoopStatement,
  standIn: (value: Value) => Value,
  integers: IntegerFacts,
): Value {
  const isStrict = loop.comparison === "<";
  const distance = builder.apply("subtract", [standIn(loop.upper!), standIn(loop.lower)]);
  const isExact = integers.isInteger(loop.upper!) && integers.isInteger(loop.lower);
  const whole = isExact ? distance : builder.apply(isStrict ? "ceil" : "floor", [distance]);
  const trips = isStrict ? whole : builder.apply("add", [whole, builder.constant(1)]);
  return builder.apply("max", [builder.constant(0), trips]);
}

/** For each mirrored block the block's own statements that the values given are computed by, in no order. */
export function neededFor(
  values: readonly Value[],
  block: Block,
  definitionOf: (value: Value) => Statement | undefined,
): ReadonlySet<Statement> {
  const needed = new Set<Statement>();
  const enter = (value: Value): void => {
    const statement = definitionOf(value);
    if (!statement || needed.has(statement) || !block.statements.includes(statement)) return;
    needed.add(statement);
    operandsOf(statement).forEach(enter);
  };
  values.forEach(enter);
  return needed;
}
