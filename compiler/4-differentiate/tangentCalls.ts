/**
 * Calls that are not inlined, in the tangent.
 *
 * before: y = call f(x, a)        after: { value, tangent } = call fTangent(x, a, xDot, aDot)
 */
import { type BlockBuilder, newValue } from "../ir/build.js";
import type { CallStatement } from "../ir/ir.js";
import { maskOf } from "./pairedCalls.js";
import { type TangentContext, tangentOf, tangentOptions, tangentType } from "./tangentContext.js";

export function pushCall(context: TangentContext, builder: BlockBuilder, call: CallStatement): void {
  const mask = maskOf(context, call, () => false);
  if (!mask) return builder.add(call);
  const { callee, pair: type } = context.program.tangentCallee(call.callee, mask);
  const active = call.arguments.filter((_, k) => mask.parameters[k]);
  const args = [...call.arguments, ...active.map((argument) => tangentOf(context, builder, argument))];
  const { span, result } = call;
  const { key, effects } = callee;
  if (!result || !type) return builder.add({ kind: "call", result, callee: key, arguments: args, effects, span });
  const pair = newValue(type, { name: context.program.functionOf(call.callee).name, role: "tangent", span });
  builder.add({ kind: "call", result: pair, callee: key, arguments: args, effects, span });
  builder.add({ kind: "load", result, object: pair, key: { kind: "field", name: "value" }, span });
  const tangent = newValue(tangentType(result), tangentOptions(result));
  builder.add({ kind: "load", result: tangent, object: pair, key: { kind: "field", name: "tangent" }, span });
  context.tangents.set(result, tangent);
}
