/**
 * The adjoint transform: a function becomes its forward sweep followed by its reverse sweep, in one block.
 *
 * Needs: verified, recall-free IR; alias classes, activity, integers. Guarantees: the primal's operations on numbers in
 * the primal's order; `recall`s only in mirror blocks; shadows for all active memory; zero adjoints are absent.
 *
 * before: a = sin x; y = a * k        after: a = sin x; y = a * k; aBar = 1 * k; xBar = aBar * cos x
 */
import { BlockBuilder, newValue, numberType } from "../ir/build.js";
import type { IrFunction, Statement, Value } from "../ir/ir.js";
import { Adjoints, adjointOptions, type Reverse } from "./adjointContext.js";
import { appendToBlocks, augmentBlock, entryShadows } from "./adjointForward.js";
import { countTrips } from "./countTrips.js";
import { reverseBlock } from "./adjointReverse.js";
import { LengthsAtEnd } from "./lengthsAtEnd.js";
import { newContext } from "./newContext.js";
import { gradientsOf, makeParameterShadows } from "./parameterShadows.js";
import type { Program } from "./program.js";

export interface AdjointProgram {
  /** Forward sweep, then reverse sweep; yields nothing yet. */
  readonly statements: readonly Statement[];
  /** The primal's result. */
  readonly value: Value;
  /** One adjoint for each `wrt`, of full shape, in that order. */
  readonly gradients: readonly Value[];
}

/** Differentiates a function whose result is one number, with seed 1. */
export function adjoint(primal: IrFunction, wrt: readonly Value[], program: Program): AdjointProgram {
  const fn = countTrips(primal);
  const value = fn.body.yields[0]!;
  const context = newContext(fn, program, { wrt, results: [value], moving: [], isCut: false });
  const entry = entryShadows(context);
  const augmented = augmentBlock(context, fn.body, [note("forward sweep"), ...entry]);

  const builder = new BlockBuilder();
  const reverse: Reverse = { context, adjoints: new Adjoints(null), builder };
  builder.add(note("reverse sweep"));
  const isMadeHere = (parameter: Value): boolean => context.isReverseMade(parameter);
  makeParameterShadows(context, builder, isMadeHere, (parameter, shadow) =>
    context.reverseShadows.set(parameter, shadow),
  );
  if (context.activity.isActive(value)) {
    const seed = newValue(numberType, adjointOptions(value));
    builder.add({ kind: "constant", result: seed, value: 1, text: null, span: value.span });
    reverse.adjoints.set(value, seed);
  }
  const lengths = new LengthsAtEnd(context);
  reverseBlock(reverse, fn.body, { lengthAtEnd: (block, array) => lengths.of(block, array) });
  const gradients = gradientsOf(reverse);
  const forward = appendToBlocks(augmented, lengths.additions);
  return { statements: [...forward.statements, ...builder.statements], value, gradients };
}

function note(text: string): Statement {
  return { kind: "note", text, span: null };
}
