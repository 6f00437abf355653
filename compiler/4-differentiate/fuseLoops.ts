/**
 * Fusion: an independent loop and its mirror become one loop, where the adjoints that enter the mirror are known before
 * the loop runs. Nothing is kept, and the data are read once.
 *
 * Needs: the adjoint's output (recalls in mirror blocks). Guarantees: the value's operations keep their order; sums of
 * derivatives are reordered.
 *
 * before: loop i {B} … loop i reversed {recalls; B′}        after: loop i {B; B′}
 */
import { aliasClasses, type AliasFacts, type MemoryClass } from "../3-analyse/aliases.js";
import { independence, type IndependenceFacts, reachedBy } from "../3-analyse/independence.js";
import { type Access, accessesOf, keysMeet } from "../ir/effects.js";
import type { Block, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import { blocksOf, freeValues, mapBlocks, operandsOf, resultsOf, substitute, withBody } from "../ir/walk.js";

interface Facts {
  readonly aliases: AliasFacts;
  readonly independence: IndependenceFacts;
}

export function fuseLoops(fn: IrFunction): IrFunction {
  for (let current = fn; ;) {
    const aliases = aliasClasses(current);
    const body = fuseInside({ aliases, independence: independence(current, aliases) }, current.body);
    if (body === current.body) return current;
    current = withBody(current, body);
  }
}

/** One fusion, outermost first; the same block when there is none. */
function fuseInside(facts: Facts, block: Block): Block {
  const fused = fuseOne(facts, block);
  if (fused) return fused;
  let done = false;
  const statements = block.statements.map((statement) => {
    if (done) return statement;
    const inside = mapBlocks(statement, (nested) => (done ? nested : fuseInside(facts, nested)));
    done = inside !== statement;
    return inside;
  });
  return done ? { ...block, statements } : block;
}

function fuseOne(facts: Facts, block: Block): Block | null {
  for (const [second, mirror] of block.statements.entries()) {
    if (mirror.kind !== "loop" || mirror.body.mirrors === null) continue;
    const first = block.statements.findIndex((one) => one.kind === "loop" && one.body.id === mirror.body.mirrors);
    const primal = block.statements[first];
    if (primal?.kind !== "loop" || first >= second) continue;
    if (!facts.independence.isIndependent(primal) || !facts.independence.isIndependent(mirror)) continue;
    const between = block.statements.slice(first + 1, second);
    const moved = statementsToMove(facts, primal, mirror, between);
    if (
      !moved ||
      !isUntouched(
        facts,
        primal,
        mirror,
        between.filter((statement) => !moved.has(statement)),
      )
    )
      continue;
    return fusedBlock(block, primal, mirror, moved);
  }
  return null;
}

// ----------------------------------------------------------------------------------------------------- legality

function isPure(statement: Statement): boolean {
  return statement.kind === "constant" || statement.kind === "apply" || statement.kind === "narrow";
}

/** What the mirror needs of the statements between; null when that depends on the loop or cannot be moved. */
function statementsToMove(
  facts: Facts,
  primal: LoopStatement,
  mirror: LoopStatement,
  between: readonly Statement[],
): ReadonlySet<Statement> | null {
  const definitions = new Map<Value, Statement>();
  for (const statement of between) for (const result of resultsOf(statement)) definitions.set(result, statement);
  const fromLoop = new Set(resultsOf(primal));
  const canMove = (statement: Statement): boolean => {
    switch (statement.kind) {
      case "allocate":
      case "literal":
        return true;
      case "load":
        return facts.aliases.classOf(statement.object)?.isWritten === false;
      case "length":
        return !facts.aliases.classOf(statement.object)?.isResized;
      case "zerosLike": {
        const memory = facts.aliases.classOf(statement.object);
        return memory !== null && !memory.isResized && !memory.referencesAreWritten;
      }
      case "if":
        return [statement.then, statement.else].every((block) => block.statements.every(isPure));
      default:
        return isPure(statement);
    }
  };
  const moved = new Set<Statement>();
  const need = (value: Value): boolean => {
    if (fromLoop.has(value)) return false;
    const statement = definitions.get(value);
    if (!statement || moved.has(statement)) return true;
    if (!canMove(statement)) return false;
    moved.add(statement);
    return [...operandsOf(statement), ...blocksOf(statement).flatMap((block) => freeValues(block))].every(need);
  };
  const inputs = [...mirror.initial, ...freeValues(mirror.body, mirror)];
  const own = new Set([mirror.counter, ...mirror.parameters]);
  const recalled = new Set<Value>(recallsOf(mirror.body).map((recall) => recall.value));
  return inputs.every((value) => own.has(value) || recalled.has(value) || need(value)) ? moved : null;
}

function recallsOf(block: Block): (Statement & { kind: "recall" })[] {
  return block.statements.filter((statement) => statement.kind === "recall");
}

interface Touch {
  readonly memory: MemoryClass;
  readonly key: string;
  readonly how: Access["how"];
}

/** How statements touch memory; null when they may touch anything. */
function touchesOf(facts: Facts, statements: readonly Statement[]): readonly Touch[] | null {
  const found: Touch[] = [];
  let isOpaque = false;
  const visit = (statement: Statement): void => {
    const accesses = accessesOf(statement);
    if (accesses === "all") isOpaque = true;
    else
      for (const access of accesses)
        for (const memory of reachedBy(facts.aliases, access)) found.push({ memory, key: access.key, how: access.how });
    blocksOf(statement).forEach((block) => block.statements.forEach(visit));
  };
  statements.forEach(visit);
  return isOpaque ? null : found;
}

/** Nothing that stays between, nor the loop itself, touches what the mirror touches. */
function isUntouched(
  facts: Facts,
  primal: LoopStatement,
  mirror: LoopStatement,
  staying: readonly Statement[],
): boolean {
  const reverse = touchesOf(facts, mirror.body.statements);
  const outside = touchesOf(facts, staying);
  const forward = touchesOf(facts, primal.body.statements);
  if (!reverse || !outside || !forward) return false;
  const clash = (a: Touch, b: Touch): boolean =>
    a.memory === b.memory &&
    keysMeet(a.key, b.key) &&
    !(a.how === "read" && b.how === "read") &&
    !(a.how === "add" && b.how === "add");
  const others = [...outside, ...forward.filter(({ memory }) => !facts.independence.isLocalTo(primal, memory))];
  return !others.some((other) => reverse.some((touch) => clash(touch, other)));
}

// ----------------------------------------------------------------------------------------------------- the loop

function fusedBlock(block: Block, primal: LoopStatement, mirror: LoopStatement, moved: ReadonlySet<Statement>): Block {
  const inBody = new Set<Value>(primal.body.statements.flatMap(resultsOf));
  primal.parameters.forEach((value) => inBody.add(value));
  const names = new Map<Value, Value>([[mirror.counter, primal.counter]]);
  const rest = mirror.body.statements.filter((statement) => {
    if (statement.kind !== "recall" || !inBody.has(statement.value)) return true;
    names.set(statement.result, statement.value);
    return false;
  });
  const renamed = substitute({ ...mirror.body, statements: rest }, (value) => names.get(value) ?? value);
  const fused: LoopStatement = {
    ...primal,
    parameters: [...primal.parameters, ...mirror.parameters],
    initial: [...primal.initial, ...mirror.initial],
    results: [...primal.results, ...mirror.results],
    body: {
      ...primal.body,
      statements: [...primal.body.statements, ...renamed.statements],
      yields: [...primal.body.yields, ...renamed.yields],
    },
  };
  const statements = block.statements.flatMap((statement) => {
    if (statement === primal) return [...block.statements.filter((one) => moved.has(one)), fused];
    return statement === mirror || moved.has(statement) ? [] : [statement];
  });
  return { ...block, statements };
}
