/**
 * The adjoint of a function that is called, as a pair: a forward function that keeps what the reverse function needs.
 *
 * Needs: a verified function and the mask of its active arguments. Guarantees: the forward function does what the
 * primal does; nothing that the reverse function reads can be changed by the caller in between.
 *
 * before: f(x, a): y        after: fForward(x, a): { value, …kept }, fReverse(kept, yBar, aBar): xBar
 */
import { invariant } from "../diagnostics.js";
import { BlockBuilder, newBlock, newParameter, newValue, numberType } from "../ir/build.js";
import { shadowType } from "../ir/gradientType.js";
import type { IrFunction, Parameter, RecordField, Statement, Value } from "../ir/ir.js";
import { isReference, isScalar } from "../ir/types.js";
import { type AdjointContext, Adjoints, adjointOptions, type Reverse } from "./adjointContext.js";
import { appendToBlocks, augmentBlock, entryShadows } from "./adjointForward.js";
import { reverseBlock } from "./adjointReverse.js";
import { countTrips } from "./countTrips.js";
import { cutInTwo } from "./cutInTwo.js";
import { LengthsAtEnd } from "./lengthsAtEnd.js";
import { assumedEffects, type Plan } from "./madeOnce.js";
import { newContext } from "./newContext.js";
import { makeParameterShadows } from "./parameterShadows.js";
import type { AdjointPair, CallMask, Program } from "./program.js";

/** How the pair for one mask is made. */
export function planAdjointPair(program: Program, callee: string, mask: CallMask): Plan<AdjointPair> {
  const fn = countTrips(program.prepare(program.functionOf(callee)));
  const name = program.stemFor(fn.name, "Forward");
  const parameters = fn.parameters.map((parameter) => parameter.value);
  const active = parameters.filter((_, k) => mask.parameters[k]);
  const shadowed = active.filter((parameter) => isReference(parameter.type));
  const value = fn.body.yields[0] ?? null;
  const newContextHere = (): AdjointContext =>
    newContext(fn, program, {
      wrt: active,
      results: [...(mask.result && value ? [value] : []), ...shadowed],
      isHandedOut: true,
      moving: [...fn.body.yields, ...parameters.filter((_, k) => mask.isMoving[k])],
      isCut: true,
    });
  const { activity, isReverseMade } = newContextHere();
  const positionsOf = (wanted: (parameter: Value) => boolean): number[] =>
    parameters.flatMap((parameter, k) => (wanted(parameter) ? [k] : []));
  const fields: RecordField[] = [];
  const shape: PairShape = {
    kept: { kind: "record", name: `${capitalised(name)}Kept`, isDeclared: true, fields },
    hasValue: value !== null,
    hasValueShadow: value !== null && isReference(value.type) && activity.hasShadow(value),
    forwardShadows: positionsOf((parameter) => shadowed.includes(parameter) && !isReverseMade(parameter)),
    reverseShadows: positionsOf((parameter) => shadowed.includes(parameter) && isReverseMade(parameter)),
    hasSeed: value !== null && isScalar(value.type) && activity.isActive(value),
    // A call from inside of the function itself cannot know which of them stay absent.
    adjoints: program.isRecursive(callee)
      ? positionsOf((parameter) => isScalar(parameter.type) && activity.isActive(parameter))
      : null,
  };
  const making: Making = { program, fn, name, shape, fields, newContext: newContextHere };
  return {
    outline: (effects) => ({
      ...shape,
      adjoints: shape.adjoints!,
      forward: { key: `${name}Forward`, effects: assumedEffects(effects, 0) },
      reverse: { key: `${name}Reverse`, effects: assumedEffects(effects, 1) },
    }),
    make: () => makePair(making),
  };
}

/** What is known of a pair before it is made. */
type PairShape = Omit<AdjointPair, "forward" | "reverse" | "adjoints"> & {
  /** Null: of those that are found when it is made. */
  readonly adjoints: readonly number[] | null;
};

