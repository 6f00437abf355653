/**
 * The adjoint of a function that is called, as a pair: a forward function that keeps what the reverse function needs.
 *
 * Needs: a verified function and the mask of its active arguments. Guarantees: the forward function does what the
 * primal does; nothing that the reverse function reads can be changed by the caller in between.
 *
 * before: f(x, a): y        after: fForward(x, a): { value, …kept }, fReverse(kept, yBar, aBar): xBar
 */
import { invariant } from "../diagnostics.js";
import { BlockBuilder, newBlock, newValue, numberType } from "../ir/build.js";
import { describeValue } from "../ir/describe.js";
import { shadowType } from "../ir/gradientType.js";
import type { Block, IrFunction, Parameter, RecordType, Statement, Value } from "../ir/ir.js";
import { isReference, isScalar } from "../ir/types.js";
import { freeValues, resultsOf, substitute, visitStatements } from "../ir/walk.js";
import { Adjoints, adjointOptions, type Reverse } from "./adjointContext.js";
import { appendToBlocks, augmentBlock, entryShadows } from "./adjointForward.js";
import { reverseBlock } from "./adjointReverse.js";
import { countTrips } from "./countTrips.js";
import { LengthsAtEnd } from "./lengthsAtEnd.js";
import { newContext } from "./newContext.js";
import { makeParameterShadows } from "./parameterShadows.js";
import type { AdjointPair, CallMask, Program } from "./program.js";

/** Makes the pair for one mask. */
export function makeAdjointPair(program: Program, callee: string, mask: CallMask): AdjointPair {
  const fn = countTrips(program.prepare(program.functionOf(callee)));
  const parameters = fn.parameters.map((parameter) => parameter.value);
  const active = parameters.filter((_, k) => mask.parameters[k]);
  const shadowed = active.filter((parameter) => isReference(parameter.type));
  const value = fn.body.yields[0] ?? null;
  const results = [...(mask.result && value ? [value] : []), ...shadowed];
  const context = newContext(fn, program, {
    wrt: active,
    results,
    moving: [...fn.body.yields, ...parameters.filter((_, k) => mask.isMoving[k])],
    isCut: true,
  });
  const shadows = new Map(
    shadowed.map((parameter) => [parameter, newValue(shadowType(parameter.type), adjointOptions(parameter))]),
  );
  const isForward = (parameter: Value): boolean => !context.isReverseMade(parameter);
  for (const [parameter, shadow] of shadows)
    (isForward(parameter) ? context.forwardShadows : context.reverseShadows).set(parameter, shadow);

  const entry = entryShadows(context);
  const augmented = augmentBlock(context, fn.body, entry);
  const lengths = new LengthsAtEnd(context);
  const seed =
    value && isScalar(value.type) && context.activity.isActive(value)
      ? newValue(numberType, adjointOptions(value))
      : null;
  const builder = new BlockBuilder();
  const reverse: Reverse = { context, adjoints: new Adjoints(null), builder };
  if (seed) reverse.adjoints.set(value!, seed);
  makeParameterShadows(
    context,
    builder,
    (parameter) => context.isReverseMade(parameter) && !shadows.has(parameter),
    (parameter, shadow) => context.reverseShadows.set(parameter, shadow),
  );
  reverseBlock(reverse, fn.body, { lengthAtEnd: (block, array) => lengths.of(block, array) });

  const forward = appendToBlocks(augmented, lengths.additions);
  const positionsOf = (wanted: (parameter: Value) => boolean): number[] =>
    parameters.flatMap((parameter, k) => (wanted(parameter) ? [k] : []));
  const forwardShadows = positionsOf((parameter) => shadows.has(parameter) && isForward(parameter));
  const reverseShadows = positionsOf((parameter) => shadows.has(parameter) && !isForward(parameter));
  const adjoints = positionsOf((parameter) => isScalar(parameter.type) && reverse.adjoints.get(parameter) !== null);
  const received = [...(seed ? [seed] : []), ...reverseShadows.map((k) => shadows.get(parameters[k]!)!)];
  const valueShadow = value ? (context.forwardShadows.get(value) ?? null) : null;
  const given = [...(value ? [value] : []), ...(valueShadow ? [valueShadow] : [])];
  const back = adjoints.map((k) => reverse.adjoints.get(parameters[k]!)!);
  const receive: Statement = { kind: "receive", results: received, span: null };
  const shadowParameters = forwardShadows.map((k) => shadowParameter(fn.parameters[k]!, shadows.get(parameters[k]!)!));
  const whole: IrFunction = {
    ...fn,
    parameters: [...fn.parameters, ...shadowParameters],
    body: newBlock([...forward.statements, receive, ...builder.statements], [...given, ...back]),
  };
  const finished = program.finishAdjoint(whole);
  const { yields } = finished.body;
  const cut = cutInTwo(program, program.stemFor(fn.name, "Forward"), finished, received, {
    given: yields.slice(0, given.length),
    givenNames: [...(value ? ["value"] : []), ...(valueShadow ? ["valueBar"] : [])],
    back: yields.slice(given.length),
  });
  return {
    ...cut,
    hasValue: value !== null,
    hasValueShadow: valueShadow !== null,
    forwardShadows,
    reverseShadows,
    hasSeed: seed !== null,
    adjoints,
  };
}

