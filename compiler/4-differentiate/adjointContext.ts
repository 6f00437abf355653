/**
 * What the rooms of the adjoint share: the adjoints of scalars found so far, the shadows of references, and how
 * reverse code names primal values (`recall`, CORE C1 in ARCHITECTURE.md's glossary).
 */
import type { ActivityFacts } from "../3-analyse/activity.js";
import type { AliasFacts } from "../3-analyse/aliases.js";
import type { IntegerFacts } from "../3-analyse/integers.js";
import type { Nesting } from "../3-analyse/nesting.js";
import type { DerivativeUses } from "../3-analyse/derivativeUses.js";
import { invariant } from "../diagnostics.js";
import { BlockBuilder, copyOfValue, newValue, numberType, type ValueOptions } from "../ir/build.js";
import type { ApplyStatement, Block, CallStatement, Span, Statement, Type, Value } from "../ir/ir.js";
import { shadowType } from "../ir/gradientType.js";
import { isReference, isScalar } from "../ir/types.js";
import type { Checkpointed } from "./checkpointed.js";
import type { AdjointPair, Program } from "./program.js";

/** The mirror block under construction and the primal values it has asked for. */
interface Frame {
  readonly primal: Block;
  readonly recalled: Map<Value, Value>;
  readonly recalls: Statement[];
}

/** A call in the forward sweep whose adjoint is a pair. */
export interface PairedCall {
  readonly pair: AdjointPair;
  /** What the forward function returned. */
  readonly kept: Value;
}

export interface AdjointContext {
  readonly program: Program;
  readonly calls: Map<CallStatement, PairedCall>;
  readonly activity: ActivityFacts;
  readonly aliases: AliasFacts;
  readonly integers: IntegerFacts;
  readonly uses: DerivativeUses;
  /** The statement that defines a value with `apply`. */
  definitionOf(value: Value): ApplyStatement | null;
  /** The program tests whether the number is there, or is truthy. */
  mayBeMissing(value: Value): boolean;
  /** The value of a literal constant, or null. */
  constantOf(value: Value): number | null;
  /** Of the primal; values that the forward sweep adds are registered in `addedIn`. */
  readonly nesting: Nesting;
  readonly addedIn: Map<Value, Block>;
  readonly root: Block;
  readonly parameters: readonly Value[];
  readonly wrt: readonly Value[];
  /** For a number read from memory that may be missing, whether it is; computed in the forward sweep. */
  readonly missing: Map<Value, Value>;
  /** For a write of a number that may be missing in a caller's object, whether it was before. */
  readonly missingBefore: Map<Statement, Value>;
  /** What `structureAtEntry` gave for a group of parameters whose inner references are replaced; by the first asked for. */
  readonly entryStructures: Map<Value, Value>;
  /** Zeros in the shapes that arguments had at entry, for those whose shapes change otherwise. */
  readonly entryShapes: Map<Value, Value>;
  /** Nothing that can be reached from the object may be written between the statement and the reverse sweep. */
  isSettledAfter(statement: Statement, object: Value): boolean;
  /** For a statement whose pullback reads what may be written later: its copies, made in the forward sweep. */
  readonly snapshots: Map<Statement, ReadonlyMap<Value, Value>>;
  /** What the forward sweep has written down of the parts that the reverse sweep runs again. */
  readonly checkpoints: Map<Statement, Checkpointed>;
  /** Blocks that are run again right before they are reversed: what they define is in scope there. */
  readonly runAgain: Set<Block>;
  /** Mirror blocks from the outermost non-root one inwards. */
  readonly frames: Frame[];
  /** Shadows made in the forward sweep, beside their references. */
  readonly forwardShadows: Map<Value, Value>;
  /** Shadows made in the reverse sweep. */
  readonly reverseShadows: Map<Value, Value>;
  /** Whether the shadows of a reference's class are made in the reverse sweep. */
  isReverseMade(reference: Value): boolean;
}

/** The adjoints of scalars, in scopes that nest like the mirror blocks. An adjoint that is zero is absent. */
export class Adjoints {
  private readonly own = new Map<Value, Value>();
  constructor(private readonly parent: Adjoints | null) {}

  get(value: Value): Value | null {
    return this.own.get(value) ?? this.parent?.get(value) ?? null;
  }
  set(value: Value, adjoint: Value): void {
    this.own.set(value, adjoint);
  }
  /** Makes the adjoint absent again in this scope. */
  take(value: Value): void {
    this.own.delete(value);
  }
  /** Values whose adjoint was set in this scope, in order. */
  changed(): readonly Value[] {
    return [...this.own.keys()];
  }
}

/** One mirror block under construction. */
export interface Reverse {
  readonly context: AdjointContext;
  readonly adjoints: Adjoints;
  readonly builder: BlockBuilder;
}

/** The shadow of the reference is made beside it, in the forward sweep. */
export function movesWithShadow(context: AdjointContext, value: Value): boolean {
  return isReference(value.type) && context.activity.hasShadow(value) && !context.isReverseMade(value);
}

/** How an adjoint of `value` is labelled. */
export function adjointOptions(value: Value, span: Span | null = value.span): ValueOptions {
  return { name: value.name, role: "adjoint", span };
}

/** What making the shadows of the adjoint has in common everywhere: they begin at zero. */
export const adjointShadows = {
  numberOf: null,
  shadowType,
  labelled: (value: Value) => adjointOptions(value),
} as const;

export function newAdjoint(value: Value, type: Type = numberType): Value {
  return newValue(type, adjointOptions(value));
}

/** v̄ += contribution. */
export function accumulate(reverse: Reverse, value: Value, contribution: Value): void {
  if (!isScalar(value.type) || !reverse.context.activity.isActive(value)) return;
  const current = reverse.adjoints.get(value);
  const next = current
    ? reverse.builder.apply("add", [current, contribution], numberType, adjointOptions(value, contribution.span))
    : contribution;
  reverse.adjoints.set(value, next);
}

/** The value that `value` had in the matching execution of the block that defines it. */
export function recall(context: AdjointContext, value: Value): Value {
  const block = context.addedIn.get(value) ?? context.nesting.blockOf(value);
  if (!block || block === context.root || context.runAgain.has(block)) return value;
  const frame = context.frames.find((candidate) => candidate.primal === block);
  invariant(frame, `value ${value.id} (${value.name}) is recalled outside the mirror of its block`);
  const known = frame.recalled.get(value);
  if (known) return known;
  const result = copyOfValue(value);
  frame.recalled.set(value, result);
  frame.recalls.push({ kind: "recall", result, value, span: value.span });
  return result;
}

/** Runs `build` inside the mirror of `primal`; gives back its statements, recalls first. */
export function inMirror(
  context: AdjointContext,
  primal: Block,
  known: ReadonlyMap<Value, Value>,
  build: () => readonly Statement[],
): readonly Statement[] {
  const frame: Frame = { primal, recalled: new Map(known), recalls: [] };
  context.frames.push(frame);
  const statements = build();
  context.frames.pop();
  return [...frame.recalls, ...statements];
}

/** The shadow of a reference, as reverse code sees it. */
export function shadowOf(context: AdjointContext, reference: Value): Value {
  const made = context.reverseShadows.get(reference);
  if (made) return made;
  const beside = context.forwardShadows.get(reference);
  invariant(beside, `reference ${reference.id} (${reference.name}) has no shadow`);
  return recall(context, beside);
}
