/**
 * Where each iteration of a loop replaces an array by one that it makes (`state = step(state)`), the reverse sweep carries
 * two shadows, that of the array after the iteration and that of the one before, and no other is made or kept.
 *
 * Needs: an adjoint with recalls. Guarantees: the same derivatives. The shadow that is made in the iteration is carried
 * to the next and has no other name, so that nothing reaches it but the mirrored loop and what follows the loop.
 *
 * before: r = loop (s = s0) {n = zeros; yield n}; … r …; mirror {… recall n … recall s …}; … s0 …
 * after: loop {}; r = zeros; … r …; e = mirror (n = r, s = zeros) {… n … s …; fill n, 0; yield s, n}; … e …
 */
import { pathsOf, type Step } from "../3-analyse/executionPaths.js";
import { BlockBuilder, newValue, type ValueOptions } from "../ir/build.js";
import { Edits } from "../ir/edit.js";
import type { Block, IrFunction, LoopStatement, RecallStatement, Statement, Value } from "../ir/ir.js";
import { isFloatArray } from "../ir/types.js";
import { blocksOf, mapBlocks, operandsOf, resultsOf, substitute, visitStatements, withBody } from "../ir/walk.js";
import { addInto } from "./addInto.js";
import { lengthOf } from "./adjointMemory.js";

export function carryShadows(fn: IrFunction): IrFunction {
  for (let current = fn; ;) {
    const changed = new Search(current.body).change();
    if (!changed) return current;
    current = withBody(current, changed);
  }
}

/** A loop and its mirror, and the blocks that they stand in. */
interface Pair {
  readonly loop: LoopStatement;
  readonly block: Block;
  readonly mirror: LoopStatement;
  readonly mirrorBlock: Block;
}

/** A shadow that the loop carries. */
interface Carried {
  readonly position: number;
  /** Of the array that it is the shadow of, or one as long. */
  readonly partner: number;
  /** All of the arrays are equally long. */
  readonly keepsLength: boolean;
  /** Nothing names the first shadow before the mirrored loop. */
  readonly isFirstFree: boolean;
}

/** A statement that reads a value, or the owner of a block that yields it. */
interface Use {
  readonly statement: Statement | null;
  readonly isYield: boolean;
}

class Search {
  private readonly uses = new Map<Value, Use[]>();
  private readonly definitions = new Map<Value, Statement>();
  private readonly paths: ReadonlyMap<Statement, readonly Step[]>;

  constructor(private readonly body: Block) {
    this.paths = pathsOf(body);
    this.collect(body, null);
  }

  private collect(block: Block, owner: Statement | null): void {
    const use = (value: Value, statement: Statement | null, isYield: boolean): void => {
      const known = this.uses.get(value);
      if (known) known.push({ statement, isYield });
      else this.uses.set(value, [{ statement, isYield }]);
    };
    for (const statement of block.statements) {
      operandsOf(statement).forEach((value) => use(value, statement, false));
      for (const result of resultsOf(statement)) this.definitions.set(result, statement);
      for (const nested of blocksOf(statement)) this.collect(nested, statement);
    }
    for (const value of block.yields) use(value, owner, true);
  }

  change(): Block | null {
    const loops: LoopStatement[] = [];
    visitStatements(this.body, (statement) => statement.kind === "loop" && loops.push(statement));
    for (const loop of loops) {
      const mirrors = loops.filter((one) => one.body.mirrors === loop.body.id);
      const [mirror] = mirrors;
      if (mirrors.length !== 1 || !mirror || loop.checkpoint || loop.parameters.length === 0) continue;
      const [block, mirrorBlock] = [loop, mirror].map((one) => this.paths.get(one)!.at(-1)!.block) as [Block, Block];
      if (mirrorBlock !== block && mirrorBlock.mirrors !== block.id) continue;
      const pair: Pair = { loop, block, mirror, mirrorBlock };
      const found = loop.parameters.flatMap((_, position) => this.carriedAt(pair, position) ?? []);
      if (found.length > 0) return this.rewritten(pair, found);
    }
    return null;
  }

