/**
 * The forward sweep: the primal's statements, and beside every reference that moves its shadow, moving with it.
 *
 * before: row = load m, i; r = if c {row} else {spare}     after: … rowBar = load mBar, i; r, rBar = if c {row, rowBar} else {…}
 */
import { mayReach } from "../3-analyse/entangled.js";
import { BlockBuilder, newValue, numberType } from "../ir/build.js";
import type { Block, IfStatement, LoopStatement, Statement, Value } from "../ir/ir.js";
import { gradientType, shadowType } from "../ir/gradientType.js";
import { elementType, isReference, missingOf, optionalType, storesReference } from "../ir/types.js";
import { blocksOf } from "../ir/walk.js";
import { type AdjointContext, adjointOptions, adjointShadows, movesWithShadow } from "./adjointContext.js";
import { checkpointForward } from "./checkpointForward.js";
import { augmentCall } from "./pairedCalls.js";
import { groupsOf, makeParameterShadows } from "./parameterShadows.js";
import { makeShadow } from "./shadows.js";
import { holdsOptionalNumbers, isOptionalNumber, zeroUnless } from "./presence.js";
import { snapshotsOf } from "./snapshots.js";

/** Registers a value that the forward sweep adds to a block, so that it can be recalled. */
function register(context: AdjointContext, primal: Value, shadow: Value, block: Block): void {
  context.forwardShadows.set(primal, shadow);
  context.addedIn.set(shadow, block);
}

/** The shadow made beside a reference; an inactive object of an active class gets one of its own on the spot. */
export function forwardShadow(context: AdjointContext, builder: BlockBuilder, reference: Value): Value {
  const known = context.forwardShadows.get(reference);
  if (known) return known;
  if (reference.type.kind === "nullish") return nothing(builder, reference);
  const result = newValue(shadowType(reference.type), adjointOptions(reference));
  builder.add({ kind: "zerosLike", result, object: reference, keepsIdentity: false, span: reference.span });
  return result;
}

/** The shadow of nothing is nothing, in the same way. */
function nothing(builder: BlockBuilder, value: Value): Value {
  const result = newValue(value.type, adjointOptions(value));
  const isNull = missingOf(value.type) === "null";
  builder.add({ kind: "constant", result, value: isNull ? null : undefined, text: null, span: value.span });
  return result;
}

/** The shadows of parameters that move, made at entry. */
export function entryShadows(context: AdjointContext): readonly Statement[] {
  const builder = new BlockBuilder();
  const isMadeHere = (parameter: Value): boolean =>
    movesWithShadow(context, parameter) && !context.forwardShadows.has(parameter);
  makeParameterShadows(context, builder, isMadeHere, (parameter, shadow) =>
    register(context, parameter, shadow, context.root),
  );
  // The zero gradient of a parameter that changes its shape has the one that it has now.
  const { aliases, parameters } = context;
  const changesShape = mayReach(
    aliases,
    parameters,
    (memory) => memory.isWrittenThrough && (memory.isResized || memory.referencesAreWritten),
  );
  const isWritten = mayReach(aliases, parameters, (memory) => memory.isWrittenThrough);
  for (const parameter of context.wrt) {
    if (!isReference(parameter.type) || context.activity.hasShadow(parameter)) continue;
    const losesNumbers = holdsOptionalNumbers(parameter.type) && isWritten(parameter);
    if (!losesNumbers && !changesShape(parameter)) continue;
    const result = newValue(gradientType(parameter.type), adjointOptions(parameter));
    builder.add({ kind: "zerosLike", result, object: parameter, keepsIdentity: false, span: null });
    context.forwardShadows.set(parameter, result);
  }
  writeDownShapes(context, builder, changesShape);
  return builder.statements;
}

/** Zeros in the shapes that the arguments have at entry, to be filled with the gradients at the end. */
function writeDownShapes(
  context: AdjointContext,
  builder: BlockBuilder,
  changesShape: (parameter: Value) => boolean,
): void {
  const groups = groupsOf(context);
  for (const parameter of context.wrt) {
    if (elementType(parameter.type)?.kind === "number" || !context.activity.hasShadow(parameter)) continue;
    const group = groups.find(({ parameters }) => parameters.includes(parameter));
    if (group ? group.isRewritten || !group.isReshaped : !changesShape(parameter)) continue;
    const result = newValue(gradientType(parameter.type), { ...adjointOptions(parameter), name: "shape" });
    builder.add({ kind: "zerosLike", result, object: parameter, keepsIdentity: false, span: null });
    context.entryShapes.set(parameter, result);
  }
}

