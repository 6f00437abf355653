/** A gradient put to the test, against a tangent function and against differences. */
import { copyTogether, trial } from "./copies.js";
import { measure, type Measurement, type Place } from "./differences.js";
import { judge } from "./judge.js";
import { eachNumber, moveAlong, numberPaths, product, randomNumbers, treeLike, unitDirections } from "./directions.js";
import { type GradientReport, reportOf, type DirectionReport } from "./gradientReport.js";
import type { Wrt } from "./gradientFor.js";
import { separateGradients, sharedTangents } from "./shadows.js";
import { isRecord } from "./structure.js";
import { describeShape, mismatch } from "./tangentShape.js";

export interface CheckGradientOptions<W extends Wrt = Wrt> {
  /** Positions that the gradient is with respect to; as given to the marker or written in the tag. Default [0]. */
  readonly wrt?: W;
  /** How many random directions. Default 5. */
  readonly directions?: number;
  /** The same seed gives the same directions. Default 1. */
  readonly seed?: number;
  /** Relative to the size of the gradient, unless differences cannot measure that well. Default 1e-6. */
  readonly tolerance?: number;
  /** A `jvp…` function of the same function: its tangent must agree to `tangentTolerance`, by default 1e-9. */
  readonly tangent?: (args: never, tangents: never) => { readonly tangent: unknown };
  readonly tangentTolerance?: number;
}

type Plain = (...args: unknown[]) => unknown;

/**
 * Checks a gradient of `f` at one point: along random unit directions d, ⟨gradient, d⟩ must be the derivative of
 * f(args + t d), as central differences with many steps and extrapolation measure it, and as `options.tangent` gives
 * it. `gradient` is a `grad…` or `valueAndGrad…` function. Arguments are never written. On a kink a gradient is
 * accepted when it lies between the slopes of the two sides, and the report says where the kink is.
 *
 * Throws TypeError when `f` does not give a number.
 */
export function checkGradient<A extends readonly unknown[], const W extends Wrt = Wrt>(
  f: (...args: A) => number,
  gradient: (...args: A) => unknown,
  args: A,
  options: CheckGradientOptions<W> = {},
): GradientReport {
  const wrt: Wrt = options.wrt ?? [0];
  const positions = typeof wrt === "number" ? [wrt] : wrt;
  const { value, writes } = trial(f, args);
  if (typeof value !== "number")
    throw new TypeError(`checkGradient needs a function that gives a number, not ${typeof value}.`);
  const problems: string[] = [];
  const given = separate((gradient as unknown as Plain)(...copyTogether(args)), args, positions);
  if ("value" in given && !Object.is(given.value, value))
    problems.push(`The value given beside the gradient is ${String(given.value)}, that of the function is ${value}.`);
  if (!Number.isFinite(value)) problems.push(`The value is ${value} here, which has no derivative.`);
  const shape = shapeProblem(given, args, positions);
  if (shape) problems.push(shape);
  if (problems.length > 0) return reportOf({ value, directions: [], kinks: [], problems, unchecked: [] });

  const inspection: Inspection = { f: f as unknown as Plain, args, positions, value, writes, given, options };
  const random = randomNumbers(options.seed ?? 1);
  const wrtArgs = positions.map((position) => args[position]);
  const directions = Array.from({ length: options.directions ?? 5 }, () =>
    along(inspection, unitDirections(wrtArgs, given.gradients, random)),
  );
  const isSuspect = directions.some((direction) => direction.place !== "smooth");
  const kinks = isSuspect ? places(inspection, wrtArgs) : [];
  return reportOf({ value, directions, kinks, problems, unchecked: withoutGradient(inspection) });
}

interface Given {
  readonly gradients: readonly unknown[];
  readonly isBare: boolean;
  readonly value?: unknown;
}

interface Inspection {
  readonly f: Plain;
  readonly args: readonly unknown[];
  readonly positions: readonly number[];
  readonly value: number;
  readonly writes: boolean;
  readonly given: Given;
  readonly options: CheckGradientOptions;
}

/** `{ value, grad }` or a gradient, bare or a tuple: told apart by what fits the arguments. */
function separate(result: unknown, args: readonly unknown[], positions: readonly number[]): Given {
  const isPair = isRecord(result) && "value" in result && "grad" in result;
  const fits = (gradients: readonly unknown[]): boolean =>
    gradients.length === positions.length &&
    positions.every((position, k) => mismatch(args[position], gradients[k], "", true) === null);
  if (isPair && !(positions.length === 1 && fits([result])))
    return { ...separate(result.grad, args, positions), value: result.value };
  const isBare = positions.length === 1 && (fits([result]) || !(Array.isArray(result) && fits(result)));
  return { gradients: isBare || !Array.isArray(result) ? [result] : result, isBare };
}

