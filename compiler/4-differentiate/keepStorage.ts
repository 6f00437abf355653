/**
 * Where kept values live (CORE K3, K6, K7): results of branches outside loops, arrays sized by the trip counts where
 * these are known before the loop, and growing storage with a cursor elsewhere.
 */
import type { IntegerFacts } from "../3-analyse/integers.js";
import type { Nesting } from "../3-analyse/nesting.js";
import { BlockBuilder, newValue, numberType } from "../ir/build.js";
import { describeValue } from "../ir/describe.js";
import type { Edits } from "../ir/edit.js";
import { printType } from "../ir/print.js";
import { optionalType, sameAccess, sameType } from "../ir/types.js";
import type { Block, ConstantStatement, LoopStatement, Statement, Type, Value } from "../ir/ir.js";
import type { Route } from "./keep.js";

export type KeptPlace =
  /** One more result of the branch; the stand-in in the mirror is replaced by that result. */
  | { readonly kind: "result"; readonly substitutions: ReadonlyMap<Value, Value> }
  | { readonly kind: "sized" }
  | { readonly kind: "growing" };

export interface StorageFacts {
  readonly integers: IntegerFacts;
  readonly nesting: Nesting;
  readonly root: Block;
  definitionOf(value: Value): Statement | undefined;
}

export function planStorage(
  edits: Edits,
  route: Route,
  block: Block,
  values: readonly Value[],
  standIn: (value: Value) => Value,
  facts: StorageFacts,
): KeptPlace {
  const loops = route.forward.filter((step) => step.statement.kind === "loop");
  if (loops.length === 0) return keepAsResults(edits, route, values, standIn);
  if (canSize(route, facts)) {
    keepSized(edits, route, block, values, standIn, facts);
    return { kind: "sized" };
  }
  keepGrowing(edits, route, block, values, standIn, facts);
  return { kind: "growing" };
}

// ------------------------------------------------------------------------------------------------ results of branches

/** Passes a value outwards through the branches of a route; gives back its name in the route's root. */
function passOutwards(
  edits: Edits,
  route: Route["forward"],
  value: Value,
  role: Value["role"],
  type: Type = value.type,
): Value {
  return [...route].reverse().reduce((inner, step) => {
    const statement = step.statement as Statement & { kind: "if" };
    const other = step.block === statement.then ? statement.else : statement.then;
    const placeholder = newValue(type, { name: value.name, role });
    edits.yieldAlso(step.block, inner);
    edits.atEnd(other, [{ kind: "placeholder", result: placeholder, span: null }]);
    edits.yieldAlso(other, placeholder);
    const result = newValue(type, { name: value.name, role, span: value.span });
    edits.resultAlso(statement, result);
    return result;
  }, value);
}

function keepAsResults(
  edits: Edits,
  route: Route,
  values: readonly Value[],
  standIn: (value: Value) => Value,
): KeptPlace {
  const substitutions = new Map<Value, Value>();
  for (const value of values) {
    // What a call kept has no zero to stand for it: a recursive one would hold another of its kind.
    const isOfCall = value.type.kind === "record" && value.type.isDeclared === true;
    const type = isOfCall ? optionalType(value.type, "undefined") : value.type;
    const outside = passOutwards(edits, route.forward, value, value.role, type);
    if (isOfCall)
      edits.atTop(route.reverse.at(-1)!.block, [
        { kind: "narrow", result: standIn(value), value: outside, span: value.span },
      ]);
    else substitutions.set(value, outside);
  }
  return { kind: "result", substitutions };
}

// --------------------------------------------------------------------------------------------------------- storage

/** How a value is written into storage and read back. */
interface Slot {
  readonly type: Type;
  store(builder: BlockBuilder, value: Value): Value;
  load(builder: BlockBuilder, stored: Value, result: Value): void;
}

const plainSlot = (type: Type): Slot => ({
  type,
  store: (_, value) => value,
  load: () => undefined,
});

