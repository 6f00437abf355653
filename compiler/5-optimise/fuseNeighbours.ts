/**
 * Neighbouring loops over one range become one loop, where they touch the same memory: it is gone through once, and what
 * both compute is computed once.
 *
 * Needs: a function without recalls. Guarantees: the operations of the primal keep their order in every sum; derivatives that
 * one loop has begun to add up and another goes on with are reordered. Where one of two loops writes what the other
 * touches, both do so at the element of the iteration only.
 *
 * before: loop i < n {aBar[i] += x}; y = f(z); loop i < n {aBar[i] += y}        after: y = f(z); loop i < n {aBar[i] += x; aBar[i] += y}
 */
import { aliasClasses, type AliasFacts } from "../3-analyse/aliases.js";
import { independence, type IndependenceFacts } from "../3-analyse/independence.js";
import { clash, type Touch, touchesOf } from "../3-analyse/touches.js";
import { mayThrow } from "../ir/effects.js";
import { statementsToMove } from "../4-differentiate/fuse.js";
import type { Block, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import {
  countUses,
  definedIn,
  mapBlocks,
  resultsOf,
  substitute,
  visitStatements,
  withBody,
  constantsIn,
} from "../ir/walk.js";

/** A longer loop is read no more easily, and keeps the engine's registers busy. */
const largest = 80;
/** How far up a loop may move. */
const reach = 60;

export function fuseNeighbours(fn: IrFunction): IrFunction {
  const constants = constantsIn(fn.body);
  // In a round a loop takes in one other: what is known of it holds no longer then.
  for (let current = fn; ;) {
    const aliases = aliasClasses(current);
    const body = new Fusing(aliases, independence(current, aliases), constants, countUses(current.body)).inside(
      current.body,
    );
    if (body === current.body) return current;
    current = withBody(current, body);
  }
}

class Fusing {
  constructor(
    private readonly aliases: AliasFacts,
    private readonly facts: IndependenceFacts,
    private readonly constants: ReadonlyMap<Value, number>,
    private readonly uses: ReadonlyMap<Value, number>,
  ) {}

  /** What this round has made. */
  private readonly made = new Set<Statement>();

  inside(block: Block): Block {
    const statements = block.statements.map((statement) => mapBlocks(statement, (nested) => this.inside(nested)));
    const isSame = statements.every((statement, k) => statement === block.statements[k]);
    const fused = this.neighbours(statements);
    return fused === statements && isSame ? block : { ...block, statements: fused };
  }

  private neighbours(given: Statement[]): Statement[] {
    let statements = given;
    for (let second = 1; second < statements.length; second++) {
      const loop = statements[second]!;
      if (loop.kind !== "loop" || !isPlain(loop) || this.made.has(loop)) continue;
      for (let first = second - 1; first >= Math.max(0, second - reach); first--) {
        const before = statements[first]!;
        if (before.kind !== "loop" || this.made.has(before) || !this.isSameRange(before, loop)) continue;
        const next = this.fusedAt(statements, first, second);
        if (!next) continue;
        statements = next;
        break;
      }
    }
    return statements;
  }

  private isSameRange(one: LoopStatement, other: LoopStatement): boolean {
    const isSame = (a: Value | null, b: Value | null): boolean => {
      if (!a || !b) return false;
      const known = this.constants.get(a);
      return a === b || (known !== undefined && known === this.constants.get(b));
    };
    return (
      isPlain(one) &&
      one.step === other.step &&
      one.comparison === other.comparison &&
      isSame(one.lower, other.lower) &&
      isSame(one.upper, other.upper)
    );
  }

  private fusedAt(statements: readonly Statement[], first: number, second: number): Statement[] | null {
    const [loop, later] = [statements[first], statements[second]] as [LoopStatement, LoopStatement];
    if (sizeOf(loop) + sizeOf(later) > largest) return null;
    const between = statements.slice(first + 1, second);
    const definitions = new Map<Value, Statement>();
    for (const statement of between) for (const result of resultsOf(statement)) definitions.set(result, statement);
    const continued = this.continuedSums(loop, later);
    const ofBoth = later.initial.map((value, k) => (continued.has(k) ? loop.initial[continued.get(k)!]! : value));
    const pair = { primal: loop, mirror: { ...later, initial: ofBoth } };
    const moved = statementsToMove({ aliases: this.aliases }, pair, (value) => definitions.get(value));
    if (!moved) return null;
    const staying = between.filter((statement) => !moved.has(statement));
    const [own, others, outside] = [later.body.statements, loop.body.statements, staying].map((some) =>
      touchesOf(this.aliases, some),
    );
    if (!own || !others || !outside) return null;
    // Of two errors the first is thrown.
    if (mayThrow([later]) && mayThrow([loop, ...staying])) return null;
    if (outside.some((other) => own.some((touch) => clash(touch, other)))) return null;
    const made = new Set([...definedIn(loop), ...definedIn(later)]);
    const isFine = (a: Touch, b: Touch): boolean =>
      !clash(a, b) || (isAtCounter(a, loop) && isAtCounter(b, later) && a.object === b.object && !made.has(a.object));
    if (!others.every((a) => own.every((b) => isFine(a, b)))) return null;
    if (!others.some((a) => own.some((b) => a.memory === b.memory && !made.has(a.object)))) return null;
    const fused = together(loop, later, continued);
    this.made.add(fused);
    return [
      ...statements.slice(0, first),
      ...between.filter((statement) => moved.has(statement)),
      fused,
      ...staying,
      ...statements.slice(second + 1),
    ];
  }

  /** Positions of the later loop at which it goes on with a sum of derivatives of the first, and those of the first. */
  private continuedSums(loop: LoopStatement, later: LoopStatement): ReadonlyMap<number, number> {
    const found = new Map<number, number>();
    later.initial.forEach((value, k) => {
      const position = loop.results.indexOf(value);
      if (position < 0 || value.role !== "adjoint" || this.uses.get(value) !== 1) return;
      if (this.facts.isSum(loop, position) && this.facts.isSum(later, k)) found.set(k, position);
    });
    return found;
  }
}

function isPlain(loop: LoopStatement): boolean {
  const last = loop.body.statements.at(-1);
  return loop.upper !== null && !loop.test && !loop.exit && !loop.trips && last?.kind !== "throw";
}

function sizeOf(loop: LoopStatement): number {
  let size = 0;
  visitStatements(loop.body, () => void size++);
  return size;
}

/** It reads or writes the element of the iteration, and no other. */
function isAtCounter({ by, key }: Touch, loop: LoopStatement): boolean {
  return key === "[]" && "key" in by && by.key.kind === "index" && by.key.index === loop.counter;
}

function together(loop: LoopStatement, later: LoopStatement, continued: ReadonlyMap<number, number>): LoopStatement {
  const names = new Map<Value, Value>([[later.counter, loop.counter]]);
  for (const [k, position] of continued) names.set(later.parameters[k]!, loop.body.yields[position]!);
  const body = substitute(later.body, (value) => names.get(value) ?? value);
  const isNew = (_: unknown, k: number): boolean => !continued.has(k);
  const instead = new Map([...continued].map(([k, position]) => [position, k]));
  const gone = (own: readonly Value[], theirs: readonly Value[]): readonly Value[] =>
    own.map((value, position) => (instead.has(position) ? theirs[instead.get(position)!]! : value));
  return {
    ...loop,
    parameters: [...loop.parameters, ...later.parameters.filter(isNew)],
    initial: [...loop.initial, ...later.initial.filter(isNew)],
    results: [...gone(loop.results, later.results), ...later.results.filter(isNew)],
    body: {
      ...loop.body,
      mirrors: null,
      statements: [...loop.body.statements, ...body.statements],
      yields: [...gone(loop.body.yields, body.yields), ...body.yields.filter(isNew)],
    },
  };
}
