/**
 * Loops that go in strides count: `i += stride`, with a stride that stays, becomes an iteration number times the stride,
 * so that nothing of i is kept and the iterations can be told apart.
 *
 * Needs: a primal. Guarantees: the same iterations, for every stride that is a finite number.
 *
 * before: loop (i = 0) while i < n {…; yield i + d}        after: loop t < n / d {i = t * d; …}
 */
import { aliasClasses, type AliasFacts } from "../3-analyse/aliases.js";
import { type IntegerFacts, integers } from "../3-analyse/integers.js";
import { BlockBuilder, booleanType, newValue, numberType } from "../ir/build.js";
import type { Block, IrFunction, LoopComparison, LoopStatement, Statement, Value } from "../ir/ir.js";
import {
  blocksOf,
  constantsIn,
  countUses,
  definedIn,
  mapBlocks,
  operandsOf,
  resultsOf,
  substitute,
  visitStatements,
  withBody,
} from "../ir/walk.js";

interface Facts {
  readonly aliases: AliasFacts;
  readonly constants: ReadonlyMap<Value, number>;
  readonly definitions: ReadonlyMap<Value, Statement>;
  readonly integers: IntegerFacts;
  readonly uses: ReadonlyMap<Value, number>;
}

/** A loop with a carried value that goes in strides. */
interface Striding {
  readonly loop: LoopStatement;
  /** Which carried value it is. */
  readonly position: number;
  /** What is added in each iteration, or taken off. */
  readonly stride: Value;
  readonly isDown: boolean;
  readonly comparison: LoopComparison;
  readonly bound: Value;
  /** What is added to the value before it is compared. */
  readonly margin: Value | null;
  /** What these two are computed by: alike in every iteration. */
  readonly before: readonly Statement[];
}

/** Where a loop stands: what is before `end` has been executed when it is reached. */
interface Surroundings {
  readonly block: Block;
  readonly end: number;
  readonly outer: Surroundings | null;
}

export function countStrides(fn: IrFunction): IrFunction {
  const definitions = new Map<Value, Statement>();
  let isCandidate = false;
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "loop" && statement.test && !statement.upper) isCandidate = true;
    resultsOf(statement).forEach((result) => definitions.set(result, statement));
  });
  if (!isCandidate) return fn;
  const facts: Facts = {
    aliases: aliasClasses(fn),
    constants: constantsIn(fn.body),
    definitions,
    integers: integers(fn),
    uses: countUses(fn.body),
  };
  const found = new Map<LoopStatement, Striding>();
  collect(fn.body, null, facts, found);
  if (found.size === 0) return fn;
  const renamed = new Map<Value, Value>();
  const rewrite = (block: Block): Block => ({
    ...block,
    statements: block.statements.flatMap((statement): readonly Statement[] => {
      const inside = mapBlocks(statement, rewrite);
      const striding = statement.kind === "loop" ? found.get(statement) : undefined;
      return striding ? rewritten(striding, inside as LoopStatement, facts, renamed) : [inside];
    }),
  });
  return withBody(
    fn,
    substitute(rewrite(fn.body), (value) => renamed.get(value) ?? value),
  );
}

function collect(block: Block, outer: Surroundings | null, facts: Facts, found: Map<LoopStatement, Striding>): void {
  block.statements.forEach((statement, end) => {
    const around: Surroundings = { block, end, outer };
    for (const nested of blocksOf(statement)) collect(nested, around, facts, found);
    const striding = statement.kind === "loop" ? stridingOf(statement, facts) : null;
    if (!striding) return;
    if (facts.constants.has(striding.stride) || isFinite(striding, facts, around)) found.set(striding.loop, striding);
  });
}

// ------------------------------------------------------------------------------------------------------------ finding

const comparisons: Readonly<Record<string, LoopComparison>> = {
  less: "<",
  lessEqual: "<=",
  greater: ">",
  greaterEqual: ">=",
};
const flipped: Readonly<Record<LoopComparison, LoopComparison>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

