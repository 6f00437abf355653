/**
 * Calls that are not inlined: the forward sweep calls the forward function and keeps what it returns, the reverse sweep
 * gives that to the reverse function.
 *
 * before: y = call f(x, a)        after: kept = call fForward(x, a); y = kept.value; … xBar += call fReverse(kept, yBar, aBar)
 */
import { invariant } from "../diagnostics.js";
import { memoriesOfCall } from "../3-analyse/callEffects.js";
import { type BlockBuilder, newValue, numberType } from "../ir/build.js";
import { shadowType } from "../ir/gradientType.js";
import type { Block, CallStatement, Type, Value } from "../ir/ir.js";
import { isReference, isScalar } from "../ir/types.js";
import { accumulate, type AdjointContext, adjointOptions, recall, type Reverse, shadowOf } from "./adjointContext.js";
import { partsOf } from "./parameterShadows.js";
import type { CallMask } from "./program.js";

/** The mask of a call through which derivatives flow; null when none do. */
export function maskOf(
  { activity, aliases }: Pick<AdjointContext, "activity" | "aliases">,
  call: CallStatement,
  isMoving: (argument: Value) => boolean,
): CallMask | null {
  const carries = (value: Value): boolean =>
    isReference(value.type) ? activity.hasShadow(value) : isScalar(value.type) && activity.isActive(value);
  const parameters = call.arguments.map(carries);
  const result = call.result !== null && carries(call.result);
  const writesActive = [...memoriesOfCall(aliases, call)].some(
    ([callee, memory]) => callee.isWritten && activity.hasShadowAt(memory),
  );
  if (!parameters.some(Boolean) || !(result || writesActive)) return null;
  const moving = call.arguments.map(
    (argument, k) => parameters[k]! && isReference(argument.type) && isMoving(argument),
  );
  return { parameters, result, isMoving: moving };
}

/** The forward call in place of the primal's; false when no derivative flows through the call. */
export function augmentCall(
  context: AdjointContext,
  block: Block,
  builder: BlockBuilder,
  call: CallStatement,
  shadow: (reference: Value) => Value,
  register: (primal: Value, shadow: Value) => void,
): boolean {
  const mask = maskOf(context, call, (argument) => !context.isReverseMade(argument));
  if (!mask) return false;
  const pair = context.program.adjointPair(call.callee, mask);
  const { span } = call;
  for (const k of pair.forwardShadows)
    invariant(!context.isReverseMade(call.arguments[k]!), `${call.callee} needs a shadow that is not made yet`);
  const kept = newValue(pair.kept, { name: context.program.functionOf(call.callee).name, role: "kept", span });
  const args = [...call.arguments, ...pair.forwardShadows.map((k) => shadow(call.arguments[k]!))];
  const { key, effects } = pair.forward;
  builder.add({ kind: "call", result: kept, callee: key, arguments: args, effects, span });
  context.addedIn.set(kept, block);
  context.calls.set(call, { pair, kept });
  if (!call.result) return true;
  invariant(pair.hasValue, "a call with a result of a function without one");
  builder.add({ kind: "load", result: call.result, object: kept, key: { kind: "field", name: "value" }, span });
  if (!pair.hasValueShadow) return true;
  const result = newValue(shadowType(call.result.type), adjointOptions(call.result));
  builder.add({ kind: "load", result, object: kept, key: { kind: "field", name: "valueBar" }, span });
  register(call.result, result);
  return true;
}

/** What a reverse function returns: nothing, one adjoint, or a tuple of them. */
export function adjointsType(count: number): Type | null {
  if (count < 2) return count === 0 ? null : numberType;
  return { kind: "tuple", elements: new Array<Type>(count).fill(numberType), labels: null };
}

/** The reverse call, and the adjoints it returns. */
export function reverseCall(reverse: Reverse, call: CallStatement): void {
  const { context, builder, adjoints } = reverse;
  const paired = context.calls.get(call);
  if (!paired?.pair.reverse) return;
  const { pair, kept } = paired;
  const { span } = call;
  const incoming = pair.hasSeed ? adjoints.get(call.result!) : null;
  const hasShadows = call.arguments.some(
    (argument) => isReference(argument.type) && context.activity.hasShadow(argument),
  );
  if (!incoming && !hasShadows && !pair.hasValueShadow) return;
  const seed = pair.hasSeed ? [incoming ?? builder.constant(0)] : [];
  const shadows = pair.reverseShadows.map((k) => shadowOf(context, call.arguments[k]!));
  const args = [recall(context, kept), ...seed, ...shadows];
  const { key, effects } = paired.pair.reverse!;
  const returned = adjointsType(pair.adjoints.length);
  const { parameters } = context.program.functionOf(call.callee);
  const options = pair.adjoints.map((k) => {
    const argument = call.arguments[k]!;
    return { ...adjointOptions(argument, span), name: argument.name ?? parameters[k]!.name };
  });
  const isAlone = pair.adjoints.length === 1;
  const result = returned ? newValue(returned, isAlone ? options[0] : { role: "adjoint", span }) : null;
  builder.add({ kind: "call", result, callee: key, arguments: args, effects, span });
  if (!result) return;
  const parts = isAlone ? [result] : partsOf(builder, result, options);
  pair.adjoints.forEach((k, position) => accumulate(reverse, call.arguments[k]!, parts[position]!));
}