function slotFor(value: Value): Slot {
  if (value.type.kind === "number") return plainSlot({ kind: "typedArray", name: "Float64Array" });
  if (value.type.kind === "boolean")
    return {
      type: { kind: "typedArray", name: "Uint8Array" },
      store: (builder, stored) => builder.apply("toNumber", [stored]),
      load: (builder, stored, result) =>
        builder.add({
          kind: "apply",
          result,
          primitive: "notEqual",
          arguments: [stored, builder.constant(0)],
          span: result.span,
        }),
    };
  return plainSlot({ kind: "array", element: value.type });
}

function loadSlot(builder: BlockBuilder, slot: Slot, object: Value, index: Value, result: Value): void {
  const isBoolean = result.type.kind === "boolean";
  const stored = isBoolean ? newValue(numberType, { span: result.span }) : result;
  builder.add({ kind: "load", result: stored, object, key: { kind: "index", index }, span: result.span });
  if (isBoolean) slot.load(builder, stored, result);
}

// ---------------------------------------------------------------------------------------------------- known trip counts

/** The value's own name, or one from its expression. */
function nameFor(value: Value, facts: StorageFacts): string {
  return describeValue(value, {
    definitionOf: (of) => facts.definitionOf(of),
    nameOf: (index) => index.name ?? (facts.definitionOf(index) ? null : "i"),
  });
}

function outerLoopPosition(route: Route): number {
  return route.forward.findIndex((step) => step.statement.kind === "loop");
}

/** Every loop from that position on is counted, without exits, and its bounds are in scope before the first of them. */
function canSize(route: Route, facts: StorageFacts, position = outerLoopPosition(route)): boolean {
  const outside = new Set<Block>();
  for (let block: Block | undefined = route.forward[position - 1]?.block ?? route.root; block;) {
    outside.add(block);
    block = facts.nesting.ownerOf(block)?.parent;
  }
  const isOutside = (value: Value): boolean => {
    const statement = facts.definitionOf(value);
    return outside.has(facts.nesting.blockOf(value) ?? facts.root) || statement?.kind === "constant";
  };
  return route.forward
    .slice(position)
    .every(
      ({ statement }) =>
        statement.kind !== "loop" ||
        (statement.upper !== null &&
          statement.test === null &&
          statement.exit === null &&
          isOutside(statement.upper) &&
          isOutside(statement.lower)),
    );
}

/** The value is defined in the block or around it, or is a constant, which can be repeated. */
function isVisible(value: Value, from: Block, facts: StorageFacts): boolean {
  const home = facts.nesting.blockOf(value) ?? facts.root;
  for (let block: Block | undefined = from; block; block = facts.nesting.ownerOf(block)?.parent)
    if (block === home) return true;
  return facts.definitionOf(value)?.kind === "constant";
}

/** The constant's definition repeated where it is needed, or the value itself where it is in scope. */
function outsideValue(builder: BlockBuilder, value: Value, facts: StorageFacts): Value {
  const statement = facts.definitionOf(value);
  return statement?.kind === "constant" && typeof statement.value === "number"
    ? builder.constant(statement.value, statement.text)
    : value;
}

function constantOf(value: Value, facts: StorageFacts): number | null {
  const statement = facts.definitionOf(value);
  return statement?.kind === "constant" && typeof statement.value === "number" ? statement.value : null;
}

