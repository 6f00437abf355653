/**
 * `adjoint explain --debug`: runs a function's derivatives at a point and compares them, the adjoint with the tangent
 * statement by statement, both with differences; says where the first number arises that is none.
 */
import { createJiti } from "jiti";
import { selectOutput } from "../4-differentiate/selectOutput.js";
import type { Diagnostic } from "../diagnostics.js";
import { type CompileResult, compileFiles } from "../index.js";
import type { IrFunction } from "../ir/ir.js";
import type { Request, Verb } from "../requests.js";
import { argumentsFor } from "./arguments.js";
import {
  type Comparison,
  compareWithDifferences,
  compareWithTangent,
  type Disagreement,
  firstNotFinite,
  type NotFinite,
} from "./compare.js";
import { compareInputs, type InputDisagreement } from "./inputs.js";
import { instrument, type Probe } from "./instrument.js";
import { type Derivatives, installProbes, Runs, type Structures } from "./runs.js";

export interface DebugRequest {
  readonly file: string;
  readonly function: string;
  readonly project?: string;
  /** The arguments of the sample point, as JSON has them. */
  readonly at: readonly unknown[];
}

export interface DebugResult {
  readonly result: CompileResult;
  /** What was found out, for people; null where there is no such function, or it is refused. */
  readonly lines: readonly string[] | null;
  readonly problems: readonly Diagnostic[];
}

interface Instrumented {
  readonly result: CompileResult;
  readonly request: Request | null;
  readonly fn: IrFunction | null;
  readonly probes: readonly Probe[];
  readonly isStopped: boolean;
}

export async function debugFile(asked: DebugRequest): Promise<DebugResult> {
  let instrumented = await compileInstrumented(asked, true);
  const lacksTangent = instrumented.result.diagnostics.some(({ code }) => code === "missingPushforward");
  if (lacksTangent) instrumented = await compileInstrumented(asked, false);
  const { result, request, fn, probes } = instrumented;
  const derived = await loadCompiled(result);
  if (!request || !fn || !derived) return { result, lines: null, problems: [] };
  const [verb] = request.verbs as [Verb, ...Verb[]];
  const derivatives: Derivatives = {
    reverse: derived[`${verb}${request.stem}`]!,
    isPullback: verb === "vjp",
    path: pathTo(request, fn),
    tangent: lacksTangent ? null : derived[`jvp${request.stem}`]!,
  };
  const told = (lines: readonly string[], problems: readonly Diagnostic[] = []): DebugResult => ({
    result,
    lines,
    problems,
  });
  if (!derivatives.path && derivatives.isPullback)
    return told(["What is differentiated here is neither one number nor a part of the value: nothing was compared."]);
  // Found where the compiler is installed; the compiler itself does without.
  const [{ pack, unpack }, { snapshot }] = await Promise.all([import("adjoint"), import("adjoint/runtime")]);
  const structures = { pack, unpack, snapshot } as Structures;
  const args = argumentsFor(fn, asked.at);
  const runs = new Runs(derivatives, args, structures);
  const textOf = textIn(result);
  const compiled = await loadCompiled(await compileShipped(asked, request));
  const reverse = compiled![`${verb}${request.stem}`]!;
  try {
    const run = runs.reverse();
    const shipped = new Runs({ ...derivatives, reverse }, args, structures).reverse();
    const value = `value ${written(run.value)}`;
    const first = derivatives.isPullback ? value : `${value}, gradient ${written(shipped.gradient)}`;
    const isFinite = [...pack(shipped.gradient), ...pack(run.value)].every(Number.isFinite);
    const wrong = isFinite ? [] : firstNotFinite(probes, run);
    if (!isFinite)
      return told(
        [first, "Not all is finite at this point, so that nothing was compared."],
        wrong.map((one) => asNotFinite(one, textOf)),
      );
    const comparisons: Comparison[] = [];
    if (!lacksTangent) comparisons.push(compareWithTangent(probes, runs, run));
    const isDifferenced = !instrumented.isStopped && derivatives.path !== null;
    if (isDifferenced) comparisons.push(compareWithDifferences(probes, runs, run));
    const disagreement = comparisons.find((one) => one.disagreement)?.disagreement;
    const isSame = sameNumbers(pack(run.gradient), pack(shipped.gradient));
    const inputs = isDifferenced ? compareInputs(runs, run, fn, request, structures) : null;
    const lines = [
      first,
      ...comparisons.map(lineOf),
      ...(inputs
        ? [
            `the gradient ${inputs.disagreement ? "disagrees" : "agrees"} with central differences at ${inputs.compared} input${inputs.compared === 1 ? "" : "s"}`,
          ]
        : []),
      ...(instrumented.isStopped ? ["not compared with differences, since derivatives are stopped here"] : []),
      `the generated code, which is optimised, gives ${isSame ? "the same gradient" : "another gradient: please report it"}`,
    ];
    if (disagreement) return told(lines, [asDisagreement(disagreement, textOf)]);
    return told(lines, inputs?.disagreement ? [asWrongGradient(inputs.disagreement, request)] : []);
  } catch (error) {
    return told([], [asThrown(error, runs.lastPassed, probes, request)]);
  }
}

/** Numbers that JSON has no words for, too. */
function written(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "number" && !Number.isFinite(item) ? String(item) : item,
  );
}

