/** Where the counter of a loop stands when the loop ends, and in its last iteration. */
import { numberType } from "../ir/build.js";
import type { LoopStatement, Value } from "../ir/ir.js";
import { recall, type Reverse } from "./adjointContext.js";

type Place = Pick<Reverse, "context" | "builder">;

/** The counter of the last iteration, from which the mirrored loop starts. */
export function lastCounter(place: Place, loop: LoopStatement): Value {
  return counterAt(place, loop, "last");
}

/** What the counter would be in one more iteration. */
export function counterBehind(place: Place, loop: LoopStatement): Value {
  return counterAt(place, loop, "behind");
}

function counterAt({ context, builder }: Place, loop: LoopStatement, which: "last" | "behind"): Value {
  const lower = recall(context, loop.lower);
  const size = Math.abs(loop.step);
  const moved = (value: Value, by: number): Value => {
    if (by === 0) return value;
    return builder.apply(by < 0 ? "subtract" : "add", [value, builder.constant(Math.abs(by))]);
  };
  const stepsFrom = (trips: Value, more = 0): Value => {
    const steps = moved(trips, which === "last" ? more - 1 : more);
    const way = size === 1 ? steps : builder.apply("multiply", [steps, builder.constant(size)]);
    if (loop.step < 0) return builder.apply("subtract", [lower, way]);
    return context.constantOf(loop.lower) === 0 ? way : builder.apply("add", [lower, way]);
  };
  if (loop.trips) return stepsFrom(recall(context, loop.trips));
  const bound = loop.upper!;
  const upper = recall(context, bound);
  const isInteger = context.integers.isInteger(bound);
  const rounded = (primitive: string): Value =>
    isInteger ? upper : builder.apply(primitive, [upper], numberType, { name: "trips" });
  const isStrict = loop.comparison === "<" || loop.comparison === ">";
  if (size === 1) {
    // The first counter that is not below the bound is behind the loop; the last that is not above it is in it.
    const isRoundedUp = loop.comparison === "<" || loop.comparison === ">=";
    const shift = (which === "last" ? 0 : 1) - (isStrict ? 1 : 0);
    return moved(rounded(isRoundedUp ? "ceil" : "floor"), shift * loop.step);
  }
  const [low, high] = loop.step > 0 ? [loop.lower, bound] : [bound, loop.lower];
  const isFromZero = context.constantOf(low) === 0;
  const end = recall(context, high);
  const distance = isFromZero ? end : builder.apply("subtract", [end, recall(context, low)]);
  const quotient = builder.apply("divide", [distance, builder.constant(size)]);
  if (isStrict) return stepsFrom(builder.apply("ceil", [quotient]));
  return stepsFrom(builder.apply("floor", [quotient]), 1);
}
