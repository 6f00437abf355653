/**
 * The shadows of parameters, and the gradients read off them. Entangled parameters (which may reach one written object)
 * get their shadows together, so that one object has one shadow; the first gradient then has the total derivative and
 * the later ones zeros.
 *
 * before: aBar, bBar for a, b that may be one array        after: [aBar, bBar] = shadowsOf([a, b])
 */
import { entangledGroups, type EntangledGroup } from "../3-analyse/entangled.js";
import { type BlockBuilder, newValue, numberType, type ValueOptions } from "../ir/build.js";
import { gradientType, runtimeTypeMark, shadowType } from "../ir/gradientType.js";
import type { Statement, Type, Value } from "../ir/ir.js";
import { elementType, isRecursiveType, isReference, sameType } from "../ir/types.js";
import { type AdjointContext, adjointOptions, type Reverse } from "./adjointContext.js";
import { roundSingles } from "./roundSingles.js";

/** A tuple of values. */
export function tupleOf(builder: BlockBuilder, values: readonly Value[], options: ValueOptions = {}): Value {
  const type: Type = { kind: "tuple", elements: values.map((value) => value.type), labels: null };
  const result = newValue(type, options);
  builder.add({ kind: "literal", result, elements: values, fields: null, span: null });
  return result;
}

/** The parts of a tuple, one value each, labelled like `labels`. */
export function partsOf(builder: BlockBuilder, tuple: Value, labels: readonly ValueOptions[]): readonly Value[] {
  const { elements } = tuple.type as Type & { kind: "tuple" };
  return elements.map((type, k) => {
    const result = newValue(type, labels[k]);
    builder.add({ kind: "load", result, object: tuple, key: { kind: "field", name: String(k) }, span: null });
    return result;
  });
}

/** A call of a runtime function that gives a tuple of fresh objects. */
export function callForTuple(
  builder: BlockBuilder,
  name: string,
  args: readonly Value[],
  types: readonly Type[],
  labels: readonly ValueOptions[],
  identitiesOf?: number,
): readonly Value[] {
  const result = newValue({ kind: "tuple", elements: types, labels: null }, { role: labels[0]?.role });
  builder.add({ kind: "runtimeCall", result, name, arguments: args, writes: [], identitiesOf, span: null });
  return partsOf(builder, result, labels);
}

/** Zeros for several objects at once; an object that stands in two places has one. */
export function zerosTogether(
  builder: BlockBuilder,
  objects: readonly Value[],
  types: readonly Type[],
  labels: readonly ValueOptions[],
): readonly Value[] {
  const object = tupleOf(builder, objects);
  const result = newValue({ kind: "tuple", elements: types, labels: null }, { role: labels[0]?.role });
  builder.add({ kind: "zerosLike", result, object, keepsIdentity: true, span: null });
  return partsOf(builder, result, labels);
}

export function groupsOf(context: AdjointContext): readonly EntangledGroup[] {
  const shadowed = context.parameters.filter((parameter) => context.activity.hasShadow(parameter));
  return entangledGroups(context.aliases, shadowed);
}

