/**
 * What became of the loops of a function: which of them run once for value and derivative, which are run again, which are
 * mirrored, and what stands in the way of the better.
 */
import { aliasClasses } from "./3-analyse/aliases.js";
import { regionState } from "./3-analyse/regionState.js";
import { defaultSnapshots } from "./4-differentiate/snapshotStacks.js";
import { isScalar } from "./ir/types.js";
import { type Dependence, independence } from "./3-analyse/independence.js";
import type { KeptValue } from "./4-differentiate/keep.js";
import { describeValue } from "./ir/describe.js";
import type { IrFunction, LoopStatement, Span, Statement, Value } from "./ir/ir.js";
import { resultsOf, visitStatements } from "./ir/walk.js";

export interface LoopNote {
  readonly span: Span;
  /** How deep it stands in other loops. */
  readonly depth: number;
  readonly how:
    /** No derivative passes through it. */
    | "inactive"
    /** The derivative is computed in the loop itself. */
    | "fused"
    /** The reverse sweep runs the iterations again, and keeps nothing of them. */
    | "runAgain"
    /** The same from snapshots, as the user wishes. */
    | "checkpointed"
    /** The reverse sweep runs it backwards. */
    | "mirrored";
  /** Why not better. */
  readonly reason: string | null;
  /** What is kept in every iteration. */
  readonly keeps: readonly string[];
  /** Of a loop with `@checkpoint`. */
  readonly snapshots: SnapshotNote | null;
}

/** What states are kept of a loop that is run again. */
export interface SnapshotNote {
  /** How many at most; null where as many as there is room for. */
  readonly count: number | null;
  /** The room for all, as the user says. */
  readonly room: number | null;
  /** The counter and the numbers that the loop carries, in each. */
  readonly bytes: number;
  /** The arrays and records that each holds copies of. */
  readonly copies: readonly string[];
}

/** An adjoint as it came into being. */
export interface Stages {
  /** Before anything was improved. */
  readonly differentiated: IrFunction;
  /** Loops and their mirrors are fused. */
  readonly fused: IrFunction | null;
  /** Mirrors run their loops again. */
  readonly rerun: IrFunction | null;
}

/** `source` is the function as it was lowered. */
export function loopNotes(
  source: IrFunction,
  { differentiated, fused, rerun }: Stages,
  kept: readonly KeptValue[],
): readonly LoopNote[] {
  const facts = independence(differentiated, aliasClasses(differentiated));
  const definitions = new Map<Value, Statement>();
  const forward = new Map<string, LoopStatement>();
  visitStatements(differentiated.body, (statement) => {
    for (const result of resultsOf(statement)) definitions.set(result, statement);
    if (statement.kind === "loop" && statement.span && statement.body.mirrors === null)
      if (!forward.has(keyOf(statement.span))) forward.set(keyOf(statement.span), statement);
  });
  const [first, second, third] = [differentiated, fused ?? differentiated, rerun ?? fused ?? differentiated].map(
    mirrored,
  ) as [ReadonlySet<string>, ReadonlySet<string>, ReadonlySet<string>];
  const nameOf = (value: Value): string =>
    describeValue(value, { definitionOf: (of) => definitions.get(of), nameOf: (index) => index.name });
  const why = (loop: LoopStatement | undefined): string | null => {
    const dependence = loop ? facts.whyDependent(loop) : null;
    return dependence ? reasonOf(dependence, nameOf) : "what its adjoint begins with is known only behind it";
  };
  const notes: LoopNote[] = [];
  const seen = new Set<string>();
  visitLoops(source, (loop, depth) => {
    if (!loop.span || seen.has(keyOf(loop.span))) return;
    const key = keyOf(loop.span);
    seen.add(key);
    const keeps = kept.flatMap(({ text, size }) => {
      const innermost = size.factors.findLast(({ span }) => span !== null);
      return size.each > 0 && innermost?.span && keyOf(innermost.span) === key ? [text] : [];
    });
    const note = (how: LoopNote["how"], reason: string | null = null): void =>
      void notes.push({ span: loop.span!, depth, how, reason, keeps, snapshots: snapshotsOf(source, loop) });
    if (loop.checkpoint) note("checkpointed");
    else if (!first.has(key)) note("inactive");
    else if (!second.has(key)) note("fused");
    else if (!third.has(key)) note("runAgain", why(forward.get(key)));
    else note("mirrored", why(forward.get(key)));
  });
  return notes;
}

function snapshotsOf(source: IrFunction, loop: LoopStatement): SnapshotNote | null {
  if (!loop.checkpoint) return null;
  const { snapshots, bytes: room } = loop.checkpoint;
  const facts = { root: source.body, aliases: aliasClasses(source), isSettledAfter: () => true };
  const { carried, changing } = regionState(facts, loop, loop.body);
  const objects = [...carried.map((k) => loop.parameters[k]!), ...changing];
  const names = objects.flatMap(({ name }) => (name === null ? [] : [name]));
  return {
    count: room === null ? (snapshots ?? defaultSnapshots) : null,
    room,
    bytes: 8 * (1 + loop.parameters.filter(({ type }) => isScalar(type)).length),
    copies: [...new Set(names)],
  };
}

function reasonOf(dependence: Dependence, nameOf: (value: Value) => string): string {
  switch (dependence.kind) {
    case "exit":
      return "it may end before its last iteration";
    case "trips":
      return "how often it runs is not known when it begins";
    case "carried":
      return `${nameOf(dependence.value)} goes from one iteration to the next, and not only as a sum`;
    case "written":
      return `${nameOf(dependence.object)} is written where other iterations may read or write it`;
    case "opaque":
      return "something in it may write any memory";
  }
}

function visitLoops(fn: IrFunction, visit: (loop: LoopStatement, depth: number) => void): void {
  const enter = (statements: readonly Statement[], depth: number): void => {
    for (const statement of statements) {
      if (statement.kind === "if") for (const block of [statement.then, statement.else]) enter(block.statements, depth);
      if (statement.kind !== "loop") continue;
      visit(statement, depth);
      enter(statement.body.statements, depth + 1);
    }
  };
  enter(fn.body.statements, 0);
}

/** The loops of the source of which there are mirrors. */
function mirrored(fn: IrFunction): ReadonlySet<string> {
  const found = new Set<string>();
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "loop" && statement.span && statement.body.mirrors !== null)
      found.add(keyOf(statement.span));
  });
  return found;
}

function keyOf({ file, start, end }: Span): string {
  return `${file}:${start}:${end}`;
}
