/**
 * Calls that a rule differentiates. Partials are put in place, as those of a primitive are; a pullback and a pushforward
 * are called.
 *
 * before: y = external f(x, xs)        after: y = external f(x, xs); … [xBar, c] = external fPullback(x, xs, y, yBar); xsBar += c
 */
import { invariant } from "../diagnostics.js";
import type { MemoryClass } from "../3-analyse/aliases.js";
import { type BlockBuilder, newValue, numberType } from "../ir/build.js";
import { copyBlock } from "../ir/copyBlock.js";
import { gradientType } from "../ir/gradientType.js";
import { derivativeCall, gathered } from "../ir/innerDerivatives.js";
import type { ExternalCallee, ExternalCallStatement, IrFunction, Span, Type, UserRule, Value } from "../ir/ir.js";
import { elementType, isReference, isScalar } from "../ir/types.js";
import { countUses } from "../ir/walk.js";
import { accumulate, type AdjointContext, adjointOptions, type Reverse, shadowOf } from "./adjointContext.js";
import { addInto } from "./addInto.js";
import { tupleOf } from "./parameterShadows.js";
import { roundSingles } from "./roundSingles.js";
import { recallAt } from "./snapshots.js";
import { type TangentContext, tangentOf, tangentOptions, tangentType } from "./tangentContext.js";

/** Appends the body of a partial; of what it takes, only what it reads is asked for. */
function partialAt(builder: BlockBuilder, partial: IrFunction, given: (k: number) => Value): Value {
  const uses = countUses(partial.body);
  const known = new Map<Value, Value>();
  partial.parameters.forEach(({ value }, k) => {
    if (uses.has(value)) known.set(value, given(k));
  });
  const { block } = copyBlock(partial.body, known);
  block.statements.forEach((statement) => builder.add(statement));
  return block.yields[0]!;
}

function calleeKey({ callee }: ExternalCallStatement): string {
  invariant("key" in callee, `a ${callee.kind} has no key`);
  return callee.key;
}

function carries(context: Pick<AdjointContext, "activity">, value: Value): boolean {
  return isReference(value.type) ? context.activity.hasShadow(value) : context.activity.isActive(value);
}

/** The types of what a pullback gives and a pushforward takes, one for each argument. */
function partTypes(call: ExternalCallStatement): readonly Type[] {
  return call.flows.map((type): Type => (type ? gradientType(type) : { kind: "nullish" }));
}

// ------------------------------------------------------------------------------------------------------------ adjoint

export function reverseExternalCall(reverse: Reverse, call: ExternalCallStatement): void {
  const { context, builder, adjoints } = reverse;
  if (!call.arguments.some((argument, k) => call.flows[k] && carries(context, argument))) return;
  if (call.callee.kind === "derivative") return reverseDerivative(reverse, call);
  if (call.callee.kind === "hooked") return reverseHook(reverse, call, { ...call.callee, kind: "hook" });
  if (call.rule === null) return;
  const rule = context.program.ruleOf(call.rule);
  const given = (k: number): Value => recallAt(context, call, call.arguments[k] ?? call.result);
  const before = builder.span;
  builder.span = call.span;
  if (rule.kind === "partials") {
    const incoming = adjoints.get(call.result);
    if (incoming) reversePartials(reverse, call, rule, incoming, given);
  } else {
    const seed = seedOf(reverse, call);
    if (seed) reversePullback(reverse, call, rule.pullback, seed, given);
  }
  builder.span = before;
}

function reversePartials(
  reverse: Reverse,
  call: ExternalCallStatement,
  { partials }: UserRule & { kind: "partials" },
  incoming: Value,
  given: (k: number) => Value,
): void {
  const { context, builder } = reverse;
  call.arguments.forEach((argument, k) => {
    const partial = partials[k];
    if (!partial || !call.flows[k] || !context.activity.isActive(argument)) return;
    const slope = partialAt(builder, partial, given);
    const options = adjointOptions(argument, call.span);
    accumulate(reverse, argument, builder.apply("multiply", [incoming, slope], numberType, options));
  });
}