function shapeProblem(given: Given, args: readonly unknown[], positions: readonly number[]): string | null {
  if (given.gradients.length !== positions.length)
    return `${positions.length} gradients are expected, for the arguments ${positions.join(", ")}, but ${given.gradients.length} are given.`;
  for (const [k, position] of positions.entries()) {
    const found = mismatch(args[position], given.gradients[k], "", true);
    if (found)
      return (
        `The gradient of argument ${position} must have the shape ${describeShape(args[position], true)}, ` +
        `but has the shape ${describeShape(given.gradients[k], false)}${found.path && `; they differ at ${found.path}`}.`
      );
  }
  return null;
}

/** Whole numbers in records may be enumerations, which have no gradient: left out, they are only reported. */
function withoutGradient({ args, positions, given }: Inspection): readonly string[] {
  const count = (tree: unknown): number => {
    let numbers = 0;
    eachNumber(tree, () => numbers++);
    return numbers;
  };
  return positions.flatMap((position, k) => {
    if (count(args[position]) <= count(given.gradients[k])) return [];
    const there = new Set(numberPaths(given.gradients[k]));
    const wanted = numberPaths(separateGradients([args[position]], [undefined])[0]);
    return wanted.filter((path) => !there.has(path)).map((path) => `args[${position}]${path}`);
  });
}

/** f(args + t · directions) as a function of t. */
function line(inspection: Inspection, directions: readonly unknown[]): (t: number) => number {
  const { args, positions, writes, f } = inspection;
  const isMoved = new Set(positions);
  return (t) => {
    // Unless memory is written, an argument outside of wrt is another variable, even where it is the same object.
    const copies = copyTogether(writes ? args : args.map((arg, k) => (isMoved.has(k) ? arg : null)));
    if (!writes) args.forEach((arg, k) => (copies[k] = isMoved.has(k) ? copies[k] : copyTogether([arg])[0]));
    moveAlong(copies, positions, directions, t);
    return f(...copies) as number;
  };
}

function measureAlong(inspection: Inspection, directions: readonly unknown[]): Measurement {
  const { args, positions, value, given } = inspection;
  let squares = 0;
  let count = 0;
  let epsilon = Number.EPSILON;
  for (const position of positions) {
    eachNumber(args[position], (x) => {
      squares += x * x;
      count++;
    });
    if (holdsSingles(args[position])) epsilon = 2 ** -24;
  }
  const size = Math.sqrt(squares);
  const slopes = given.gradients.reduce<number>((total, gradient) => total + product(gradient, gradient), 0);
  const movement = Number.isFinite(slopes) ? size * Math.sqrt(slopes) : 0;
  const longest = 0.1 * Math.max(1, size / Math.sqrt(Math.max(1, count)));
  const noise = 4 * (Number.EPSILON * Math.abs(value) + epsilon * movement);
  return measure(line(inspection, directions), value, longest, noise);
}

function holdsSingles(value: unknown): boolean {
  if (value instanceof Float32Array) return true;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return false;
  return Object.values(value).some(holdsSingles);
}

function along(inspection: Inspection, directions: readonly unknown[]): DirectionReport {
  const { given, options, args } = inspection;
  const analytic = given.gradients.reduce<number>((total, gradient, k) => total + product(gradient, directions[k]), 0);
  const measured = measureAlong(inspection, directions);
  let squares = 0;
  let count = 0;
  for (const gradient of given.gradients)
    eachNumber(gradient, (x) => {
      if (Number.isFinite(x)) squares += x * x;
      count++;
    });
  const usual = Math.sqrt(squares / Math.max(1, count));
  const judged = judge(measured, analytic, usual, options.tolerance ?? 1e-6);
  let tangent: number | null = null;
  let tangentResidual = 0;
  if (options.tangent) {
    const seeds = given.isBare ? directions[0] : directions;
    tangent = (options.tangent as unknown as Plain as (a: unknown, t: unknown) => { tangent: number })(
      copyTogether(args),
      seeds,
    ).tangent;
    const size = Math.max(Math.abs(tangent), Math.abs(analytic), usual);
    tangentResidual = Object.is(tangent, analytic) || size === 0 ? 0 : Math.abs(tangent - analytic) / size;
  }
  const isTangentRight = tangentResidual <= (options.tangentTolerance ?? 1e-9);
  return { ...judged, analytic, tangent, tangentResidual, ok: judged.ok && isTangentRight };
}

const mostPlaces = 200;

/** The single numbers whose own line through the point is not smooth. */
function places(inspection: Inspection, wrtArgs: readonly unknown[]): readonly { path: string; place: Place }[] {
  const { gradients } = inspection.given;
  const paths = inspection.positions.flatMap((position, k) =>
    numberPaths(gradients[k]).map((path) => `args[${position}]${path}`),
  );
  return paths.slice(0, mostPlaces).flatMap((path, wanted) => {
    let next = 0;
    const unit = gradients.map((gradient) => treeLike(gradient, () => (next++ === wanted ? 1 : 0)));
    const { place } = measureAlong(inspection, sharedTangents(wrtArgs, unit));
    return place === "smooth" ? [] : [{ path, place }];
  });
}
