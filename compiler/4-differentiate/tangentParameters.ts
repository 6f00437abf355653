/**
 * The tangent of a whole function: the tangents that come in with its parameters, and those of its result.
 *
 * Needs: verified, recall-free IR. Guarantees: the tangents passed in are never written; parameters that may be one
 * written object share one tangent, the first one's.
 */
import { activity } from "../3-analyse/activity.js";
import { aliasClasses } from "../3-analyse/aliases.js";
import { entangledGroups } from "../3-analyse/entangled.js";
import { BlockBuilder, booleanType, newBlock, newValue, numberType } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import type { IrFunction, Key, Statement, Type, Value } from "../ir/ir.js";
import { countedLoopBackwards } from "../ir/loops.js";
import { elementType, isReference, optionalType } from "../ir/types.js";
import { callForTuple, tupleOf, zerosTogether } from "./parameterShadows.js";
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
export function tangent(
  fn: IrFunction,
  directions: readonly Direction[],
  program: Program,
  { checksShapes }: { readonly checksShapes: boolean } = { checksShapes: true },
): TangentProgram {
  const context = tangentContext(
    program,
    fn,
    directions.map((direction) => direction.primal),
  );
  const builder = new BlockBuilder();
  const parameters = fn.parameters.map((parameter) => parameter.value);
  for (const direction of directions)
    if (checksShapes && isReference(direction.primal.type)) checkShape(builder, direction);
  const givenOf = (parameter: Value): Value | null =>
    directions.find((direction) => direction.primal === parameter)?.tangent ?? null;
  const shadowed = parameters.filter((parameter) => context.activity.hasShadow(parameter));
  const groups = entangledGroups(context.aliases, shadowed);
  const { isDifferentiatedAgain } = program;
  const own = isDifferentiatedAgain ? copiedTangents : groupTangents;
  for (const group of groups) own(context, builder, group.parameters, givenOf);
  for (const parameter of parameters) {
    const given = givenOf(parameter);
    if (!isReference(parameter.type)) {
      if (given && context.activity.isActive(parameter)) context.tangents.set(parameter, given);
    } else if (context.activity.hasShadow(parameter) && !context.tangents.has(parameter)) {
      if (
        given &&
        isDifferentiatedAgain &&
        elementType(given.type)?.kind !== "number" &&
        isWritten(context, parameter)
      ) {
        copiedTangents(context, builder, [parameter], givenOf);
        continue;
      }
      const made = given ? ownTangent(context, builder, parameter, given) : zeros(builder, parameter);
      context.tangents.set(parameter, made);
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

/**
 * The same by operations that have derivatives: zeros that share what the parameters share, and what is given stored into
 * them, the first parameter's last.
 */
function copiedTangents(
  context: TangentContext,
  builder: BlockBuilder,
  parameters: readonly Value[],
  givenOf: (parameter: Value) => Value | null,
): void {
  const types = parameters.map((parameter) => gradientType(parameter.type));
  const labels = parameters.map((parameter) => tangentOptions(parameter));
  const made = zerosTogether(builder, parameters, types, labels);
  parameters.forEach((parameter, k) => context.tangents.set(parameter, made[k]!));
  for (let k = parameters.length - 1; k >= 0; k--) {
    const given = givenOf(parameters[k]!);
    if (given) storeAll(builder, made[k]!, given);
  }
}

/** Stores every number of `from` into the same place of `into`, the last one first. */
function storeAll(builder: BlockBuilder, into: Value, from: Value): void {
  const { type } = into;
  const part = (inside: BlockBuilder, object: Value, key: Key, of: Type): Value => {
    const result = newValue(of, { role: "tangent" });
    inside.add({ kind: "load", result, object, key, span: null });
    return result;
  };
  const store = (inside: BlockBuilder, key: Key, of: Type): void => {
    const value = part(inside, from, key, of);
    if (of.kind === "number") {
      inside.add({ kind: "store", object: into, key, value, span: null });
      return;
    }
    if (isReference(of))
      whereThere(inside, value, (here, present) => storeAll(here, whole(here, part(here, into, key, of)), present));
  };
  if (type.kind === "array" || type.kind === "typedArray") {
    const length = newValue(numberType);
    builder.add({ kind: "length", result: length, object: into, span: null });
    countedLoopBackwards(builder, length, (inside, index) =>
      store(inside, { kind: "index", index }, elementType(type)!),
    );
  }
  const fields = type.kind === "record" ? type.fields : [];
  for (const { name, type: of, isOptional } of fields.toReversed()) {
    const key: Key = { kind: "field", name };
    if (!isOptional || of.kind !== "number") store(builder, key, of);
    else whereThere(builder, part(builder, from, key, optionalType(of, "undefined")), (here) => store(here, key, of));
  }
  if (type.kind === "tuple")
    for (const [k, of] of [...type.elements.entries()].toReversed())
      store(builder, { kind: "field", name: String(k) }, of);
}

/** Runs the body where the value is there. */
function whereThere(builder: BlockBuilder, value: Value, body: (inside: BlockBuilder, present: Value) => void): void {
  if (value.type.kind !== "optional") return body(builder, value);
  const condition = builder.apply("isNullish", [value], booleanType);
  const inside = new BlockBuilder(null, builder);
  body(inside, whole(inside, value));
  builder.add({ kind: "if", condition, then: newBlock([]), else: inside.block(), results: [], span: null });
}

function whole(builder: BlockBuilder, value: Value): Value {
  if (value.type.kind !== "optional") return value;
  const result = newValue(value.type.of, value);
  builder.add({ kind: "narrow", result, value, span: null });
  return result;
}

function absent(builder: BlockBuilder): Value {
  const result = newValue({ kind: "nullish" });
  builder.add({ kind: "constant", result, value: undefined, text: null, span: null });
  return result;
}

function isWritten(context: TangentContext, parameter: Value): boolean {
  return context.aliases.classOf(parameter)!.isWritten;
}

/** The tangent passed in, or a copy where the primal writes its argument. */
function ownTangent(context: TangentContext, builder: BlockBuilder, parameter: Value, given: Value): Value {
  if (!isWritten(context, parameter)) return given;
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
