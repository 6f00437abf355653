/**
 * Snapshots: where a pullback reads an array that may be written after the call, the forward sweep copies it at the call.
 *
 * before: s = dot x, x; store x, 0, 5        after: s = dot x, x; xKept = slice x; store x, 0, 5; … addScaled(xBar, sBar, xKept)
 */
import { BlockBuilder } from "../ir/build.js";
import type { Block, Statement, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { arrayRule } from "../rules/index.js";
import { type AdjointContext, recall } from "./adjointContext.js";
import { copyOf } from "./stateCopies.js";

type Called = Statement & { kind: "arrayPrimitive" | "externalCall" };

/** What the statement's pullbacks read. */
function readBack(context: AdjointContext, statement: Called): readonly Value[] {
  const carries = (value: Value): boolean =>
    isReference(value.type) ? context.activity.hasShadow(value) : context.activity.isActive(value);
  if (!carries(statement.result)) return [];
  if (statement.kind === "externalCall") {
    const flows = statement.arguments.some((argument, k) => statement.flows[k] && carries(argument));
    if (!flows) return [];
    if (statement.callee.kind === "derivative") return statement.arguments;
    // A hook sees the objects themselves, as functions do that capture them.
    if (statement.callee.kind === "hooked") return [];
    return statement.rule !== null ? [...statement.arguments, statement.result] : [];
  }
  return arrayRule(statement.primitive).pullbacks.flatMap((pullback, k) => {
    const operand = statement.arguments[k];
    if (!pullback || !operand || !carries(operand)) return [];
    return pullback.reads.flatMap((read) => {
      if (read === "seed") return [];
      return [read === "result" ? statement.result : statement.arguments[read]!];
    });
  });
}

/** The copies that the forward sweep makes right behind the statement. */
export function snapshotsOf(context: AdjointContext, block: Block, statement: Called): readonly Statement[] {
  const builder = new BlockBuilder(statement.span);
  const made = new Map<Value, Value>();
  for (const object of readBack(context, statement)) {
    if (made.has(object) || !isReference(object.type) || context.isSettledAfter(statement, object)) continue;
    const result = copyOf(builder, object);
    made.set(object, result);
    context.addedIn.set(result, block);
  }
  if (made.size > 0) context.snapshots.set(statement, made);
  return builder.statements;
}

/** A value as the call saw it, in the reverse sweep. */
export function recallAt(context: AdjointContext, statement: Called, value: Value): Value {
  return recall(context, context.snapshots.get(statement)?.get(value) ?? value);
}