/** The number of iterations, never negative. */
function tripCount(builder: BlockBuilder, loop: LoopStatement, facts: StorageFacts): Value {
  const bound = loop.upper!;
  const lower = constantOf(loop.lower, facts);
  const literal = constantOf(bound, facts);
  if (lower !== null && literal !== null) return builder.constant(countTrips(loop, lower, literal));
  const upper = outsideValue(builder, bound, facts);
  const isExact = facts.integers.isInteger(bound) && Math.abs(loop.step) === 1;
  const start = (): Value => outsideValue(builder, loop.lower, facts);
  const steps = distanceInSteps(
    builder,
    loop.step,
    { value: start, known: lower },
    { value: () => upper, known: literal },
  );
  const isStrict = loop.comparison === "<" || loop.comparison === ">";
  const rounded = isExact ? steps : builder.apply(isStrict ? "ceil" : "floor", [steps], numberType, { name: "trips" });
  const trips = isStrict ? rounded : builder.apply("add", [rounded, builder.constant(1)]);
  const isNatural = isStrict && loop.step === 1 && lower === 0 && facts.definitionOf(bound)?.kind === "length";
  return isNatural ? trips : builder.apply("max", [builder.constant(0), trips]);
}

function countTrips(loop: LoopStatement, lower: number, upper: number): number {
  const steps = (upper - lower) / loop.step;
  const isStrict = loop.comparison === "<" || loop.comparison === ">";
  return Math.max(0, isStrict ? Math.ceil(steps) : Math.floor(steps) + 1);
}

interface Bound {
  readonly value: () => Value;
  readonly known: number | null;
}

/** (to − from) / step, without signs that cancel. */
function distanceInSteps(builder: BlockBuilder, step: number, from: Bound, to: Bound): Value {
  const [low, high] = step > 0 ? [from, to] : [to, from];
  const distance = low.known === 0 ? high.value() : builder.apply("subtract", [high.value(), low.value()]);
  const size = Math.abs(step);
  return size === 1 ? distance : builder.apply("divide", [distance, builder.constant(size)]);
}

/** How far a loop has come: (counter − lower) / step. */
function position(
  builder: BlockBuilder,
  loop: LoopStatement,
  counter: Value,
  lower: Value,
  facts: StorageFacts,
): Value {
  const start = { value: () => lower, known: constantOf(loop.lower, facts) };
  return distanceInSteps(builder, loop.step, start, { value: () => counter, known: null });
}

function keepSized(
  edits: Edits,
  route: Route,
  block: Block,
  values: readonly Value[],
  standIn: (value: Value) => Value,
  facts: StorageFacts,
): void {
  const outer = outerLoopPosition(route);
  const before = new BlockBuilder();
  const loops = route.forward.flatMap(({ statement }) => (statement.kind === "loop" ? [statement] : []));
  const mirrored = route.reverse.flatMap(({ statement }) => (statement.kind === "loop" ? [statement] : []));
  const trips = loops.map((loop) => tripCount(before, loop, facts));
  const size = trips.reduce((product, count) => before.apply("multiply", [product, count]));
  const slots = values.map(slotFor);
  const arrays = values.map((value, k) => {
    const array = newValue(slots[k]!.type, { name: nameFor(value, facts), role: "kept", span: value.span });
    // An ordinary array grows from nothing: the first slot to be written is the first.
    const length = slots[k]!.type.kind === "array" ? before.constant(0) : size;
    before.add({ kind: "allocate", result: array, length, fill: null, span: null });
    return array;
  });
  edits.beforeStatement(route.forward[outer]!.statement, before.statements);
  const outside = route.forward.slice(0, outer);
  const handOut = (value: Value): Value => (outside.length > 0 ? passOutwards(edits, outside, value, "kept") : value);
  const visible = arrays.map(handOut);
  // Where a loop begins is known in the mirror as it is, or handed out of the branches in which it was computed.
  const lowers = loops.map(({ lower }) => (isVisible(lower, route.root, facts) ? lower : handOut(lower)));
  const strides = trips.map((count, k) => (k === 0 || literalCount(count, before) ? count : handOut(count)));

  const index = (builder: BlockBuilder, through: readonly LoopStatement[], isMirror: boolean): Value =>
    loops
      .map((loop, k) => {
        const lower = isMirror ? outsideValue(builder, lowers[k]!, facts) : loop.lower;
        return position(builder, loop, through[k]!.counter, lower, facts);
      })
      .reduce((sum, next, k) => {
        const literal = literalCount(trips[k]!, before);
        const stride = literal ? builder.constant(literal.value as number) : isMirror ? strides[k]! : trips[k]!;
        const scaled = builder.apply("multiply", [sum, stride]);
        const isLast = k === loops.length - 1;
        return builder.apply("add", [scaled, next], numberType, isLast ? { name: "slot" } : {});
      });
  const top = new BlockBuilder();
  const at = index(top, loops, false);
  edits.atTop(block, top.statements);
  values.forEach((value, k) => {
    const builder = new BlockBuilder(value.span);
    const stored = slots[k]!.store(builder, value);
    builder.add({ kind: "store", object: arrays[k]!, key: { kind: "index", index: at }, value: stored, span: null });
    edits.afterDefinition(value, builder.statements);
  });
  const mirrorTop = new BlockBuilder();
  const mirrorAt = index(mirrorTop, mirrored, true);
  values.forEach((value, k) => loadSlot(mirrorTop, slots[k]!, visible[k]!, mirrorAt, standIn(value)));
  edits.atTop(route.reverse.at(-1)!.block, mirrorTop.statements);
}

