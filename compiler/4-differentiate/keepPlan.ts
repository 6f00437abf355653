/** What the reverse sweep asks for of the forward sweep, where the two meet, and what of it has to be kept. */
import { aliasClasses } from "../3-analyse/aliases.js";
import { finality } from "../3-analyse/finality.js";
import { type IntegerFacts, integers } from "../3-analyse/integers.js";
import { type Nesting, nestingOf } from "../3-analyse/nesting.js";
import { invariant } from "../diagnostics.js";
import type { Block, IrFunction, LoopStatement, RecallStatement, Statement, Value } from "../ir/ir.js";
import { resultsOf, visitStatements } from "../ir/walk.js";
import { type BackCounter, backCounters, boundsRead } from "./countBack.js";
import { decideWhatToKeep, type KeepDecision } from "./keepDecision.js";

export interface PlanOptions {
  readonly keepEverything?: boolean;
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
export interface Plan {
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
  if (!hasRecalls(fn)) return new Set();
  const plan = planKeeping(fn, {});
  const isStored = (value: Value): boolean =>
    plan.routeOf(plan.blockOf(value)).forward.some((step) => step.statement.kind === "loop");
  return new Set([...plan.decision.kept].filter(isStored));
}

export function hasRecalls(fn: IrFunction): boolean {
  let found = false;
  visitStatements(fn.body, (statement) => {
    found ||= statement.kind === "recall";
  });
  return found;
}

export function planKeeping(fn: IrFunction, options: PlanOptions): Plan {
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
