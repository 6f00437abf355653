/**
 * The pullback of one request at one point: for seeds of every output's shape ⟨seed, J v⟩ = ⟨pullback(seed), v⟩, however
 * often it is called, and whatever has become of the arguments and of the value in the meantime.
 */
import { isSame, locationsOf, numbersOf, shapeProblem, tangentsOf } from "./locations.js";
import { copyOf } from "./copies.js";
import type { Callable } from "./modules.js";
import { directionFor, isSameValue, type Tolerances } from "./checkNumbers.js";

export interface PullbackSubject {
  readonly wrt: readonly number[];
  readonly isBare: boolean;
  readonly primal: Callable;
  /** The primal is the same function written in another way. */
  readonly isOther?: boolean;
  readonly vjp: Callable;
  readonly jvp: Callable;
  /** Null where which rows there are is not clear. */
  readonly jacobian: Callable | null;
}

interface Pulled {
  readonly value: unknown;
  readonly pullback: (seed: unknown) => unknown;
}

/** Something of the shape of `values`, with the numbers of the direction; and the numbers. */
function shapedLike(values: unknown[], positions: readonly number[], seed: number): unknown[] {
  const locations = locationsOf(values, positions);
  return tangentsOf(values, positions, locations, directionFor(locations.length, seed));
}

/** Overwrites everything that can be reached. */
function spoil(value: unknown, seen: Set<object> = new Set()): void {
  if (typeof value !== "object" || value === null || seen.has(value) || Object.isFrozen(value)) return;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return void (value as Float64Array).fill(NaN);
  for (const item of Object.values(value)) spoil(item, seen);
  for (const [key, item] of Object.entries(value))
    if (typeof item === "number") (value as Record<string, unknown>)[key] = NaN;
  if (Array.isArray(value)) value.length = 0;
}

function products(a: unknown, b: unknown): number[] {
  if (typeof a === "number" && typeof b === "number") return [a * b];
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return [];
  return Object.keys(a).flatMap((key) => products((a as never)[key], (b as never)[key]));
}

/** Every row times the vectors is the number of the tangent in its place. */
function checkRows(rows: unknown, tangent: unknown, vectors: unknown, tolerances: Tolerances): readonly string[] {
  if (typeof tangent === "number") {
    const terms = products(rows, vectors);
    const total = terms.reduce((sum, term) => sum + term, 0);
    const size = terms.reduce((sum, term) => sum + Math.abs(term), 1e-3);
    if (terms.length !== products(vectors, vectors).length) return [`jacobian: a row of ${terms.length} numbers`];
    const isRight = Object.is(total, tangent) || !(Math.abs(total - tangent) > 10 * tolerances.tangent * size);
    return isRight ? [] : [`jacobian: a row times the vector is ${total}, by jvp ${tangent}`];
  }
  if (typeof tangent !== "object" || tangent === null) return [];
  if (typeof rows !== "object" || rows === null) return [`jacobian: ${String(rows)} where there are rows`];
  const [found, wanted] = [rows, tangent] as Record<string, unknown>[];
  const isPlain = ArrayBuffer.isView(tangent) || Array.isArray(tangent) ? Array.isArray(rows) : true;
  const keys = Object.keys(tangent);
  if (!isPlain || keys.length !== Object.keys(rows).length) return ["jacobian: rows of another structure"];
  return keys.flatMap((key) => checkRows(found![key], wanted![key], vectors, tolerances));
}

export function checkPullback(
  subject: PullbackSubject,
  make: () => unknown[],
  tolerances: Tolerances,
): readonly string[] {
  const { wrt, isBare } = subject;
  const primalArguments = make();
  let expected: unknown;
  try {
    expected = subject.primal(...primalArguments);
  } catch {
    return [];
  }
  const args = make();
  const { value, pullback } = subject.vjp(...args) as Pulled;
  const problems: string[] = [];
  if (!isSameValue(value, expected, subject)) problems.push(`vjp: value ${String(value)}, not ${String(expected)}`);
  if (!isSame(args, primalArguments)) problems.push("vjp: arguments are not left as the primal leaves them");
  const seeds = [0, 1].map((k) => shapedLike([expected], [0], k)[0]);
  const before: unknown = copyOf(seeds);
  const given = pullback(seeds[0]);
  const first: unknown = copyOf(given);
  // Whoever gets a gradient may write it.
  spoil(given);
  spoil(value);
  spoil(args);
  const second = pullback(seeds[1]);
  if (!isSame(seeds, before)) problems.push("vjp: the seed is written");
  if (!isSame(pullback(seeds[0]), first)) problems.push("vjp: the same seed gives something else the next time");
  const unspoilt = subject.vjp(...make()) as Pulled;
  if (!isSame(unspoilt.pullback(seeds[1]), second)) problems.push("vjp: it matters what became of the arguments");
  [first, second].forEach((gradient, k) => {
    const list = (isBare ? [gradient] : gradient) as unknown[];
    const original = make();
    wrt.forEach((position, j) => {
      const problem = shapeProblem(original[position], list[j]);
      if (problem) problems.push(`vjp: the gradient of argument ${position}: ${problem}`);
    });
    if (problems.length > 0) return;
    const vectors = shapedLike(make(), wrt, k + 2);
    const { tangent } = subject.jvp(make(), isBare ? vectors[0] : vectors) as { tangent: unknown };
    if (subject.jacobian && k === 0) {
      const own = make();
      const rows = subject.jacobian(...own);
      if (!isSame(own, primalArguments)) problems.push("jacobian: arguments are not left as the primal leaves them");
      problems.push(...checkRows(rows, tangent, isBare ? vectors[0] : vectors, tolerances));
    }
    const [left, right] = [products(seeds[k], tangent), products(list, vectors)];
    const sum = (terms: readonly number[]): number => terms.reduce((total, term) => total + term, 0);
    const size = sum([...left, ...right].map(Math.abs));
    if (!Number.isFinite(size) && numbersOf([gradient, tangent]).some((one) => !Number.isFinite(one))) return;
    if (Math.abs(sum(left) - sum(right)) <= 10 * tolerances.tangent * (size + 1e-3)) return;
    problems.push(`vjp: ⟨seed, J v⟩ is ${sum(left)}, ⟨pullback(seed), v⟩ ${sum(right)}`);
  });
  return problems;
}
