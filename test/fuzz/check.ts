/** Compiles random programs and compares values, memory and derivatives with the oracle. */
import { type Callable, type Compiled, compilePrograms, type Variant } from "./compilePrograms.js";
import { type Dual, operations, peak } from "./dual.js";
import { argumentsFor, dot, dualArguments, movedArguments, type Sharing, sharings, slopesOf } from "./points.js";
import { printDual, printPlain, type Program } from "./program.js";

export const variants: Readonly<Record<string, Variant>> = {
  default: {},
  plain: { pipeline: { optimise: false } },
  keepEverything: { pipeline: { keepEverything: true } },
  snapshots: { snapshots: 2 },
  smallParts: { pipeline: { partSize: 60 } },
  /** Helpers are called, not inlined. */
  split: { isAboutCalls: true, lowering: { limits: { callee: 0, calledOnce: 0, total: 0 } } },
};

export interface Failure {
  readonly program: Program;
  readonly variant: string;
  /** The argument lists under which it fails; all for a crash. */
  readonly shared: readonly Sharing[];
  /** Stable for the kind of failure: shrinking must not change it. */
  readonly kind: "crash" | "value" | "memory" | "second call" | "derivative" | "shape" | "throw" | "generator";
  readonly message: string;
}

export interface Refusal {
  readonly program: Program;
  readonly code: string;
  /** The line, and what is said about it. */
  readonly message: string;
}

export interface Report {
  readonly checked: number;
  readonly refused: readonly Refusal[];
  /** Comparisons left out because the program itself loses too many digits. */
  readonly imprecise: number;
  readonly failures: readonly Failure[];
}

/**
 * Deep equality, bit for bit; of objects that may hold themselves, too. A field that is `undefined` is as one left out:
 * a record that is spread is written out field by field.
 */
export function isSame(a: unknown, b: unknown, compared = new Map<unknown, unknown>()): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (compared.has(a)) return compared.get(a) === b;
  compared.set(a, b);
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  const [first, second] = [a, b] as Record<string, unknown>[];
  const names = new Set([...Object.keys(first!), ...Object.keys(second!)]);
  return [...names].every((name) => isSame(first![name], second![name], compared));
}

/** Checks programs compiled together, under the named variants. */
export function check(
  programs: readonly Program[],
  names: readonly string[] = Object.keys(variants),
  shared: readonly Sharing[] = sharings,
): Report {
  const compiled = compilePrograms(
    programs,
    names.map((name) => variants[name]!),
    "valueAndGrad",
  );
  const refused: Refusal[] = [];
  const failures: Failure[] = [];
  let imprecise = 0;
  programs.forEach((program, k) => {
    const first = compiled[k]![0]!;
    if (first.kind === "refused") return void refused.push({ program, ...first });
    names.forEach((variant, j) => {
      if (compiled[k]![j]!.kind === "same") return;
      const outcome = compareProgram(program, compiled[k]![j]!, shared);
      imprecise += outcome.imprecise;
      if (outcome.failure) failures.push({ program, variant, ...outcome.failure });
    });
  });
  return { checked: programs.length - refused.length, refused, imprecise, failures };
}

interface Outcome {
  readonly failure: Omit<Failure, "program" | "variant"> | null;
  readonly imprecise: number;
}

