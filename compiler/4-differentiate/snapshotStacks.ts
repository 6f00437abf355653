/**
 * Snapshots of a loop's state, on a stack: the iteration that each stands before, the numbers that the loop carries, and
 * copies of its objects. When to take one, the runtime's `nextSnapshot` says.
 *
 * before: loop k {x' = f x}        after: loop k {if (k === next) {kKept[count] = k; xKept[count] = x; count++; next = …}; x' = f x}
 */
import type { RegionState } from "../3-analyse/regionState.js";
import { BlockBuilder, newBlock, newValue, numberType } from "../ir/build.js";
import type { LoopStatement, Type, Value } from "../ir/ir.js";
import { loadSlot, type Slot, slotFor } from "./keepSlots.js";
import { copyOfAll, partsOfCopy } from "./stateCopies.js";

/** Where a user who states neither number nor bytes is well served: 58,905 iterations, each run at most four times. */
export const defaultSnapshots = 32;

export interface Stacks {
  readonly loop: LoopStatement;
  readonly state: RegionState;
  /** For how many snapshots there is room. */
  readonly room: (builder: BlockBuilder) => Value;
  /** Counter values. */
  readonly positions: Value;
  readonly scalars: readonly { readonly position: number; readonly slot: Slot; readonly array: Value }[];
  readonly objects: Value | null;
}

/** A state before an iteration. */
export interface LoopState {
  readonly counter: Value;
  /** As the loop's parameters. */
  readonly carried: readonly Value[];
  /** As the `changing` of the region's state. */
  readonly changing: readonly Value[];
  /** Copies of the objects, where they have been made. */
  readonly copied?: Value | null;
}

/** Appends empty stacks. */
export function newStacks(builder: BlockBuilder, loop: LoopStatement, state: RegionState, size: Size): Stacks {
  const isObject = new Set(state.carried);
  const positions = loop.parameters.map((_, k) => k).filter((k) => !isObject.has(k));
  const room = roomFor(builder, loop, size, positions.length);
  const like = objectsOf(state, { carried: loop.parameters, changing: state.changing });
  const allocate = (type: Type, name: string | null): Value => {
    const result = newValue(type, { name, role: "kept", span: loop.span });
    // An ordinary array grows from nothing: the first slot to be written is the first.
    const length = type.kind === "array" ? builder.constant(0) : room(builder);
    builder.add({ kind: "allocate", result, length, fill: null, span: loop.span });
    return result;
  };
  const float64: Type = { kind: "typedArray", name: "Float64Array" };
  return {
    loop,
    state,
    room,
    positions: allocate(float64, loop.counter.name ?? "step"),
    scalars: positions.map((position) => {
      const slot = slotFor(loop.parameters[position]!);
      return { position, slot, array: allocate(slot.type, loop.parameters[position]!.name) };
    }),
    objects: like.length === 0 ? null : allocate({ kind: "array", element: typeOfAll(like) }, "states"),
  };
}

function typeOfAll(objects: readonly Value[]): Type {
  if (objects.length === 1) return objects[0]!.type;
  return { kind: "tuple", elements: objects.map(({ type }) => type), labels: null };
}

/** How much a snapshot takes, and how many there can be: the loop's counter runs from `lower` to before `end`. */
interface Size {
  readonly lower: Value;
  readonly end: Value;
  readonly isFromZero: boolean;
  readonly objects: readonly Value[];
}

function roomFor(
  builder: BlockBuilder,
  loop: LoopStatement,
  size: Size,
  scalars: number,
): (inside: BlockBuilder) => Value {
  const { snapshots, bytes } = loop.checkpoint!;
  if (bytes === null) return (inside) => inside.constant(snapshots ?? defaultSnapshots);
  const own = builder.constant(8 * (scalars + 1));
  const each = size.objects.reduce((sum, object) => {
    const more = newValue(numberType);
    const { span } = loop;
    builder.add({ kind: "runtimeCall", result: more, name: "bytesOf", arguments: [object], writes: [], span });
    return builder.apply("add", [sum, more]);
  }, own);
  const isFromZero = size.isFromZero && loop.step > 0;
  const [low, high] = loop.step > 0 ? [size.lower, size.end] : [size.end, size.lower];
  const distance = isFromZero ? high : builder.apply("subtract", [high, low]);
  const width = Math.abs(loop.step);
  const trips = width === 1 ? distance : builder.apply("divide", [distance, builder.constant(width)]);
  const result = newValue(numberType, { name: "room", span: loop.span });
  const args = [builder.constant(bytes), each, trips];
  builder.add({ kind: "runtimeCall", result, name: "snapshotsWithin", arguments: args, writes: [], span: loop.span });
  return () => result;
}

