/**
 * The tangent of a whole function: the tangents that come in with its parameters, and those of its result.
 *
 * Needs: verified, recall-free IR. Guarantees: the tangents passed in are never written; parameters that may be one
 * written object share one tangent, the first one's.
 */
import { activity } from "../3-analyse/activity.js";
import { aliasClasses } from "../3-analyse/aliases.js";
import { questionOf, type Wrt } from "../3-analyse/requested.js";
import { entangledGroups } from "../3-analyse/entangled.js";
import { BlockBuilder, newValue } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import type { IrFunction, Statement, Type, Value } from "../ir/ir.js";
import { loadAt } from "../ir/place.js";
import { elementType, isReference, typesWithin } from "../ir/types.js";
import { storeNumbers } from "./everyNumber.js";
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
  /** The fields that lead to the part of it that moves; none for the whole. */
  readonly path: readonly string[];
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
    directions.map(({ primal, path }) => ({ value: primal, path })),
  );
  const builder = new BlockBuilder();
  const parameters = fn.parameters.map((parameter) => parameter.value);
  if (checksShapes) for (const direction of directions) checkShape(builder, direction);
  const given = new Map<Value, Value>();
  for (const { primal, path, tangent: along } of directions)
    if (path.length === 0) given.set(primal, along);
    else {
      if (!given.has(primal)) given.set(primal, zeros(builder, primal));
      storeAt(builder, given.get(primal)!, path, along);
    }
  const givenOf = (parameter: Value): Value | null => given.get(parameter) ?? null;
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

function tangentContext(program: Program, fn: IrFunction, wrt: readonly Wrt[]): TangentContext {
  const aliases = aliasClasses(fn);
  return {
    program,
    activity: activity(fn, aliases, { ...questionOf(fn, wrt), isHandedOut: true }),
    aliases,
    tangents: new Map(),
    constantOf: constantsOf(fn),
  };
}

/** Tests at run time that a tangent has the shape of what it goes with. */
export function checkShape(builder: BlockBuilder, { primal, path, tangent: given }: Direction): void {
  if (!isReference(given.type)) return;
  const name = builder.constant([primal.name ?? "argument", ...path].join("."));
  const whole = loadAt(builder, primal, path, { name: path.at(-1) ?? null });
  const args = [name, whole, given, ...enumerationsHint(builder, whole.type)];
  builder.add({
    kind: "runtimeCall",
    result: null,
    name: "checkTangentShape",
    arguments: args,
    writes: [],
    span: null,
  });
}

/** What tells checks of shapes that whole numbers may be enumerations, which gradients leave out. */
export function enumerationsHint(builder: BlockBuilder, type: Type): readonly Value[] {
  const mayHold = [...typesWithin(type)].some(({ kind }) => kind === "opaque");
  return mayHold ? [builder.constant(true)] : [];
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
    if (given) storeNumbers(builder, made[k]!, given);
  }
}

/** Puts a part where the fields lead to. */
function storeAt(builder: BlockBuilder, into: Value, path: readonly string[], part: Value): void {
  const object = loadAt(builder, into, path.slice(0, -1), { name: path.at(-2) ?? null, role: "tangent" });
  builder.add({ kind: "store", object, key: { kind: "field", name: path.at(-1)! }, value: part, span: null });
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
