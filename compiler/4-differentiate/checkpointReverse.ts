/**
 * Checkpoints, in the reverse sweep: what a loop's body or a branch has computed is computed again, right before it is
 * reversed. A loop gets to the state before an iteration from the last snapshot, and takes more on the way.
 *
 * What moves (arrays that change places, arrays made anew in every iteration) has other objects in every run, so that
 * their adjoints travel by value: taken from the shadows behind the part, moved into the shadows of the run, and so on
 * to the shadows before it.
 *
 * before: loop k {B} … loop k reversed {recalls; B′}        after: loop k {B} … loop k reversed {state of k; B again; B′}
 */
import { BlockBuilder, newBlock, newValue, numberType } from "../ir/build.js";
import { copyBlock } from "../ir/copyBlock.js";
import { shadowType } from "../ir/gradientType.js";
import type { Block, IfStatement, LoopStatement, Statement, Type, Value } from "../ir/ir.js";
import { elementType, isReference, typesWithin } from "../ir/types.js";
import { freeValues, substitute } from "../ir/walk.js";
import { addShadow, moveShadow } from "./addInto.js";
import { type AdjointContext, adjointOptions, newAdjoint, recall, type Reverse, shadowOf } from "./adjointContext.js";
import { appendToBlocks, augmentBlock, forwardShadow } from "./adjointForward.js";
import type { Checkpointed, MovingReference } from "./checkpointed.js";
import { counterBehind } from "./lastCounter.js";
import { zerosTogether } from "./parameterShadows.js";
import { newStacks, pushSnapshot, readSnapshot, type Stacks, takingSnapshots } from "./snapshotStacks.js";
import { partsOfCopy } from "./stateCopies.js";

/** What the forward sweep has appended to blocks on demand. */
export type Additions = ReadonlyMap<number, readonly Statement[]>;

// ------------------------------------------------------------------------------------------------------ a branch

/** Reverses a branch that is run again; `mirror` reverses its statements. */
export function reverseBranchAgain(
  reverse: Reverse,
  statement: IfStatement,
  checkpointed: Checkpointed,
  additions: Additions,
  mirror: (inside: Reverse) => void,
): void {
  const { context, builder, adjoints } = reverse;
  const taken = takeShadows(reverse, checkpointed.moving);
  const { changing } = checkpointed.state;
  const own = checkpointed.first ? partsOfCopy(builder, recall(context, checkpointed.first), changing) : [];
  const known = new Map(changing.map((object, k) => [object, own[k]!]));
  const inside: Reverse = { context, adjoints, builder: new BlockBuilder(statement.span) };
  const part: Part = { body: statement.then, checkpointed, known, taken, additions };
  const { statements, shadows } = runAgain(inside, part, () => mirror(inside));
  statements.forEach((one) => builder.add(one));
  giveShadows(reverse, checkpointed.moving, shadows);
}

// -------------------------------------------------------------------------------------------------------- a loop

/** What the mirrored loop carries besides adjoints of numbers. */
export interface LoopAgain {
  readonly initial: readonly Value[];
  readonly parameters: readonly Value[];
  /** The mirrored loop's body, but for what it yields of adjoints; and what it yields besides. */
  body(
    inside: Reverse,
    counter: Value,
    mirror: () => void,
  ): { readonly statements: readonly Statement[]; readonly yields: readonly Value[] };
  /** To be called behind the mirrored loop, with its results. */
  finish(results: readonly Value[]): void;
}

