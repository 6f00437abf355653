/**
 * From the primals of a file to finished derivatives: for each request and verb what stands in its way is said, the derivative
 * made by the passes, and explained.
 */
import { derivativeFunction } from "./4-differentiate/verbs.js";
import { explain, type Explanation, type Making } from "./explain.js";
import { checkpointProblems } from "./3-analyse/checkpointProblems.js";
import { innerDerivativeProblems } from "./3-analyse/innerDerivatives.js";
import { jacobianPlan } from "./3-analyse/rowPlans.js";
import { missingPushforwards } from "./3-analyse/missingPushforwards.js";
import { secondDerivativeProblems } from "./3-analyse/secondDerivatives.js";
import { staleRead } from "./3-analyse/staleReads.js";
import { moduleWriteProblems } from "./3-analyse/moduleWrites.js";
import { stoppedMemoryProblems } from "./3-analyse/stoppedMemory.js";
import { warningsFor } from "./3-analyse/warnings.js";
import type { KeptValue } from "./4-differentiate/keep.js";
import { hasLimits, limitProblems, withinLimits } from "./4-differentiate/keptLimits.js";
import { forgetCheckpoints } from "./5-optimise/forgetCheckpoints.js";
import { borrowScratch } from "./5-optimise/borrowScratch.js";
import { borrowStorage } from "./5-optimise/borrowStorage.js";
import { splitFunctions } from "./5-optimise/splitFunctions.js";
import { type Diagnostic, DiagnosticError, invariant, problemsOf } from "./diagnostics.js";
import type { IrFunction, Unit } from "./ir/ir.js";
import { visitStatements } from "./ir/walk.js";
import { callCycles } from "./3-analyse/callCycles.js";
import { callEffects } from "./3-analyse/callEffects.js";
import { summariseCalls } from "./3-analyse/summariseCalls.js";
import { expandPrimitives } from "./4-differentiate/expandPrimitives.js";
import { calledFunctions } from "./4-differentiate/calledFunctions.js";
import { planAdjointPair } from "./4-differentiate/adjointPair.js";
import { madeOnce } from "./4-differentiate/madeOnce.js";
import { newDerivatives } from "./4-differentiate/innerDerivatives.js";
import type { Derivatives, Owned, Program } from "./4-differentiate/program.js";
import { selectOutput } from "./4-differentiate/selectOutput.js";
import { intoFunction } from "./4-differentiate/into.js";
import { planTangentCallee } from "./4-differentiate/tangentCallee.js";
import { type Request, secondVerbs, type Verb } from "./requests.js";
import {
  adjointPasses,
  newState,
  type Pass,
  type PassState,
  type PipelineOptions,
  primalPasses,
  report,
  runPasses,
  tangentPasses,
} from "./passes.js";

export interface PipelineResult {
  /** What was asked for. */
  readonly functions: readonly IrFunction[];
  /** What these call, by key. */
  readonly helpers: ReadonlyMap<string, IrFunction>;
  readonly explanations: readonly Explanation[];
  /** Warnings, and failures where they are told. */
  readonly warnings: readonly Diagnostic[];
}