/** Appends zero shadows for those of the function's parameters that `isWanted` picks; whole groups or none. */
export function makeParameterShadows(
  context: AdjointContext,
  builder: BlockBuilder,
  isWanted: (parameter: Value) => boolean,
  register: (parameter: Value, shadow: Value) => void,
): void {
  const groups = groupsOf(context);
  const grouped = new Set(groups.flatMap((group) => group.parameters));
  for (const parameter of context.parameters) {
    if (!isReference(parameter.type) || !context.activity.hasShadow(parameter) || !isWanted(parameter)) continue;
    if (grouped.has(parameter)) continue;
    const result = newValue(shadowType(parameter.type), adjointOptions(parameter));
    builder.add({ kind: "zerosLike", result, object: parameter, keepsIdentity: false, span: null });
    register(parameter, result);
  }
  for (const { parameters: all, isRewritten } of groups) {
    const parameters = all.filter(isWanted);
    if (parameters.length === 0) continue;
    const types = parameters.map((parameter) => shadowType(parameter.type));
    const shadows = zerosTogether(
      builder,
      parameters,
      types,
      parameters.map((parameter) => adjointOptions(parameter)),
    );
    parameters.forEach((parameter, k) => register(parameter, shadows[k]!));
    const asked = context.wrt.filter((parameter) => parameters.includes(parameter));
    if (!isRewritten || asked.length === 0) continue;
    const pair = [asked, asked.map((parameter) => shadows[parameters.indexOf(parameter)]!)];
    const typeArguments = asked.map((parameter) => parameter.type);
    const type: Type = { kind: "opaque", text: `${runtimeTypeMark}EntryStructure`, typeArguments };
    const result = newValue(type, { name: "entry" });
    const args = pair.map((values) => tupleOf(builder, values));
    builder.add({ kind: "runtimeCall", result, name: "structureAtEntry", arguments: args, writes: [], span: null });
    context.entryStructures.set(asked[0]!, result);
  }
}

/** The gradients with respect to `wrt`, of full shape, read off the shadows and scalar adjoints. */
export function gradientsOf(reverse: Reverse): readonly Value[] {
  const { context, builder } = reverse;
  const found = new Map<Value, Value>();
  for (const { parameters } of groupsOf(context)) {
    const asked = context.wrt.filter((parameter) => parameters.includes(parameter));
    // One flat array alone: whatever shares its memory is not reported.
    if (asked.length === 0 || (asked.length === 1 && elementType(asked[0]!.type)?.kind === "number")) continue;
    const shadows = asked.map((parameter) => shadowAt(context, parameter));
    const structure = context.entryStructures.get(asked[0]!);
    const parts = callForTuple(
      builder,
      structure ? "gradientsAtEntry" : "separateGradients",
      structure ? [structure] : [asked, shadows].map((values) => tupleOf(builder, values)),
      asked.map((parameter) => gradientType(parameter.type)),
      asked.map((parameter) => adjointOptions(parameter)),
    );
    asked.forEach((parameter, k) => found.set(parameter, inEntryShape(reverse, parameter, parts[k]!)));
  }
  return context.wrt.map(
    (parameter) => found.get(parameter) ?? inEntryShape(reverse, parameter, singleGradient(reverse, parameter)),
  );
}

/** The gradient in the shape that the argument had at entry, where that may have changed. */
function inEntryShape({ context, builder }: Reverse, parameter: Value, gradient: Value): Value {
  const zeros = context.entryShapes.get(parameter);
  if (!zeros) return gradient;
  const result = newValue(gradient.type, adjointOptions(parameter));
  const args = [zeros, gradient];
  builder.add({ kind: "runtimeCall", result, name: "inShapeOf", arguments: args, writes: [0], span: null });
  return result;
}

function shadowAt(context: AdjointContext, parameter: Value): Value {
  return (context.reverseShadows.get(parameter) ?? context.forwardShadows.get(parameter))!;
}

function singleGradient(reverse: Reverse, parameter: Value): Value {
  const { context, builder } = reverse;
  if (!isReference(parameter.type)) {
    const known = reverse.adjoints.get(parameter);
    if (known) return known;
    const result = newValue(numberType, adjointOptions(parameter));
    builder.add({ kind: "constant", result, value: 0, text: null, span: null });
    return result;
  }
  const type = gradientType(parameter.type);
  const shadow = shadowAt(context, parameter);
  if (shadow && isRecursiveType(type) && !sameType(shadow.type, type)) {
    const args = [parameter, shadow].map((value) => tupleOf(builder, [value]));
    return callForTuple(builder, "separateGradients", args, [type], [adjointOptions(parameter)])[0]!;
  }
  if (shadow) return roundSingles(builder, shadow, type, adjointOptions(parameter));
  const result = newValue(type, adjointOptions(parameter));
  const zeros: Statement = { kind: "zerosLike", result, object: parameter, keepsIdentity: false, span: null };
  builder.add(zeros);
  return result;
}
