/**
 * The adjoint transform: a function becomes its forward sweep followed by its reverse sweep, in one block.
 *
 * Needs: verified, recall-free IR; alias classes, activity, integers. Guarantees: the primal's operations on numbers in
 * the primal's order; `recall`s only in mirror blocks; shadows for all active memory; zero adjoints are absent.
 *
 * before: a = sin x; y = a * k        after: a = sin x; y = a * k; aBar = 1 * k; xBar = aBar * cos x
 */
import { activity } from "../3-analyse/activity.js";
import { aliasClasses } from "../3-analyse/aliases.js";
import { integers } from "../3-analyse/integers.js";
import { nestingOf } from "../3-analyse/nesting.js";
import { BlockBuilder, newValue, numberType } from "../ir/build.js";
import type { Block, IrFunction, Statement, Value } from "../ir/ir.js";
import { gradientType } from "../ir/gradientType.js";
import { isReference, isScalar } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";
import { type AdjointContext, Adjoints, adjointOptions, type Reverse } from "./adjointContext.js";
import { appendToBlocks, augmentBlock, entryShadows, makeParameterShadow } from "./adjointForward.js";
import { countTrips } from "./countTrips.js";
import { reverseBlock } from "./adjointReverse.js";
import { roundSingles } from "./roundSingles.js";
import { reverseMadeClasses } from "./shadows.js";

export interface AdjointProgram {
  /** Forward sweep, then reverse sweep; yields nothing yet. */
  readonly statements: readonly Statement[];
  /** The primal's result. */
  readonly value: Value;
  /** One adjoint for each `wrt`, of full shape, in that order. */
  readonly gradients: readonly Value[];
}

/** Differentiates a function whose result is one number, with seed 1. */
export function adjoint(primal: IrFunction, wrt: readonly Value[]): AdjointProgram {
  const fn = countTrips(primal);
  const context = adjointContext(fn, wrt);
  const parameters = fn.parameters.map((parameter) => parameter.value);
  const entry = entryShadows(context, parameters);
  const augmented = augmentBlock(context, fn.body, [note("forward sweep"), ...entry]);

  const builder = new BlockBuilder();
  const reverse: Reverse = { context, adjoints: new Adjoints(null), builder };
  const value = fn.body.yields[0]!;
  builder.add(note("reverse sweep"));
  for (const parameter of parameters) {
    if (!context.activity.hasShadow(parameter) || !context.isReverseMade(parameter)) continue;
    const made = makeParameterShadow(context, builder, parameter, parameters, context.reverseShadows);
    context.reverseShadows.set(parameter, made);
  }
  if (context.activity.isActive(value)) {
    const seed = newValue(numberType, adjointOptions(value));
    builder.add({ kind: "constant", result: seed, value: 1, text: null, span: value.span });
    reverse.adjoints.set(value, seed);
  }
  const lengths = new LengthsAtEnd(context);
  reverseBlock(reverse, fn.body, { lengthAtEnd: (block, array) => lengths.of(block, array) });
  const gradients = wrt.map((parameter, k) => gradientOf(reverse, parameter, wrt.slice(0, k)));
  const forward = appendToBlocks(augmented, lengths.additions);
  return { statements: [...forward.statements, ...builder.statements], value, gradients };
}

function note(text: string): Statement {
  return { kind: "note", text, span: null };
}

function adjointContext(fn: IrFunction, wrt: readonly Value[]): AdjointContext {
  const aliases = aliasClasses(fn);
  const facts = activity(fn, aliases, wrt);
  const constants = new Map<Value, number>();
  const references: Value[] = [];
  const see = (value: Value): void => {
    if (isReference(value.type) && facts.hasShadow(value)) references.push(value);
  };
  fn.parameters.forEach((parameter) => see(parameter.value));
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "constant" && typeof statement.value === "number")
      constants.set(statement.result, statement.value);
    if ("result" in statement && statement.result) see(statement.result);
    if (statement.kind === "if" || statement.kind === "loop") statement.results.forEach(see);
    if (statement.kind === "loop") statement.parameters.forEach(see);
  });
  return {
    activity: facts,
    aliases,
    integers: integers(fn),
    constantOf: (value) => constants.get(value) ?? null,
    nesting: nestingOf(
      fn.body,
      fn.parameters.map((parameter) => parameter.value),
    ),
    addedIn: new Map(),
    root: fn.body,
    frames: [],
    forwardShadows: new Map(),
    reverseShadows: new Map(),
    isReverseMade: reverseMadeClasses(aliases, references),
  };
}

/** Lengths of arrays as nested blocks leave them, appended to the forward sweep on demand. */
class LengthsAtEnd {
  readonly additions = new Map<number, Statement[]>();
  private readonly known = new Map<Value, Value>();
  constructor(private readonly context: AdjointContext) {}

  of(block: Block, array: Value): Value {
    const known = this.known.get(array);
    if (known) return known;
    const result = newValue(numberType);
    this.known.set(array, result);
    this.context.addedIn.set(result, block);
    const list = this.additions.get(block.id) ?? [];
    list.push({ kind: "length", result, object: array, span: null });
    this.additions.set(block.id, list);
    return result;
  }
}

/**
 * The gradient of one parameter, of full shape. Where parameters may be one written object, the first has the total
 * and the later ones are zero.
 */
function gradientOf(reverse: Reverse, parameter: Value, earlier: readonly Value[]): Value {
  const { context, builder } = reverse;
  if (isScalar(parameter.type)) return reverse.adjoints.get(parameter) ?? builder.constant(0);
  const type = gradientType(parameter.type);
  const zeros = (inside: BlockBuilder): Value => {
    const result = newValue(type, adjointOptions(parameter));
    inside.add({ kind: "zerosLike", result, object: parameter, objects: [], shadows: [], span: null });
    return result;
  };
  const shadow = context.reverseShadows.get(parameter) ?? context.forwardShadows.get(parameter);
  if (!shadow) return zeros(builder);
  const rounded = roundSingles(builder, shadow, type, adjointOptions(parameter));
  const memory = context.aliases.classOf(parameter)!;
  const twins = memory.isWritten ? earlier.filter((other) => context.aliases.classOf(other) === memory) : [];
  return twins.reduce((gradient, twin) => {
    const isSame = builder.apply("equal", [parameter, twin], { kind: "boolean" });
    const inside = new BlockBuilder();
    const separate = zeros(inside);
    const result = newValue(type, adjointOptions(parameter));
    builder.add({
      kind: "if",
      condition: isSame,
      then: inside.block([separate]),
      else: new BlockBuilder().block([gradient]),
      results: [result],
      span: null,
    });
    return result;
  }, rounded);
}
