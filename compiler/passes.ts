/**
 * The passes, in order, by name: those on the primal, on the adjoint and on the tangent, and how they are run.
 * `--print-passes` and `--stop-after` take these names.
 */
import { keep, type KeptValue } from "./4-differentiate/keep.js";
import { fuse } from "./4-differentiate/fuse.js";
import { hoistInvariants } from "./5-optimise/hoistInvariants.js";
import { straightenLoops } from "./4-differentiate/straightenLoops.js";
import { mergeShadows } from "./4-differentiate/mergeShadows.js";
import { carryShadows } from "./4-differentiate/carryShadows.js";
import { lastChoices } from "./4-differentiate/lastChoices.js";
import { rereadStores } from "./4-differentiate/rereadStores.js";
import { rerunLoops } from "./4-differentiate/rerunLoops.js";
import { hoistAllocations } from "./5-optimise/hoistAllocations.js";
import { sinkScratch } from "./5-optimise/sinkScratch.js";
import { splitArrays } from "./5-optimise/splitArrays.js";
import { promoteMemory } from "./5-optimise/promoteMemory.js";
import { joinBranches } from "./5-optimise/joinBranches.js";
import { countStrides } from "./5-optimise/countStrides.js";
import { deadStores } from "./5-optimise/deadStores.js";
import { mergeWrites } from "./5-optimise/mergeWrites.js";
import { fuseNeighbours } from "./5-optimise/fuseNeighbours.js";
import { fuseProducers } from "./5-optimise/fuseProducers.js";
import { recogniseAddTo } from "./5-optimise/recogniseAddTo.js";
import { scalarResults } from "./5-optimise/scalarResults.js";
import { scalarReplace } from "./5-optimise/scalarReplace.js";
import { removeDeadCode } from "./5-optimise/deadCode.js";
import { shareDivisions } from "./5-optimise/shareDivisions.js";
import { shareExpressions } from "./5-optimise/shareExpressions.js";
import { unrollLoops } from "./5-optimise/unrollLoops.js";
import { typedArrays } from "./5-optimise/typedArrays.js";
import { simplify } from "./5-optimise/simplify.js";
import { invariant } from "./diagnostics.js";
import type { IrFunction } from "./ir/ir.js";
import { printFunction } from "./ir/print.js";
import { verify } from "./ir/verify.js";
import { passOn } from "./4-differentiate/passOn.js";

export interface PipelineOptions {
  /** Tell of failures of the compiler itself instead of throwing. */
  readonly tellsFailures?: boolean;
  /** False leaves out every pass that only improves the code. */
  readonly optimise?: boolean;
  /** Keep everything that the reverse sweep reads: the reference that tests compare with. */
  readonly keepEverything?: boolean;
  /** About how large parts of functions are that are split, in bytes of the engine's code. */
  readonly partSize?: number;
  /** Check the IR after every pass. */
  readonly verify?: boolean;
  readonly stopAfter?: string;
  /** Called with the IR after every pass. */
  readonly onPass?: (pass: string, fn: IrFunction) => void;
}

export interface PassState {
  readonly options: PipelineOptions;
  kept: readonly KeptValue[];
  /** What some passes have left, by the pass; of an adjoint what they began with, as "differentiate". */
  readonly after: Map<string, IrFunction>;
  isStopped: boolean;
}

export interface Pass {
  readonly name: string;
  readonly run: (fn: IrFunction, state: PassState) => IrFunction;
  /** Left out when `optimise` is false. */
  readonly isOptional: boolean;
  /** `recall`s may remain after this pass. */
  readonly leavesRecalls?: boolean;
}

const optional = (name: string, run: (fn: IrFunction) => IrFunction, leavesRecalls = false): Pass => ({
  name,
  run,
  isOptional: true,
  leavesRecalls,
});

