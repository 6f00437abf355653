/**
 * Keeping: makes every recalled value available to the reverse sweep, so that no `recall` remains.
 *
 * Needs: the adjoint's output (forward and reverse statements in one block, mirrors named). Guarantees: recall-free IR
 * with the same meaning; storage of known size is allocated once before the loop, other storage grows; a value kept
 * under a branch outside loops is one more result of the branch.
 *
 * before: loop k {x' = f x} … loop k {x = recall x; …}
 * after:  xKept = allocate n; loop k {xKept[k] = x; x' = f x} … loop k {x = xKept[k]; …}
 */
import { aliasClasses } from "../3-analyse/aliases.js";
import { finality } from "../3-analyse/finality.js";
import { type IntegerFacts, integers } from "../3-analyse/integers.js";
import { type Nesting, nestingOf } from "../3-analyse/nesting.js";
import { invariant } from "../diagnostics.js";
import { copyOfValue } from "../ir/build.js";
import { Edits } from "../ir/edit.js";
import type { Block, IrFunction, LoopStatement, RecallStatement, Statement, Value } from "../ir/ir.js";
import { mapOperands, resultsOf, substitute, visitStatements, withBody } from "../ir/walk.js";
import { type BackCounter, backCounters, boundsRead, countBack, neededFor } from "./countBack.js";
import { decideWhatToKeep, type KeepDecision } from "./keepDecision.js";
import { type KeptPlace, planStorage } from "./keepStorage.js";

export interface KeepOptions {
  readonly keepEverything?: boolean;
}

/** What `explain` says of one kept value. */
export interface KeptValue {
  readonly value: Value;
  readonly place: KeptPlace["kind"];
  /** Why it is kept and not computed again. */
  readonly reason: string;
}

export interface KeepResult {
  readonly fn: IrFunction;
  readonly kept: readonly KeptValue[];
}

/** Where a primal block and its mirror meet: the block that holds both the forward and the reverse statement. */
export interface Route {
  /** The common ancestor. */
  readonly root: Block;
  /** From the root inwards: the statement and the block entered, forward and mirrored. */
  readonly forward: readonly { statement: Statement; block: Block }[];
  readonly reverse: readonly { statement: Statement; block: Block }[];
}

/** What the reverse sweep asks for, where that is made and mirrored, and what of it is kept. */
interface Plan {
  readonly recalls: readonly RecallStatement[];
  readonly definitions: ReadonlyMap<Value, Statement>;
  /** Loops and branches included. */
  readonly makers: ReadonlyMap<Value, Statement>;
  readonly mirrors: ReadonlyMap<number, Block>;
  readonly nesting: Nesting;
  routeOf(block: Block): Route;
  blockOf(value: Value): Block;
  isInScope(value: Value): boolean;
  readonly integers: IntegerFacts;
  readonly counters: readonly BackCounter[];
  readonly decision: KeepDecision;
}

/** The values that would be put into storage. */
export function storedValues(fn: IrFunction): ReadonlySet<Value> {
  const plan = planKeeping(fn, {});
  const isStored = (value: Value): boolean =>
    plan.routeOf(plan.blockOf(value)).forward.some((step) => step.statement.kind === "loop");
  return new Set([...plan.decision.kept].filter(isStored));
}

