/**
 * Fusion: an independent loop and its mirror become one loop, where the adjoints that enter the mirror are known before
 * the loop runs; a branch and its mirror become one branch under the same condition. Nothing is kept, and the data are
 * read once.
 *
 * Needs: the adjoint's output (recalls in mirror blocks). Guarantees: the value's operations keep their order; sums of
 * derivatives are reordered.
 *
 * before: loop i {B} … loop i reversed {recalls; B′}        after: loop i {B; B′}
 */
import { aliasClasses, type AliasFacts } from "../3-analyse/aliases.js";
import { independence, type IndependenceFacts, reachedBy } from "../3-analyse/independence.js";
import { clash, type Touch, touchesOf } from "../3-analyse/touches.js";
import type { Block, IfStatement, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import {
  blocksOf,
  freeValues,
  mapBlocks,
  operandsOf,
  resultsOf,
  scopedValuesOf,
  substitute,
  withBody,
} from "../ir/walk.js";
import { holdsOptionalNumbers } from "./presence.js";

interface Facts {
  readonly aliases: AliasFacts;
  readonly independence: IndependenceFacts;
}

export function fuse(fn: IrFunction): IrFunction {
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

/** A statement and its mirror in one block. */
interface Pair<S extends LoopStatement | IfStatement> {
  readonly primal: S;
  readonly mirror: S;
}

type AnyPair = Pair<LoopStatement> | Pair<IfStatement>;

function fuseOne(facts: Facts, block: Block): Block | null {
  const places = new Map<number, number>();
  const definedAt = new Map<Value, number>();
  block.statements.forEach((statement, at) => {
    if (statement.kind === "loop" || statement.kind === "if") places.set(blocksOf(statement).at(-1)!.id, at);
    for (const result of resultsOf(statement)) definedAt.set(result, at);
  });
  for (const [second, mirror] of block.statements.entries()) {
    if (mirror.kind !== "loop" && mirror.kind !== "if") continue;
    const mirrored = blocksOf(mirror).at(-1)!.mirrors;
    const first = mirrored === null ? undefined : places.get(mirrored);
    const primal = first === undefined ? undefined : block.statements[first];
    if (primal?.kind !== mirror.kind || first! >= second) continue;
    const definitionBetween = (value: Value): Statement | undefined => {
      const at = definedAt.get(value) ?? -1;
      return at > first! && at < second ? block.statements[at] : undefined;
    };
    const pair = { primal, mirror } as AnyPair;
    if (isLoopPair(pair) && !mayRunTogether(facts, pair)) continue;
    const moved = statementsToMove(facts, pair, definitionBetween);
    if (!moved) continue;
    const between = block.statements.slice(first! + 1, second).filter((statement) => !moved.has(statement));
    if (!isUntouched(facts, pair, between)) continue;
    const fused = isLoopPair(pair) ? fusedLoop(pair) : fusedIf(pair);
    return replaced(block, pair, fused, moved);
  }
  return null;
}

function isLoopPair(pair: AnyPair): pair is Pair<LoopStatement> {
  return pair.primal.kind === "loop";
}

function mayRunTogether(facts: Facts, { primal, mirror }: Pair<LoopStatement>): boolean {
  return facts.independence.isIndependent(primal) && facts.independence.isIndependent(mirror);
}

// ----------------------------------------------------------------------------------------------------- legality

function isPure(statement: Statement): boolean {
  return statement.kind === "constant" || statement.kind === "apply" || statement.kind === "narrow";
}

/** What the mirror needs of the statements between; null when that depends on the primal or cannot be moved. */
export function statementsToMove(
  facts: Pick<Facts, "aliases">,
  { primal, mirror }: AnyPair,
  definitionBetween: (value: Value) => Statement | undefined,
): ReadonlySet<Statement> | null {
  const fromPrimal = new Set(resultsOf(primal));
  const canMove = (statement: Statement): boolean => {
    switch (statement.kind) {
      case "allocate":
      case "literal":
        return true;
      case "load": {
        const memory = facts.aliases.classOf(statement.object);
        // Numbers that are written beside it leave a reference where it is.
        const isWritten = isReference(statement.result.type) ? memory?.referencesAreWritten : memory?.isWritten;
        return isWritten === false;
      }
      case "length":
        return !facts.aliases.classOf(statement.object)?.isResized;
      case "zerosLike": {
        const reached = reachedBy(facts.aliases, { object: statement.object, key: "*", how: "read" });
        // Adjoints are there where the numbers are, and writes may change where that is.
        const mayGoMissing = holdsOptionalNumbers(statement.object.type);
        return [...reached].every(
          (memory) => !memory.isResized && !memory.referencesAreWritten && !(mayGoMissing && memory.isWritten),
        );
      }
      case "if":
        return [statement.then, statement.else].every((block) => block.statements.every(isPure));
      default:
        return isPure(statement);
    }
  };
  const moved = new Set<Statement>();
  const need = (value: Value): boolean => {
    if (fromPrimal.has(value)) return false;
    const statement = definitionBetween(value);
    if (!statement || moved.has(statement)) return true;
    if (!canMove(statement)) return false;
    moved.add(statement);
    return [...operandsOf(statement), ...blocksOf(statement).flatMap((block) => freeValues(block))].every(need);
  };
  const inputs = [...operandsOf(mirror), ...blocksOf(mirror).flatMap((block) => freeValues(block, mirror))];
  // A mirrored loop's own range is not used: the fused loop runs over the primal's.
  const unused = new Set(mirror.kind === "loop" ? rangeOf(mirror) : []);
  const own = new Set<Value>(scopedValuesOf(mirror));
  const recalled = new Set(blocksOf(mirror).flatMap((block) => recallsOf(block).map((recall) => recall.value)));
  const isGiven = (value: Value): boolean => own.has(value) || recalled.has(value);
  return inputs.every((value) => unused.has(value) || isGiven(value) || need(value)) ? moved : null;
}

function rangeOf(loop: LoopStatement): readonly Value[] {
  const bounds = [loop.lower, ...(loop.upper ? [loop.upper] : [])];
  return loop.forwards ? [...bounds, loop.forwards.lower, loop.forwards.upper] : bounds;
}

function recallsOf(block: Block): (Statement & { kind: "recall" })[] {
  return block.statements.filter((statement) => statement.kind === "recall");
}

/** Nothing that stays between touches what the mirror touches; nor does a loop, in other iterations. */
function isUntouched(facts: Facts, { primal, mirror }: AnyPair, between: readonly Statement[]): boolean {
  const touchesIn = (statement: Statement): readonly Touch[] | null =>
    touchesOf(
      facts.aliases,
      blocksOf(statement).flatMap((block) => block.statements),
    );
  const reverse = touchesIn(mirror);
  const forward = primal.kind === "loop" ? touchesIn(primal) : [];
  const outside = touchesOf(facts.aliases, between);
  if (!reverse || !outside || !forward) return false;
  const isShared = ({ memory }: Touch): boolean =>
    primal.kind !== "loop" || !facts.independence.isLocalTo(primal, memory);
  const others = [...outside, ...forward.filter(isShared)];
  return !others.some((other) => reverse.some((touch) => clash(touch, other)));
}

// ----------------------------------------------------------------------------------------------------- putting together

/** The statements of a mirror block without the recalls of what the primal block defines; these are named directly. */
function appended(primal: Block, mirror: Block, known: ReadonlyMap<Value, Value>): Block {
  const inBody = new Set<Value>([...known.values(), ...primal.statements.flatMap(resultsOf)]);
  const names = new Map<Value, Value>(known);
  const rest = mirror.statements.filter((statement) => {
    if (statement.kind !== "recall" || !inBody.has(statement.value)) return true;
    names.set(statement.result, statement.value);
    return false;
  });
  const renamed = substitute({ ...mirror, statements: rest }, (value) => names.get(value) ?? value);
  const last = primal.statements.at(-1);
  const isThrowing = last?.kind === "throw";
  const before = isThrowing ? primal.statements.slice(0, -1) : primal.statements;
  const statements = [...before, ...renamed.statements, ...(isThrowing ? [last] : [])];
  return { ...primal, statements, yields: [...primal.yields, ...renamed.yields] };
}

function fusedLoop({ primal, mirror }: Pair<LoopStatement>): LoopStatement {
  // A sum is recalled as nothing but itself.
  const known = new Map<Value, Value>([[mirror.counter, primal.counter]]);
  return {
    ...primal,
    parameters: [...primal.parameters, ...mirror.parameters],
    initial: [...primal.initial, ...mirror.initial],
    results: [...primal.results, ...mirror.results],
    body: appended(primal.body, mirror.body, known),
  };
}

function fusedIf({ primal, mirror }: Pair<IfStatement>): IfStatement {
  return {
    ...primal,
    then: appended(primal.then, mirror.then, new Map()),
    else: appended(primal.else, mirror.else, new Map()),
    results: [...primal.results, ...mirror.results],
  };
}

function replaced(block: Block, { primal, mirror }: AnyPair, fused: Statement, moved: ReadonlySet<Statement>): Block {
  const statements = block.statements.flatMap((statement) => {
    if (statement === primal) return [...block.statements.filter((one) => moved.has(one)), fused];
    return statement === mirror || moved.has(statement) ? [] : [statement];
  });
  return { ...block, statements };
}