function stridingOf(loop: LoopStatement, facts: Facts): Striding | null {
  const { test, body } = loop;
  if (!test || loop.upper || loop.step !== 1 || facts.constants.get(loop.lower) !== 0) return null;
  if (facts.uses.has(loop.counter)) return null;
  const inside = definedIn(loop);
  const last = test.statements.at(-1);
  const comparison = last?.kind === "apply" && last.result === test.yields[0] ? comparisons[last.primitive] : undefined;
  if (last?.kind !== "apply" || !comparison) return null;
  const [left, right] = last.arguments as [Value, Value];
  for (const [compared, bound, way] of [
    [left, right, comparison],
    [right, left, flipped[comparison]],
  ] as const) {
    const { value, margin, sum } = comparedOf(compared, loop, facts);
    const position = loop.parameters.indexOf(value);
    if (position < 0 || !facts.integers.isInteger(value) || facts.uses.has(loop.results[position]!)) continue;
    const before = test.statements.filter((statement) => statement !== last && statement !== sum);
    const known = new Set(before.flatMap(resultsOf));
    const stays = (one: Value): boolean => !inside.has(one) || known.has(one);
    if (!before.every((statement) => isInvariant(statement, facts) && operandsOf(statement).every(stays))) continue;
    const step = stepOf(goingOn(body.yields[position]!, loop, facts), value, facts);
    if (!stays(bound) || (margin && !stays(margin)) || !step || step.isDown !== way.startsWith(">")) continue;
    const striding: Striding = { loop, position, ...step, comparison: way, bound, margin, before };
    if (facts.constants.has(step.stride) || (!inside.has(step.stride) && way.startsWith("<"))) return striding;
  }
  return null;
}

/** `i`, or `i + margin`. */
function comparedOf(
  compared: Value,
  { parameters }: LoopStatement,
  { definitions, uses }: Facts,
): { value: Value; margin: Value | null; sum: Statement | null } {
  const sum = definitions.get(compared);
  if (sum?.kind !== "apply" || sum.primitive !== "add" || uses.get(compared) !== 1)
    return { value: compared, margin: null, sum: null };
  const [first, second] = sum.arguments as [Value, Value];
  return parameters.includes(first) ? { value: first, margin: second, sum } : { value: second, margin: first, sum };
}

/** Where the bound is behind the start, the stride is not negative. */
function isNeverBehind({ loop, position, stride, bound, margin }: Striding, facts: Facts): boolean {
  const isLength = facts.definitions.get(bound)?.kind === "length";
  return isLength && facts.constants.get(loop.initial[position]!) === 0 && (!margin || margin === stride);
}

/** What a value is where the loop is not left. */
function goingOn(next: Value, { exit }: LoopStatement, { definitions }: Facts): Value {
  const branch = definitions.get(next);
  if (branch?.kind !== "if" || !exit) return next;
  const position = branch.results.indexOf(exit);
  const leaves = (block: Block): boolean => {
    const left = definitions.get(block.yields[position]!);
    return left?.kind === "constant" && left.value === true;
  };
  if (position < 0 || leaves(branch.then) === leaves(branch.else)) return next;
  const stays = leaves(branch.then) ? branch.else : branch.then;
  return stays.yields[branch.results.indexOf(next)]!;
}

function stepOf(next: Value, value: Value, facts: Facts): { stride: Value; isDown: boolean } | null {
  const sum = facts.definitions.get(next);
  if (sum?.kind !== "apply") return null;
  const [first, second] = sum.arguments as [Value, Value];
  const isUp = sum.primitive === "add" && (first === value) !== (second === value);
  if (!isUp && !(sum.primitive === "subtract" && first === value && second !== value)) return null;
  const stride = first === value ? second : first;
  const constant = facts.constants.get(stride);
  return constant === undefined || (Number.isSafeInteger(constant) && constant > 0) ? { stride, isDown: !isUp } : null;
}

/** The statement gives the same in every iteration. */
function isInvariant(statement: Statement, { aliases }: Facts): boolean {
  if (statement.kind === "length") return aliases.classOf(statement.object)?.isResized === false;
  return statement.kind === "constant" || statement.kind === "apply";
}

/**
 * Were the stride not finite, the program would not get here, or not come to an end, or not to a number: it is made of
 * lengths of arrays, bounds of loops and parts of places at which elements are read, on every way.
 */
function isFinite({ loop, stride }: Striding, facts: Facts, around: Surroundings): boolean {
  const isTold = (value: Value, statement: Statement): boolean => {
    if (statement.kind === "allocate") return isPartOf(value, statement.length, facts);
    if (statement.kind === "load")
      return (
        statement.key.kind === "index" &&
        statement.result.type.kind === "number" &&
        isPartOf(value, statement.key.index, facts)
      );
    if (statement.kind !== "loop" || !statement.upper || statement.test || statement.exit) return false;
    return isPartOf(value, statement.upper, facts) || statement.body.statements.some((inside) => isTold(value, inside));
  };
  const isKnown = (value: Value): boolean => {
    const definition = facts.definitions.get(value);
    if (definition?.kind === "length" || facts.constants.has(value)) return true;
    if (definition?.kind === "apply" && ["add", "subtract", "multiply"].includes(definition.primitive))
      if (definition.arguments.every(isKnown)) return true;
    for (let at: Surroundings | null = around; at; at = at.outer)
      if (at.block.statements.slice(0, at.end).some((statement) => isTold(value, statement))) return true;
    return loop.body.statements.some((statement) => isTold(value, statement));
  };
  return isKnown(stride);
}