/** Prepares for reversing a loop whose iterations are run again. */
export function loopAgain(
  reverse: Reverse,
  loop: LoopStatement,
  checkpointed: Checkpointed,
  additions: Additions,
): LoopAgain {
  const { context } = reverse;
  const { state, moving } = checkpointed;
  const taken = takeShadows(reverse, moving);
  const { stacks, count } = checkpointed.stacks
    ? { stacks: checkpointed.stacks.all, count: checkpointed.stacks.count }
    : stacksFromFirst(reverse, loop, checkpointed);
  const outside = outsideOf(context, loop, checkpointed);
  const countInside = newValue(numberType, { name: "count" });
  const takenInside = taken.map((shadow) => newValue(shadow.type, shadow));
  return {
    initial: [count, ...taken],
    parameters: [countInside, ...takenInside],
    body(inside, counter, mirror) {
      const top = new BlockBuilder(loop.span);
      const latest = top.apply("subtract", [countInside, top.constant(1)], numberType, { name: "latest" });
      const from = readSnapshot(top, stacks, latest);
      const { carried, left } = advance(top, stacks, from, counter, countInside, outside);
      const isAt = top.apply("equal", [from.counter, counter], { kind: "boolean" });
      const countLeft = newValue(numberType, { name: "count" });
      top.add({
        kind: "if",
        condition: isAt,
        then: newBlock([], [latest]),
        else: newBlock([], [left]),
        results: [countLeft],
        span: loop.span,
      });
      const known = new Map<Value, Value>([
        [loop.counter, counter],
        ...loop.parameters.map((parameter, k) => [parameter, carried[k]!] as const),
        ...state.changing.map((object, k) => [object, from.changing[k]!] as const),
      ]);
      const part: Part = { body: loop.body, checkpointed, known, taken: takenInside, additions };
      const { statements, shadows } = runAgain(inside, part, mirror);
      return { statements: [...top.statements, ...statements], yields: [countLeft, ...shadows] };
    },
    finish(results) {
      giveShadows(reverse, moving, results.slice(1));
    },
  };
}

/** Stacks that hold nothing but the state before the first iteration. */
function stacksFromFirst(
  { context, builder }: Reverse,
  loop: LoopStatement,
  { state, first }: Checkpointed,
): { readonly stacks: Stacks; readonly count: Value } {
  const lower = recall(context, loop.lower);
  const copied = first && recall(context, first);
  const isFromZero = context.constantOf(loop.lower) === 0;
  const end = counterBehind({ context, builder }, loop);
  const stacks = newStacks(builder, loop, state, { lower, end, isFromZero, objects: copied ? [copied] : [] });
  const isObject = new Set(state.carried);
  const carried = loop.initial.map((value, k) => (isObject.has(k) ? value : recall(context, value)));
  pushSnapshot(builder, stacks, builder.constant(0), { counter: lower, carried, changing: state.changing, copied });
  return { stacks, count: builder.constant(1) };
}

/** From a snapshot to the state before the iteration `to`. */
function advance(
  builder: BlockBuilder,
  stacks: Stacks,
  from: { readonly counter: Value; readonly carried: readonly Value[]; readonly changing: readonly Value[] },
  to: Value,
  count: Value,
  outside: ReadonlyMap<Value, Value>,
): { readonly carried: readonly Value[]; readonly left: Value } {
  const { loop, state } = stacks;
  const short: LoopStatement = {
    ...loop,
    lower: from.counter,
    upper: to,
    comparison: loop.step > 0 ? "<" : ">",
    initial: from.carried,
    test: null,
    exit: null,
    trips: null,
    label: null,
    checkpoint: null,
  };
  const known = new Map([...outside, ...state.changing.map((object, k) => [object, from.changing[k]!] as const)]);
  const again = copyBlock(newBlock([short]), known).block.statements[0] as LoopStatement;
  const taking = takingSnapshots(builder, again, stacks, { count, end: to, changing: from.changing });
  builder.add(taking.loop);
  return { carried: again.results, left: taking.count };
}

// ------------------------------------------------------------------------------------------------------ both

interface Part {
  readonly body: Block;
  readonly checkpointed: Checkpointed;
  /** What the part's own names stand for in this run: parameters, the counter, copies of what it changes. */
  readonly known: ReadonlyMap<Value, Value>;
  /** Adjoints of what moves, behind the part. */
  readonly taken: readonly Value[];
  readonly additions: Additions;
}

/** The part once more, with the shadows of what moves, and its mirror behind it; the shadows as they are before it. */
function runAgain(
  inside: Reverse,
  { body, checkpointed, known, taken, additions }: Part,
  mirror: () => void,
): { readonly statements: readonly Statement[]; readonly shadows: readonly Value[] } {
  const { context } = inside;
  const { moving } = checkpointed;
  const { span } = inside.builder;
  const top = new BlockBuilder(span);
  const saved = new Map(context.forwardShadows);
  const before = moving.flatMap((one) => (one.before ? [one.before.inside] : []));
  const fresh = zerosOfAll(
    top,
    before.map((object) => known.get(object)!),
    before,
  );
  before.forEach((object, k) => context.forwardShadows.set(object, fresh[k]!));
  context.runAgain.add(body);
  const augmented = appendable(augmentBlock(context, body));
  const behind = new BlockBuilder(span);
  moving.forEach((one, k) => {
    const shadow = forwardShadow(context, behind, one.behind.inside);
    addOrMove(context, behind, shadow, taken[k]!, one.behind.inside, k === moving.length - 1);
  });
  mirror();
  for (const [object, shadow] of saved) context.forwardShadows.set(object, shadow);
  const whole = newBlock([
    ...appendToBlocks(augmented, additions).statements,
    ...behind.statements,
    ...inside.builder.statements,
  ]);
  const names = new Map([...outsideOf(context, whole, checkpointed, known), ...known]);
  // Outside of the mirror of a block below the root, its values are recalled: the recalls, too, mean what the part has.
  for (const object of checkpointed.state.changing) names.set(recall(context, object), known.get(object)!);
  const statements = substitute(whole, (value) => names.get(value) ?? value).statements;
  let position = 0;
  const shadows = moving.flatMap((one) => (one.before ? [fresh[position++]!] : []));
  return { statements: [...top.statements, ...statements], shadows };
}