function shadowParameter(parameter: Parameter, value: Value): Parameter {
  return { value, name: `${parameter.name}Bar`, typeText: null, isOptional: false, isRest: false };
}

interface CutResults {
  readonly given: readonly Value[];
  readonly givenNames: readonly string[];
  readonly back: readonly Value[];
}

/** Cuts a function at its `receive`: values that cross the cut travel in a record. */
function cutInTwo(
  program: Program,
  name: string,
  fn: IrFunction,
  received: readonly Value[],
  { given, givenNames, back }: CutResults,
): Pick<AdjointPair, "forward" | "reverse" | "kept"> {
  const at = fn.body.statements.findIndex((statement) => statement.kind === "receive");
  invariant(at >= 0, "a pair without a cut");
  const before = fn.body.statements.slice(0, at);
  const behind = fn.body.statements.slice(at + 1);
  const { repeated, crossing } = crossingValues(before, newBlock(behind, back), new Set(received));
  const { fields, names } = recordOf(name, before, given, givenNames, crossing);
  const kept: RecordType = { kind: "record", name: `${capitalised(name)}Kept`, isDeclared: true, fields };
  const record = newValue(kept, { role: "kept" });
  const made: Statement = {
    kind: "literal",
    result: record,
    elements: [...given, ...crossing],
    fields: names,
    span: null,
  };
  const forward = program.add({
    ...fn,
    name: `${name}Forward`,
    returnTypeText: null,
    body: newBlock([...before, made], [record]),
    documentation: [`{@link ${name}}, and what its reverse sweep reads.`],
  });
  if (behind.every((statement) => statement.kind === "note") && back.length === 0)
    return { forward, reverse: null, kept };

  const parameter = newValue(kept, { name: "kept", role: "primal" });
  const top = new BlockBuilder();
  const inside = new Map<Value, Value>();
  crossing.forEach((value, k) => {
    const result = newValue(value.type, value);
    const key = { kind: "field", name: names[given.length + k]! } as const;
    top.add({ kind: "load", result, object: parameter, key, span: null });
    inside.set(value, result);
  });
  const body = substitute(newBlock(behind, back), (value) => inside.get(value) ?? value);
  const statements: Statement[] = [...repeated, ...top.statements, ...body.statements];
  let result: Value | null = body.yields[0] ?? null;
  if (body.yields.length > 1) {
    const builder = new BlockBuilder();
    result = newValue(
      { kind: "tuple", elements: body.yields.map((value) => value.type), labels: null },
      { role: "adjoint" },
    );
    builder.add({ kind: "literal", result, elements: body.yields, fields: null, span: null });
    statements.push(...builder.statements);
  }
  const takes = (value: Value, label: string): Parameter => ({
    value,
    name: label,
    typeText: null,
    isOptional: false,
    isRest: false,
  });
  const reverse = program.add({
    ...fn,
    name: `${name}Reverse`,
    parameters: [takes(parameter, "kept"), ...received.map((value) => takes(value, `${value.name ?? "value"}Bar`))],
    typeParametersText: "",
    returnTypeText: null,
    body: newBlock(statements, result ? [result] : []),
    documentation: [`The reverse sweep of {@link ${name}}.`],
  });
  return { forward, reverse, kept };
}

/** What the second part reads of the first: constants are repeated, the rest crosses. */
function crossingValues(
  before: readonly Statement[],
  behind: Block,
  received: ReadonlySet<Value>,
): { repeated: readonly Statement[]; crossing: readonly Value[] } {
  const free = new Set(freeValues(behind).filter((value) => !received.has(value)));
  const repeated: Statement[] = [];
  for (const statement of before) {
    if (statement.kind !== "constant" && statement.kind !== "global") continue;
    if (!free.delete(statement.result)) continue;
    repeated.push(statement);
  }
  return { repeated, crossing: [...free] };
}

function recordOf(
  name: string,
  before: readonly Statement[],
  given: readonly Value[],
  givenNames: readonly string[],
  crossing: readonly Value[],
): { fields: RecordType["fields"]; names: readonly string[] } {
  const definitions = new Map<Value, Statement>();
  visitStatements({ id: 0, statements: before, yields: [], mirrors: null }, (statement) => {
    for (const result of resultsOf(statement)) definitions.set(result, statement);
  });
  const taken = new Set<string>(givenNames);
  const suffixes = { primal: "", tangent: "Dot", adjoint: "Bar", kept: "Kept" } as const;
  const names = crossing.map((value) => {
    const base = describeValue(value, { definitionOf: (of) => definitions.get(of), nameOf: (index) => index.name });
    const wanted = `${base}${suffixes[value.role]}`;
    let label = wanted;
    for (let k = 2; taken.has(label); k++) label = `${wanted}${k}`;
    taken.add(label);
    return label;
  });
  const all = [...givenNames, ...names];
  const types = [...given, ...crossing].map((value) => value.type);
  return { fields: all.map((label, k) => ({ name: label, type: types[k]!, isOptional: false })), names: all };
}

function capitalised(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1);
}