/** Writes a state into the slot `at`. */
export function pushSnapshot(builder: BlockBuilder, stacks: Stacks, at: Value, state: LoopState): void {
  const { span } = stacks.loop;
  const store = (object: Value, value: Value): void =>
    builder.add({ kind: "store", object, key: { kind: "index", index: at }, value, span });
  store(stacks.positions, state.counter);
  for (const { position, slot, array } of stacks.scalars) store(array, slot.store(builder, state.carried[position]!));
  if (stacks.objects) store(stacks.objects, state.copied ?? copyOfAll(builder, objectsOf(stacks.state, state), null));
}

/** The objects of a state, in the order in which they are copied. */
export function objectsOf({ carried }: RegionState, state: Pick<LoopState, "carried" | "changing">): readonly Value[] {
  return [...carried.map((k) => state.carried[k]!), ...state.changing];
}

/** Reads the state in the slot `at`; its objects are fresh copies. */
export function readSnapshot(builder: BlockBuilder, stacks: Stacks, at: Value): LoopState {
  const { loop, state } = stacks;
  const key = { kind: "index", index: at } as const;
  const counter = newValue(numberType, { name: loop.counter.name === null ? "from" : `${loop.counter.name}From` });
  builder.add({ kind: "load", result: counter, object: stacks.positions, key, span: loop.span });
  const carried = [...loop.parameters];
  for (const { position, slot, array } of stacks.scalars) {
    const { type, name, span } = loop.parameters[position]!;
    const result = newValue(type, { name, span });
    loadSlot(builder, slot, array, at, result);
    carried[position] = result;
  }
  if (!stacks.objects) return { counter, carried, changing: [] };
  const like = objectsOf(state, { carried: loop.parameters, changing: state.changing });
  const whole = newValue(typeOfAll(like), { name: "state", role: "kept", span: loop.span });
  builder.add({ kind: "load", result: whole, object: stacks.objects, key, span: loop.span });
  const parts = partsOfCopy(builder, whole, like);
  state.carried.forEach((k, position) => {
    carried[k] = parts[position]!;
  });
  return { counter, carried, changing: parts.slice(state.carried.length) };
}

interface Taking {
  /** How many snapshots there are before the loop. */
  readonly count: Value;
  /** What the last counter value is that has to be reached again, or the one behind it. */
  readonly end: Value;
  readonly changing: readonly Value[];
}

/** The loop, taking snapshots where they are due; `loop` has the parameters of the one that the stacks are for, first. */
export function takingSnapshots(
  builder: BlockBuilder,
  loop: LoopStatement,
  stacks: Stacks,
  { count, end, changing }: Taking,
): { readonly loop: LoopStatement; readonly count: Value } {
  const named = (name: string): Value => newValue(numberType, { name });
  const next = (inside: BlockBuilder, from: Value, taken: Value): Value => {
    const free = inside.apply("subtract", [stacks.room(inside), taken]);
    const result = named("next");
    const step = loop.step === 1 ? [] : [inside.constant(loop.step)];
    const args = [from, end, free, ...step];
    inside.add({ kind: "runtimeCall", result, name: "nextSnapshot", arguments: args, writes: [], span: loop.span });
    return result;
  };
  const first = next(builder, loop.lower, count);
  const [countInside, nextInside] = [named("count"), named("next")];
  const top = new BlockBuilder(loop.span);
  const isDue = top.apply("equal", [loop.counter, nextInside], { kind: "boolean" });
  const due = new BlockBuilder(loop.span);
  pushSnapshot(due, stacks, countInside, { counter: loop.counter, carried: loop.parameters, changing });
  const more = due.apply("add", [countInside, due.constant(1)], numberType, { name: "count" });
  const later = next(due, loop.counter, more);
  const [countBehind, nextBehind] = [named("count"), named("next")];
  top.add({
    kind: "if",
    condition: isDue,
    then: due.block([more, later]),
    else: newBlock([], [countInside, nextInside]),
    results: [countBehind, nextBehind],
    span: loop.span,
  });
  const { body } = loop;
  const taken = named("count");
  return {
    loop: {
      ...loop,
      parameters: [...loop.parameters, countInside, nextInside],
      initial: [...loop.initial, count, first],
      results: [...loop.results, taken, named("next")],
      body: {
        ...body,
        statements: [...top.statements, ...body.statements],
        yields: [...body.yields, countBehind, nextBehind],
      },
    },
    count: taken,
  };
}
