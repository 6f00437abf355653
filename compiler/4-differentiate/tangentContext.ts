/** What the rooms of the tangent share: the tangents found so far. */
import type { ActivityFacts } from "../3-analyse/activity.js";
import type { AliasFacts } from "../3-analyse/aliases.js";
import { type BlockBuilder, newValue, numberType, type ValueOptions } from "../ir/build.js";
import type { IrFunction, Span, Type, Value } from "../ir/ir.js";
import { gradientType } from "../ir/gradientType.js";
import { isReference } from "../ir/types.js";
import { constantsIn } from "../ir/walk.js";
import type { Program } from "./program.js";

export interface TangentContext {
  readonly program: Program;
  readonly activity: ActivityFacts;
  readonly aliases: AliasFacts;
  /** Tangents of scalars, and references to the tangents of memory; absent where they are zero. */
  readonly tangents: Map<Value, Value>;
  constantOf(value: Value): number | null;
}

/** The values of a function's literal constants. */
export function constantsOf(fn: IrFunction): (value: Value) => number | null {
  const constants = constantsIn(fn.body);
  return (value) => constants.get(value) ?? null;
}

/** How a tangent of `value` is labelled. */
export function tangentOptions(value: Value, span: Span | null = value.span): ValueOptions {
  return { name: value.name, role: "tangent", span };
}

/** The tangent of a scalar, zero where it is absent. */
export function scalarTangent(context: TangentContext, builder: BlockBuilder, value: Value): Value {
  return context.tangents.get(value) ?? builder.constant(0);
}

/** The memory of a reference's tangents; an inactive object of an active class gets zeros on the spot. */
export function tangentMemory(context: TangentContext, builder: BlockBuilder, reference: Value): Value {
  const known = context.tangents.get(reference);
  if (known) return known;
  const result = newValue(gradientType(reference.type), tangentOptions(reference));
  builder.add({ kind: "zerosLike", result, object: reference, keepsIdentity: false, span: reference.span });
  return result;
}

/** The tangent of any value that has one, to be yielded beside it; null for what carries none. */
export function tangentOf(context: TangentContext, builder: BlockBuilder, value: Value, target = value): Value {
  if (value.type.kind === "nullish" && isReference(target.type)) return nothing(builder, value);
  return isReference(value.type) ? tangentMemory(context, builder, value) : scalarTangent(context, builder, value);
}

/** Nothing, in the way of `value`. */
function nothing(builder: BlockBuilder, value: Value): Value {
  const result = newValue(value.type, tangentOptions(value));
  const isNull = value.type.kind === "nullish" && value.type.missing === "null";
  builder.add({ kind: "constant", result, value: isNull ? null : undefined, text: null, span: value.span });
  return result;
}

/** The type of a value's tangent. */
export function tangentType(value: Value): Type {
  return isReference(value.type) ? gradientType(value.type) : numberType;
}
