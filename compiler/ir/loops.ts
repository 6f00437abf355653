/** Counted loops, written by the compiler itself. */
import { BlockBuilder, newBlock, newValue, numberType, type ValueOptions } from "./build.js";
import type { Value } from "./ir.js";

/** Runs the body for 0, 1, 2, … below `upper`; the values it carries begin with `initial`. */
export function countedLoop(
  builder: BlockBuilder,
  upper: Value,
  initial: readonly Value[],
  body: (inside: BlockBuilder, index: Value, carried: readonly Value[]) => readonly Value[],
): readonly Value[] {
  const like: Labels = ({ name, role }) => ({ name, role });
  return rangeLoop(builder, { lower: builder.constant(0), upper, step: 1 }, initial, like, body);
}

/** The same from `upper - 1` down to 0. */
export function countedLoopBackwards(
  builder: BlockBuilder,
  upper: Value,
  body: (inside: BlockBuilder, index: Value) => void,
): void {
  const last = builder.apply("subtract", [upper, builder.constant(1)]);
  const range = { lower: last, upper: builder.constant(0), step: -1 };
  rangeLoop(
    builder,
    range,
    [],
    () => ({}),
    (inside, index) => {
      body(inside, index);
      return [];
    },
  );
}

/** How what is carried is called, by its initial value. */
type Labels = (initial: Value) => ValueOptions;

interface Range {
  readonly lower: Value;
  readonly upper: Value;
  /** A non-zero integer; negative counts down. */
  readonly step: number;
}

/** The same over a range; `upper` is outside of it, or the last where it goes backwards. */
export function rangeLoop(
  builder: BlockBuilder,
  { lower, upper, step }: Range,
  initial: readonly Value[],
  labels: Labels,
  body: (inside: BlockBuilder, index: Value, carried: readonly Value[]) => readonly Value[],
): readonly Value[] {
  const { span } = builder;
  const counter = newValue(numberType, { span });
  const like = (value: Value): Value => newValue(value.type, { ...labels(value), span });
  const parameters = initial.map(like);
  const inside = new BlockBuilder(span, builder);
  const next = body(inside, counter, parameters);
  const results = initial.map(like);
  builder.add({
    kind: "loop",
    counter,
    lower,
    upper,
    comparison: step < 0 ? ">=" : "<",
    step,
    parameters,
    initial,
    test: null,
    body: newBlock(inside.statements, next),
    exit: null,
    results,
    trips: null,
    label: null,
    span,
  });
  return results;
}
