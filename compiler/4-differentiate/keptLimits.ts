/**
 * `@noKept` and `@maxKept`: what the adjoint may keep in storage. Where a budget would be passed, or may be, loops are run
 * again from as many snapshots as it allows.
 */
import type { Diagnostic } from "../diagnostics.js";
import type { Block, IrFunction, KeptLimit, LoopStatement, Span } from "../ir/ir.js";
import { mapBlocks, visitStatements, withBody } from "../ir/walk.js";
import type { KeptValue } from "./keep.js";

interface Limited {
  readonly limit: KeptLimit;
  /** Null for the whole function. */
  readonly loop: LoopStatement | null;
}

export function hasLimits(fn: IrFunction): boolean {
  return limitedIn(fn).length > 0;
}

function limitedIn(fn: IrFunction): readonly Limited[] {
  const found: Limited[] = fn.limit ? [{ limit: fn.limit, loop: null }] : [];
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "loop" && statement.limit) found.push({ limit: statement.limit, loop: statement });
  });
  return found;
}

/** What is kept in storage, in the loop where one is given, or in those below it. */
function storedIn({ loop }: Limited, kept: readonly KeptValue[]): readonly KeptValue[] {
  const isMeant = loop ? isKeptIn(loop) : () => true;
  return kept.filter((value) => value.size.each > 0 && isMeant(value));
}

function isKeptIn(loop: LoopStatement): (value: KeptValue) => boolean {
  const spans = [loop.span];
  visitStatements(loop.body, (statement) => {
    if (statement.kind === "loop") spans.push(statement.span);
  });
  return ({ size }) => size.factors.some(({ span }) => spans.some((one) => isSameSpan(one, span)));
}

/** At least so many bytes; Infinity where only run time knows. */
function bytesAtMost({ size }: KeptValue): number {
  return size.factors.reduce((product, { known }) => product * (known ?? Infinity), size.each);
}

/** The function with snapshots in the loops of which a budget asks it; the same where none does. */
export function withinLimits(fn: IrFunction, kept: readonly KeptValue[]): IrFunction {
  const budgets = new Map<LoopStatement, number>();
  for (const limited of limitedIn(fn)) {
    const { bytes } = limited.limit;
    const stored = storedIn(limited, kept);
    const sum = stored.reduce((total, value) => total + bytesAtMost(value), 0);
    if (bytes === 0 || sum <= bytes) continue;
    const loops = limited.loop ? [limited.loop] : outermostLoops(fn.body, stored);
    for (const loop of loops) budgets.set(loop, Math.min(budgets.get(loop) ?? Infinity, bytes / loops.length));
  }
  return budgets.size === 0 ? fn : withBody(fn, withBudgets(fn.body, budgets));
}

function outermostLoops(body: Block, stored: readonly KeptValue[]): readonly LoopStatement[] {
  const found = new Set<LoopStatement>();
  const enter = (block: Block): void => {
    for (const statement of block.statements) {
      if (statement.kind === "if") [statement.then, statement.else].forEach(enter);
      if (statement.kind !== "loop") continue;
      if (stored.some(isKeptIn(statement))) found.add(statement);
      else enter(statement.body);
    }
  };
  enter(body);
  return [...found];
}

function withBudgets(block: Block, budgets: ReadonlyMap<LoopStatement, number>): Block {
  const statements = block.statements.map((statement) => {
    const budget = statement.kind === "loop" ? budgets.get(statement) : undefined;
    const inside = mapBlocks(statement, (nested) => withBudgets(nested, budgets));
    if (budget === undefined || inside.kind !== "loop" || inside.checkpoint) return inside;
    return { ...inside, checkpoint: { snapshots: null, bytes: budget } };
  });
  return statements.every((statement, k) => statement === block.statements[k]) ? block : { ...block, statements };
}

function isSameSpan(a: Span | null, b: Span | null): boolean {
  return a !== null && b !== null && a.file === b.file && a.start === b.start && a.end === b.end;
}

/** What is kept against the user's word; of a budget, as far as that is known beforehand. */
export function limitProblems(fn: IrFunction, kept: readonly KeptValue[], fallback: Span): readonly Diagnostic[] {
  return limitedIn(fn).flatMap((limited): Diagnostic[] => {
    const { limit } = limited;
    const stored = storedIn(limited, kept);
    if (limit.bytes === 0)
      return stored
        .slice(0, 1)
        .map((value) =>
          problem(value, fallback, `it may keep nothing (${limit.written})`, "Leave the directive out, or rewrite"),
        );
    const known = stored.filter((value) => Number.isFinite(bytesAtMost(value)));
    const sum = known.reduce((total, value) => total + bytesAtMost(value), 0);
    if (sum <= limit.bytes) return [];
    const largest = known.reduce((a, b) => (bytesAtMost(b) > bytesAtMost(a) ? b : a));
    return [
      problem(largest, fallback, `${sum} bytes are more than allowed (${limit.written})`, "Allow for more, or rewrite"),
    ];
  });
}

function problem({ value, text, reason }: KeptValue, fallback: Span, against: string, advice: string): Diagnostic {
  return {
    code: "keptLimit",
    severity: "error",
    span: value.span ?? fallback,
    message: `The adjoint keeps ${text} for the reverse sweep, since ${reason}; ${against}.`,
    suggestion: `${advice} the loop so that the value can be computed again.`,
  };
}