/** On the primal, before it is differentiated. */
export const primalPasses: readonly Pass[] = [
  optional("count-strides", countStrides),
  optional("unroll", unrollLoops),
  optional("scalar-replace", scalarReplace),
  optional("simplify-primal", simplify),
  optional("share-primal", shareExpressions),
  optional("dead-code-lowered", removeDeadCode),
  optional("typed-arrays", typedArrays),
  optional("fuse-producers", fuseProducers),
  optional("scalar-replace-fused", scalarReplace),
  optional("split-arrays", splitArrays),
  optional("share-fused", shareExpressions),
  optional("add-to", recogniseAddTo),
  optional("hoist-primal", hoistInvariants),
  optional("last-choices", lastChoices),
  optional("sink-scratch", sinkScratch),
  optional("dead-code-primal", removeDeadCode),
];

const passOnHooked: Pass = { name: "pass-on", isOptional: false, run: passOn, leavesRecalls: true };

/** On the adjoint. */
export const adjointPasses: readonly Pass[] = [
  passOnHooked,
  optional("simplify-adjoint", simplify, true),
  optional("dead-code-adjoint", removeDeadCode, true),
  optional("fuse", fuse, true),
  optional("re-read", rereadStores, true),
  optional("re-run", rerunLoops, true),
  optional("dead-code-fused", removeDeadCode, true),
  optional("merge-shadows", mergeShadows, true),
  optional("carry-shadows", carryShadows, true),
  {
    name: "keep",
    isOptional: false,
    run: (fn, state) => {
      const result = keep(fn, { keepEverything: state.options.keepEverything });
      state.kept = result.kept;
      return result.fn;
    },
  },
  optional("straighten", straightenLoops),
  optional("scalar-results", scalarResults),
  optional("fuse-neighbours", fuseNeighbours),
  optional("share", shareExpressions),
  optional("join-branches", joinBranches),
  optional("share-divisions", shareDivisions),
  optional("hoist", hoistInvariants),
  optional("dead-stores", deadStores),
  optional("hoist-allocations", hoistAllocations),
  optional("promote", promoteMemory),
  optional("merge-writes", mergeWrites),
  optional("simplify", simplify),
  optional("dead-code", removeDeadCode),
];

/** On the tangent, which keeps nothing. */
export const tangentPasses: readonly Pass[] = [
  passOnHooked,
  optional("scalar-results", scalarResults),
  optional("share", shareExpressions),
  optional("join-branches", joinBranches),
  optional("share-divisions", shareDivisions),
  optional("dead-code-tangent", removeDeadCode),
  optional("fuse-columns", fuseProducers),
  optional("hoist-allocations", hoistAllocations),
  optional("promote", promoteMemory),
  optional("simplify", simplify),
  optional("dead-code", removeDeadCode),
];

export const passNames: readonly string[] = [
  "lower",
  ...primalPasses.map((pass) => pass.name),
  "differentiate",
  ...adjointPasses.map((pass) => pass.name),
];

export function newState(options: PipelineOptions): PassState {
  return { options, kept: [], after: new Map(), isStopped: false };
}

export function runPasses(passes: readonly Pass[], fn: IrFunction, state: PassState): IrFunction {
  return passes.reduce((current, pass) => {
    if (state.isStopped || (pass.isOptional && state.options.optimise === false)) return current;
    const next = pass.run(current, state);
    report(pass.name, next, state.options, pass.leavesRecalls ?? false);
    state.after.set(pass.name, next);
    state.isStopped = state.options.stopAfter === pass.name;
    return next;
  }, fn);
}

/** What a pass has made is verified and shown, as the options ask. */
export function report(pass: string, fn: IrFunction, options: PipelineOptions, allowRecalls: boolean): void {
  if (options.verify) {
    const problems = verify(fn, { allowRecalls });
    if (problems.length > 0) invariant(false, `after ${pass}:\n${problems.join("\n")}\n${printFunction(fn)}`);
  }
  options.onPass?.(pass, fn);
}
