/**
 * Where kept values live (CORE K3, K6, K7): results of branches outside loops, arrays sized by the trip counts where
 * these are known before the loop, and growing storage with a cursor elsewhere.
 */
import { BlockBuilder, newValue, numberType } from "../ir/build.js";
import type { Edits } from "../ir/edit.js";
import type { Block, ConstantStatement, LoopStatement, Statement, Type, Value } from "../ir/ir.js";
import { optionalType } from "../ir/types.js";
import type { Route } from "./keepPlan.js";
import { keepGrowing } from "./keepGrowing.js";
import {
  canSize,
  constantOf,
  distanceInSteps,
  isVisible,
  loadSlot,
  nameFor,
  outerLoopPosition,
  outsideValue,
  slotFor,
  type StorageFacts,
  tripCount,
} from "./keepSlots.js";

export type KeptPlace =
  /** One more result of the branch; the stand-in in the mirror is replaced by that result. */
  | { readonly kind: "result"; readonly substitutions: ReadonlyMap<Value, Value> }
  | { readonly kind: "sized" }
  | { readonly kind: "growing" };

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

// ---------------------------------------------------------------------------------------------------- known trip counts

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