/** What of the value is differentiated. */
function pathTo({ of }: Request, fn: IrFunction): readonly string[] | null {
  if (!of) return [];
  const [place, ...others] = of;
  if (!place || others.length > 0) return null;
  if (place.parameter === null) return place.path;
  return fn.body.yields.length === 0 ? [] : null;
}

/** To rounding; what is optimised may be finite where the other is not. */
function sameNumbers(own: Float64Array, optimised: Float64Array): boolean {
  const size = Math.hypot(...optimised);
  return (
    own.length === optimised.length &&
    own.every((number, k) => !Number.isFinite(number) || Math.abs(number - optimised[k]!) <= 1e-9 * size)
  );
}

async function compileInstrumented(asked: DebugRequest, withTangent: boolean): Promise<Instrumented> {
  let found: Omit<Instrumented, "result"> = { request: null, fn: null, probes: [], isStopped: false };
  const result = await compileFiles({
    files: [asked.file],
    project: asked.project,
    only: asked.function,
    optimise: false,
    onLowered: ({ unit, requests }) => {
      const [request] = requests;
      if (!request) return { unit, requests: [] };
      const fn = unit.functions.get(request.function)!;
      const isNumber = selectOutput(fn, request).body.yields[0]?.type.kind === "number";
      const verbs: Verb[] = [isNumber ? "valueAndGrad" : "vjp", ...(withTangent ? (["jvp"] as const) : [])];
      const { unit: probed, probes, isStopped } = instrument(unit, request.function);
      found = { request: { ...request, verbs }, fn, probes, isStopped };
      return { unit: probed, requests: [found.request!] };
    },
  });
  return { ...found, result };
}

/** The same function as it is generated for users. */
function compileShipped({ file, project, function: only }: DebugRequest, request: Request): Promise<CompileResult> {
  const requests = [{ ...request, verbs: request.verbs.slice(0, 1) }];
  return compileFiles({ files: [file], project, only, onLowered: ({ unit }) => ({ unit, requests }) });
}

type Exports = Record<string, (...args: unknown[]) => unknown>;

/** What the generated file exports, as if it stood where it would be written; null where it is refused. */
async function loadCompiled({ files: [compiled] }: CompileResult): Promise<Exports | null> {
  if (!compiled || compiled.text === null) return null;
  installProbes();
  const { sibling, text } = compiled;
  const jiti = createJiti(sibling, { moduleCache: false, fsCache: false });
  return (await jiti.evalModule(text, { filename: sibling, async: true })) as Exports;
}

function lineOf({ by, compared, residual, left, disagreement }: Comparison): string {
  const what = by === "tangent" ? "the tangent" : "central differences";
  const verdict = disagreement ? "disagrees" : "agrees";
  const others = left > 0 ? `; ${left} with which it jumps or bends were left out` : "";
  return `the adjoint ${verdict} with ${what} at ${compared} numbers, relative difference ${residual.toExponential(1)}${others}`;
}

type TextOf = (probe: Probe) => string;

/** What a probe looks at, as the source says it. */
function textIn({ readSource }: CompileResult): TextOf {
  return ({ name, written: place, kind }) => {
    if (name !== null) return name;
    const text = place && readSource(place.file).slice(place.start, place.end);
    return text && text.length <= 30 && !text.includes("\n") ? text : kind === "result" ? "the value" : "an operand";
  };
}

function asDisagreement({ probe, call, adjoint, other, by }: Disagreement, textOf: TextOf): Diagnostic {
  const source = by === "tangent" ? "the tangent" : "a central difference";
  const what = `By the adjoint the result changes by ${adjoint} with ${textOf(probe)}, by ${source} ${other}.`;
  if (!call)
    return {
      ...at(probe, "derivativesDisagree"),
      message: what,
      suggestion: "Where a rule or a hook stands here, look at that; else please report it.",
    };
  return {
    ...at(call, "derivativesDisagree"),
    message: `${what} This is the first call behind it with a rule or a hook.`,
    suggestion: "Look at the rule or the hook; if it takes no such number, please report it.",
  };
}

function asWrongGradient({ name, adjoint, other }: InputDisagreement, { span }: Request): Diagnostic {
  return {
    ...at({ span }, "derivativesDisagree"),
    message: `The gradient with respect to ${name} is ${adjoint}, a central difference ${other}.`,
    suggestion: "Look at rules whose partials are null; without any, please report it.",
  };
}

function asThrown(error: unknown, last: number | null, probes: readonly Probe[], { span }: Request): Diagnostic {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    ...at(last === null ? { span } : probes[last]!, "throws"),
    message: `At this point the function, or its derivative, throws, behind what stands here: ${reason}`,
    suggestion: "Choose another point, or correct the rule or the hook that threw.",
  };
}

function asNotFinite({ probe, value, isCotangent, operands }: NotFinite, textOf: TextOf): Diagnostic {
  const listed = operands.map((one) => `${textOf(one.probe)} is ${one.value}`).join(", ");
  const where = listed === "" ? "" : `, where ${listed}`;
  return {
    ...at(probe, "notFinite"),
    message: isCotangent
      ? `In the reverse sweep the cotangent of ${textOf(probe)} becomes ${value} here${where}.`
      : `This gives ${value}${where}.`,
    suggestion: isCotangent
      ? "Keep the function away from this point, or give the function a rule of its own there."
      : "Keep the function away from this point.",
  };
}

function at({ span }: Pick<Probe, "span">, code: string): Pick<Diagnostic, "code" | "severity" | "span"> {
  return { code, severity: "error", span };
}
