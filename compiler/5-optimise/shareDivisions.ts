/**
 * Divisions of derivative code by one value become products with its reciprocal, which is computed once: a division
 * costs several products. So do divisions in a loop by what does not change in it.
 *
 * Needs: recall-free IR. Guarantees: values of the primal keep their bits; derivatives may differ in the last one.
 *
 * before: a' = p / d; b' = q / d        after: r = 1 / d; a' = p * r; b' = q * r
 * before: s = 1 / d; a' = p / d         after: s = 1 / d; a' = p * s
 */
import { BlockBuilder, numberType } from "../ir/build.js";
import type { ApplyStatement, Block, IrFunction, Statement, Value } from "../ir/ir.js";
import { blocksOf, mapBlocks, resultsOf, scopedValuesOf, visitStatements, withBody } from "../ir/walk.js";

type Reciprocals = ReadonlyMap<Value, Value>;

export function shareDivisions(fn: IrFunction): IrFunction {
  const constants = new Map<Value, unknown>();
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "constant") constants.set(statement.result, statement.value);
  });
  const body = shareIn(fn.body, new Map(), constants);
  return body === fn.body ? fn : withBody(fn, body);
}

function shareIn(block: Block, outer: Reciprocals, constants: ReadonlyMap<Value, unknown>): Block {
  const known = new Map(outer);
  const wanted = worthSharing(block, outer, constants);
  const builder = new BlockBuilder();
  let changed = false;
  for (const statement of block.statements) {
    for (const divisor of divisorsIn(statement)) {
      if (!wanted.has(divisor) || known.has(divisor)) continue;
      builder.span = statement.span;
      const one = builder.constant(1);
      known.set(divisor, builder.apply("divide", [one, divisor], numberType, { name: "inverse" }));
    }
    const next = multiplied(
      mapBlocks(statement, (nested) => shareIn(nested, known, constants)),
      known,
    );
    changed ||= next !== statement;
    builder.add(next);
    // What the primal computes serves as well.
    if (next.kind !== "apply" || next.primitive !== "divide" || constants.get(next.arguments[0]!) !== 1) continue;
    const divisor = next.arguments[1]!;
    if (!known.has(divisor) && !constants.has(divisor)) known.set(divisor, next.result);
  }
  return changed ? { ...block, statements: builder.statements } : block;
}

function multiplied(statement: Statement, known: Reciprocals): Statement {
  const divisor = divisorOf(statement);
  const reciprocal = divisor && known.get(divisor);
  if (!reciprocal) return statement;
  const { arguments: args } = statement as ApplyStatement;
  return { ...(statement as ApplyStatement), primitive: "multiply", arguments: [args[0]!, reciprocal] };
}

/** What derivative code divides by here. */
function divisorOf(statement: Statement): Value | null {
  const isDivision = statement.kind === "apply" && statement.primitive === "divide";
  return isDivision && statement.result.role !== "primal" ? statement.arguments[1]! : null;
}

/** What a statement, or one inside of it, divides by, as far as it is there before the statement. */
function divisorsIn(statement: Statement): ReadonlySet<Value> {
  const found = new Set<Value>();
  const own = new Set<Value>(scopedValuesOf(statement));
  const visit = (one: Statement): void => {
    const divisor = divisorOf(one);
    if (divisor) found.add(divisor);
    if (one !== statement) resultsOf(one).forEach((result) => own.add(result));
    scopedValuesOf(one).forEach((value) => own.add(value));
    for (const nested of blocksOf(one)) nested.statements.forEach(visit);
  };
  visit(statement);
  return new Set([...found].filter((divisor) => !own.has(divisor)));
}

/** Divided by at least twice, once in the block itself, or in a loop that it is computed before. */
function worthSharing(block: Block, outer: Reciprocals, constants: ReadonlyMap<Value, unknown>): ReadonlySet<Value> {
  const counts = new Map<Value, { direct: number; all: number }>();
  for (const statement of block.statements) {
    const own = divisorOf(statement);
    for (const divisor of divisorsIn(statement)) {
      const count = counts.get(divisor) ?? { direct: 0, all: 0 };
      const isLoop = statement.kind === "loop";
      counts.set(divisor, {
        direct: count.direct + (divisor === own || isLoop ? 1 : 0),
        all: count.all + (isLoop ? 2 : 1),
      });
    }
  }
  const isWanted = ([divisor, { direct, all }]: [Value, { direct: number; all: number }]): boolean =>
    direct > 0 && all > 1 && !outer.has(divisor) && !constants.has(divisor);
  return new Set([...counts].filter(isWanted).map(([divisor]) => divisor));
}
