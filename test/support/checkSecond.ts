/**
 * Second derivatives of one request at one point: the gradient that comes with them, differences of the gradient, and
 * symmetry, ⟨w, H v⟩ = ⟨v, H w⟩.
 */
import { derivativeAtZero } from "./extrapolate.js";
import { isSame, locationsOf, moveBy, shapeProblem, tangentsOf } from "./locations.js";
import type { Callable } from "./modules.js";
import { agree, directionFor, type Tolerances } from "./checkNumbers.js";

export interface SecondSubject {
  readonly wrt: readonly number[];
  readonly isBare: boolean;
  readonly grad: Callable;
  readonly hvp: Callable;
  /** Null where it is refused. */
  readonly hessian: Callable | null;
}

interface Curvature {
  readonly grad: unknown;
  readonly hvp: unknown;
}

type MakeArguments = () => unknown[];

function along(
  { wrt, isBare }: SecondSubject,
  args: unknown[],
  seed: number,
  size = 1,
): { vector: unknown; direction: number[] } {
  const locations = locationsOf(args, wrt);
  const direction = directionFor(locations.length, seed).map((part) => size * part);
  const vectors = tangentsOf(args, wrt, locations, direction);
  return { vector: isBare ? vectors[0] : vectors, direction };
}

/** Products of the numbers in the same places. */
function productsOf(a: unknown, b: unknown): readonly number[] {
  if (typeof a === "number" && typeof b === "number") return [a * b];
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return [];
  const [first, second] = [a, b] as Record<string, unknown>[];
  return Object.keys(a).flatMap((key) => productsOf(first![key], second![key]));
}

/** ⟨gradient, vector⟩ */
function dot(gradient: unknown, vector: unknown): { total: number; size: number } {
  const terms = productsOf(gradient, vector);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return { total: sum(terms), size: sum(terms.map(Math.abs)) };
}

/** Every row of the Hessian times the vector is the number of `hvp` in its place. */
function checkRows(rows: unknown, product: unknown, vector: unknown, tolerances: Tolerances): readonly string[] {
  if (typeof product === "number") {
    const { total, size } = dot(rows, vector);
    const isRight = Object.is(total, product) || Math.abs(total - product) <= 1e3 * tolerances.tangent * (size + 1e-3);
    return isRight ? [] : [`hessian: a row times the vector is ${total}, by hvp ${product}`];
  }
  if (typeof product !== "object" || product === null) return [];
  if (typeof rows !== "object" || rows === null) return [`hessian: ${String(rows)} where there are rows`];
  const [found, wanted] = [rows, product] as Record<string, unknown>[];
  return Object.keys(product).flatMap((key) => checkRows(found![key], wanted![key], vector, tolerances));
}

export function checkSecond(subject: SecondSubject, make: MakeArguments, tolerances: Tolerances): readonly string[] {
  const [v, w] = [along(subject, make(), 0), along(subject, make(), 1)];
  const before = JSON.stringify(v.vector);
  let first: Curvature;
  try {
    first = subject.hvp(make(), v.vector) as Curvature;
  } catch (error) {
    try {
      subject.grad(...make());
    } catch {
      return [];
    }
    return [`hvp throws ${String((error as Error).stack)}`];
  }
  const second = subject.hvp(make(), w.vector) as Curvature;
  const problems: string[] = [];
  if (JSON.stringify(v.vector) !== before) problems.push("hvp: the vector is written");
  if (!isSame(subject.hvp(make(), v.vector), first)) problems.push("hvp: a second call gives something else");
  const gradient = subject.grad(...make());
  if (!agree(gradient, first.grad, tolerances))
    problems.push(`hvp: gradient ${JSON.stringify(first.grad)}, not ${JSON.stringify(gradient)}`);
  const still = (subject.hvp(make(), along(subject, make(), 0, 0).vector) as Curvature).grad;
  if (!agree(gradient, still, tolerances))
    problems.push(`hvp: along nothing the gradient is ${JSON.stringify(still)}, not ${JSON.stringify(gradient)}`);
  const args = make();
  const lists = (subject.isBare ? [[first.grad], [first.hvp]] : [first.grad, first.hvp]) as unknown[][];
  for (const list of lists)
    subject.wrt.forEach((position, k) => {
      const problem = shapeProblem(args[position], list[k]);
      if (problem) problems.push(`hvp: argument ${position}: ${problem}`);
    });
  if (problems.length > 0) return problems;
  const [one, other] = [dot(first.hvp, w.vector), dot(second.hvp, v.vector)];
  if (!(Math.abs(one.total - other.total) <= 1e3 * tolerances.tangent * (one.size + other.size + 1e-3)))
    problems.push(`hvp: ⟨w, H v⟩ is ${one.total}, ⟨v, H w⟩ ${other.total}`);
  if (subject.hessian) problems.push(...checkRows(subject.hessian(...make()), first.hvp, v.vector, tolerances));
  const slope = (step: number): number => {
    const moved = make();
    moveBy(locationsOf(moved, subject.wrt), v.direction, step);
    return dot(subject.grad(...moved), w.vector).total;
  };
  const { value, error } = derivativeAtZero(slope, 1e-2);
  const allowed = Math.max(10 * tolerances.differences * Math.max(1, Math.abs(value), one.size), 20 * error);
  if (!(Math.abs(one.total - value) <= allowed))
    problems.push(`hvp: ⟨w, H v⟩ is ${one.total}, by differences ${value} ± ${error.toExponential(1)}`);
  return problems;
}
