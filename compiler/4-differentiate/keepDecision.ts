/**
 * What to keep: for every primal value that the reverse sweep asks for, whether it is kept when it is made or computed
 * again, as a minimum cut (CORE K1, K2). Deterministic.
 */
import type { FinalityFacts } from "../3-analyse/finality.js";
import type { Nesting } from "../3-analyse/nesting.js";
import { costOf } from "../ir/primitives.js";
import type { ApplyStatement, Block, Statement, Value } from "../ir/ir.js";
import { testsPresence } from "./presence.js";
import { operandsOf } from "../ir/walk.js";
import { newNetwork } from "./minimumCut.js";

/** Trip count assumed for a loop whose trips are not known. */
export const assumedTrips = 64;

export interface KeepQuestion {
  readonly recalled: readonly Value[];
  /** In scope in the reverse sweep without doing anything. */
  isFree(value: Value): boolean;
  definitionOf(value: Value): Statement | null;
  /** Keeping it takes storage: a loop lies between the value and the reverse sweep. */
  needsStorage(value: Value): boolean;
  readonly nesting: Nesting;
  readonly finality: FinalityFacts;
  /** Keep whatever cannot be had for nothing: the reference that tests compare with. */
  readonly keepEverything: boolean;
}

export interface KeepDecision {
  readonly kept: ReadonlySet<Value>;
  readonly recomputed: ReadonlySet<Value>;
}

function canRecompute(question: KeepQuestion, value: Value): boolean {
  const statement = question.definitionOf(value);
  if (!statement) return false;
  switch (statement.kind) {
    case "constant":
    case "placeholder":
    case "global":
      return true;
    case "apply":
      return !question.keepEverything && !losesPresence(question, statement);
    case "narrow":
    case "stop":
    case "view":
      return !question.keepEverything;
    case "load":
    case "length":
      return question.finality.isFinal(statement) && !question.keepEverything;
    default:
      return false;
  }
}

/** Storage of numbers does not tell what is missing from NaN: the outcome of the test itself must be kept. */
function losesPresence(question: KeepQuestion, statement: ApplyStatement): boolean {
  if (!testsPresence(statement)) return false;
  return statement.arguments.some((argument) => {
    if (argument.type.kind !== "number") return false;
    const definition = question.definitionOf(argument);
    return definition?.kind !== "load" || !question.finality.isFinal(definition);
  });
}

function recomputeCost(statement: Statement): number {
  switch (statement.kind) {
    case "apply":
      return costOf(statement.primitive);
    case "load":
    case "length":
      return 1;
    case "view":
      return 20;
    default:
      return 0;
  }
}

function keepCost(value: Value, needsStorage: boolean): number {
  if (!needsStorage) return 1.5;
  return value.type.kind === "boolean" ? 2 : 8;
}

function depthOf(nesting: Nesting, block: Block | undefined): number {
  let depth = 0;
  for (let owner = block && nesting.ownerOf(block); owner; owner = nesting.ownerOf(owner.parent))
    if (owner.statement.kind === "loop") depth++;
  return depth;
}

export function decideWhatToKeep(question: KeepQuestion): KeepDecision {
  const network = newNetwork();
  const needed = new Map<Value, number>();
  const again = new Map<Value, number>();
  const queue: Value[] = [];
  const nodeOf = (value: Value): number => {
    let node = needed.get(value);
    if (node === undefined) {
      node = network.addNode();
      needed.set(value, node);
      again.set(value, network.addNode());
      queue.push(value);
    }
    return node;
  };
  const recalled = question.recalled.filter((value) => !question.isFree(value));
  for (const value of [...recalled].sort((a, b) => a.id - b.id))
    network.addEdge(network.source, nodeOf(value), Infinity);
  for (const value of queue) {
    const depth = depthOf(question.nesting, question.nesting.blockOf(value));
    const weight = assumedTrips ** depth;
    network.addEdge(needed.get(value)!, again.get(value)!, keepCost(value, question.needsStorage(value)) * weight);
    const statement = question.definitionOf(value);
    if (!statement || !canRecompute(question, value)) {
      network.addEdge(again.get(value)!, network.sink, Infinity);
      continue;
    }
    network.addEdge(again.get(value)!, network.sink, recomputeCost(statement) * weight);
    for (const operand of operandsOf(statement))
      if (!question.isFree(operand)) network.addEdge(again.get(value)!, nodeOf(operand), Infinity);
  }
  const onSourceSide = network.sourceSide();
  const kept = new Set<Value>();
  const recomputed = new Set<Value>();
  for (const [value, node] of needed) {
    if (!onSourceSide[node]) continue;
    (onSourceSide[again.get(value)!] ? recomputed : kept).add(value);
  }
  return { kept, recomputed };
}