/** The same block under another number: what is appended to the block itself was appended to its first run. */
function appendable(block: Block): Block {
  return newBlock(block.statements, block.yields);
}

/** What values from outside of the part are in the reverse sweep. */
function outsideOf(
  context: AdjointContext,
  part: LoopStatement | Block,
  { read, state }: Checkpointed,
  known: ReadonlyMap<Value, Value> = new Map(),
): ReadonlyMap<Value, Value> {
  const own = new Set<Value>("kind" in part ? [part.counter, ...part.parameters] : []);
  const changing = new Set(state.changing);
  const names = new Map<Value, Value>();
  for (const value of "kind" in part ? freeValues(part.body, part) : freeValues(part)) {
    if (own.has(value) || changing.has(value) || known.has(value)) continue;
    const copy = read.get(value);
    names.set(value, recall(context, copy ?? value));
  }
  for (const [object, copy] of read) if (!names.has(object)) names.set(recall(context, object), recall(context, copy));
  return names;
}

/** Zeros for the adjoints of objects: one for each object, however many names it has. */
function zerosOfAll(builder: BlockBuilder, objects: readonly Value[], like: readonly Value[]): readonly Value[] {
  if (objects.length === 0) return [];
  const types = like.map(({ type }) => shadowType(type));
  const labels = like.map((value) => adjointOptions(value));
  if (objects.length > 1 || holdsObjects(objects[0]!.type)) return zerosTogether(builder, objects, types, labels);
  const result = newAdjoint(like[0]!, types[0]);
  builder.add({ kind: "zerosLike", result, object: objects[0]!, keepsIdentity: false, span: builder.span });
  return [result];
}

/** The adjoints behind a part of what moves, taken out of its shadows; what has two names gives all to the first. */
function takeShadows({ context, builder }: Reverse, moving: readonly MovingReference[]): readonly Value[] {
  return moving.map(({ behind }) => {
    const shadow = shadowOf(context, behind.outside);
    const taken = newAdjoint(behind.outside, shadow.type);
    const { span, type } = behind.outside;
    if (elementType(type)?.kind === "number") {
      builder.add({ kind: "slice", result: taken, object: shadow, start: null, end: null, span });
      builder.add({ kind: "fill", object: shadow, value: builder.constant(0), start: null, end: null, span });
    } else {
      builder.add({ kind: "zerosLike", result: taken, object: shadow, keepsIdentity: false, span });
      moveShadow(builder, taken, shadow, behind.outside, context);
    }
    return taken;
  });
}

/** What is given to one shadow must not be given to another, nor to one twice: the last one may keep it, if it is flat. */
function addOrMove(
  context: AdjointContext,
  builder: BlockBuilder,
  shadow: Value,
  part: Value,
  object: Value,
  isLast: boolean,
): void {
  (isLast && !holdsObjects(object.type) ? addShadow : moveShadow)(builder, shadow, part, object, context);
}

/** One of them may be there twice. */
function holdsObjects(type: Type): boolean {
  return [...typesWithin(type)].filter(isReference).length > 1;
}

/** Adds the adjoints before a part to the shadows of what moves. */
function giveShadows({ context, builder }: Reverse, moving: readonly MovingReference[], given: readonly Value[]): void {
  const outside = moving.flatMap(({ before }) => (before ? [before.outside] : []));
  outside.forEach((object, k) =>
    addOrMove(context, builder, shadowOf(context, object), given[k]!, object, k === outside.length - 1),
  );
}