interface Making {
  readonly program: Program;
  readonly fn: IrFunction;
  readonly name: string;
  readonly shape: PairShape;
  /** Of the record that the forward function returns; known when the pair is made. */
  readonly fields: RecordField[];
  newContext(): AdjointContext;
}

function makePair(making: Making): AdjointPair {
  const { program, fn, shape } = making;
  const context = making.newContext();
  const parameters = fn.parameters.map((parameter) => parameter.value);
  const value = fn.body.yields[0] ?? null;
  const shadowAt = (k: number): Value => newValue(shadowType(parameters[k]!.type), adjointOptions(parameters[k]!));
  const forwardShadows = new Map(shape.forwardShadows.map((k) => [k, shadowAt(k)]));
  const reverseShadows = new Map(shape.reverseShadows.map((k) => [k, shadowAt(k)]));
  for (const [k, shadow] of forwardShadows) context.forwardShadows.set(parameters[k]!, shadow);
  for (const [k, shadow] of reverseShadows) context.reverseShadows.set(parameters[k]!, shadow);

  const entry = entryShadows(context);
  const augmented = augmentBlock(context, fn.body, entry);
  const lengths = new LengthsAtEnd(context);
  const seed = shape.hasSeed ? newValue(numberType, adjointOptions(value!)) : null;
  const builder = new BlockBuilder();
  const reverse: Reverse = { context, adjoints: new Adjoints(null), builder };
  if (seed) reverse.adjoints.set(value!, seed);
  makeParameterShadows(
    context,
    builder,
    (parameter) => context.isReverseMade(parameter) && !context.reverseShadows.has(parameter),
    (parameter, shadow) => context.reverseShadows.set(parameter, shadow),
  );
  reverseBlock(reverse, fn.body, {
    lengthAtEnd: (block, array) => lengths.of(block, array),
    additions: lengths.additions,
  });

  const forward = appendToBlocks(augmented, lengths.additions);
  const isFound = (parameter: Value): boolean => isScalar(parameter.type) && reverse.adjoints.get(parameter) !== null;
  const adjoints = shape.adjoints ?? parameters.flatMap((parameter, k) => (isFound(parameter) ? [k] : []));
  const received = [...(seed ? [seed] : []), ...reverseShadows.values()];
  const given = value ? [value, ...(shape.hasValueShadow ? [valueShadow(context, value)] : [])] : [];
  const back = adjoints.map((k) => reverse.adjoints.get(parameters[k]!) ?? builder.constant(0));
  const shadowed = shape.reverseShadows.map((k) => parameters[k]!);
  const receive: Statement = { kind: "receive", results: received, shadowed, span: null };
  const shadowParameters = [...forwardShadows].map(([k, shadow]) => shadowParameter(fn.parameters[k]!, shadow));
  const whole: IrFunction = {
    ...fn,
    parameters: [...fn.parameters, ...shadowParameters],
    body: newBlock([...forward.statements, receive, ...builder.statements], [...given, ...back]),
  };
  const finished = program.finishAdjoint(whole);
  const { yields } = finished.body;
  const cut = cutInTwo(finished, making.name, shape.kept, received, {
    given: yields.slice(0, given.length),
    back: yields.slice(given.length),
  });
  making.fields.splice(0, Infinity, ...cut.fields);
  const hasReverse = cut.hasReverse || shape.adjoints !== null;
  return {
    ...shape,
    adjoints,
    forward: program.add(cut.forward),
    reverse: hasReverse ? program.add(cut.reverse) : null,
  };
}

function valueShadow(context: AdjointContext, value: Value): Value {
  const shadow = context.forwardShadows.get(value);
  invariant(shadow, `the result ${value.id} (${value.name}) of a call has no shadow`);
  return shadow;
}

function shadowParameter(parameter: Parameter, value: Value): Parameter {
  return newParameter(value, `${parameter.name}Bar`);
}

function capitalised(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1);
}
