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
import { copyOfValue } from "../ir/build.js";
import { Edits } from "../ir/edit.js";
import type { Block, IrFunction, Statement, Value } from "../ir/ir.js";
import { mapOperands, substitute, withBody } from "../ir/walk.js";
import { boundsRead, countBack, neededFor } from "./countBack.js";
import { type KeptSize, keptSize, keptText } from "./keptSize.js";
import { hasRecalls, planKeeping, type PlanOptions } from "./keepPlan.js";
import { type KeptPlace, planStorage } from "./keepStorage.js";

/** What `explain` says of one kept value. */
export interface KeptValue {
  readonly value: Value;
  /** Its name, or what it is in terms of the source. */
  readonly text: string;
  readonly place: KeptPlace["kind"];
  readonly size: KeptSize;
  /** Why it is kept and not computed again. */
  readonly reason: string;
}

export interface KeepResult {
  readonly fn: IrFunction;
  readonly kept: readonly KeptValue[];
}

export function keep(fn: IrFunction, options: PlanOptions = {}): KeepResult {
  if (!hasRecalls(fn)) return { fn, kept: [] };
  const plan = planKeeping(fn, options);
  const { recalls, definitions, makers, mirrors, nesting, routeOf, blockOf, isInScope, counters, decision } = plan;
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
    for (const value of values) {
      const definitionOf = (of: Value): Statement | undefined => definitions.get(of);
      const size = keptSize(value, routeOf(block), definitionOf);
      const text = keptText(value, definitionOf);
      kept.push({ value, text, place: place.kind, size, reason: reasonFor(makers.get(value)) });
    }
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