function planKeeping(fn: IrFunction, options: KeepOptions): Plan {
  const recalls: RecallStatement[] = [];
  const definitions = new Map<Value, Statement>();
  /** Loops and branches included. */
  const makers = new Map<Value, Statement>();
  const mirrors = new Map<number, Block>();
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "recall") recalls.push(statement);
    for (const result of resultsOf(statement)) makers.set(result, statement);
    if (statement.kind !== "if" && statement.kind !== "loop")
      for (const result of resultsOf(statement)) definitions.set(result, statement);
    if (statement.kind === "if")
      for (const block of [statement.then, statement.else])
        if (block.mirrors !== null) mirrors.set(block.mirrors, block);
    if (statement.kind === "loop" && statement.body.mirrors !== null)
      mirrors.set(statement.body.mirrors, statement.body);
  });
  const nesting = nestingOf(
    fn.body,
    fn.parameters.map((parameter) => parameter.value),
  );
  const routes = new Map<Block, Route>();
  const routeOf = (block: Block): Route => {
    let route = routes.get(block);
    if (!route) routes.set(block, (route = findRoute(nesting, block, mirrors.get(block.id)!)));
    return route;
  };
  const blockOf = (value: Value): Block => nesting.blockOf(value) ?? fn.body;
  const isCounter = (value: Value): boolean => {
    const owner = nesting.ownerOf(blockOf(value))?.statement;
    return owner?.kind === "loop" && owner.counter === value;
  };
  const isInScope = (value: Value): boolean => {
    const block = blockOf(value);
    return block === fn.body || !mirrors.has(block.id);
  };
  const integerFacts = integers(fn);
  const counters = options.keepEverything
    ? []
    : backCounters(mirroredLoops(fn.body, mirrors, nesting), {
        integers: integerFacts,
        nesting,
        definitionOf: (value) => makers.get(value),
        isInScope,
      });
  const countedBack = new Set(counters.flatMap(({ parameter, last }) => [parameter, last]));
  const isFree = (value: Value): boolean => isInScope(value) || isCounter(value) || countedBack.has(value);
  const decision = decideWhatToKeep({
    recalled: [...recalls.map((recall) => recall.value), ...boundsRead(counters)],
    isFree,
    definitionOf: (value) => definitions.get(value) ?? null,
    needsStorage: (value) => routeOf(blockOf(value)).forward.some((step) => step.statement.kind === "loop"),
    nesting,
    finality: finality(fn, aliasClasses(fn)),
    keepEverything: options.keepEverything ?? false,
  });
  return {
    recalls,
    definitions,
    makers,
    mirrors,
    nesting,
    routeOf,
    blockOf,
    isInScope,
    integers: integerFacts,
    counters,
    decision,
  };
}

export function keep(fn: IrFunction, options: KeepOptions = {}): KeepResult {
  const plan = planKeeping(fn, options);
  const { recalls, definitions, makers, mirrors, nesting, routeOf, blockOf, isInScope, counters, decision } = plan;
  if (recalls.length === 0) return { fn, kept: [] };
  const integerFacts = plan.integers;
  const edits = new Edits();
  const available = new Map<Value, Value>();
  for (const [id, mirror] of mirrors) {
    const owner = nesting.ownerOf(mirror)!.statement;
    if (owner.kind !== "loop") continue;
    const primal = findBlock(fn.body, id);
    const primalOwner = primal && nesting.ownerOf(primal)?.statement;
    if (primalOwner?.kind === "loop") available.set(primalOwner.counter, owner.counter);
  }
  const recallOf = new Map<Value, Value>(recalls.map((recall) => [recall.value, recall.result]));
  const standIn = (value: Value): Value => {
    let inMirror = available.get(value);
    if (!inMirror) {
      if (isInScope(value)) return value;
      inMirror = recallOf.get(value) ?? copyOfValue(value);
      available.set(value, inMirror);
    }
    return inMirror;
  };
  const counted = new Map<Block, CountedBlock>();
  for (const counter of counters) {
    const { loop, parameter, last, result } = counter;
    available.set(last, counter.carried);
    const { statements, value } = countBack(edits, counter, standIn(result), standIn, integerFacts);
    available.set(parameter, value);
    const before = counted.get(loop.body) ?? { statements: [], first: new Set<Statement>() };
    const bounds = neededFor(boundsRead([counter]), loop.body, (of) => definitions.get(of));
    counted.set(loop.body, {
      statements: [...before.statements, ...statements],
      first: new Set([...before.first, ...bounds]),
    });
  }
  const replaced = new Map<Value, Value>();
  for (const recall of recalls) {
    edits.drop(recall);
    const target = standIn(recall.value);
    if (target !== recall.result) replaced.set(recall.result, target);
  }

  const byBlock = new Map<Block, Value[]>();
  for (const value of [...decision.kept].sort((a, b) => a.id - b.id)) {
    const block = blockOf(value);
    byBlock.set(block, [...(byBlock.get(block) ?? []), value]);
  }
  const kept: KeptValue[] = [];
  const facts = {
    integers: integerFacts,
    nesting,
    root: fn.body,
    definitionOf: (value: Value) => definitions.get(value),
  };
  for (const [block, values] of byBlock) {
    const place = planStorage(edits, routeOf(block), block, values, standIn, facts);
    if (place.kind === "result") place.substitutions.forEach((target, value) => replaced.set(standIn(value), target));
    for (const value of values) kept.push({ value, place: place.kind, reason: reasonFor(makers.get(value)) });
  }
  repeatInMirrors(fn.body, {
    recomputed: decision.recomputed,
    counted,
    mirrorOf: (block) => mirrors.get(block.id)!,
    standIn,
    edits,
  });
  const body = edits.apply(fn.body);
  const resolve = (value: Value): Value => {
    const target = replaced.get(value);
    return target ? resolve(target) : value;
  };
  return { fn: withBody(fn, substitute(body, resolve)), kept };
}

