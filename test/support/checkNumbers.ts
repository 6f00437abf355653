/**
 * The numbers of one request's derivatives at one point: value bit for bit, memory as the primal leaves it, gradient
 * against differences and, far sharper, against the tangent.
 */
import { copyOf } from "./copies.js";
import type { Path } from "./differences.js";
import { read } from "./differences.js";
import { derivativeAtZero } from "./extrapolate.js";
import { isSame, locationsOf, moveBy, numbersOf, shapeProblem, tangentsOf } from "./locations.js";
import type { Callable } from "./modules.js";

export interface Subject {
  readonly primal: Callable;
  /** The primal is the same function written in another way, whose value may differ in the last digits. */
  readonly isOther?: boolean;
  /** What differences are taken of, where derivatives are stopped on purpose; else the primal. */
  readonly moving?: (args: unknown[]) => Callable;
  readonly wrt: readonly number[];
  readonly isBare: boolean;
  /** The generated functions; `jvp` is there for every subject. */
  readonly derived: { readonly grad?: Callable; readonly valueAndGrad?: Callable; readonly jvp: Callable };
}

export interface Tolerances {
  /** Against differences, relative to the larger of 1 and the derivative. */
  readonly differences: number;
  /** Against the tangent, relative to the size of the terms. */
  readonly tangent: number;
}

export const doubleTolerances: Tolerances = { differences: 1e-7, tangent: 1e-11 };
/** Where numbers are stored in single precision on the way. */
export const singleTolerances: Tolerances = { differences: 1e-3, tangent: 1e-6 };

type MakeArguments = () => unknown[];
type Outcome = { readonly result: unknown } | { readonly thrown: string };

function outcomeOf(run: () => unknown): Outcome {
  try {
    return { result: run() };
  } catch (error) {
    return { thrown: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/** Deterministic directions of mixed sign, none of them near zero. */
export function directionFor(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, k) => {
    const noise = Math.sin(12.9898 * (k + 1) + 78.233 * (seed + 1)) * 43758.5453;
    const part = noise - Math.floor(noise);
    return (k + seed) % 2 === 0 ? 0.25 + part : -0.25 - part;
  });
}

export interface Checked {
  /** Empty when all is well. */
  readonly problems: readonly string[];
  /** As `valueAndGrad` gives it; null where the primal throws or there is none. */
  readonly gradient: unknown;
}

/** Everything but the partial derivatives one by one. */
export function checkNumbers(subject: Subject, make: MakeArguments, tolerances: Tolerances): Checked {
  const problems: string[] = [];
  const primalArguments = make();
  const primal = outcomeOf(() => subject.primal(...primalArguments));
  const runs = runAll(subject, make);
  for (const [verb, { outcome, args }] of Object.entries(runs)) {
    if ("thrown" in primal || "thrown" in outcome) {
      if (!isSame(outcome, primal)) problems.push(`${verb}: ${text(outcome)} where the primal ${text(primal)}`);
      continue;
    }
    const { value } = outcome.result as { value?: unknown };
    if (verb !== "grad" && !isSameValue(value, primal.result, subject))
      problems.push(`${verb}: value ${String(value)} instead of ${String(primal.result)}`);
    if (!isSame(args, primalArguments)) problems.push(`${verb}: arguments are not left as the primal leaves them`);
  }
  const again = runAll(subject, make);
  for (const verb of Object.keys(runs))
    if (!isSame(runs[verb]!.outcome, again[verb]!.outcome))
      problems.push(`${verb}: a second call gives something else`);
  if (problems.length > 0 || "thrown" in primal) return { problems, gradient: null };
  const found: Gradients = {
    valueAndGrad: (runs["valueAndGrad"]?.outcome as { result: { grad: unknown } } | undefined)?.result.grad,
    grad: (runs["grad"]?.outcome as { result: unknown } | undefined)?.result,
  };
  return { problems: checkDerivatives(subject, make, tolerances, found), gradient: found.valueAndGrad ?? null };
}

/** Bit for bit, where the primal is what was differentiated. */
export function isSameValue(a: unknown, b: unknown, { isOther = false }: { readonly isOther?: boolean }): boolean {
  if (!isOther || typeof a !== typeof b) return isSame(a, b);
  if (typeof a === "number" && typeof b === "number")
    return isSame(a, b) || Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(a));
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return isSame(a, b);
  const [one, other] = [a, b] as Record<string, unknown>[];
  return Object.keys(one!).every((key) => isSameValue(one![key], other![key], { isOther }));
}