function reversePullback(
  reverse: Reverse,
  call: ExternalCallStatement,
  pullback: string,
  seed: Value,
  given: (k: number) => Value,
): void {
  const { context, builder } = reverse;
  const { span } = call;
  const types = partTypes(call);
  const result = newValue({ kind: "tuple", elements: types, labels: null }, { role: "adjoint", span });
  const args = [...call.arguments.map((_, k) => given(k)), given(call.arguments.length), seed];
  builder.add(externalCall({ kind: "binding", key: pullback }, `${call.name}Pullback`, args, result, span));
  const wanted = call.arguments.flatMap((argument, k) => (call.flows[k] && carries(context, argument) ? [k] : []));
  const parts = wanted.map((k) => partOf(builder, result, k, types[k]!, call.arguments[k]!, span));
  addParts(reverse, call, wanted, parts);
}

function partOf(
  builder: BlockBuilder,
  object: Value,
  position: number,
  type: Type,
  argument: Value,
  span: Span | null,
): Value {
  const result = newValue(type, { ...adjointOptions(argument, span), name: argument.name ?? "part" });
  builder.add({ kind: "load", result, object, key: { kind: "field", name: String(position) }, span });
  return result;
}

/** Adds to the adjoints of the arguments at these positions. */
function addParts(
  reverse: Reverse,
  call: ExternalCallStatement,
  positions: readonly number[],
  parts: readonly Value[],
): void {
  const { context, builder } = reverse;
  positions.forEach((k, position) => {
    const argument = call.arguments[k]!;
    const part = parts[position]!;
    if (isScalar(argument.type)) accumulate(reverse, argument, part);
    else addInto(builder, shadowOf(context, argument), part, call.flows[k]!, call.span);
  });
}

/** The cotangent of what a call gives; null where it has none. */
function seedOf({ context, builder, adjoints }: Reverse, { result }: ExternalCallStatement): Value | null {
  if (isScalar(result.type)) return adjoints.get(result) ?? null;
  if (!context.activity.hasShadow(result)) return null;
  return roundSingles(builder, shadowOf(context, result), gradientType(result.type), adjointOptions(result));
}

/** The cotangent goes through the hook. */
function reverseHook(reverse: Reverse, call: ExternalCallStatement, hook: ExternalCallee): void {
  const { context, builder } = reverse;
  const { span, name } = call;
  const before = builder.span;
  builder.span = span;
  const seed = seedOf(reverse, call);
  if (seed) {
    const [value, ...holes] = call.arguments;
    const result = newValue(seed.type, adjointOptions(call.result, span));
    const args = [seed, ...holes.map((hole) => recallAt(context, call, hole))];
    builder.add({ ...externalCall(hook, name, args, result, span), isPure: false });
    if (isScalar(value!.type)) accumulate(reverse, value!, result);
    else addInto(builder, shadowOf(context, value!), result, call.flows[0]!, span);
  }
  builder.span = before;
}

/** Of a derivative, whose pullback gives what is wanted and no more. */
function reverseDerivative(reverse: Reverse, call: ExternalCallStatement): void {
  const { context, builder } = reverse;
  const { span } = call;
  const before = builder.span;
  builder.span = span;
  const seed = seedOf(reverse, call);
  if (seed) {
    const wanted = call.arguments.map((argument, k) => call.flows[k] !== null && carries(context, argument));
    const positions = wanted.flatMap((isWanted, k) => (isWanted ? [k] : []));
    const { key, parts: types } = context.program.derivatives.pullback(calleeKey(call), wanted);
    const isAlone = types.length === 1;
    const options = isAlone
      ? adjointOptions(call.arguments[positions[0]!]!, span)
      : ({ role: "adjoint", span } as const);
    const result = newValue(gathered(types, isAlone), options);
    const args = [...call.arguments.map((argument) => recallAt(context, call, argument)), seed];
    builder.add(externalCall({ kind: "derivative", key }, `${call.name} pullback`, args, result, span));
    const parts = isAlone
      ? [result]
      : positions.map((k, position) => partOf(builder, result, position, types[position]!, call.arguments[k]!, span));
    addParts(reverse, call, positions, parts);
  }
  builder.span = before;
}

function externalCall(
  callee: ExternalCallee,
  name: string,
  args: readonly Value[],
  result: Value,
  span: Span | null,
): ExternalCallStatement {
  const flows = args.map(() => null);
  return { kind: "externalCall", result, callee, name, arguments: args, rule: null, flows, isPure: true, span };
}

