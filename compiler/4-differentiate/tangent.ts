/**
 * The tangent transform: beside every active value its tangent, beside every reference with active memory a reference
 * to the tangents. Runs anywhere on recall-free IR.
 *
 * Needs: verified IR; alias classes, activity. Guarantees: the primal's operations in the primal's order; tangents that
 * are zero are absent.
 *
 * before: a = sin x; y = a * k        after: a = sin x; aDot = xDot * cos x; y = a * k; yDot = aDot * k
 */
import { contentsKey } from "../3-analyse/aliasKeys.js";
import { invariant } from "../diagnostics.js";
import { BlockBuilder, newBlock, newValue, numberType } from "../ir/build.js";
import type { Block, IfStatement, LoopStatement, Statement, Value } from "../ir/ir.js";
import { gradientType } from "../ir/gradientType.js";
import { canCarryDerivative, isReference, isScalar, storesReference } from "../ir/types.js";
import { unreachable } from "../ir/walk.js";
import { arrayRule, contribution, hasDerivative } from "../rules/index.js";
import { pushExternalCall } from "./externalCalls.js";
import { makeShadow } from "./shadows.js";
import { pushCall } from "./tangentCalls.js";
import { scalarTangent, type TangentContext, tangentMemory, tangentOf, tangentOptions } from "./tangentContext.js";

/** Appends the statements of a block, each with its tangent behind it. */
export function pushBlock(context: TangentContext, builder: BlockBuilder, block: Block): void {
  for (const statement of block.statements) {
    builder.span = statement.span;
    push(context, builder, statement);
  }
}

function carriesTangent(context: TangentContext, value: Value): boolean {
  return isReference(value.type) ? context.activity.hasShadow(value) : context.activity.isActive(value);
}

function push(context: TangentContext, builder: BlockBuilder, statement: Statement): void {
  switch (statement.kind) {
    case "if":
      return pushIf(context, builder, statement);
    case "loop":
      return pushLoop(context, builder, statement);
    case "call":
      return pushCall(context, builder, statement);
    case "runtimeCall":
      invariant(!statement.result || !carriesTangent(context, statement.result), `${statement.name} has no tangent`);
      return builder.add(statement);
    case "recall":
    case "receive":
      return invariant(false, `${statement.kind} has no tangent`);
    default:
      builder.add(statement);
  }
  if (statement.kind === "apply") return pushApply(context, builder, statement);
  if (statement.kind === "arrayPrimitive") return pushArrayPrimitive(context, builder, statement);
  if (statement.kind === "externalCall") return pushExternalCall(context, builder, statement);
  if (statement.kind === "narrow" && isScalar(statement.result.type)) {
    const tangent = context.tangents.get(statement.value);
    if (tangent && context.activity.isActive(statement.result)) context.tangents.set(statement.result, tangent);
    return;
  }
  pushMemory(context, builder, statement);
}

function pushApply(context: TangentContext, builder: BlockBuilder, statement: Statement & { kind: "apply" }): void {
  const { result } = statement;
  if (!context.activity.isActive(result)) return;
  const operands = {
    argument: (k: number): Value => statement.arguments[k]!,
    result: (): Value => result,
    count: statement.arguments.length,
    constantOf: (k: number): number | null => context.constantOf(statement.arguments[k]!),
  };
  const terms = statement.arguments.flatMap((argument, index) => {
    const incoming = context.tangents.get(argument);
    if (!incoming || !hasDerivative(statement.primitive, index)) return [];
    const options = { ...tangentOptions(result), isDifferentiatedAgain: context.program.isDifferentiatedAgain };
    return [() => contribution(builder, statement.primitive, index, operands, incoming, options)];
  });
  if (terms.length === 0) return;
  const total = terms
    .map((term) => term())
    .reduce((sum, term) => builder.apply("add", [sum, term], numberType, tangentOptions(result)));
  context.tangents.set(result, total);
}

function pushArrayPrimitive(
  context: TangentContext,
  builder: BlockBuilder,
  statement: Statement & { kind: "arrayPrimitive" },
): void {
  if (!carriesTangent(context, statement.result)) return;
  const { pullbacks, pushforward } = arrayRule(statement.primitive);
  const differentiable = statement.arguments.filter((_, k) => pullbacks[k]);
  const tangents = differentiable.map((argument) => tangentOf(context, builder, argument));
  const result = newValue(gradientType(statement.result.type), tangentOptions(statement.result));
  const args = [...statement.arguments, ...tangents];
  builder.add({ kind: "runtimeCall", result, name: pushforward, arguments: args, writes: [], span: statement.span });
  context.tangents.set(statement.result, result);
}

// --------------------------------------------------------------------------------------------------------- memory

function pushMemory(context: TangentContext, builder: BlockBuilder, statement: Statement): void {
  if ("result" in statement && statement.result && isReference(statement.result.type)) {
    const made = makeShadow(builder, statement, {
      shadow: (reference) => tangentMemory(context, builder, reference),
      primal: (value) => value,
      hasShadow: (value) => context.activity.hasShadow(value),
      lengthOf: () => null,
      numberOf: (value) => scalarTangent(context, builder, value),
      shadowType: gradientType,
      labelled: tangentOptions,
    });
    if (made) context.tangents.set(statement.result, made);
    return;
  }
  pushAccess(context, builder, statement);
}