export function augmentBlock(context: AdjointContext, block: Block, before: readonly Statement[] = []): Block {
  const statements: Statement[] = [...before];
  for (const statement of block.statements) augment(context, block, statement, statements);
  return statements.length === block.statements.length && statements.every((s, k) => s === block.statements[k])
    ? block
    : { ...block, statements };
}

function augment(context: AdjointContext, block: Block, statement: Statement, out: Statement[]): void {
  if (statement.kind === "if" || statement.kind === "loop") {
    const augmented = augmentNested(context, block, statement, out);
    const isRunAgain = statement.kind === "loop" ? statement.checkpoint : statement.isCheckpoint;
    out.push(isRunAgain ? checkpointForward(context, block, statement, augmented, out) : augmented);
    return;
  }
  const builder = new BlockBuilder(statement.span);
  const shadow = (reference: Value): Value => forwardShadow(context, builder, reference);
  if (statement.kind === "call") {
    const enter = (primal: Value, made: Value): void => register(context, primal, made, block);
    const isPaired = augmentCall(context, block, builder, statement, shadow, enter);
    if (!isPaired) builder.add(statement);
    // What the callee does not differentiate may still be written through here.
    if (statement.result && movesWithShadow(context, statement.result) && !context.forwardShadows.has(statement.result))
      enter(statement.result, shadow(statement.result));
    out.push(...builder.statements);
    return;
  }
  noteMissingBefore(context, block, statement, out);
  out.push(statement);
  if (statement.kind === "arrayPrimitive" || statement.kind === "externalCall")
    out.push(...snapshotsOf(context, block, statement));
  noteMissing(context, block, statement, builder);
  if ("result" in statement && statement.result && movesWithShadow(context, statement.result)) {
    const made = makeShadow(builder, statement, {
      shadow,
      primal: (value) => value,
      hasShadow: (value) => context.activity.hasShadow(value),
      lengthOf: () => null,
      ...adjointShadows,
    });
    if (made) register(context, statement.result, made, block);
  } else mirrorWrite(context, builder, statement, shadow);
  out.push(...builder.statements);
}

/** A number that the program tests for being there: the reverse sweep must know what the test said. */
function noteMissing(context: AdjointContext, block: Block, statement: Statement, builder: BlockBuilder): void {
  if (statement.kind !== "load" || !context.activity.isActive(statement.result)) return;
  if (!context.mayBeMissing(statement.result)) return;
  const isMissing = builder.apply("isNullish", [statement.result], { kind: "boolean" });
  context.missing.set(statement.result, isMissing);
  context.addedIn.set(isMissing, block);
}

/** The write of an optional number: a caller's object has an adjoint there exactly while it has a number there. */
function noteMissingBefore(context: AdjointContext, block: Block, statement: Statement, out: Statement[]): void {
  if (statement.kind !== "store" || !isOptionalNumber(statement.object.type, statement.key)) return;
  if (!context.activity.hasShadow(statement.object) || !context.aliases.classOf(statement.object)!.isParameter) return;
  const builder = new BlockBuilder(statement.span);
  const { object, key, span } = statement;
  const before = newValue(optionalType(numberType, "undefined"), { span });
  builder.add({ kind: "load", result: before, object, key, span });
  const isMissing = builder.apply("isNullish", [before], { kind: "boolean" });
  context.missingBefore.set(statement, isMissing);
  context.addedIn.set(isMissing, block);
  out.push(...builder.statements);
}

/** Stores of references, and changes of length, happen to the shadow as well. */
function mirrorWrite(
  context: AdjointContext,
  builder: BlockBuilder,
  statement: Statement,
  shadow: (reference: Value) => Value,
): void {
  const writesShadow = (object: Value): boolean => movesWithShadow(context, object);
  switch (statement.kind) {
    case "store": {
      if (!writesShadow(statement.object)) return;
      const isGrowing = statement.object.type.kind === "array" && statement.key.kind === "index";
      const isNothing = statement.value.type.kind === "nullish";
      const isMoved = storesReference(statement.object.type, statement.key, statement.value.type);
      if (isMoved && (isNothing || context.activity.hasShadow(statement.value)))
        builder.add({ ...statement, object: shadow(statement.object), value: shadow(statement.value) });
      else if (context.missingBefore.has(statement))
        builder.add({ ...statement, object: shadow(statement.object), value: zeroWhere(builder, statement.value) });
      else if (isGrowing && !isReference(statement.value.type))
        builder.add({ ...statement, object: shadow(statement.object), value: builder.constant(0) });
      return;
    }
    case "push": {
      if (!writesShadow(statement.object)) return;
      const isNumber = !storesReference(statement.object.type, null, statement.value.type);
      builder.add({
        ...statement,
        object: shadow(statement.object),
        value: isNumber ? builder.constant(0) : shadow(statement.value),
      });
      return;
    }
    case "pop": {
      if (!writesShadow(statement.object)) return;
      const result = newValue(shadowType(statement.result.type), adjointOptions(statement.result));
      builder.add({ ...statement, result, object: shadow(statement.object) });
      return;
    }
    case "fill":
      if (writesShadow(statement.object) && storesReference(statement.object.type, null, statement.value.type))
        builder.add({ ...statement, object: shadow(statement.object), value: shadow(statement.value) });
      return;
    case "copy": {
      const { object, source } = statement;
      const holdsReferences = object.type.kind === "array" && isReference(object.type.element);
      if (writesShadow(object) && holdsReferences)
        builder.add({ ...statement, object: shadow(object), source: shadow(source) });
      return;
    }
    default:
      return;
  }
}

