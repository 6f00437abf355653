/**
 * The reverse sweep: every block is mirrored, its statements visited last to first, `if` by `if`, loop by loop.
 */
import { invariant } from "../diagnostics.js";
import { BlockBuilder, newBlock, newValue, numberType } from "../ir/build.js";
import type { Block, LoopRange, Statement, Value } from "../ir/ir.js";
import { isScalar } from "../ir/types.js";
import { blocksOf, freeValues, resultsOf, scopedValuesOf, endsInThrow } from "../ir/walk.js";
import { arrayRule, contribution, hasDerivative } from "../rules/index.js";
import {
  accumulate,
  type AdjointContext,
  Adjoints,
  adjointOptions,
  adjointShadows,
  inMirror,
  newAdjoint,
  recall,
  type Reverse,
  shadowOf,
} from "./adjointContext.js";
import { reverseMemory } from "./adjointMemory.js";
import { type Additions, loopAgain, reverseBranchAgain } from "./checkpointReverse.js";
import { reverseExternalCall } from "./externalCalls.js";
import { lastCounter } from "./lastCounter.js";
import { reverseCall } from "./pairedCalls.js";
import { makeShadow } from "./shadows.js";
import { recallAt } from "./snapshots.js";

/** Statements that make the shadows of the references a block defines, for the top of its mirror. */
function blockShadows(
  context: AdjointContext,
  builder: BlockBuilder,
  block: Block,
  lengthOf: (array: Value) => Value | null,
): void {
  for (const statement of block.statements) {
    if (!("result" in statement) || !statement.result) continue;
    const reference = statement.result;
    if (!context.activity.hasShadow(reference) || !context.isReverseMade(reference)) continue;
    if (context.reverseShadows.has(reference)) continue; // Made of a seed.
    const made = makeShadow(builder, statement, {
      shadow: (value) => shadowOf(context, value),
      primal: (value) => recall(context, value),
      hasShadow: (value) => context.activity.hasShadow(value),
      lengthOf,
      ...adjointShadows,
    });
    if (made) context.reverseShadows.set(reference, made);
  }
}

/** What the mirror of a block below the root needs from the forward sweep: lengths of arrays as the block leaves them. */
export type LengthAtEnd = (block: Block, array: Value) => Value;

export interface ReverseOptions {
  readonly lengthAtEnd: LengthAtEnd;
  /** What was appended to blocks of the forward sweep for that. */
  readonly additions: Additions;
  /** Adds what comes from outside to shadows, before anything is reversed. */
  readonly seedShadows?: () => void;
}

/** Appends the mirror of `block` to the builder: shadows, then the statements in reverse. */
export function reverseBlock(reverse: Reverse, block: Block, options: ReverseOptions): void {
  const { context, builder } = reverse;
  const isRoot = block === context.root;
  const isInScope = isRoot || context.runAgain.has(block);
  blockShadows(context, builder, block, (array) =>
    isInScope ? null : recall(context, options.lengthAtEnd(block, array)),
  );
  if (isRoot) options.seedShadows?.();
  for (let k = block.statements.length - 1; k >= 0; k--) reverseStatement(reverse, block.statements[k]!, options);
}

function reverseStatement(reverse: Reverse, statement: Statement, options: ReverseOptions): void {
  const { context, adjoints } = reverse;
  switch (statement.kind) {
    case "apply":
      return reverseApply(reverse, statement);
    case "narrow": {
      const incoming = isScalar(statement.result.type) ? adjoints.get(statement.result) : null;
      if (incoming) accumulate(reverse, statement.value, incoming);
      return;
    }
    case "arrayPrimitive":
      return reverseArrayPrimitive(reverse, statement);
    case "if":
      return reverseIf(reverse, statement, options);
    case "loop":
      return reverseLoop(reverse, statement, options);
    case "call":
      return reverseCall(reverse, statement);
    case "externalCall":
      return reverseExternalCall(reverse, statement);
    case "recall":
    case "runtimeCall":
      invariant(
        statement.kind !== "recall" &&
          !("result" in statement && statement.result && context.activity.isActive(statement.result)),
        `${statement.kind} has no adjoint`,
      );
      return;
    default:
      reverseMemory(reverse, statement);
  }
}

function reverseApply(reverse: Reverse, statement: Statement & { kind: "apply" }): void {
  const { context, builder, adjoints } = reverse;
  const incoming = adjoints.get(statement.result);
  if (!incoming) return;
  const before = builder.span;
  builder.span = statement.span;
  statement.arguments.forEach((argument, index) => {
    if (!context.activity.isActive(argument) || !hasDerivative(statement.primitive, index)) return;
    const operands = {
      argument: (k: number): Value => recall(context, statement.arguments[k]!),
      result: (): Value => recall(context, statement.result),
      count: statement.arguments.length,
      constantOf: (k: number): number | null => context.constantOf(statement.arguments[k]!),
    };
    const options = adjointOptions(argument, statement.span);
    accumulate(reverse, argument, contribution(builder, statement.primitive, index, operands, incoming, options));
  });
  builder.span = before;
}