export function runPipeline(unit: Unit, requests: readonly Request[], options: PipelineOptions = {}): PipelineResult {
  const functions: IrFunction[] = [];
  const explanations: Explanation[] = [];
  const warnings: Diagnostic[] = [];
  const primals = summariseCalls(unit.functions);
  warnings.push(...stoppedMemoryProblems(primals), ...moduleWriteProblems(primals));
  const names = new Set([...primals.values()].map((fn) => fn.name));
  const derivatives = newDerivatives(() => ({ first: program, again: programAgain }), unit.derivatives);
  const madeInside = new Map<string, Making>();
  const shared = { madeInside, rules: unit.rules, derivatives, names };
  const program = newProgram(primals, options, { ...shared, isDifferentiatedAgain: false });
  const programAgain = newProgram(differentiatedAgain(primals), options, { ...shared, isDifferentiatedAgain: true });
  const made: Owned[] = [];
  /** Of `functions` those that write into a buffer of the caller's. */
  const writers = new Set<IrFunction>();
  for (const request of requests) {
    try {
      const fn = selectOutput(program.functionOf(request.function), request);
      const inner = innerDerivativeProblems({ functions: primals, unit }, fn);
      const unrepeatable = checkpointProblems(primals, fn, request);
      warnings.push(...warningsFor(fn, request), ...inner, ...unrepeatable);
      if (inner.length > 0 || unrepeatable.length > 0) continue;
      const missing = missingPushforwards(primals, unit.rules, fn, request);
      warnings.push(...missing);
      for (const verb of request.verbs) {
        if (verb === "into") continue;
        const isSecond = secondVerbs.has(verb);
        const twice = isSecond ? secondDerivativeProblems(primals, unit.rules, fn, request, verb) : [];
        warnings.push(...twice);
        if ((verb === "jvp" && missing.length > 0) || twice.length > 0) continue;
        const own = isSecond ? programAgain : program;
        madeInside.delete(fn.name);
        const source = selectOutput(own.functionOf(request.function), request, verb);
        const limits: Limits = {
          trial: () =>
            newProgram(isSecond ? differentiatedAgain(primals) : primals, quiet(options), trialOf(shared, isSecond)),
          kept: (kept) => [...kept, ...(madeInside.get(fn.name)?.kept ?? [])],
        };
        const { derivative, making, problems } = derive(source, request, verb, { options, program: own, limits });
        warnings.push(...problems);
        if (problems.length > 0) continue;
        const writing = request.verbs.includes("into") ? intoFunction(derivative, verb, own) : null;
        const all = writing ? [derivative, writing] : [derivative];
        if (writing) writers.add(writing);
        functions.push(...all);
        made.push(...all.map((one) => ({ fn: one, program: own })));
        const notes = verb === "jacobian" ? [jacobianPlan(fn, request, own).reason] : [];
        const inside = madeInside.get(fn.name);
        explanations.push(
          explain({
            fn,
            request,
            generated: derivative.name,
            own: { kept: [...making.kept, ...(inside?.kept ?? [])], stages: making.stages ?? inside?.stages ?? null },
            callees: calleesOf(fn, primals, madeInside),
            notes,
          }),
        );
      }
    } catch (error) {
      if (!options.tellsFailures) throw error;
      warnings.push(...problemsOf(error, request.displayName, request.span));
    }
  }
  const helpers = calledFunctions(made, primals);
  if (options.optimise === false || options.stopAfter !== undefined)
    return { functions, helpers, explanations, warnings };
  return { ...finished({ functions, writers, helpers, names }, options), explanations, warnings };
}

interface Unfinished extends Pick<PipelineResult, "functions" | "helpers"> {
  readonly writers: ReadonlySet<IrFunction>;
  readonly names: ReadonlySet<string>;
}

/** As they are printed: no part of them is run again any more, and what the engine would not optimise is split. */
function finished(
  { functions, writers, helpers, names }: Unfinished,
  { partSize, verify: isVerified }: PipelineOptions,
): Pick<PipelineResult, "functions" | "helpers"> {
  const last = (fn: IrFunction): IrFunction =>
    borrowStorage(writers.has(fn) ? borrowScratch(forgetCheckpoints(fn)) : forgetCheckpoints(fn));
  const result = splitFunctions(functions.map(last), mapValues(helpers, last), names, partSize);
  if (isVerified)
    for (const fn of [...result.functions, ...result.helpers.values()]) report("split", fn, { verify: true }, false);
  return result;
}

function mapValues<K, V>(map: ReadonlyMap<K, V>, change: (value: V) => V): ReadonlyMap<K, V> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}

/** The primals as they are differentiated more than once. */
function differentiatedAgain(primals: ReadonlyMap<string, IrFunction>): ReadonlyMap<string, IrFunction> {
  return new Map([...primals].map(([key, fn]) => [key, expandPrimitives(fn)]));
}

interface Shared {
  /** How adjoints were made that are finished on the way and then cut in two, by the name of the function. */
  readonly madeInside: Map<string, Making>;
  readonly rules: Unit["rules"];
  readonly derivatives: Derivatives;
  /** Of functions, taken by all programs. */
  readonly names: Set<string>;
  readonly isDifferentiatedAgain: boolean;
}

/** The unit's functions, and those that differentiation makes from them with this pipeline's passes. */
function newProgram(
  primals: ReadonlyMap<string, IrFunction>,
  options: PipelineOptions,
  { madeInside, rules, derivatives, names, isDifferentiatedAgain }: Shared,
): Program {
  const functions = new Map(primals);
  const isInOneCycle = callCycles(functions);
  const through = (passes: readonly Pass[], fn: IrFunction): IrFunction => {
    const state = newState({ ...options, stopAfter: undefined });
    const finished = runPasses(passes, fn, state);
    if (passes === adjointPasses) madeInside.set(fn.name, makingOf(fn, state));
    return finished;
  };
  const program: Program = {
    functionOf(key) {
      const fn = functions.get(key);
      invariant(fn, `no function ${key}`);
      return fn;
    },
    ruleOf(key) {
      const rule = rules.get(key);
      invariant(rule, `no rule for ${key}`);
      return rule;
    },
    add(fn) {
      functions.set(fn.name, fn);
      return { key: fn.name, effects: callEffects(fn) };
    },
    stemFor(name, ending) {
      const base = asIdentifier(name);
      let stem = base;
      for (let k = 2; names.has(`${stem}${ending}`); k++) stem = `${base}${k}`;
      names.add(`${stem}${ending}`);
      return stem;
    },
    derivatives,
    isDifferentiatedAgain,
    isRecursive: (key) => isInOneCycle(key, key),
    adjointPair: madeOnce(isInOneCycle, {
      plan: (callee, mask) => planAdjointPair(program, callee, mask),
      effectsOf: ({ forward, reverse }) => [forward.effects, ...(reverse ? [reverse.effects] : [])],
    }),
    tangentCallee: madeOnce(isInOneCycle, {
      plan: (callee, mask) => planTangentCallee(program, callee, mask),
      effectsOf: ({ callee }) => [callee.effects],
    }),
    prepare: (fn) => refuseStale(through(primalPasses, fn), options),
    finishAdjoint: (fn) => through(adjointPasses, fn),
    finishTangent: (fn) => through(tangentPasses, fn),
  };
  return program;
}