function text(outcome: Outcome): string {
  return "thrown" in outcome ? `throws ${outcome.thrown}` : `gives ${JSON.stringify(outcome.result)}`;
}

function runAll(subject: Subject, make: MakeArguments): Record<string, { outcome: Outcome; args: unknown[] }> {
  const runs: Record<string, { outcome: Outcome; args: unknown[] }> = {};
  for (const verb of ["grad", "valueAndGrad", "jvp"] as const) {
    const derived = subject.derived[verb];
    if (!derived) continue;
    const args = make();
    const call = (): unknown =>
      verb === "jvp" ? derived(args, tangentsFor(subject, args, 0).tangents) : derived(...args);
    runs[verb] = { outcome: outcomeOf(call), args };
  }
  return runs;
}

function tangentsFor(subject: Subject, args: unknown[], seed: number): { tangents: unknown; direction: number[] } {
  const locations = locationsOf(args, subject.wrt);
  const direction = directionFor(locations.length, seed);
  const tangents = tangentsOf(args, subject.wrt, locations, direction);
  return { tangents: subject.isBare ? tangents[0] : tangents, direction };
}

function writesTangents(subject: Subject, make: MakeArguments): boolean {
  const args = make();
  const { tangents } = tangentsFor(subject, args, 0);
  const before: unknown = copyOf(tangents);
  subject.derived.jvp(args, tangents);
  return !isSame(tangents, before);
}

interface Gradients {
  readonly valueAndGrad: unknown;
  readonly grad: unknown;
}

function checkDerivatives(
  subject: Subject,
  make: MakeArguments,
  tolerances: Tolerances,
  found: Gradients,
): readonly string[] {
  const problems: string[] = [];
  for (const seed of [0, 1]) problems.push(...checkTangent(subject, make, tolerances, seed));
  if (writesTangents(subject, make)) problems.push("jvp: the tangents given are written");
  for (const [verb, gradient] of Object.entries(found) as [keyof Gradients, unknown][]) {
    if (!subject.derived[verb]) continue;
    const list = (subject.isBare ? [gradient] : gradient) as unknown[];
    const args = make();
    for (const [k, position] of subject.wrt.entries()) {
      const shape = shapeProblem(args[position], list[k]);
      if (shape) problems.push(`${verb}: the gradient of argument ${position}: ${shape}`);
    }
    if (problems.length > 0) continue;
    for (const seed of [0, 1, 2])
      problems.push(...checkDot(subject, make, tolerances, list, seed).map((problem) => `${verb}: ${problem}`));
  }
  return problems;
}

/**
 * Where an argument outside `wrt` is the same object as one inside and nothing is written, it stands still: the
 * differences need it apart. Otherwise the derivative is that of the memory they share.
 */
function apart(subject: Subject, make: MakeArguments): MakeArguments {
  const args = make();
  const inside = new Set(subject.wrt.map((position) => args[position]));
  const isMixed = args.some((arg, k) => !subject.wrt.includes(k) && typeof arg === "object" && inside.has(arg));
  if (!isMixed) return make;
  subject.primal(...args);
  if (!isSame(args, make())) return make;
  return () => make().map((arg, k) => (subject.wrt.includes(k) ? arg : copyOf(arg)));
}

