/** Slots of storage: their kind, their names, and how many of them a nest of loops fills. */
import type { IntegerFacts } from "../3-analyse/integers.js";
import type { Nesting } from "../3-analyse/nesting.js";
import { type BlockBuilder, newValue, numberType } from "../ir/build.js";
import { describeValue } from "../ir/describe.js";
import type { Block, LoopStatement, Statement, Type, Value } from "../ir/ir.js";
import type { Route } from "./keepPlan.js";

/** What counting iterations asks for. */
export interface CountFacts {
  readonly integers: IntegerFacts;
  definitionOf(value: Value): Statement | undefined;
}

export interface StorageFacts extends CountFacts {
  readonly nesting: Nesting;
  readonly root: Block;
}

/** How a value is written into storage and read back. */
export interface Slot {
  readonly type: Type;
  store(builder: BlockBuilder, value: Value): Value;
  load(builder: BlockBuilder, stored: Value, result: Value): void;
}

const plainSlot = (type: Type): Slot => ({
  type,
  store: (_, value) => value,
  load: () => undefined,
});

export function slotFor(value: Value): Slot {
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

export function loadSlot(builder: BlockBuilder, slot: Slot, object: Value, index: Value, result: Value): void {
  const isBoolean = result.type.kind === "boolean";
  const stored = isBoolean ? newValue(numberType, { span: result.span }) : result;
  builder.add({ kind: "load", result: stored, object, key: { kind: "index", index }, span: result.span });
  if (isBoolean) slot.load(builder, stored, result);
}

/** The value's own name, or one from its expression. */
export function nameFor(value: Value, facts: StorageFacts): string {
  return describeValue(value, {
    definitionOf: (of) => facts.definitionOf(of),
    nameOf: (index) => index.name ?? (facts.definitionOf(index) ? null : "i"),
  });
}

export function outerLoopPosition(route: Route): number {
  return route.forward.findIndex((step) => step.statement.kind === "loop");
}

/** Every loop from that position on is counted, without exits, and its bounds are in scope before the first of them. */
export function canSize(route: Route, facts: StorageFacts, position = outerLoopPosition(route)): boolean {
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
export function isVisible(value: Value, from: Block, facts: StorageFacts): boolean {
  const home = facts.nesting.blockOf(value) ?? facts.root;
  for (let block: Block | undefined = from; block; block = facts.nesting.ownerOf(block)?.parent)
    if (block === home) return true;
  return facts.definitionOf(value)?.kind === "constant";
}

/** The constant's definition repeated where it is needed, or the value itself where it is in scope. */
export function outsideValue(builder: BlockBuilder, value: Value, facts: CountFacts): Value {
  const statement = facts.definitionOf(value);
  return statement?.kind === "constant" && typeof statement.value === "number"
    ? builder.constant(statement.value, statement.text)
    : value;
}

export function constantOf(value: Value, facts: CountFacts): number | null {
  const statement = facts.definitionOf(value);
  return statement?.kind === "constant" && typeof statement.value === "number" ? statement.value : null;
}

/** The number of iterations, never negative. */
export function tripCount(builder: BlockBuilder, loop: LoopStatement, facts: CountFacts): Value {
  const bound = loop.upper!;
  const lower = constantOf(loop.lower, facts);
  const literal = constantOf(bound, facts);
  if (lower !== null && literal !== null) return builder.constant(countTrips(loop, lower, literal));
  const upper = outsideValue(builder, bound, facts);
  const isExact = facts.integers.isInteger(bound) && Math.abs(loop.step) === 1;
  const isStrict = loop.comparison === "<" || loop.comparison === ">";
  const start: Bound = { value: () => outsideValue(builder, loop.lower, facts), known: lower };
  const end: Bound = { value: () => upper, known: literal };
  const low = loop.step > 0 ? lower : literal;
  // From 1 to n there are n, from 3 to n n - 2.
  const isCounted = !isStrict && isExact && low !== null && low > 0;
  const before: Bound = { value: () => builder.constant(low! - 1), known: low! - 1 };
  const [from, to] = loop.step > 0 ? [isCounted ? before : start, end] : [start, isCounted ? before : end];
  const steps = distanceInSteps(builder, loop.step, from, to);
  const rounded = isExact ? steps : builder.apply(isStrict ? "ceil" : "floor", [steps], numberType, { name: "trips" });
  const isAll = isStrict || isCounted;
  const trips = isAll ? rounded : builder.apply("add", [rounded, builder.constant(1)]);
  const isNatural = isAll && loop.step === 1 && lower === (isCounted ? 1 : 0);
  const isLength = facts.definitionOf(bound)?.kind === "length";
  return isNatural && isLength ? trips : builder.apply("max", [builder.constant(0), trips]);
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
export function distanceInSteps(builder: BlockBuilder, step: number, from: Bound, to: Bound): Value {
  const [low, high] = step > 0 ? [from, to] : [to, from];
  const distance = low.known === 0 ? high.value() : builder.apply("subtract", [high.value(), low.value()]);
  const size = Math.abs(step);
  return size === 1 ? distance : builder.apply("divide", [distance, builder.constant(size)]);
}