/** Zero where there is a number. */
function zeroWhere(builder: BlockBuilder, value: Value): Value {
  if (value.type.kind === "nullish") return nothing(builder, value);
  if (value.type.kind !== "optional") return builder.constant(0);
  return zeroUnless(builder, builder.apply("isNullish", [value], { kind: "boolean" }));
}

function augmentNested(
  context: AdjointContext,
  block: Block,
  statement: LoopStatement | IfStatement,
  out: Statement[],
): LoopStatement | IfStatement {
  if (statement.kind === "if") {
    const moving = statement.results.filter((result) => movesWithShadow(context, result));
    const positions = moving.map((result) => statement.results.indexOf(result));
    const branch = (nested: Block): Block => {
      const inside = augmentBlock(context, nested);
      return moving.length === 0 ? inside : withShadowYields(context, inside, positions);
    };
    const thenBlock = branch(statement.then);
    const elseBlock = branch(statement.else);
    const shadows = moving.map((result) => {
      const shadow = newValue(shadowType(result.type), adjointOptions(result));
      register(context, result, shadow, block);
      return shadow;
    });
    return { ...statement, then: thenBlock, else: elseBlock, results: [...statement.results, ...shadows] };
  }
  const positions = statement.parameters.flatMap((parameter, k) => (movesWithShadow(context, parameter) ? [k] : []));
  const builder = new BlockBuilder(statement.span);
  const before = positions.map((k) => forwardShadow(context, builder, statement.initial[k]!));
  out.push(...builder.statements);
  const parameters = positions.map((k) => {
    const shadow = newValue(shadowType(statement.parameters[k]!.type), adjointOptions(statement.parameters[k]!));
    register(context, statement.parameters[k]!, shadow, statement.body);
    return shadow;
  });
  const inside = augmentBlock(context, statement.body);
  const body = positions.length === 0 ? inside : withShadowYields(context, inside, positions);
  const results = positions.map((k) => {
    const shadow = newValue(shadowType(statement.results[k]!.type), adjointOptions(statement.results[k]!));
    register(context, statement.results[k]!, shadow, block);
    return shadow;
  });
  return {
    ...statement,
    parameters: [...statement.parameters, ...parameters],
    initial: [...statement.initial, ...before],
    results: [...statement.results, ...results],
    body,
  };
}

/** The block with the shadows of some of its yields yielded as well. */
function withShadowYields(context: AdjointContext, block: Block, positions: readonly number[]): Block {
  const endsInThrow = block.statements.at(-1)?.kind === "throw";
  // A block that throws need not yield anything.
  if (endsInThrow && block.yields.length === 0) return block;
  const builder = new BlockBuilder();
  const shadows = positions.map((k) => forwardShadow(context, builder, block.yields[k]!));
  const statements = endsInThrow
    ? [...builder.statements, ...block.statements]
    : [...block.statements, ...builder.statements];
  return { ...block, statements, yields: [...block.yields, ...shadows] };
}

/** The same block with statements appended to some of the blocks below it. */
export function appendToBlocks(block: Block, additions: ReadonlyMap<number, readonly Statement[]>): Block {
  if (additions.size === 0) return block;
  const statements = block.statements.map((statement) => {
    if (blocksOf(statement).length === 0) return statement;
    if (statement.kind === "if")
      return {
        ...statement,
        then: appendToBlocks(statement.then, additions),
        else: appendToBlocks(statement.else, additions),
      };
    if (statement.kind === "loop") return { ...statement, body: appendToBlocks(statement.body, additions) };
    return statement;
  });
  const added = additions.get(block.id) ?? [];
  return { ...block, statements: [...statements, ...added] };
}
