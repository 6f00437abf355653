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
import { instrument, type Probe } from "./instrument.js";
import { type Derivatives, installProbes, type ReverseRun, Runs, type Structures } from "./runs.js";

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
  // Found where the compiler is installed; the compiler itself does without.
  const [{ pack, unpack }, { snapshot }] = await Promise.all([import("adjoint"), import("adjoint/runtime")]);
  const structures = { pack, unpack, snapshot } as Structures;
  const reverse = `${request.verbs[0]!}${request.stem}`;
  const derivatives: Derivatives = {
    reverse: derived[reverse]!,
    isPullback: request.verbs[0] === "vjp",
    path: pathTo(request, fn),
    tangent: lacksTangent ? null : derived[`jvp${request.stem}`]!,
  };
  const textOf = textIn(result);
  if (!derivatives.path && derivatives.isPullback) {
    const lines = ["What is differentiated here is neither one number nor a part of the value: nothing was compared."];
    return { result, lines, problems: [] };
  }
  const args = argumentsFor(fn, asked.at);
  const runs = new Runs(derivatives, args, structures);
  const run = runs.reverse();
  const wrong = firstNotFinite(probes, run, derivatives.path ? runs.output(run) : 0);
  if (wrong.length > 0) {
    const lines = ["Not all is finite at this point, so that nothing was compared."];
    return { result, lines, problems: wrong.map((one) => asNotFinite(one, textOf)) };
  }
  const comparisons: Comparison[] = [];
  if (!lacksTangent) comparisons.push(compareWithTangent(probes, runs, run));
  if (!instrumented.isStopped && derivatives.path) comparisons.push(compareWithDifferences(probes, runs, run));
  const disagreement = comparisons.find((one) => one.disagreement)?.disagreement;
  const shipped = await loadCompiled(await compileShipped(asked, request));
  const same =
    shipped &&
    sameGradient(run, new Runs({ ...derivatives, reverse: shipped[reverse]! }, args, structures), structures);
  return {
    result,
    lines: [
      `value ${JSON.stringify(run.value)}${derivatives.isPullback ? "" : `, gradient ${JSON.stringify(run.gradient)}`}`,
      ...comparisons.map(lineOf),
      ...(instrumented.isStopped ? ["not compared with differences, since derivatives are stopped here"] : []),
      `the generated code, which is optimised, gives ${same ? "the same gradient" : "another gradient: please report it"}`,
    ],
    problems: disagreement ? [asDisagreement(disagreement, textOf)] : [],
  };
}

/** What of the value is differentiated. */
function pathTo({ of }: Request, fn: IrFunction): readonly string[] | null {
  if (!of) return [];
  const [place, ...others] = of;
  if (!place || others.length > 0) return null;
  if (place.parameter === null) return place.path;
  return fn.body.yields.length === 0 ? [] : null;
}

/** To rounding. */
function sameGradient(run: ReverseRun, shipped: Runs, { pack }: Structures): boolean {
  const [own, other] = [pack(run.gradient), pack(shipped.reverse().gradient)];
  const size = Math.hypot(...own);
  return own.length === other.length && own.every((number, k) => Math.abs(number - other[k]!) <= 1e-9 * size);
}

async function compileInstrumented(asked: DebugRequest, withTangent: boolean): Promise<Instrumented> {
  let found: Omit<Instrumented, "result"> = { request: null, fn: null, probes: [], isStopped: false };
  const result = await compileFiles({
    files: [asked.file],
    project: asked.project,
    optimise: false,
    onLowered: ({ unit, requests }) => {
      const request = requests.find(({ displayName }) => displayName === asked.function);
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
function compileShipped({ file, project }: DebugRequest, request: Request): Promise<CompileResult> {
  const requests = [{ ...request, verbs: request.verbs.slice(0, 1) }];
  return compileFiles({ files: [file], project, onLowered: ({ unit }) => ({ unit, requests }) });
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
  return ({ name, written, isOperand }) => {
    if (name !== null) return name;
    const text = written && readSource(written.file).slice(written.start, written.end);
    return text && text.length <= 30 && !text.includes("\n") ? text : isOperand ? "an operand" : "the value";
  };
}

function asDisagreement({ probe, adjoint, other, by }: Disagreement, textOf: TextOf): Diagnostic {
  const source = by === "tangent" ? "the tangent" : "a central difference";
  return {
    ...at(probe, "derivativesDisagree"),
    message: `By the adjoint the result changes by ${adjoint} with ${textOf(probe)}, by ${source} ${other}.`,
    suggestion: "Where a rule or a hook stands here, look at that; else please report it.",
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

function at({ span }: Probe, code: string): Pick<Diagnostic, "code" | "severity" | "span"> {
  return { code, severity: "error", span };
}