  private carriedAt(pair: Pair, position: number): Carried | null {
    const { loop } = pair;
    const [shadow, next] = [loop.parameters[position]!, loop.body.yields[position]!];
    const [first, last] = [loop.initial[position]!, loop.results[position]!];
    if (shadow.role !== "adjoint" || !isFloatArray(shadow.type)) return null;
    const made = loop.body.statements.find((one) => "result" in one && one.result === next);
    if (!made || !this.isZeros(made)) return null;
    const isOnlyRecalled = (value: Value, yields: number): boolean => {
      const uses = this.uses.get(value) ?? [];
      const others = uses.filter((use) => !(use.isYield && use.statement === loop));
      return (
        uses.length - others.length === yields &&
        others.every(({ statement }) => statement?.kind === "recall" && this.isInside(statement, pair.mirror.body))
      );
    };
    if (!isOnlyRecalled(shadow, 0) || !isOnlyRecalled(next, 1)) return null;
    if (!this.usesOf(last).every((use) => this.isBeforeMirror(pair, use))) return null;
    const partner = loop.parameters.findIndex((_, k) => this.isPartner(loop, k, made, first));
    if (partner < 0) return null;
    const keepsLength = this.keepsLength(loop, partner, first);
    return { position, partner, keepsLength, isFirstFree: this.isFree(pair, first) };
  }

  private isZeros(statement: Statement): statement is Statement & { kind: "allocate" | "zerosLike" } {
    return (
      (statement.kind === "allocate" && !statement.fill) || (statement.kind === "zerosLike" && !statement.keepsIdentity)
    );
  }

  private isInside(statement: Statement, block: Block): boolean {
    return this.paths.get(statement)!.some((step) => step.block === block);
  }

  /** What reads the value, or what is recalled of it. */
  private usesOf(value: Value): readonly Use[] {
    return (this.uses.get(value) ?? []).flatMap((use) =>
      use.statement?.kind === "recall" ? (this.uses.get(use.statement.result) ?? []) : [use],
    );
  }

  /** Where a statement stands in the block, or one around it. */
  private indexIn(block: Block, statement: Statement): number | null {
    return this.paths.get(statement)!.find((step) => step.block === block)?.index ?? null;
  }

  private isBeforeMirror({ mirror, mirrorBlock }: Pair, { statement, isYield }: Use): boolean {
    if (!statement || isYield) return false;
    const at = this.indexIn(mirrorBlock, statement);
    return at !== null && at < this.indexIn(mirrorBlock, mirror)!;
  }

  /** The loop carries an array that is as long as the shadow, from the first to the last. */
  private isPartner(
    loop: LoopStatement,
    k: number,
    made: Statement & { kind: "allocate" | "zerosLike" },
    first: Value,
  ): boolean {
    const [parameter, next] = [loop.parameters[k]!, loop.body.yields[k]!];
    if (parameter.role === "adjoint" || parameter.type.kind !== "typedArray") return false;
    const definition = loop.body.statements.find((one) => "result" in one && one.result === next);
    if (definition?.kind !== "allocate") return false;
    const isAsLong = made.kind === "zerosLike" ? made.object === next : made.length === definition.length;
    return isAsLong && this.lengthKey(first) === this.lengthKey(loop.initial[k]!);
  }

  /** Equal for arrays that are known to be equally long. */
  private lengthKey(array: Value): string {
    const definition = this.definitions.get(array);
    if (definition?.kind === "zerosLike") return this.lengthKey(definition.object);
    if (definition?.kind !== "allocate") return `length ${array.id}`;
    return this.sizeKey(definition.length);
  }

  private sizeKey(size: Value): string {
    const definition = this.definitions.get(size);
    const isFixed = definition?.kind === "length" && definition.object.type.kind === "typedArray";
    return isFixed ? this.lengthKey(definition.object) : `size ${size.id}`;
  }

  /** What an iteration makes is as long as what it was given. */
  private keepsLength(loop: LoopStatement, partner: number, first: Value): boolean {
    const sizeOf = (k: number): Value | null => {
      const definition = this.definitions.get(loop.body.yields[k]!);
      return definition?.kind === "allocate" ? definition.length : null;
    };
    const size = sizeOf(partner)!;
    const definition = this.definitions.get(size);
    const from = definition?.kind === "length" ? loop.parameters.indexOf(definition.object) : -1;
    if (from >= 0) return sizeOf(from) === size && this.lengthKey(loop.initial[from]!) === this.lengthKey(first);
    return !(definition && this.isInside(definition, loop.body)) && this.sizeKey(size) === this.lengthKey(first);
  }

