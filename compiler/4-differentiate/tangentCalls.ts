/**
 * The tangent of a function that is called: it takes the tangents of its active arguments behind the arguments.
 *
 * Needs: a verified function and the mask of its active arguments. Guarantees: what the primal does, and its tangent.
 *
 * before: y = call f(x, a)        after: { value, tangent } = call fTangent(x, a, xDot, aDot)
 */
import { activity } from "../3-analyse/activity.js";
import { aliasClasses } from "../3-analyse/aliases.js";
import { BlockBuilder, newValue, numberType } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import type { CallStatement, IrFunction, Parameter, RecordType, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { maskOf } from "./pairedCalls.js";
import { type Callee, type CallMask, describeMask, type Program } from "./program.js";
import { constantsOf, pushBlock, type TangentContext, tangentOf, tangentOptions } from "./tangent.js";

interface TangentCallee {
  readonly callee: Callee;
  /** The result is a record of the value and its tangent. */
  readonly hasTangent: boolean;
}

function tangentCallee(program: Program, callee: string, mask: CallMask): TangentCallee {
  return program.remember(`tangent ${describeMask(callee, mask)}`, () => makeTangent(program, callee, mask));
}

function tangentType(value: Value): Value["type"] {
  return isReference(value.type) ? gradientType(value.type) : numberType;
}

function makeTangent(program: Program, callee: string, mask: CallMask): TangentCallee {
  const fn = program.prepare(program.functionOf(callee));
  const active = fn.parameters.filter((_, k) => mask.parameters[k]);
  const value = fn.body.yields[0] ?? null;
  const wrt = active.map((parameter) => parameter.value);
  const results = [...(mask.result && value ? [value] : []), ...wrt.filter((parameter) => isReference(parameter.type))];
  const aliases = aliasClasses(fn);
  const context: TangentContext = {
    program,
    activity: activity(fn, aliases, { wrt, results }),
    aliases,
    tangents: new Map(),
    constantOf: constantsOf(fn),
  };
  const tangents = active.map((parameter): Parameter => {
    const tangent = newValue(tangentType(parameter.value), tangentOptions(parameter.value));
    context.tangents.set(parameter.value, tangent);
    return { value: tangent, name: `${parameter.name}Dot`, typeText: null, isOptional: false, isRest: false };
  });
  const builder = new BlockBuilder();
  pushBlock(context, builder, fn.body);
  let result = value;
  if (mask.result && value) {
    const tangent = tangentOf(context, builder, value);
    const type: RecordType = {
      kind: "record",
      name: null,
      fields: [
        { name: "value", type: value.type, isOptional: false },
        { name: "tangent", type: tangent.type, isOptional: false },
      ],
    };
    result = newValue(type, { role: "tangent" });
    const elements = [value, tangent];
    builder.add({ kind: "literal", result, elements, fields: ["value", "tangent"], span: null });
  }
  const stem = program.stemFor(fn.name, "Tangent");
  const whole: IrFunction = {
    ...fn,
    name: `${stem}Tangent`,
    parameters: [...fn.parameters, ...tangents],
    returnTypeText: null,
    body: builder.block(result ? [result] : []),
    documentation: [`{@link ${fn.name}} and its tangent.`],
  };
  return { callee: program.add(program.finishTangent(whole)), hasTangent: mask.result && value !== null };
}

export function pushCall(context: TangentContext, builder: BlockBuilder, call: CallStatement): void {
  const mask = maskOf(context, call);
  if (!mask) return builder.add(call);
  const { callee, hasTangent } = tangentCallee(context.program, call.callee, mask);
  const active = call.arguments.filter((_, k) => mask.parameters[k]);
  const args = [...call.arguments, ...active.map((argument) => tangentOf(context, builder, argument))];
  const { span, result } = call;
  const { key, effects, fn } = callee;
  if (!result || !hasTangent) return builder.add({ kind: "call", result, callee: key, arguments: args, effects, span });
  const pair = newValue(fn.body.yields[0]!.type, { role: "tangent", span });
  builder.add({ kind: "call", result: pair, callee: key, arguments: args, effects, span });
  builder.add({ kind: "load", result, object: pair, key: { kind: "field", name: "value" }, span });
  const tangent = newValue(tangentType(result), tangentOptions(result));
  builder.add({ kind: "load", result: tangent, object: pair, key: { kind: "field", name: "tangent" }, span });
  context.tangents.set(result, tangent);
}
