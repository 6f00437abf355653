/**
 * The shadow of a copy is the shadow of what was copied, too, where that has had no other share in the result before and the
 * copy's is read no more: algorithms that work in place on `xs.slice()` sum into one array.
 *
 * Needs: an adjoint. Guarantees: the same derivatives, but for zeros that were added to.
 *
 * before: u = slice x; u' = zerosLike u; …; x' = zerosLike x; loop i {x'[i] += u'[i]}; … x' …
 * after: u = slice x; u' = zerosLike u; …; … u' …
 */
import { type AliasFacts, aliasClasses } from "../3-analyse/aliases.js";
import { touches } from "../3-analyse/covering.js";
import type { Block, IrFunction, LoopStatement, Statement, Value, ZerosLikeStatement } from "../ir/ir.js";
import { isFloatArray, sameType } from "../ir/types.js";
import { blocksOf, constantsIn, mapBlocks, resultsOf, substitute, visitStatements, withBody } from "../ir/walk.js";

export function mergeShadows(fn: IrFunction): IrFunction {
  const definitions = new Map<Value, Statement>();
  let isCandidate = false;
  visitStatements(fn.body, (statement) => {
    resultsOf(statement).forEach((result) => definitions.set(result, statement));
    if (statement.kind === "loop" && statement.body.statements.length === 2) isCandidate = true;
  });
  if (!isCandidate) return fn;
  const facts: Facts = { definitions, constants: constantsIn(fn.body), aliases: aliasClasses(fn) };
  const gone = new Set<Statement>();
  const renamed = new Map<Value, Value>();
  collect(fn.body, facts, gone, renamed);
  if (gone.size === 0) return fn;
  const without = (block: Block): Block => ({
    ...block,
    statements: block.statements.filter((one) => !gone.has(one)).map((one) => mapBlocks(one, without)),
  });
  const resolve = (value: Value): Value => {
    const other = renamed.get(value);
    return other ? resolve(other) : value;
  };
  return withBody(fn, substitute(without(fn.body), resolve));
}

interface Facts {
  readonly definitions: ReadonlyMap<Value, Statement>;
  readonly constants: ReadonlyMap<Value, number>;
  readonly aliases: AliasFacts;
}

function collect(block: Block, facts: Facts, gone: Set<Statement>, renamed: Map<Value, Value>): void {
  block.statements.forEach((statement, k) => {
    for (const nested of blocksOf(statement)) collect(nested, facts, gone, renamed);
    const move = statement.kind === "loop" ? moveOf(statement, facts) : null;
    if (!move) return;
    const isHere = block.statements.includes(move.from) && block.statements.includes(move.to);
    const isFresh = !block.statements.slice(0, k).some((one) => one.kind !== "length" && touches(one, move.to.result));
    const isDone =
      !block.yields.includes(move.from.result) &&
      !block.statements.slice(k + 1).some((one) => touches(one, move.from.result));
    if (!isHere || !isFresh || !isDone) return;
    gone.add(statement).add(move.to);
    renamed.set(move.to.result, move.from.result);
  });
}

interface Move {
  readonly from: ZerosLikeStatement;
  readonly to: ZerosLikeStatement;
}

/** The whole shadow of a copy is added to that of the original. */
function moveOf(loop: LoopStatement, facts: Facts): Move | null {
  const [load, add] = loop.body.statements;
  if (load?.kind !== "load" || add?.kind !== "addTo" || add.value !== load.result) return null;
  const isAtCounter = [load, add].every(({ key }) => key.kind === "index" && key.index === loop.counter);
  const isWhole = facts.constants.get(loop.lower) === 0 && loop.step === 1 && loop.comparison === "<";
  if (!isAtCounter || !isWhole || loop.test || loop.exit || loop.parameters.length > 0) return null;
  const [from, to] = [load.object, add.object].map((shadow) => facts.definitions.get(shadow));
  if (from?.kind !== "zerosLike" || to?.kind !== "zerosLike" || from.keepsIdentity || to.keepsIdentity) return null;
  const copy = facts.definitions.get(from.object);
  if (copy?.kind !== "slice" || copy.start || copy.end || copy.object !== to.object) return null;
  const end = loop.upper && facts.definitions.get(loop.upper);
  const arrays = [from.result, to.result, from.object, to.object];
  if (end?.kind !== "length" || !arrays.includes(end.object) || !sameType(from.result.type, to.result.type))
    return null;
  const isFixed =
    isFloatArray(from.result.type) || arrays.every((one) => facts.aliases.classOf(one)?.isResized === false);
  return isFixed ? { from, to } : null;
}