/** The tangent against differences along its direction. */
function checkTangent(subject: Subject, make: MakeArguments, tolerances: Tolerances, seed: number): readonly string[] {
  const args = make();
  const { tangents, direction } = tangentsFor(subject, args, seed);
  const { tangent } = subject.derived.jvp(args, tangents) as { tangent: unknown };
  const separate = apart(subject, make);
  const moving = subject.moving?.(make()) ?? subject.primal;
  const wanted = numbersOf(subject.primal(...separate()));
  const given = numbersOf(tangent);
  if (given.length !== wanted.length) return [`jvp: ${given.length} numbers in the tangent of ${wanted.length}`];
  return given.flatMap((slope, k) => {
    const at = (step: number): number => {
      const moved = separate();
      moveBy(locationsOf(moved, subject.wrt), direction, step);
      return numbersOf(moving(...moved))[k]!;
    };
    const start = tolerances === singleTolerances ? 3e-2 : 1e-2;
    const { value, error } = derivativeAtZero(at, start);
    const allowed = Math.max(tolerances.differences * Math.max(1, Math.abs(value)), 20 * error);
    if (Math.abs(slope - value) <= allowed) return [];
    return [`jvp: tangent ${k} is ${slope}, by differences ${value} ± ${error.toExponential(1)}`];
  });
}

/** ⟨ȳ, J ẋ⟩ = ⟨Jᵀ ȳ, ẋ⟩ */
function checkDot(
  subject: Subject,
  make: MakeArguments,
  tolerances: Tolerances,
  gradients: readonly unknown[],
  seed: number,
): readonly string[] {
  const args = make();
  const { tangents, direction } = tangentsFor(subject, args, seed);
  const { tangent } = subject.derived.jvp(args, tangents) as { tangent: number };
  const terms = locationsOf(make(), subject.wrt).map(
    ({ paths }, k) => direction[k]! * totalAt(subject, gradients, paths).total,
  );
  const sum = terms.reduce((total, term) => total + term, 0);
  const size = Math.abs(tangent) + terms.reduce((total, term) => total + Math.abs(term), 0);
  if (Object.is(sum, tangent) || Math.abs(sum - tangent) <= tolerances.tangent * size) return [];
  return [`⟨gradient, direction⟩ is ${sum}, the tangent ${tangent}`];
}

function totalAt(subject: Subject, gradients: readonly unknown[], paths: readonly Path[]): { total: number } {
  const parts = paths.map(
    ([position, ...path]) => read(gradients[subject.wrt.indexOf(position as number)], path) as number,
  );
  return { total: parts.reduce((total, part) => total + part, 0) };
}

/** Whether two gradients of one function at one point agree, relative to the size of the whole. */
export function agree(a: unknown, b: unknown, tolerances: Tolerances): boolean {
  const [first, second] = [numbersOf(a), numbersOf(b)];
  const size = first.reduce((largest, x) => (Number.isFinite(x) ? Math.max(largest, Math.abs(x)) : largest), 1e-300);
  return (
    first.length === second.length &&
    first.every((x, k) => Object.is(x, second[k]) || Math.abs(x - second[k]!) <= 10 * tolerances.tangent * size)
  );
}

/** Every partial derivative against differences; a place reached by several paths gets their sum. */
export function checkPartials(
  subject: Subject,
  make: MakeArguments,
  tolerances: Tolerances,
  gradient: unknown,
): readonly string[] {
  const gradients = (subject.isBare ? [gradient] : gradient) as unknown[];
  const separate = apart(subject, make);
  const moving = subject.moving?.(make()) ?? subject.primal;
  return locationsOf(separate(), subject.wrt).flatMap(({ container, key, paths }, k) => {
    const at = (step: number): number => {
      const moved = separate();
      const location = locationsOf(moved, subject.wrt)[k]!;
      moveBy([location], [1], step);
      return moving(...moved) as number;
    };
    const size = Math.max(1, Math.abs(container[key] as number));
    const { value, error } = derivativeAtZero(at, (tolerances === singleTolerances ? 3e-2 : 1e-2) * size);
    const { total } = totalAt(subject, gradients, paths);
    const allowed = Math.max(tolerances.differences * Math.max(1, Math.abs(value)), 20 * error);
    if (Math.abs(total - value) <= allowed) return [];
    return [`∂[${paths[0]!.join(".")}] is ${total}, by differences ${value} ± ${error.toExponential(1)}`];
  });
}
