/**
 * The adjoint transform: a function becomes its forward sweep followed by its reverse sweep, in one block.
 *
 * Needs: verified, recall-free IR; alias classes, activity, integers. Guarantees: the primal's operations on numbers in
 * the primal's order; `recall`s only in mirror blocks; shadows for all active memory; zero adjoints are absent.
 *
 * before: a = sin x; y = a * k        after: a = sin x; y = a * k; aBar = 1 * k; xBar = aBar * cos x
 */
import { questionOf, type Wrt } from "../3-analyse/requested.js";
import { BlockBuilder, newValue, numberType } from "../ir/build.js";
import type { IrFunction, Statement, Value } from "../ir/ir.js";
import { loadAt } from "../ir/place.js";
import { isScalar } from "../ir/types.js";
import { Adjoints, adjointOptions, type Reverse } from "./adjointContext.js";
import { appendToBlocks, augmentBlock, entryShadows } from "./adjointForward.js";
import { countTrips } from "./countTrips.js";
import { reverseBlock } from "./adjointReverse.js";
import { LengthsAtEnd } from "./lengthsAtEnd.js";
import { newContext } from "./newContext.js";
import { gradientsOf, makeParameterShadows } from "./parameterShadows.js";
import type { Program } from "./program.js";
import { seedOutput } from "./seedOutput.js";

export interface AdjointProgram {
  /** Forward sweep, then reverse sweep; yields nothing yet. */
  readonly statements: readonly Statement[];
  /** The primal's result that is differentiated. */
  readonly value: Value;
  /** One adjoint for each `wrt`, of full shape, in that order. */
  readonly gradients: readonly Value[];
}

export interface SeedOptions {
  readonly seed: Value | null;
  /** Nobody else writes anything between the sweeps. */
  readonly isPrivate: boolean;
}

/**
 * Differentiates the first value that a function yields. Without a seed it is one number, and its adjoint 1; a seed, of
 * the shape of the value's gradient, is received between the sweeps, and whatever callers see may be written there.
 */
export function adjoint(
  primal: IrFunction,
  wrt: readonly Wrt[],
  program: Program,
  { seed, isPrivate }: SeedOptions = { seed: null, isPrivate: false },
): AdjointProgram {
  const fn = countTrips(primal);
  const value = fn.body.yields[0]!;
  const context = newContext(fn, program, {
    ...questionOf(fn, wrt),
    // A seed says something of every number.
    isHandedOut: seed !== null,
    moving: [],
    isCut: seed !== null && !isPrivate,
  });
  const entry = entryShadows(context);
  const augmented = augmentBlock(context, fn.body, [note("forward sweep"), ...entry]);

  const builder = new BlockBuilder();
  const reverse: Reverse = { context, adjoints: new Adjoints(null), builder };
  builder.add(note("reverse sweep"));
  const isMadeHere = (parameter: Value): boolean => context.isReverseMade(parameter);
  makeParameterShadows(context, builder, isMadeHere, (parameter, shadow) =>
    context.reverseShadows.set(parameter, shadow),
  );
  if (isScalar(value.type) && context.activity.isActive(value))
    reverse.adjoints.set(value, seed ?? one(builder, value));
  const seedShadows = seed ? seedOutput(context, builder, fn, { value, seed }) : undefined;
  const lengths = new LengthsAtEnd(context);
  reverseBlock(reverse, fn.body, {
    lengthAtEnd: (block, array) => lengths.of(block, array),
    additions: lengths.additions,
    seedShadows,
  });
  const whole = new Map(gradientsOf(reverse).map((gradient, k) => [context.wrt[k]!, gradient]));
  const gradients = wrt.map(({ value: of, path }) =>
    loadAt(builder, whole.get(of)!, path, { name: path.at(-1) ?? null, role: "adjoint" }),
  );
  const forward = appendToBlocks(augmented, lengths.additions);
  const cut: readonly Statement[] = seed
    ? [{ kind: "receive", results: [seed], shadowed: [], isPrivate, span: null }]
    : [];
  return { statements: [...forward.statements, ...cut, ...builder.statements], value, gradients };
}

function one(builder: BlockBuilder, value: Value): Value {
  const seed = newValue(numberType, adjointOptions(value));
  builder.add({ kind: "constant", result: seed, value: 1, text: null, span: value.span });
  return seed;
}

function note(text: string): Statement {
  return { kind: "note", text, span: null };
}
