/**
 * The passes, in order, by name. `--print-passes` and `--stop-after` take these names.
 */
import { derivativeFunction } from "./4-differentiate/verbs.js";
import { explain, type Explanation } from "./explain.js";
import { warningsFor } from "./3-analyse/warnings.js";
import { keep, type KeptValue } from "./4-differentiate/keep.js";
import { fuseLoops } from "./4-differentiate/fuseLoops.js";
import { hoistInvariants } from "./5-optimise/hoistInvariants.js";
import { rerunLoops } from "./4-differentiate/rerunLoops.js";
import { hoistAllocations } from "./5-optimise/hoistAllocations.js";
import { sinkScratch } from "./5-optimise/sinkScratch.js";
import { recogniseAddTo } from "./5-optimise/recogniseAddTo.js";
import { scalarReplace } from "./5-optimise/scalarReplace.js";
import { removeDeadCode } from "./5-optimise/deadCode.js";
import { shareExpressions } from "./5-optimise/shareExpressions.js";
import { simplify } from "./5-optimise/simplify.js";
import { type Diagnostic, invariant } from "./diagnostics.js";
import type { IrFunction, Unit } from "./ir/ir.js";
import { printFunction } from "./ir/print.js";
import { verify } from "./ir/verify.js";
import type { Request, Verb } from "./requests.js";

export interface PipelineOptions {
  /** False leaves out every pass that only improves the code. */
  readonly optimise?: boolean;
  /** Keep everything that the reverse sweep reads: the reference that tests compare with. */
  readonly keepEverything?: boolean;
  /** Check the IR after every pass. */
  readonly verify?: boolean;
  readonly stopAfter?: string;
  /** Called with the IR after every pass. */
  readonly onPass?: (pass: string, fn: IrFunction) => void;
}

interface PassState {
  readonly options: PipelineOptions;
  kept: readonly KeptValue[];
  isStopped: boolean;
}

interface Pass {
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
const primalPasses: readonly Pass[] = [
  optional("scalar-replace", scalarReplace),
  optional("simplify-primal", simplify),
  optional("share-primal", shareExpressions),
  optional("add-to", recogniseAddTo),
  optional("hoist-primal", hoistInvariants),
  optional("sink-scratch", sinkScratch),
  optional("dead-code-primal", removeDeadCode),
];

/** On the adjoint. */
const adjointPasses: readonly Pass[] = [
  optional("simplify-adjoint", simplify, true),
  optional("dead-code-adjoint", removeDeadCode, true),
  optional("fuse", fuseLoops, true),
  optional("re-run", rerunLoops, true),
  optional("dead-code-fused", removeDeadCode, true),
  {
    name: "keep",
    isOptional: false,
    run: (fn, state) => {
      const result = keep(fn, { keepEverything: state.options.keepEverything });
      state.kept = result.kept;
      return result.fn;
    },
  },
  optional("share", shareExpressions),
  optional("hoist", hoistInvariants),
  optional("hoist-allocations", hoistAllocations),
  optional("simplify", simplify),
  optional("dead-code", removeDeadCode),
];

/** On the tangent, which keeps nothing. */
const tangentPasses: readonly Pass[] = [
  optional("share", shareExpressions),
  optional("hoist-allocations", hoistAllocations),
  optional("simplify", simplify),
  optional("dead-code", removeDeadCode),
];

export const passNames: readonly string[] = [
  "lower",
  ...primalPasses.map((pass) => pass.name),
  "differentiate",
  ...adjointPasses.map((pass) => pass.name),
];

export interface PipelineResult {
  readonly functions: readonly IrFunction[];
  readonly explanations: readonly Explanation[];
  readonly warnings: readonly Diagnostic[];
}

export function runPipeline(unit: Unit, requests: readonly Request[], options: PipelineOptions = {}): PipelineResult {
  const functions: IrFunction[] = [];
  const explanations: Explanation[] = [];
  const warnings: Diagnostic[] = [];
  for (const request of requests) {
    const fn = unit.functions.get(request.function);
    invariant(fn, `no function ${request.function}`);
    warnings.push(...warningsFor(fn, request));
    for (const verb of request.verbs) {
      const { derivative, kept } = derive(fn, request, verb, options);
      functions.push(derivative);
      explanations.push(explain(fn, request, derivative.name, kept));
    }
  }
  return { functions, explanations, warnings };
}

interface Derived {
  readonly derivative: IrFunction;
  readonly kept: readonly KeptValue[];
}

function derive(fn: IrFunction, request: Request, verb: Verb, options: PipelineOptions): Derived {
  const state: PassState = { options, kept: [], isStopped: options.stopAfter === "lower" };
  report("lower", fn, options, false);
  const primal = runPasses(primalPasses, fn, state);
  if (state.isStopped) return { derivative: primal, kept: [] };
  const isTangent = verb === "jvp";
  const derivative = derivativeFunction(primal, request, verb);
  report("differentiate", derivative, options, !isTangent);
  state.isStopped ||= options.stopAfter === "differentiate";
  return { derivative: runPasses(isTangent ? tangentPasses : adjointPasses, derivative, state), kept: state.kept };
}

function runPasses(passes: readonly Pass[], fn: IrFunction, state: PassState): IrFunction {
  return passes.reduce((current, pass) => {
    if (state.isStopped || (pass.isOptional && state.options.optimise === false)) return current;
    const next = pass.run(current, state);
    report(pass.name, next, state.options, pass.leavesRecalls ?? false);
    state.isStopped = state.options.stopAfter === pass.name;
    return next;
  }, fn);
}

function report(pass: string, fn: IrFunction, options: PipelineOptions, allowRecalls: boolean): void {
  if (options.verify) {
    const problems = verify(fn, { allowRecalls });
    invariant(problems.length === 0, `after ${pass}:\n${problems.join("\n")}\n${printFunction(fn)}`);
  }
  options.onPass?.(pass, fn);
}