/** Reads and writes of numbers, and writes of references. */
function pushAccess(context: TangentContext, builder: BlockBuilder, statement: Statement): void {
  const { span } = statement;
  const memory = (reference: Value): Value => tangentMemory(context, builder, reference);
  const isActiveAt = (object: Value, key: string): boolean => {
    const found = context.aliases.classOf(object);
    return found !== null && context.activity.isActiveAt(found, key);
  };
  const has = (object: Value): boolean => context.activity.hasShadow(object);
  /** Nothing in the place of a reference is its own tangent. */
  const stored = (value: Value, isMoved = false): Value =>
    isMoved && value.type.kind === "nullish" ? value : tangentOf(context, builder, value);
  switch (statement.kind) {
    case "load":
    case "pop": {
      const key = statement.kind === "load" ? contentsKey(statement.key) : "[]";
      if (statement.kind === "load" && !context.activity.isActive(statement.result)) return;
      if (!has(statement.object) || !isActiveAt(statement.object, key)) return;
      const result = newValue(numberType, tangentOptions(statement.result));
      builder.add({ ...statement, result, object: memory(statement.object) });
      context.tangents.set(statement.result, result);
      return;
    }
    case "store": {
      const isMoved = storesReference(statement.object.type, statement.key, statement.value.type);
      const isMere = isMoved && statement.value.type.kind !== "nullish" && !canCarryDerivative(statement.value.type);
      if (isMere) return;
      if (isMoved ? has(statement.object) : isActiveAt(statement.object, contentsKey(statement.key)))
        builder.add({ ...statement, object: memory(statement.object), value: stored(statement.value, isMoved) });
      return;
    }
    case "addTo":
      if (context.tangents.has(statement.value) && isActiveAt(statement.object, contentsKey(statement.key)))
        builder.add({ ...statement, object: memory(statement.object), value: stored(statement.value) });
      return;
    case "push":
    case "fill": {
      const isMoved = storesReference(statement.object.type, null, statement.value.type);
      if (isMoved ? has(statement.object) : isActiveAt(statement.object, "[]"))
        builder.add({ ...statement, object: memory(statement.object), value: stored(statement.value, isMoved) });
      return;
    }
    case "copy":
      if (has(statement.object))
        builder.add({ ...statement, object: memory(statement.object), source: memory(statement.source), span });
      return;
    // Of the rest none writes numbers or references, or reads a number.
    case "constant":
    case "placeholder":
    case "global":
    case "apply":
    case "arrayPrimitive":
    case "runtimeCall":
    case "evaluate":
    case "throw":
    case "length":
    case "allocate":
    case "literal":
    case "zerosLike":
    case "view":
    case "slice":
    case "ensure":
    case "narrow":
    case "stop":
    case "recall":
    case "call":
    case "externalCall":
    case "receive":
    case "closure":
    case "note":
    case "if":
    case "loop":
      return;
    default:
      return unreachable(statement);
  }
}

// ------------------------------------------------------------------------------------------------ branches and loops

function pushIf(context: TangentContext, builder: BlockBuilder, statement: IfStatement): void {
  const carrying = statement.results.flatMap((result, k) => (carriesTangent(context, result) ? [k] : []));
  const [thenBlock, elseBlock] = [statement.then, statement.else].map((block) =>
    inside(context, block, carrying, statement.results),
  );
  const tangents = carrying.map((k) => carried(context, statement.results[k]!));
  builder.add({ ...statement, then: thenBlock!, else: elseBlock!, results: [...statement.results, ...tangents] });
}

/** The block with tangents, those of some of its yields yielded as well. */
function inside(context: TangentContext, block: Block, positions: readonly number[], targets: readonly Value[]): Block {
  const builder = new BlockBuilder();
  pushBlock(context, builder, block);
  if (builder.statements.at(-1)?.kind === "throw") return newBlock(builder.statements, block.yields);
  const tangents = positions.map((k) => tangentOf(context, builder, block.yields[k]!, targets[k]!));
  return newBlock(builder.statements, [...block.yields, ...tangents]);
}

/** A fresh tangent for a value that a branch or a loop hands over. */
function carried(context: TangentContext, value: Value): Value {
  const type = isReference(value.type) ? gradientType(value.type) : numberType;
  const tangent = newValue(type, tangentOptions(value));
  context.tangents.set(value, tangent);
  return tangent;
}

function pushLoop(context: TangentContext, builder: BlockBuilder, statement: LoopStatement): void {
  const positions = statement.parameters.flatMap((parameter, k) =>
    carriesTangent(context, parameter) || carriesTangent(context, statement.results[k]!) ? [k] : [],
  );
  const initial = positions.map((k) => tangentOf(context, builder, statement.initial[k]!, statement.parameters[k]!));
  const parameters = positions.map((k) => carried(context, statement.parameters[k]!));
  const body = inside(context, statement.body, positions, statement.parameters);
  const results = positions.map((k) => carried(context, statement.results[k]!));
  builder.add({
    ...statement,
    parameters: [...statement.parameters, ...parameters],
    initial: [...statement.initial, ...initial],
    results: [...statement.results, ...results],
    body,
  });
}
