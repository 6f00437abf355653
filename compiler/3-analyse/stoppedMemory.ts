/**
 * Writes into what `stopGradient` was given. Inside derivatives the array it gives is the array itself, but has no
 * derivative: were either written afterwards, the other would see the number and not what becomes of its derivative.
 *
 * Needs: primals whose calls are summarised. Guarantees: where nothing is reported, nothing that a `stop` reads or gives
 * is written after it.
 *
 * before: t = stop x; store x, 0, a; load t, 0        after: the store is reported
 */
import type { Diagnostic } from "../diagnostics.js";
import type { Block, IrFunction, LoopStatement, Span, Statement, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { blocksOf, resultsOf, scopedValuesOf, visitStatements } from "../ir/walk.js";
import { aliasClasses, type AliasFacts, makesObject, type MemoryClass } from "./aliases.js";
import { memoriesOfCall } from "./callEffects.js";

/** A statement, and where it stands. */
interface Placed {
  readonly statement: Statement;
  /** Among all statements. */
  readonly position: number;
  readonly loops: readonly LoopStatement[];
}

/** Errors for every function: a caller may write what a function it calls has stopped. */
export function stoppedMemoryProblems(functions: ReadonlyMap<string, IrFunction>): readonly Diagnostic[] {
  const shares = sharingFunctions(functions);
  return [...functions.values()].flatMap((fn) => problemsOf(fn, shares));
}

function problemsOf(fn: IrFunction, shares: ReadonlySet<string>): readonly Diagnostic[] {
  const all = placedStatements(fn);
  const stops = all.filter(({ statement }) => stoppedBy(statement, shares).length > 0);
  if (stops.length === 0) return [];
  const aliases = aliasClasses(fn);
  /** Every iteration has memory of its own: all references to it are those of what it makes. */
  const isFresh = (loop: LoopStatement, memory: MemoryClass): boolean =>
    fn.parameters.every(({ value }) => aliases.classOf(value) !== memory) &&
    all.every(({ statement, loops }) => {
      const references = [...resultsOf(statement), ...scopedValuesOf(statement)];
      if (references.every((value) => aliases.classOf(value) !== memory)) return true;
      return loops.includes(loop) && (makesObject(statement) || statement.kind === "narrow");
    });
  const mayFollow = (write: Placed, stop: Placed, memory: MemoryClass): boolean =>
    write.position > stop.position || stop.loops.some((loop) => write.loops.includes(loop) && !isFresh(loop, memory));
  const stoppedBefore = (write: Placed, memory: MemoryClass): boolean =>
    stops.some(
      (stop) => mayFollow(write, stop, memory) && reachable(aliases, stoppedBy(stop.statement, shares)).has(memory),
    );
  const spans = new Map<number, Span>();
  for (const write of all)
    if (writtenMemories(aliases, write.statement).some((memory) => stoppedBefore(write, memory)))
      spans.set(write.statement.span?.start ?? -1, write.statement.span ?? fn.span!);
  return [...spans.values()].map((span) => ({
    code: "stoppedMemoryWritten",
    severity: "error",
    span,
    message: "This writes into an array or a record after stopGradient was given it, or got it from there.",
    suggestion: "Give stopGradient a copy, such as stopGradient(x.slice()), or write before it.",
  }));
}

function placedStatements(fn: IrFunction): readonly Placed[] {
  const found: Placed[] = [];
  const enter = (block: Block, loops: readonly LoopStatement[]): void => {
    for (const statement of block.statements) {
      found.push({ statement, position: found.length, loops });
      const inside = statement.kind === "loop" ? [...loops, statement] : loops;
      blocksOf(statement).forEach((nested) => enter(nested, inside));
    }
  };
  enter(fn.body, []);
  return found;
}

/** The references that have no derivative from here on, and those they come from. */
function stoppedBy(statement: Statement, shares: ReadonlySet<string>): readonly Value[] {
  if (statement.kind === "stop") return [statement.object, statement.result];
  if (statement.kind !== "call" || !shares.has(statement.callee)) return [];
  return [...statement.arguments, ...(statement.result ? [statement.result] : [])].filter((value) =>
    isReference(value.type),
  );
}

function reachable(aliases: AliasFacts, references: readonly Value[]): ReadonlySet<MemoryClass> {
  const found = new Set<MemoryClass>();
  const enter = (memory: MemoryClass | null): void => {
    if (!memory || found.has(memory)) return;
    found.add(memory);
    for (const key of aliases.keysOf(memory)) enter(aliases.contentsOf(memory, key));
  };
  references.forEach((reference) => enter(aliases.classOf(reference)));
  return found;
}

function writtenMemories(aliases: AliasFacts, statement: Statement): readonly MemoryClass[] {
  switch (statement.kind) {
    case "store":
    case "addTo":
    case "fill":
    case "copy":
    case "push":
    case "pop":
      return [aliases.classOf(statement.object)!];
    case "call":
      return [...memoriesOfCall(aliases, statement)].flatMap(([callee, memory]) => (callee.isWritten ? [memory] : []));
    default:
      return [];
  }
}

/** Functions that stop memory which whoever calls them sees. */
function sharingFunctions(functions: ReadonlyMap<string, IrFunction>): ReadonlySet<string> {
  const found = new Set<string>();
  const shares = (fn: IrFunction): boolean => {
    let aliases: AliasFacts | null = null;
    let isFound = false;
    visitStatements(fn.body, (statement) => {
      const references = stoppedBy(statement, found);
      if (references.length === 0) return;
      aliases ??= aliasClasses(fn);
      isFound ||= [...reachable(aliases, references)].some((memory) => memory.isParameter || memory.escapes);
    });
    return isFound;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const [key, fn] of functions) {
      if (found.has(key) || !shares(fn)) continue;
      found.add(key);
      changed = true;
    }
  }
  return found;
}
