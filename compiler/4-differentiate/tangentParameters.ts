/**
 * The tangent of a whole function: the tangents that come in with its parameters, and those of its result.
 *
 * Needs: verified, recall-free IR. Guarantees: the tangents passed in are never written; parameters that may be one
 * written object share one tangent, the first one's.
 */
import { activity } from "../3-analyse/activity.js";
import { aliasClasses } from "../3-analyse/aliases.js";
import { entangledGroups } from "../3-analyse/entangled.js";
import { BlockBuilder, newValue } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import type { IrFunction, Statement, Value } from "../ir/ir.js";
import { elementType, isReference } from "../ir/types.js";
import { callForTuple, tupleOf } from "./parameterShadows.js";
import type { Program } from "./program.js";
import { pushBlock } from "./tangent.js";
import { constantsOf, scalarTangent, type TangentContext, tangentOptions } from "./tangentContext.js";

export interface TangentProgram {
  readonly statements: readonly Statement[];
  /** The primal's result. */
  readonly value: Value;
  readonly tangent: Value;
}

export interface Direction {
  readonly primal: Value;
  readonly tangent: Value;
}

/** The primal with its tangent along the directions given. */
export function tangent(fn: IrFunction, directions: readonly Direction[], program: Program): TangentProgram {
  const context = tangentContext(
    program,
    fn,
    directions.map((direction) => direction.primal),
  );
  const builder = new BlockBuilder();
  const parameters = fn.parameters.map((parameter) => parameter.value);
  for (const direction of directions) if (isReference(direction.primal.type)) checkShape(builder, direction);
  const givenOf = (parameter: Value): Value | null =>
    directions.find((direction) => direction.primal === parameter)?.tangent ?? null;
  const shadowed = parameters.filter((parameter) => context.activity.hasShadow(parameter));
  const groups = entangledGroups(context.aliases, shadowed);
  for (const group of groups) groupTangents(context, builder, group.parameters, givenOf);
  for (const parameter of parameters) {
    const given = givenOf(parameter);
    if (!isReference(parameter.type)) {
      if (given && context.activity.isActive(parameter)) context.tangents.set(parameter, given);
    } else if (context.activity.hasShadow(parameter) && !context.tangents.has(parameter)) {
      const own = given ? ownTangent(context, builder, parameter, given) : zeros(builder, parameter);
      context.tangents.set(parameter, own);
    }
  }
  pushBlock(context, builder, fn.body);
  const value = fn.body.yields[0]!;
  return { statements: builder.statements, value, tangent: resultTangent(context, builder, value) };
}

function tangentContext(program: Program, fn: IrFunction, wrt: readonly Value[]): TangentContext {
  const aliases = aliasClasses(fn);
  return {
    program,
    activity: activity(fn, aliases, { wrt, results: fn.body.yields }),
    aliases,
    tangents: new Map(),
    constantOf: constantsOf(fn),
  };
}

function checkShape(builder: BlockBuilder, { primal, tangent: given }: Direction): void {
  const name = builder.constant(primal.name ?? "argument");
  const args = [name, primal, given];
  builder.add({
    kind: "runtimeCall",
    result: null,
    name: "checkTangentShape",
    arguments: args,
    writes: [],
    span: null,
  });
}

/** Parameters that may reach one written object: where they do, the tangent of the first one given counts. */
function groupTangents(
  context: TangentContext,
  builder: BlockBuilder,
  parameters: readonly Value[],
  givenOf: (parameter: Value) => Value | null,
): void {
  const given = parameters.map((parameter) => givenOf(parameter) ?? absent(builder));
  const parts = callForTuple(
    builder,
    "sharedTangents",
    [tupleOf(builder, parameters), tupleOf(builder, given)],
    parameters.map((parameter) => gradientType(parameter.type)),
    parameters.map((parameter) => tangentOptions(parameter)),
    0,
  );
  parameters.forEach((parameter, k) => context.tangents.set(parameter, parts[k]!));
}

function absent(builder: BlockBuilder): Value {
  const result = newValue({ kind: "nullish" });
  builder.add({ kind: "constant", result, value: undefined, text: null, span: null });
  return result;
}

/** The tangent passed in, or a copy where the primal writes its argument. */
function ownTangent(context: TangentContext, builder: BlockBuilder, parameter: Value, given: Value): Value {
  if (!context.aliases.classOf(parameter)!.isWritten) return given;
  if (elementType(given.type)?.kind !== "number") {
    const types = [gradientType(parameter.type)];
    const args = [tupleOf(builder, [parameter]), tupleOf(builder, [given])];
    return callForTuple(builder, "sharedTangents", args, types, [tangentOptions(parameter)], 0)[0]!;
  }
  const result = newValue(given.type, tangentOptions(parameter));
  builder.add({ kind: "slice", result, object: given, start: null, end: null, span: null });
  return result;
}

function zeros(builder: BlockBuilder, parameter: Value): Value {
  const result = newValue(gradientType(parameter.type), tangentOptions(parameter));
  builder.add({ kind: "zerosLike", result, object: parameter, keepsIdentity: false, span: null });
  return result;
}

function resultTangent(context: TangentContext, builder: BlockBuilder, value: Value): Value {
  if (!isReference(value.type)) return scalarTangent(context, builder, value);
  return context.tangents.get(value) ?? zeros(builder, value);
}