  /** The first shadow is made for the loop, and named again only after the mirrored one. */
  private isFree({ loop, block, mirror, mirrorBlock }: Pair, first: Value): boolean {
    const made = this.definitions.get(first);
    if (!made || !this.isZeros(made) || this.paths.get(made)!.at(-1)!.block !== block) return false;
    const uses = this.usesOf(first);
    const others = uses.filter((use) => use.statement !== loop || use.isYield);
    if (uses.length - others.length !== 1) return false;
    const after = this.indexIn(mirrorBlock, mirror)!;
    return others.every(({ statement, isYield }) => {
      if (!statement) return block === this.body;
      if (isYield && blocksOf(statement).includes(mirrorBlock)) return true;
      const at = this.indexIn(mirrorBlock, statement);
      return at !== null && at > after;
    });
  }

  private rewritten(pair: Pair, all: readonly Carried[]): Block {
    const edits = new Edits();
    const names = new Map<Value, Value>();
    const gone = new Set(all.map((one) => one.position));
    const staying = pair.loop.initial.filter((_, k) => !gone.has(k));
    const shared = all.filter((one) => !one.isFirstFree).map(({ position }) => pair.loop.initial[position]!);
    for (const first of new Set(shared)) if (!staying.includes(first)) this.makeLater(pair, first, edits);
    for (const carried of all) this.carry(pair, carried, edits, names);
    const without = withoutCarried(edits.apply(this.body), pair.loop.counter, gone);
    return substitute(without, (value) => names.get(value) ?? value);
  }

  private carry(pair: Pair, carried: Carried, edits: Edits, names: Map<Value, Value>): void {
    const { loop, block, mirror, mirrorBlock } = pair;
    const { position, partner, keepsLength } = carried;
    const [shadow, next] = [loop.parameters[position]!, loop.body.yields[position]!];
    const first = loop.initial[position]!;
    const options: ValueOptions = { name: shadow.name, role: "adjoint", span: shadow.span };
    const fresh = (): Value => newValue(shadow.type, options);
    edits.drop(this.definitions.get(next)!);

    const before = new BlockBuilder(mirror.span);
    const initial = this.madeAfter(pair, carried, edits, names);
    const [held, end] = [fresh(), fresh()];
    edits.carry(mirror, held, initial, end);
    const recalled = this.recallsOf(next);
    for (const recall of recalled) {
      edits.drop(recall);
      names.set(recall.result, held);
    }
    let previous: Value;
    if (keepsLength) {
      const spare = fresh();
      before.add({ kind: "allocate", result: spare, length: lengthOf(before, initial), fill: null, span: mirror.span });
      previous = fresh();
      edits.carry(mirror, previous, spare, fresh());
      const clear = new BlockBuilder(mirror.span);
      clear.add({ kind: "fill", object: held, value: clear.constant(0), start: null, end: null, span: mirror.span });
      edits.atEnd(mirror.body, clear.statements);
      edits.yieldAlso(mirror.body, previous);
      edits.yieldAlso(mirror.body, held);
    } else {
      const size = this.lengthIn(loop, partner, edits);
      const top = new BlockBuilder(mirror.span);
      const here = newValue(size.type, { name: size.name, span: size.span });
      top.add({ kind: "recall", result: here, value: size, span: mirror.span });
      previous = fresh();
      top.add({ kind: "allocate", result: previous, length: here, fill: null, span: mirror.span });
      edits.atTop(mirror.body, top.statements);
      edits.yieldAlso(mirror.body, previous);
    }
    for (const recall of this.recallsOf(shadow)) {
      edits.drop(recall);
      names.set(recall.result, previous);
    }
    edits.beforeStatement(mirror, before.statements);

    if (carried.isFirstFree) {
      edits.drop(this.definitions.get(first)!);
      names.set(first, end);
      for (const recall of this.recallsOf(first)) {
        edits.drop(recall);
        names.set(recall.result, end);
      }
      return;
    }
    const into = new BlockBuilder(mirror.span);
    let target = first;
    if (mirrorBlock !== block) {
      target = newValue(first.type, options);
      into.add({ kind: "recall", result: target, value: first, span: mirror.span });
    }
    addInto(into, target, end, first.type, mirror.span);
    insertAfter(edits, mirrorBlock, mirror, into.statements);
  }