/** The whole is infinite, or no number, when the part is. */
function isPartOf(part: Value, whole: Value, facts: Facts): boolean {
  if (part === whole) return true;
  const definition = facts.definitions.get(whole);
  if (definition?.kind !== "apply") return false;
  switch (definition.primitive) {
    case "add":
    case "subtract":
    case "multiply":
      return definition.arguments.some((argument) => isPartOf(part, argument, facts));
    case "divide":
      return isPartOf(part, definition.arguments[0]!, facts);
    default:
      return false;
  }
}

// ---------------------------------------------------------------------------------------------------------- rewriting

/** `inside` is the loop with its blocks rewritten. */
function rewritten(
  striding: Striding,
  inside: LoopStatement,
  facts: Facts,
  renamed: Map<Value, Value>,
): readonly Statement[] {
  const { loop, position, stride, isDown, comparison, before } = striding;
  const value = loop.parameters[position]!;
  const from = loop.initial[position]!;
  const without = <T>(list: readonly T[]): readonly T[] => list.filter((_, k) => k !== position);
  const counting: LoopStatement = {
    ...inside,
    parameters: without(loop.parameters),
    initial: without(loop.initial),
    results: without(loop.results),
    test: null,
    body: { ...inside.body, yields: without(inside.body.yields) },
  };
  const builder = new BlockBuilder(loop.span);
  before.forEach((statement) => builder.add(statement));
  const constant = facts.constants.get(stride);
  if (constant !== undefined) {
    const upper = endOf(striding, builder, facts);
    const step = isDown ? -constant : constant;
    return [...builder.statements, { ...counting, counter: value, lower: from, upper, comparison, step }];
  }
  const upper = tripsOf(striding, builder, facts);
  const start = new BlockBuilder(loop.span);
  const counter = newValue(numberType, { name: "trip", span: loop.span });
  const isFromZero = facts.constants.get(from) === 0;
  const way = start.apply("multiply", [counter, stride], numberType, isFromZero ? nameOf(value) : {});
  renamed.set(value, isFromZero ? way : start.apply("add", [from, way], numberType, nameOf(value)));
  const body = { ...counting.body, statements: [...start.statements, ...counting.body.statements] };
  return [...builder.statements, { ...counting, counter, upper, comparison, body }];
}

/** What integers before a bound that is none are before. */
const rounding: Readonly<Record<LoopComparison, string>> = { "<": "ceil", "<=": "floor", ">": "floor", ">=": "ceil" };

/** What the value is compared with: an integer where something is computed with it, so that nothing is rounded. */
function endOf({ bound, margin, stride, comparison }: Striding, builder: BlockBuilder, facts: Facts): Value {
  const isComputedWith = margin !== null || !facts.constants.has(stride);
  const isWhole = !isComputedWith || facts.integers.isInteger(bound);
  const end = isWhole ? bound : builder.apply(rounding[comparison], [bound]);
  return margin ? builder.apply("subtract", [end, margin]) : end;
}

/**
 * How many strides it is from the start to the end, with the comparison kept; the last may be passed in between. No trip
 * where the end is behind the start, and that whatever the sign of the stride.
 */
function tripsOf(striding: Striding, builder: BlockBuilder, facts: Facts): Value {
  const { stride, comparison } = striding;
  const from = striding.loop.initial[striding.position]!;
  const end = endOf(striding, builder, facts);
  const room = facts.constants.get(from) === 0 ? end : builder.apply("subtract", [end, from]);
  if (isNeverBehind(striding, facts)) return builder.apply("divide", [room, stride]);
  if (comparison === "<") return builder.apply("divide", [builder.apply("max", [builder.constant(0), room]), stride]);
  const isBehind = builder.apply("less", [room, builder.constant(0)], booleanType);
  const [none, some] = [new BlockBuilder(builder.span), new BlockBuilder(builder.span)];
  const result = newValue(numberType, { span: builder.span });
  const branches = {
    then: none.block([none.constant(-1)]),
    else: some.block([some.apply("divide", [room, stride])]),
  };
  builder.add({ kind: "if", condition: isBehind, ...branches, results: [result], span: builder.span });
  return result;
}

const nameOf = ({ name, span }: Value): Pick<Value, "name" | "span"> => ({ name, span });