/** A trip count that is a literal is repeated instead of named. */
function literalCount(count: Value, before: BlockBuilder): ConstantStatement | null {
  const made = before.statements.find((statement) => "result" in statement && statement.result === count);
  return made?.kind === "constant" ? made : null;
}

// -------------------------------------------------------------------------------------------------- unknown trip counts

/** One storage and one cursor for each element kind of the block's values. */
function keepGrowing(
  edits: Edits,
  route: Route,
  block: Block,
  values: readonly Value[],
  standIn: (value: Value) => Value,
  facts: StorageFacts,
): void {
  const groups: Value[][] = [];
  for (const value of values) {
    const { type } = slotFor(value);
    const group = groups.find((one) => {
      const other = slotFor(one[0]!).type;
      return sameType(other, type) && sameAccess(other, type) && printType(other) === printType(type);
    });
    if (group) group.push(value);
    else groups.push([value]);
  }
  for (const group of groups) keepGroup(edits, route, block, group, standIn, facts);
}

function keepGroup(
  edits: Edits,
  route: Route,
  block: Block,
  values: readonly Value[],
  standIn: (value: Value) => Value,
  facts: StorageFacts,
): void {
  const slot = slotFor(values[0]!);
  const name = values.length === 1 ? nameFor(values[0]!, facts) : "values";
  const newStorage = (): Value => newValue(slot.type, { name, role: "kept" });
  const newCursor = (): Value => newValue(numberType, { name: "cursor", role: "kept" });
  const before = new BlockBuilder();
  const storage = newStorage();
  const initialLength = before.constant(slot.type.kind === "array" ? 0 : 64);
  before.add({ kind: "allocate", result: storage, length: initialLength, fill: null, span: null });
  const start = newCursor();
  before.add({ kind: "constant", result: start, value: 0, text: null, span: null });
  edits.beforeStatement(route.forward[0]!.statement, before.statements);

  // Forward: the cursor travels inwards, and out again; so does the storage, to where it may be replaced by a larger one.
  const { forward } = route;
  const ahead = countedFrom(route, facts);
  const cursors = enter(edits, forward, [start], [newCursor]);
  const inCursor = cursors.at(forward.length)[0]!;
  const top = new BlockBuilder();
  const outCursor = newCursor();
  const count = top.constant(values.length);
  top.add({ kind: "apply", result: outCursor, primitive: "add", arguments: [inCursor, count], span: null });
  const makeRoom = (builder: BlockBuilder, object: Value, capacity: Value): Value => {
    const result = newStorage();
    builder.add({ kind: "ensure", result, object, capacity, span: null });
    return result;
  };
  let outStorage = storage;
  let finalStorage = storage;
  // An ordinary array grows by itself.
  if (slot.type.kind !== "array") {
    const outer = forward.slice(0, ahead);
    const storages = enter(edits, outer, [storage], [newStorage]);
    const inStorage = storages.at(outer.length)[0]!;
    if (ahead === forward.length) outStorage = makeRoom(top, inStorage, outCursor);
    else {
      const builder = new BlockBuilder();
      const loops = forward.slice(ahead).flatMap(({ statement }) => (statement.kind === "loop" ? [statement] : []));
      const trips = loops.map((loop) => tripCount(builder, loop, facts));
      const size = [...trips, ...(values.length > 1 ? [builder.constant(values.length)] : [])].reduce((product, one) =>
        builder.apply("multiply", [product, one]),
      );
      outStorage = makeRoom(builder, inStorage, builder.apply("add", [cursors.at(ahead)[0]!, size]));
      edits.beforeStatement(forward[ahead]!.statement, builder.statements);
    }
    finalStorage = storages.leave([outStorage])[0]!;
  }
  edits.atTop(block, top.statements);
  values.forEach((value, k) => {
    const builder = new BlockBuilder(value.span);
    const index = k === 0 ? inCursor : builder.apply("add", [inCursor, builder.constant(k)]);
    const stored = slot.store(builder, value);
    builder.add({ kind: "store", object: outStorage, key: { kind: "index", index }, value: stored, span: null });
    edits.afterDefinition(value, builder.statements);
  });
  const [finalCursor] = cursors.leave([outCursor]) as [Value];

  // Reverse: only the cursor travels.
  const returning = enter(edits, route.reverse, [finalCursor], [newCursor]);
  const mirrorTop = new BlockBuilder();
  const base = newCursor();
  const size = mirrorTop.constant(values.length);
  const cursor = returning.at(route.reverse.length)[0]!;
  mirrorTop.add({ kind: "apply", result: base, primitive: "subtract", arguments: [cursor, size], span: null });
  values.forEach((value, k) => {
    const index = k === 0 ? base : mirrorTop.apply("add", [base, mirrorTop.constant(k)]);
    loadSlot(mirrorTop, slot, finalStorage, index, standIn(value));
  });
  edits.atTop(route.reverse.at(-1)!.block, mirrorTop.statements);
  returning.leave([base]);
}