function reverseArrayPrimitive(reverse: Reverse, statement: Statement & { kind: "arrayPrimitive" }): void {
  const { context, builder, adjoints } = reverse;
  const isScalarResult = isScalar(statement.result.type);
  const seed = isScalarResult
    ? adjoints.get(statement.result)
    : context.activity.hasShadow(statement.result)
      ? shadowOf(context, statement.result)
      : null;
  if (!seed) return;
  arrayRule(statement.primitive).pullbacks.forEach((pullback, k) => {
    const operand = statement.arguments[k];
    if (!pullback || !operand) return;
    const reads = (): Value[] =>
      pullback.reads.map((read) => {
        if (read === "seed") return seed;
        return recallAt(context, statement, read === "result" ? statement.result : statement.arguments[read]!);
      });
    const { span } = statement;
    if (isScalar(operand.type)) {
      if (!context.activity.isActive(operand)) return;
      const result = newAdjoint(operand);
      builder.add({ kind: "runtimeCall", result, name: pullback.function, arguments: reads(), writes: [], span });
      accumulate(reverse, operand, result);
    } else if (context.activity.hasShadow(operand)) {
      const target = shadowOf(context, operand);
      const all = [target, ...reads()];
      builder.add({ kind: "runtimeCall", result: null, name: pullback.function, arguments: all, writes: [0], span });
    }
  });
}

/**
 * What only this branch uses is pulled back in this branch: on the other side its adjoint is absent, and no zero meets an
 * infinite slope (`if (!Number.isFinite(r)) r = 0` after `r = a / b`).
 */
function sinkPullbacks(inside: Reverse, block: Block): void {
  const { context, adjoints } = inside;
  const sunk = new Set<Statement>();
  for (;;) {
    const value = adjoints.changed().find((candidate) => isUsedOnlyIn(context, candidate, block, sunk));
    if (!value) return;
    const definition = context.definitionOf(value)!;
    sunk.add(definition);
    reverseApply(inside, definition);
    adjoints.take(value);
  }
}

/** Computed outside of the branch, with no loop in between, and used with a derivative nowhere else but by what is sunk. */
function isUsedOnlyIn(context: AdjointContext, value: Value, branch: Block, sunk: ReadonlySet<Statement>): boolean {
  const home = context.nesting.blockOf(value);
  const definition = context.definitionOf(value);
  if (!definition || sunk.has(definition) || !home || isWithin(context, home, branch)) return false;
  for (let block = branch; block !== home;) {
    const owner = context.nesting.ownerOf(block);
    if (!owner || owner.statement.kind === "loop") return false;
    block = owner.parent;
  }
  return context.uses
    .of(value)
    .every((use) => (use.statement && sunk.has(use.statement)) || isWithin(context, use.block, branch));
}

function isWithin(context: AdjointContext, block: Block, outer: Block): boolean {
  for (let current: Block | undefined = block; current; current = context.nesting.ownerOf(current)?.parent)
    if (current === outer) return true;
  return false;
}

/** All values that a block and the blocks below it define. */
function definedBelow(block: Block, into: Set<Value> = new Set()): Set<Value> {
  for (const statement of block.statements) {
    for (const value of [...resultsOf(statement), ...scopedValuesOf(statement)]) into.add(value);
    for (const nested of blocksOf(statement)) definedBelow(nested, into);
  }
  return into;
}

