/**
 * The tangent of a function that is called: it takes the tangents of its active arguments behind the arguments.
 *
 * Needs: a verified function and the mask of its active arguments. Guarantees: what the primal does, and its tangent.
 *
 * before: f(x, a): y        after: fTangent(x, a, xDot, aDot): { value, tangent }
 */
import { activity } from "../3-analyse/activity.js";
import { aliasClasses } from "../3-analyse/aliases.js";
import { BlockBuilder, newParameter, newValue } from "../ir/build.js";
import type { IrFunction, Parameter, RecordType } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { assumedEffects, type Plan } from "./madeOnce.js";
import type { CallMask, Program, TangentCallee } from "./program.js";
import { pushBlock } from "./tangent.js";
import { constantsOf, type TangentContext, tangentOf, tangentOptions, tangentType } from "./tangentContext.js";

/** How the tangent for one mask is made. */
export function planTangentCallee(program: Program, callee: string, mask: CallMask): Plan<TangentCallee> {
  const fn = program.prepare(program.functionOf(callee));
  const name = `${program.stemFor(fn.name, "Tangent")}Tangent`;
  const value = fn.body.yields[0] ?? null;
  const pair: RecordType | null =
    mask.result && value
      ? {
          kind: "record",
          name: null,
          fields: [
            { name: "value", type: value.type, isOptional: false },
            { name: "tangent", type: tangentType(value), isOptional: false },
          ],
        }
      : null;
  return {
    outline: (effects) => ({ callee: { key: name, effects: assumedEffects(effects, 0) }, pair }),
    make: () => ({ callee: program.add(program.finishTangent(pushed(program, { fn, name, mask, pair }))), pair }),
  };
}

interface Pushing {
  readonly fn: IrFunction;
  readonly name: string;
  readonly mask: CallMask;
  readonly pair: RecordType | null;
}

function pushed(program: Program, { fn, name, mask, pair }: Pushing): IrFunction {
  const active = fn.parameters.filter((_, k) => mask.parameters[k]);
  const value = fn.body.yields[0] ?? null;
  const wrt = active.map((parameter) => parameter.value);
  const results = [...(mask.result && value ? [value] : []), ...wrt.filter((parameter) => isReference(parameter.type))];
  const aliases = aliasClasses(fn);
  const context: TangentContext = {
    program,
    activity: activity(fn, aliases, { wrt, results, isHandedOut: true }),
    aliases,
    tangents: new Map(),
    constantOf: constantsOf(fn),
  };
  const tangents = active.map((parameter): Parameter => {
    const tangent = newValue(tangentType(parameter.value), tangentOptions(parameter.value));
    context.tangents.set(parameter.value, tangent);
    return newParameter(tangent, `${parameter.name}Dot`);
  });
  const builder = new BlockBuilder();
  pushBlock(context, builder, fn.body);
  let result = value;
  if (pair && value) {
    result = newValue(pair, { role: "tangent" });
    const elements = [value, tangentOf(context, builder, value)];
    builder.add({ kind: "literal", result, elements, fields: ["value", "tangent"], span: null });
  }
  return {
    ...fn,
    name,
    parameters: [...fn.parameters, ...tangents],
    returnTypeText: null,
    body: builder.block(result ? [result] : []),
    documentation: [`{@link ${fn.name}} and its tangent.`],
  };
}