/** Where the innermost loops begin whose iterations can be counted when they begin; the number of steps for none. */
function countedFrom(route: Route, facts: StorageFacts): number {
  const { forward } = route;
  for (let position = 1; position < forward.length; position++)
    if (forward[position]!.statement.kind === "loop" && canSize(route, facts, position)) return position;
  return forward.length;
}

interface Threaded {
  /** The values as the block that many steps inwards sees them. */
  at(depth: number): readonly Value[];
  /** Given the innermost block's last values, carries them out; their names in the root. */
  leave(last: readonly Value[]): readonly Value[];
}

/** Threads values through the loops and branches of a route. */
function enter(
  edits: Edits,
  steps: Route["forward"],
  initial: readonly Value[],
  fresh: readonly (() => Value)[],
): Threaded {
  const inner: (readonly Value[])[] = [initial];
  for (const { statement } of steps) {
    const outside = inner.at(-1)!;
    inner.push(statement.kind === "loop" ? fresh.map((make) => make()) : outside);
  }
  return {
    at: (depth) => inner[depth]!,
    leave(last) {
      let leaving = last;
      for (let k = steps.length - 1; k >= 0; k--) {
        const { statement, block } = steps[k]!;
        const outside = inner[k]!;
        const results = fresh.map((make) => make());
        leaving.forEach((value) => edits.yieldAlso(block, value));
        if (statement.kind === "loop")
          results.forEach((result, j) => edits.carry(statement, inner[k + 1]![j]!, outside[j]!, result));
        if (statement.kind === "if") {
          const other = block === statement.then ? statement.else : statement.then;
          outside.forEach((value) => edits.yieldAlso(other, value));
          results.forEach((result) => edits.resultAlso(statement, result));
        }
        leaving = results;
      }
      return leaving;
    },
  };
}