function reverseIf(reverse: Reverse, statement: Statement & { kind: "if" }, options: ReverseOptions): void {
  const { context, adjoints } = reverse;
  const checkpointed = context.checkpoints.get(statement);
  if (checkpointed)
    return reverseBranchAgain(reverse, statement, checkpointed, options.additions, (inside) => {
      statement.results.forEach((result, k) => {
        const incoming = isScalar(result.type) ? adjoints.get(result) : null;
        if (incoming) accumulate(inside, statement.then.yields[k]!, incoming);
      });
      reverseBlock(inside, statement.then, options);
    });
  const branches = [statement.then, statement.else].map((block) => {
    const scope = new Adjoints(adjoints);
    const builder = new BlockBuilder(statement.span);
    const inside: Reverse = { context, adjoints: scope, builder };
    const statements = inMirror(context, block, new Map(), () => {
      if (endsInThrow(block)) return [];
      statement.results.forEach((result, k) => {
        const incoming = isScalar(result.type) ? adjoints.get(result) : null;
        if (incoming) accumulate(inside, block.yields[k]!, incoming);
      });
      reverseBlock(inside, block, options);
      sinkPullbacks(inside, block);
      return builder.statements;
    });
    const local = definedBelow(block);
    return { block, scope, statements, changed: scope.changed().filter((value) => !local.has(value)) };
  });
  const changed = [...new Set(branches.flatMap((branch) => branch.changed))];
  if (changed.length === 0 && branches.every((branch) => branch.statements.length === 0)) return;
  const blocks = branches.map(({ block, scope, statements }) => {
    const tail = new BlockBuilder(statement.span);
    const yields = changed.map((value) => scope.get(value) ?? tail.constant(0));
    return newBlock([...statements, ...tail.statements], yields, block.id);
  });
  const results = changed.map((value) => newAdjoint(value));
  const condition = recall(context, statement.condition);
  const [thenBlock, elseBlock] = blocks as [Block, Block];
  const { span } = statement;
  reverse.builder.add({ kind: "if", condition, then: thenBlock, else: elseBlock, results, span });
  changed.forEach((value, k) => adjoints.set(value, results[k]!));
}

/** The primal's own range, where it says all about the iterations. */
function forwardRange({ context }: Reverse, statement: Statement & { kind: "loop" }): LoopRange | null {
  if (!statement.upper || statement.test || statement.exit) return null;
  const { comparison, step } = statement;
  return { lower: recall(context, statement.lower), upper: recall(context, statement.upper), comparison, step };
}

function reverseLoop(reverse: Reverse, statement: Statement & { kind: "loop" }, options: ReverseOptions): void {
  const { context, adjoints } = reverse;
  const { activity } = context;
  const carried = statement.parameters.flatMap((parameter, k) =>
    activity.isActive(parameter) || activity.isActive(statement.results[k]!) ? [k] : [],
  );
  const own = new Set(statement.parameters);
  const outer = freeValues(statement.body, statement).filter(
    (value) => isScalar(value.type) && activity.isActive(value) && !own.has(value),
  );
  const parameters = [
    ...carried.map((k) => newAdjoint(statement.parameters[k]!)),
    ...outer.map((value) => newAdjoint(value)),
  ];
  const builder = new BlockBuilder(statement.span);
  const scope = new Adjoints(adjoints);
  const inside: Reverse = { context, adjoints: scope, builder };
  outer.forEach((value, k) => scope.set(value, parameters[carried.length + k]!));
  const counter = newValue(numberType, { name: statement.counter.name, span: statement.counter.span });
  const mirror = (): readonly Statement[] => {
    carried.forEach((k, position) => accumulate(inside, statement.body.yields[k]!, parameters[position]!));
    reverseBlock(inside, statement.body, options);
    return builder.statements;
  };
  const checkpointed = context.checkpoints.get(statement);
  const again = checkpointed && loopAgain(reverse, statement, checkpointed, options.additions);
  const { statements, yields: besides } = again
    ? again.body(inside, counter, mirror)
    : { statements: inMirror(context, statement.body, new Map([[statement.counter, counter]]), mirror), yields: [] };
  const tail = new BlockBuilder(statement.span);
  const yields = [
    ...carried.map((k) => scope.get(statement.parameters[k]!) ?? tail.constant(0)),
    ...outer.map((value) => scope.get(value)!),
    ...besides,
  ];
  const body = newBlock([...statements, ...tail.statements], yields, again ? null : statement.body.id);
  const initial = [
    ...carried.map((k) => adjoints.get(statement.results[k]!) ?? reverse.builder.constant(0)),
    ...outer.map((value) => adjoints.get(value) ?? reverse.builder.constant(0)),
    ...(again?.initial ?? []),
  ];
  const all = [...parameters, ...(again?.parameters ?? [])];
  const results = all.map((parameter) => newValue(parameter.type, parameter));
  reverse.builder.add({
    kind: "loop",
    counter,
    lower: lastCounter(reverse, statement),
    upper: recall(context, statement.lower),
    comparison: statement.step > 0 ? ">=" : "<=",
    step: -statement.step,
    parameters: all,
    initial,
    test: null,
    body,
    exit: null,
    results,
    trips: null,
    label: statement.label,
    forwards: again ? null : forwardRange(reverse, statement),
    span: statement.span,
  });
  again?.finish(results.slice(parameters.length));
  outer.forEach((value, k) => adjoints.set(value, results[carried.length + k]!));
  carried.forEach((k, position) => accumulate(reverse, statement.initial[k]!, results[position]!));
}