// ------------------------------------------------------------------------------------------------------------ tangent

export function pushExternalCall(context: TangentContext, builder: BlockBuilder, call: ExternalCallStatement): void {
  if (!carries(context, call.result)) return;
  if (call.callee.kind === "derivative") return pushDerivative(context, builder, call);
  if (call.callee.kind === "hooked") return pushHooked(context, builder, call);
  if (call.rule === null) return;
  const rule = context.program.ruleOf(call.rule);
  const given = (k: number): Value => call.arguments[k] ?? call.result;
  const { result, span } = call;
  if (rule.kind === "partials") {
    const terms = call.arguments.flatMap((argument, k) => {
      const [partial, incoming] = [rule.partials[k], context.tangents.get(argument)];
      if (!partial || !incoming || !call.flows[k]) return [];
      const slope = partialAt(builder, partial, given);
      return [builder.apply("multiply", [incoming, slope], numberType, tangentOptions(result))];
    });
    if (terms.length === 0) return;
    const total = terms.reduce((sum, term) => builder.apply("add", [sum, term], numberType, tangentOptions(result)));
    context.tangents.set(result, total);
    return;
  }
  const tangents = call.arguments.map((argument, k) => {
    if (call.flows[k]) return tangentOf(context, builder, argument);
    const absent = newValue({ kind: "nullish" });
    builder.add({ kind: "constant", result: absent, value: undefined, text: null, span: null });
    return absent;
  });
  const tangent = newValue(tangentType(result), tangentOptions(result));
  const args = [...call.arguments, result, tupleOf(builder, tangents, { role: "tangent" })];
  const callee = { kind: "binding", key: rule.pushforward! } as const;
  builder.add(externalCall(callee, `${call.name}Pushforward`, args, tangent, span));
  const isWritten = [...call.arguments, result].some((value) => isWrittenInside(context, value));
  context.tangents.set(result, isWritten && isReference(result.type) ? copyOfTangent(builder, tangent, span) : tangent);
}

/** Of a derivative: its pushforward is a derivative, too, and may be differentiated in turn. */
function pushDerivative(context: TangentContext, builder: BlockBuilder, call: ExternalCallStatement): void {
  const { span, result } = call;
  const wanted = call.arguments.map((argument, k) => call.flows[k] !== null && carries(context, argument));
  const moving = call.arguments.filter((_, k) => wanted[k]);
  if (moving.length === 0) return;
  const tangents = moving.map((argument) => tangentOf(context, builder, argument));
  const tangent = newValue(tangentType(result), tangentOptions(result));
  const key = context.program.derivatives.pushforward(calleeKey(call), wanted);
  const args = [...call.arguments, ...tangents];
  const name = `${call.name} pushforward`;
  builder.add(derivativeCall({ key, name, arguments: args, result: tangent, isPure: call.isPure, span }));
  context.tangents.set(result, tangent);
}

/** There is no cotangent here to hook: the tangent is passed on, as the value is. */
function pushHooked(
  context: TangentContext,
  builder: BlockBuilder,
  { arguments: args, result, span }: ExternalCallStatement,
): void {
  const tangent = tangentOf(context, builder, args[0]!);
  context.tangents.set(result, isReference(result.type) ? copyOfTangent(builder, tangent, span) : tangent);
}

/** What a pushforward gives may be what it was given: where that would be written, it is copied. */
function copyOfTangent(builder: BlockBuilder, tangent: Value, span: Span | null): Value {
  const result = newValue(tangent.type, { name: tangent.name, role: "tangent", span });
  if (elementType(tangent.type)?.kind === "number")
    builder.add({ kind: "slice", result, object: tangent, start: null, end: null, span });
  else builder.add({ kind: "runtimeCall", result, name: "snapshot", arguments: [tangent], writes: [], span });
  return result;
}

/** Something that can be reached from the value is written somewhere. */
function isWrittenInside({ aliases }: TangentContext, value: Value): boolean {
  const seen = new Set<MemoryClass>();
  const enter = (memory: MemoryClass | null): boolean => {
    if (!memory || seen.has(memory)) return false;
    seen.add(memory);
    return memory.isWritten || aliases.keysOf(memory).some((key) => enter(aliases.contentsOf(memory, key)));
  };
  return enter(aliases.classOf(value));
}