/** `Circle.area` is `circleArea`. */
function asIdentifier(name: string): string {
  const [first, ...rest] = name.split(".");
  if (rest.length === 0) return name;
  const upper = (part: string): string => part[0]!.toUpperCase() + part.slice(1);
  return first![0]!.toLowerCase() + first!.slice(1) + rest.map(upper).join("");
}

/** Without the passes on the primal nothing is known of scratch. */
function refuseStale(fn: IrFunction, { optimise, stopAfter }: PipelineOptions): IrFunction {
  const problem = optimise === false || stopAfter !== undefined ? null : staleRead(fn);
  if (problem) throw new DiagnosticError(problem);
  return fn;
}

interface Derived {
  readonly derivative: IrFunction;
  readonly making: Making;
  /** Of what the user allows to be kept. */
  readonly problems: readonly Diagnostic[];
}

interface Limits {
  /** A program in which nothing counts that is made. */
  readonly trial: () => Program;
  /** All that is kept, given what the derivative itself keeps. */
  readonly kept: (kept: readonly KeptValue[]) => readonly KeptValue[];
}

interface Deriving {
  readonly options: PipelineOptions;
  readonly program: Program;
  readonly limits: Limits;
}

function derive(fn: IrFunction, request: Request, verb: Verb, { options, program, limits }: Deriving): Derived {
  const state = newState(options);
  state.isStopped = options.stopAfter === "lower";
  report("lower", fn, options, false);
  const primal = refuseStale(runPasses(primalPasses, fn, state), options);
  if (state.isStopped) return { derivative: primal, making: { kept: [], stages: null }, problems: [] };
  if (!hasLimits(primal)) return { ...derivePrepared(primal, request, verb, program, state), problems: [] };
  const trial = derivePrepared(primal, request, verb, limits.trial(), newState(quiet(options)));
  const limited = withinLimits(primal, limits.kept(trial.making.kept));
  const made = derivePrepared(limited, request, verb, program, state);
  return { ...made, problems: limitProblems(limited, limits.kept(made.making.kept), request.span) };
}

function derivePrepared(
  primal: IrFunction,
  request: Request,
  verb: Verb,
  program: Program,
  state: PassState,
): Pick<Derived, "derivative" | "making"> {
  // What is made of calls of adjoints is finished like a tangent.
  const isTangent = verb !== "grad" && verb !== "valueAndGrad" && verb !== "hvp";
  const { options } = state;
  const derivative = derivativeFunction(primal, request, verb, program);
  report("differentiate", derivative, options, !isTangent);
  state.isStopped ||= options.stopAfter === "differentiate";
  const finished = runPasses(isTangent ? tangentPasses : adjointPasses, derivative, state);
  return { derivative: finished, making: isTangent ? { kept: [], stages: null } : makingOf(derivative, state) };
}

/** Nobody is told of a trial. */
function quiet(options: PipelineOptions): PipelineOptions {
  return { ...options, stopAfter: undefined, onPass: undefined };
}

function makingOf(differentiated: IrFunction, { kept, after }: PassState): Making {
  return { kept, stages: { differentiated, fused: after.get("fuse") ?? null, rerun: after.get("re-run") ?? null } };
}

/** How the functions were made that a function calls, and those that they call. */
function calleesOf(
  fn: IrFunction,
  primals: ReadonlyMap<string, IrFunction>,
  made: ReadonlyMap<string, Making>,
): ReadonlyMap<string, Making> {
  const found = new Map<string, Making>();
  const enter = (caller: IrFunction): void =>
    visitStatements(caller.body, (statement) => {
      const callee = statement.kind === "call" ? primals.get(statement.callee) : undefined;
      const making = callee && made.get(callee.name);
      if (!making || found.has(callee.name)) return;
      found.set(callee.name, making);
      enter(callee);
    });
  enter(fn);
  return found;
}

/** What a trial shares with the rest: it takes no names from it. */
function trialOf(shared: Omit<Shared, "isDifferentiatedAgain">, isDifferentiatedAgain: boolean): Shared {
  return { ...shared, names: new Set(shared.names), isDifferentiatedAgain };
}
