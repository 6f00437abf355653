/**
 * The tangent of a whole function: the tangents that come in with its parameters, and those of its result.
 *
 * Needs: verified, recall-free IR. Guarantees: the tangents passed in are never written; parameters that may be one
 * written object share one tangent, the first one's.
 */
import { activity } from "../3-analyse/activity.js";
import { aliasClasses } from "../3-analyse/aliases.js";
import { BlockBuilder, newValue } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import type { IrFunction, Statement, Value } from "../ir/ir.js";
import { elementType, isReference } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";
import { pushBlock, scalarTangent, type TangentContext, tangentOptions } from "./tangent.js";

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
export function tangent(fn: IrFunction, directions: readonly Direction[]): TangentProgram {
  const context = tangentContext(
    fn,
    directions.map((direction) => direction.primal),
  );
  const builder = new BlockBuilder();
  const parameters = fn.parameters.map((parameter) => parameter.value);
  for (const direction of directions) if (isReference(direction.primal.type)) checkShape(builder, direction);
  parameters.forEach((parameter, k) => {
    const given = directions.find((direction) => direction.primal === parameter)?.tangent ?? null;
    if (!isReference(parameter.type)) {
      if (given && context.activity.isActive(parameter)) context.tangents.set(parameter, given);
    } else if (context.activity.hasShadow(parameter)) {
      const twins = parameters.slice(0, k).filter((other) => areOneWhenWritten(context, other, parameter));
      context.tangents.set(parameter, parameterTangent(context, builder, parameter, given, twins));
    }
  });
  pushBlock(context, builder, fn.body);
  const value = fn.body.yields[0]!;
  return { statements: builder.statements, value, tangent: resultTangent(context, builder, value) };
}

function tangentContext(fn: IrFunction, wrt: readonly Value[]): TangentContext {
  const aliases = aliasClasses(fn);
  const constants = new Map<Value, number>();
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "constant" && typeof statement.value === "number")
      constants.set(statement.result, statement.value);
  });
  return {
    activity: activity(fn, aliases, wrt),
    aliases,
    tangents: new Map(),
    constantOf: (value) => constants.get(value) ?? null,
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

function areOneWhenWritten(context: TangentContext, a: Value, b: Value): boolean {
  const memory = context.aliases.classOf(a);
  return memory !== null && memory === context.aliases.classOf(b) && memory.isWritten && context.tangents.has(a);
}

function parameterTangent(
  context: TangentContext,
  builder: BlockBuilder,
  parameter: Value,
  given: Value | null,
  twins: readonly Value[],
): Value {
  const own = given ? ownTangent(context, builder, parameter, given) : zeros(context, builder, parameter, twins);
  if (!given) return own;
  return twins.reduce((other, twin) => {
    const isSame = builder.apply("equal", [parameter, twin], { kind: "boolean" });
    const result = newValue(gradientType(parameter.type), tangentOptions(parameter));
    builder.add({
      kind: "if",
      condition: isSame,
      then: new BlockBuilder().block([context.tangents.get(twin)!]),
      else: new BlockBuilder().block([other]),
      results: [result],
      span: null,
    });
    return result;
  }, own);
}

/** The tangent passed in, or a copy where the primal writes its argument. */
function ownTangent(context: TangentContext, builder: BlockBuilder, parameter: Value, given: Value): Value {
  const isWritten = (memory: ReturnType<typeof context.aliases.classOf>): boolean =>
    memory !== null &&
    (memory.isWritten ||
      context.aliases.keysOf(memory).some((key) => isWritten(context.aliases.contentsOf(memory, key))));
  if (!isWritten(context.aliases.classOf(parameter))) return given;
  const result = newValue(given.type, tangentOptions(parameter));
  const isFlat = elementType(given.type)?.kind === "number";
  if (isFlat) builder.add({ kind: "slice", result, object: given, start: null, end: null, span: null });
  else builder.add({ kind: "evaluate", result, pieces: ["structuredClone(", given, ")"], isPure: true, span: null });
  return result;
}

function zeros(context: TangentContext, builder: BlockBuilder, parameter: Value, twins: readonly Value[]): Value {
  const result = newValue(gradientType(parameter.type), tangentOptions(parameter));
  const shadows = twins.map((twin) => context.tangents.get(twin)!);
  builder.add({ kind: "zerosLike", result, object: parameter, objects: twins, shadows, span: null });
  return result;
}

function resultTangent(context: TangentContext, builder: BlockBuilder, value: Value): Value {
  if (!isReference(value.type)) return scalarTangent(context, builder, value);
  const known = context.tangents.get(value);
  return known ?? zeros(context, builder, value, []);
}
