/**
 * Running again: the mirror of an independent loop that holds loops or scratch arrays of its own computes the iteration
 * again instead of reading what was kept. What has to be kept then is as long as one iteration.
 *
 * Needs: the adjoint's output (recalls in mirror blocks), after fusion. Guarantees: the copy reads memory that is final
 * and writes only memory of its own; what the first run wrote for others is left out of it.
 *
 * before: loop i {B} … loop i reversed {recalls; B′}        after: loop i {B} … loop i reversed {B again; B′}
 */
import { aliasClasses, type AliasFacts } from "../3-analyse/aliases.js";
import { finality, type FinalityFacts } from "../3-analyse/finality.js";
import { independence, type IndependenceFacts } from "../3-analyse/independence.js";
import { BlockBuilder, newValue } from "../ir/build.js";
import { isScalar } from "../ir/types.js";
import { costOf } from "../ir/primitives.js";
import { copyBlock } from "../ir/copyBlock.js";
import { readObjects, writtenObjects } from "../ir/effects.js";
import type { Block, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import { blocksOf, mapBlocks, resultsOf, scopedValuesOf, substitute, visitStatements, withBody } from "../ir/walk.js";
import { fuse } from "./fuse.js";
import { storedValues } from "./keepPlan.js";
import { assumedTrips } from "./keepDecision.js";

interface Facts {
  readonly aliases: AliasFacts;
  readonly independence: IndependenceFacts;
  readonly finality: FinalityFacts;
  /** What would have to be kept, were nothing run again. */
  stored(): ReadonlySet<Value>;
}

export function rerunLoops(fn: IrFunction): IrFunction {
  for (let current = fn; ;) {
    const aliases = aliasClasses(current);
    const of = current;
    let stored: ReadonlySet<Value> | null = null;
    const facts: Facts = {
      aliases,
      independence: independence(current, aliases),
      finality: finality(current, aliases),
      stored: () => (stored ??= storedValues(of)),
    };
    const body = rerunInside(facts, current.body);
    if (body === current.body) return current;
    current = fuse(withBody(current, body));
  }
}

/** One loop, outermost first; the same block when there is none. */
function rerunInside(facts: Facts, block: Block): Block {
  let done = false;
  const statements = block.statements.map((statement) => {
    if (done) return statement;
    const again = statement.kind === "loop" ? rerunOne(facts, block, statement) : null;
    const next = again ?? mapBlocks(statement, (nested) => (done ? nested : rerunInside(facts, nested)));
    done = next !== statement;
    return next;
  });
  return done ? { ...block, statements } : block;
}

function rerunOne(facts: Facts, block: Block, mirror: LoopStatement): LoopStatement | null {
  if (mirror.body.mirrors === null) return null;
  const primal = block.statements.find((one) => one.kind === "loop" && one.body.id === mirror.body.mirrors);
  if (primal?.kind !== "loop" || !facts.independence.isIndependent(primal)) return null;
  if (mirror.body.statements.some((one) => one.kind === "recall" && !definesInBody(primal, one.value))) return null;
  const isWorthIt = primal.body.statements.some(
    (statement) => statement.kind === "loop" || statement.kind === "allocate",
  );
  if (!isWorthIt || !isCheaper(facts, primal)) return null;
  const left = writesForOthers(facts, primal);
  return left && withCopy(primal, mirror, left);
}

function definesInBody(loop: LoopStatement, value: Value): boolean {
  return loop.counter === value || loop.body.statements.some((statement) => resultsOf(statement).includes(value));
}

/** What one number in storage is worth: so many operations, memory being scarcer than time. */
const storageCost = 32;

/** Something would be kept otherwise, and running the loop again costs less than that. */
function isCheaper(facts: Facts, loop: LoopStatement): boolean {
  const stored = facts.stored();
  let [keeping, running] = [0, 0];
  const visit = (statement: Statement, weight: number): void => {
    const inner = statement.kind === "loop" ? weight * assumedTrips : weight;
    for (const value of [...resultsOf(statement), ...scopedValuesOf(statement)])
      // An array of each iteration takes more than its numbers: it has to be made in each.
      if (stored.has(value)) keeping += isScalar(value.type) ? storageCost * inner : Infinity;
    running += weight * (statement.kind === "apply" ? costOf(statement.primitive) : 1);
    for (const nested of blocksOf(statement)) nested.statements.forEach((one) => visit(one, inner));
  };
  loop.body.statements.forEach((statement) => visit(statement, 1));
  return keeping > 0 && running <= keeping;
}

/** What the first run wrote for others: the copy leaves it out. Null where the loop cannot be run again without it. */
function writesForOthers(facts: Facts, loop: LoopStatement): ReadonlySet<Statement> | null {
  const isOwn = (object: Value): boolean => {
    const memory = facts.aliases.classOf(object);
    return memory !== null && facts.independence.isLocalTo(loop, memory);
  };
  const left = new Set<Statement>();
  let allowed = true;
  visitStatements(loop.body, (statement) => {
    if (statement.kind === "recall" || statement.kind === "throw") allowed = false;
    const written = writtenObjects(statement);
    if (written === "all") allowed = false;
    else if (!written.every(isOwn)) {
      if (statement.kind === "store" || statement.kind === "addTo" || statement.kind === "fill") left.add(statement);
      else allowed = false;
    }
    // A final read sees nothing of what the loop writes.
    const isFinal =
      statement.kind === "load" || statement.kind === "length" ? facts.finality.isFinal(statement) : false;
    if (!isFinal && !readObjects(statement).every(isOwn)) allowed = false;
  });
  return allowed ? left : null;
}

function withCopy(primal: LoopStatement, mirror: LoopStatement, left: ReadonlySet<Statement>): LoopStatement {
  const builder = new BlockBuilder();
  const known = new Map<Value, Value>([[primal.counter, mirror.counter]]);
  for (const parameter of primal.parameters) {
    // A sum: nothing in the iteration depends on what it was.
    const result = newValue(parameter.type);
    builder.add({ kind: "placeholder", result, span: null });
    known.set(parameter, result);
  }
  const copy = copyBlock(without(left, primal.body), known);
  const inBody = new Set<Value>(primal.body.statements.flatMap(resultsOf));
  const names = new Map<Value, Value>();
  const rest = mirror.body.statements.filter((statement) => {
    if (statement.kind !== "recall" || !inBody.has(statement.value)) return true;
    names.set(statement.result, copy.values.get(statement.value)!);
    return false;
  });
  const inside = substitute({ ...mirror.body, statements: rest }, (value) => names.get(value) ?? value);
  const redirected = inside.statements.map((statement) => redirect(statement, copy.values, copy.blocks));
  const statements = [...builder.statements, ...copy.block.statements, ...redirected];
  // Nothing is recalled from the first run any more: the blocks below mirror the copy's.
  return { ...mirror, body: { ...inside, statements, mirrors: null } };
}

function without(left: ReadonlySet<Statement>, block: Block): Block {
  if (left.size === 0) return block;
  const statements = block.statements
    .filter((statement) => !left.has(statement))
    .map((statement) => mapBlocks(statement, (nested) => without(left, nested)));
  return { ...block, statements };
}

/** Mirrors of the first run's blocks mirror the copy's. */
function redirect(
  statement: Statement,
  values: ReadonlyMap<Value, Value>,
  blocks: ReadonlyMap<number, number>,
): Statement {
  if (statement.kind === "recall" && values.has(statement.value))
    return { ...statement, value: values.get(statement.value)! };
  return mapBlocks(statement, (nested) => ({
    ...nested,
    mirrors: nested.mirrors === null ? null : (blocks.get(nested.mirrors) ?? nested.mirrors),
    statements: nested.statements.map((inside) => redirect(inside, values, blocks)),
  }));
}