/** What stands in the way of computing a value again. */
function reasonFor(statement: Statement | undefined): string {
  switch (statement?.kind) {
    case undefined:
      return "it is carried from one iteration to the next";
    case "load":
    case "length":
      return "it is read from memory that may be written later, or cheaper to keep than what leads to it";
    case "apply":
      return "computing it again would cost more";
    case "if":
    case "loop":
      return "it is the result of a branch or a loop";
    case "call":
      return "it is what a called function keeps";
    default:
      return "it cannot be made again";
  }
}

/** How a block's counters are made in its mirror. */
interface CountedBlock {
  readonly statements: readonly Statement[];
  /** The block's statements that this reads the results of. */
  readonly first: ReadonlySet<Statement>;
}

interface Repeating {
  readonly recomputed: ReadonlySet<Value>;
  readonly counted: ReadonlyMap<Block, CountedBlock>;
  readonly mirrorOf: (block: Block) => Block;
  readonly standIn: (value: Value) => Value;
  readonly edits: Edits;
}

/**
 * At the top of the mirrors: counters that are counted back, and the definitions of recomputed values again, in their
 * order.
 */
function repeatInMirrors(block: Block, repeating: Repeating): void {
  const { recomputed, counted, mirrorOf, standIn, edits } = repeating;
  const own = counted.get(block);
  const first: Statement[] = [];
  const rest: Statement[] = [];
  for (const statement of block.statements) {
    if ("result" in statement && statement.result && recomputed.has(statement.result)) {
      const again = { ...mapOperands(statement, standIn), result: standIn(statement.result) } as Statement;
      (own?.first.has(statement) ? first : rest).push(again);
    }
    if (statement.kind === "if")
      for (const nested of [statement.then, statement.else]) repeatInMirrors(nested, repeating);
    if (statement.kind === "loop") repeatInMirrors(statement.body, repeating);
  }
  const repeated = [...first, ...(own?.statements ?? []), ...rest];
  if (repeated.length > 0) edits.atTop(mirrorOf(block), repeated);
}

/** The loops whose bodies have mirrors that are bodies of loops, outer ones first. */
function mirroredLoops(
  body: Block,
  mirrors: ReadonlyMap<number, Block>,
  nesting: Nesting,
): readonly { readonly loop: LoopStatement; readonly mirror: LoopStatement }[] {
  const found: { loop: LoopStatement; mirror: LoopStatement }[] = [];
  visitStatements(body, (loop) => {
    const block = loop.kind === "loop" ? mirrors.get(loop.body.id) : undefined;
    const mirror = block && nesting.ownerOf(block)?.statement;
    if (loop.kind === "loop" && mirror?.kind === "loop") found.push({ loop, mirror });
  });
  return found;
}

function findBlock(root: Block, id: number): Block | null {
  for (const statement of root.statements) {
    const nested =
      statement.kind === "if" ? [statement.then, statement.else] : statement.kind === "loop" ? [statement.body] : [];
    for (const block of nested) {
      if (block.id === id) return block;
      const found = findBlock(block, id);
      if (found) return found;
    }
  }
  return null;
}

function findRoute(nesting: Nesting, block: Block, mirror: Block): Route {
  const forward: { statement: Statement; block: Block }[] = [];
  const reverse: { statement: Statement; block: Block }[] = [];
  let primal = block;
  let mirrored = mirror;
  for (;;) {
    invariant(mirrored.mirrors === primal.id, "a mirror block does not follow its primal");
    const primalOwner = nesting.ownerOf(primal)!;
    const mirrorOwner = nesting.ownerOf(mirrored)!;
    forward.unshift({ statement: primalOwner.statement, block: primal });
    reverse.unshift({ statement: mirrorOwner.statement, block: mirrored });
    if (primalOwner.parent === mirrorOwner.parent) return { root: primalOwner.parent, forward, reverse };
    primal = primalOwner.parent;
    mirrored = mirrorOwner.parent;
  }
}