  /** What is made in the block is made where it is read first. */
  private makeLater({ loop, block, mirror, mirrorBlock }: Pair, first: Value, edits: Edits): void {
    const made = this.definitions.get(first);
    if (!made || block !== mirrorBlock || !this.isZeros(made) || this.paths.get(made)!.at(-1)!.block !== block) return;
    const others = (this.uses.get(first) ?? []).filter((use) => use.statement !== loop || use.isYield);
    const at = others.map(({ statement }) => statement && this.indexIn(block, statement));
    const from = Math.min(this.indexIn(block, mirror)!, ...at.map((index) => index ?? Infinity));
    if (from < this.indexIn(block, loop)!) return;
    edits.drop(made);
    edits.beforeStatement(block.statements[from]!, [made]);
  }

  /** The shadow after the loop, made where it is read first. */
  private madeAfter(pair: Pair, { position, partner }: Carried, edits: Edits, names: Map<Value, Value>): Value {
    const { loop, block, mirrorBlock } = pair;
    const [last, array] = [loop.results[position]!, loop.results[partner]!];
    const result = newValue(last.type, { name: last.name, role: "adjoint", span: last.span });
    const making = new BlockBuilder(loop.span);
    let length: Value;
    if (mirrorBlock === block) length = lengthOf(making, array);
    else {
      const measuring = new BlockBuilder(loop.span);
      const size = lengthOf(measuring, array);
      insertAfter(edits, block, loop, measuring.statements);
      length = newValue(size.type);
      making.add({ kind: "recall", result: length, value: size, span: loop.span });
    }
    making.add({ kind: "allocate", result, length, fill: null, span: loop.span });
    edits.beforeStatement(this.firstUse(pair, last), making.statements);
    names.set(last, result);
    for (const recall of this.recallsOf(last)) {
      edits.drop(recall);
      names.set(recall.result, result);
    }
    return result;
  }

  private recallsOf(value: Value): readonly RecallStatement[] {
    return (this.uses.get(value) ?? []).flatMap(({ statement }) => (statement?.kind === "recall" ? [statement] : []));
  }

  /** The first statement of the mirrored loop's block that names the value, or the loop. */
  private firstUse({ mirror, mirrorBlock }: Pair, value: Value): Statement {
    const at = this.usesOf(value).map(({ statement }) => this.indexIn(mirrorBlock, statement!)!);
    return mirrorBlock.statements[Math.min(this.indexIn(mirrorBlock, mirror)!, ...at)]!;
  }

  private lengthIn(loop: LoopStatement, position: number, edits: Edits): Value {
    const array = loop.parameters[position]!;
    const known = loop.body.statements.find((one) => one.kind === "length" && one.object === array);
    if (known?.kind === "length") return known.result;
    const top = new BlockBuilder(loop.span);
    const size = lengthOf(top, array);
    edits.atTop(loop.body, top.statements);
    return size;
  }
}

function insertAfter(edits: Edits, block: Block, statement: Statement, inserted: readonly Statement[]): void {
  const next = block.statements[block.statements.indexOf(statement) + 1];
  if (next) edits.beforeStatement(next, inserted);
  else edits.atEnd(block, inserted);
}

function withoutCarried(block: Block, counter: Value, gone: ReadonlySet<number>): Block {
  const kept = <T>(values: readonly T[]): readonly T[] => values.filter((_, k) => !gone.has(k));
  const statements = block.statements.map((statement): Statement => {
    const inside = mapBlocks(statement, (nested) => withoutCarried(nested, counter, gone));
    if (inside.kind !== "loop" || inside.counter !== counter) return inside;
    return {
      ...inside,
      parameters: kept(inside.parameters),
      initial: kept(inside.initial),
      results: kept(inside.results),
      body: { ...inside.body, yields: kept(inside.body.yields) },
    };
  });
  return { ...block, statements };
}
