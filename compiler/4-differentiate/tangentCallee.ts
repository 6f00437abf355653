/**
 * The tangent of a function that is called: it takes the tangents of its active arguments behind the arguments.
 *
 * Needs: a verified function and the mask of its active arguments. Guarantees: what the primal does, and its tangent.
 *
 * before: f(x, a): y        after: fTangent(x, a, xDot, aDot): { value, tangent }
 */
import { activity } from "../3-analyse/activity.js";
import { aliasClasses } from "../3-analyse/aliases.js";
import { BlockBuilder, newValue } from "../ir/build.js";
import type { IrFunction, Parameter, RecordType } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import type { CallMask, Program, TangentCallee } from "./program.js";
import { pushBlock } from "./tangent.js";
import { constantsOf, type TangentContext, tangentOf, tangentOptions, tangentType } from "./tangentContext.js";

/** Makes the tangent for one mask. */
export function makeTangentCallee(program: Program, callee: string, mask: CallMask): TangentCallee {
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