function compareProgram(program: Program, compiled: Compiled, shared: readonly Sharing[]): Outcome {
  if (compiled.kind === "refused" || compiled.kind === "same")
    return {
      failure: {
        kind: "crash",
        message: `refused in one variant only: ${compiled.kind === "refused" && compiled.message}`,
        shared,
      },
      imprecise: 0,
    };
  if (compiled.kind === "crash") return { failure: { ...compiled, shared }, imprecise: 0 };
  const { primal } = compiled;
  const generated = compiled.derived[`valueAndGradF${program.seed}`]!;
  const oracle = oracleOf(program);
  if (!oracle) return { failure: { kind: "generator", message: "the oracle does not parse", shared }, imprecise: 0 };
  let imprecise = 0;
  for (const sharing of shared) {
    const point = sharings.indexOf(sharing);
    const fresh = (): unknown[] => argumentsFor(program, point, sharing);
    const failure = compareValues(primal, generated, fresh);
    if (failure === "overgrown") {
      imprecise++;
      continue;
    }
    if (failure) return { failure: { ...failure, shared: [sharing] }, imprecise };
    for (const direction of [0, 1]) {
      const outcome = compareSlopes(program, oracle, primal, generated, fresh, direction);
      if (outcome === "imprecise") imprecise++;
      else if (outcome) return { failure: { ...outcome, shared: [sharing] }, imprecise };
    }
  }
  return { failure: null, imprecise };
}

/** Null for what is no program: shrinking makes such. */
function oracleOf(program: Program): Callable | null {
  try {
    return new Function("$", `"use strict";\n${printDual(program)}return ${program.main.name};`)(
      operations,
    ) as Callable;
  } catch {
    return null;
  }
}

type Difference = Pick<Failure, "kind" | "message">;

/** Overgrown: arrays that double in every turn are more than there is room for. */
function compareValues(primal: Callable, generated: Callable, fresh: () => unknown[]): Difference | "overgrown" | null {
  const primalArguments = fresh();
  let value: unknown;
  try {
    value = primal(...primalArguments);
  } catch (error) {
    if (error instanceof RangeError) return "overgrown";
    return { kind: "generator", message: `the primal throws ${String(error)}` };
  }
  const args = fresh();
  let result: { value: unknown; grad: unknown };
  try {
    result = generated(...args) as typeof result;
  } catch (error) {
    return { kind: "throw", message: String(error instanceof Error ? error.stack : error) };
  }
  if (!Object.is(result.value, value))
    return { kind: "value", message: `value ${String(result.value)}, not ${String(value)}` };
  if (!isSame(args, primalArguments))
    return { kind: "memory", message: "arguments are not left as the primal leaves them" };
  const before = structuredClone(result);
  if (!isSame(generated(...fresh()), before) || !isSame(result, before))
    return { kind: "second call", message: "a second call gives something else, or changes the first result" };
  return null;
}

function compareSlopes(
  program: Program,
  oracle: Callable,
  primal: Callable,
  generated: Callable,
  fresh: () => unknown[],
  direction: number,
): Difference | "imprecise" | null {
  const duals = dualArguments(program, fresh(), direction);
  const slopes = program.wrt.map((position) => slopesOf(duals[position]));
  peak.value = 0;
  const wanted = oracle(...duals) as Dual;
  const value = primal(...fresh());
  if (!Object.is(wanted.v, value))
    return { kind: "generator", message: `the oracle's value is ${wanted.v}, the primal's ${String(value)}` };
  if (!(peak.value < 1e6) || !Number.isFinite(wanted.v)) return "imprecise";
  const { grad } = generated(...fresh()) as { grad: unknown };
  const gradients = program.wrt.length === 1 ? [grad] : (grad as unknown[]);
  let total = { value: 0, size: 0 };
  try {
    total = dot(gradients, slopes);
  } catch (error) {
    return { kind: "shape", message: (error as Error).message };
  }
  const isSingle = printPlain(program).includes("Float32Array");
  const allowed = (isSingle ? 1e-5 : 1e-9) * (1 + Math.abs(wanted.d) + total.size) + 1e-10 * peak.value;
  if (Math.abs(total.value - wanted.d) <= allowed) return null;
  const at = (step: number): number =>
    primal(...movedArguments(fresh(), dualArguments(program, fresh(), direction), step)) as number;
  const difference = (at(1e-5) - at(-1e-5)) / 2e-5;
  const message = `⟨gradient, direction⟩ is ${total.value}, by duals ${wanted.d}, by differences ${difference}`;
  return { kind: "derivative", message };
}
