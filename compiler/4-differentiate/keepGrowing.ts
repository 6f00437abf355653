/**
 * Growing storage, with a cursor: for loops whose trips are not known before the outermost of them. Room is made before the
 * innermost loops whose trips are known when they begin, and in every iteration elsewhere.
 *
 * before: while c {loop j < k {x' = f x}}        after: while c {make room for k; loop j < k {xKept[cursor] = x; x' = f x; cursor + 1}}
 */
import { BlockBuilder, newValue, numberType } from "../ir/build.js";
import type { Edits } from "../ir/edit.js";
import type { Block, Value } from "../ir/ir.js";
import { printType } from "../ir/print.js";
import { sameAccess, sameType } from "../ir/types.js";
import type { Route } from "./keepPlan.js";
import { canSize, loadSlot, nameFor, slotFor, type StorageFacts, tripCount } from "./keepSlots.js";

/** One storage and one cursor for each element kind of the block's values. */
export function keepGrowing(
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
