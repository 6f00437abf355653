/**
 * The adjoint against the tangent and against differences, statement by statement. The adjoint of a number is by how much
 * the result changes with it. So whatever tangents are added to numbers on the way, the result must change by the sum of
 * their products with the adjoints. Where that fails for all numbers of the second part of the run, and holds from the next one on, that one's
 * adjoint is wrong: it is found by halving.
 */
import type { Probe } from "./instrument.js";
import { type Passage, type ReverseRun, type Runs, steps } from "./runs.js";

export interface Disagreement {
  readonly probe: Probe;
  /** Where the number goes into memory, or is only given: the first call behind it that has a rule or a hook. */
  readonly call: Probe | null;
  /** What the adjoint says, and what the other says. */
  readonly adjoint: number;
  readonly other: number;
  readonly by: "tangent" | "differences";
}

export interface Comparison {
  readonly by: Disagreement["by"];
  /** How many numbers were compared. */
  readonly compared: number;
  /** Relative to what was compared. */
  readonly residual: number;
  /** How many numbers were left out, since the function jumps or bends with them. */
  readonly left: number;
  readonly disagreement: Disagreement | null;
}

/** A value or a cotangent that is not finite, though what it is made of is. */
export interface NotFinite {
  readonly probe: Probe;
  readonly value: number;
  readonly isCotangent: boolean;
  /** What the operation takes here. */
  readonly operands: readonly { readonly probe: Probe; readonly value: number }[];
}

/** Where Infinity and NaN arise first in the sweep that has them first. */
export function firstNotFinite(probes: readonly Probe[], run: ReverseRun): readonly NotFinite[] {
  const { values, cotangents } = run;
  const found: NotFinite[] = [];
  const see = (passages: readonly Passage[], isCotangent: boolean): void => {
    const places = new Set<number>();
    for (const isWanted of [(value: number) => Math.abs(value) === Infinity, Number.isNaN]) {
      const k = passages.findIndex(({ value, probe }, place) => {
        if (!isWanted(value)) return false;
        if (isCotangent) return true;
        const operands = operandsAt(probes, values, place);
        return probes[probe]!.kind !== "operand" && operands.every((one) => !isWanted(one.value));
      });
      if (k >= 0) places.add(k);
    }
    for (const k of [...places].sort((a, b) => a - b)) {
      const { probe, value } = passages[k]!;
      const place = isCotangent ? placeInForward(values, cotangents, k) : k;
      found.push({ probe: probes[probe]!, value, isCotangent, operands: operandsAt(probes, values, place) });
    }
  };
  see(values, false);
  if (!found.some(({ value }) => Number.isNaN(value))) see(cotangents, true);
  return found;
}

/** Which passage of the forward sweep a passage of the reverse sweep belongs to. */
function placeInForward(values: readonly Passage[], cotangents: readonly Passage[], k: number): number {
  const { probe } = cotangents[k]!;
  const after = cotangents.slice(0, k).filter((one) => one.probe === probe).length;
  const all = values.flatMap((one, place) => (one.probe === probe ? [place] : []));
  return all[all.length - 1 - after] ?? 0;
}

/** What the operation at a passage takes: the operands of the same text around it. */
function operandsAt(probes: readonly Probe[], values: readonly Passage[], place: number): NotFinite["operands"] {
  const own = probes[values[place]?.probe ?? 0]!;
  const isNear = (k: number): boolean => {
    const probe = values[k] && probes[values[k].probe];
    return probe?.span === own.span && probe.kind === "operand";
  };
  let [first, last] = [place, place];
  while (isNear(first - 1)) first--;
  while (own.kind === "operand" && isNear(last + 1)) last++;
  const operands = values.slice(first, last + 1).filter(({ probe }) => probes[probe]!.kind === "operand");
  return operands.map(({ probe, value }) => ({ probe: probes[probe]!, value }));
}

/** What numbers of single precision leave. */
const tangentTolerance = 1e-6;

export function compareWithTangent(probes: readonly Probe[], runs: Runs, run: ReverseRun): Comparison {
  const passagesOf = grouped(run.values);
  const adjoints = adjointsOf(run, passagesOf);
  const isCompared = comparedPassages(runs, run, adjoints, passagesOf);
  const weights = isCompared.map((isOne, place) => (isOne ? 0.5 + ((place * 0.618034) % 1) : 0));
  const end = weights.length;
  const between = (from: number, to: number): { difference: number; relative: number } => {
    const added = (place: number): number => (place >= from && place < to ? weights[place]! : 0);
    const [wanted, size] = sums(adjoints, added);
    const difference = runs.tangentAlong(run.gradient, added, passagesOf) - wanted;
    return { difference, relative: relativeTo(difference, size) };
  };
  const isSmall = (from: number): boolean => between(from, end).relative <= tangentTolerance;
  const found = { by: "tangent", compared: isCompared.filter(Boolean).length, left: 0 } as const;
  const residual = between(0, end).relative;
  if (isSmall(0)) return { ...found, residual, disagreement: null };
  let [failing, holding] = [0, end];
  while (holding - failing > 1) {
    const middle = (failing + holding) >> 1;
    if (isSmall(middle)) holding = middle;
    else failing = middle;
  }
  const adjoint = adjoints[failing] ?? 0;
  const other = adjoint + between(failing, failing + 1).difference / weights[failing]!;
  const probe = probes[run.values[failing]!.probe]!;
  return {
    ...found,
    residual,
    disagreement: { probe, call: callBehind(probes, run, failing), adjoint, other, by: "tangent" },
  };
}

const differenceTolerance = 1e-3;
/** So many passages of every probe are looked at. */
const lastPassages = 2;

/** Number by number, from the end of the run: a difference means something where nothing bends or takes another way. */
export function compareWithDifferences(probes: readonly Probe[], runs: Runs, run: ReverseRun): Comparison {
  const passagesOf = grouped(run.values);
  const adjoints = adjointsOf(run, passagesOf);
  const isCompared = comparedPassages(runs, run, adjoints, passagesOf);
  // What is missing, or is not finite, cannot be moved.
  const canMove = (place: number): boolean => isCompared[place]! && Number.isFinite(run.values[place]!.value);
  const places = [...passagesOf.values()].flatMap((all) => all.slice(-lastPassages)).filter(canMove);
  const largest = run.values.reduce((most, { value }) => Math.max(most, Math.abs(value) || 0), 0);
  let [compared, left, residual] = [0, 0, 0];
  for (const place of places.sort((a, b) => b - a)) {
    const adjoint = adjoints[place] ?? 0;
    const { value, probe } = run.values[place]!;
    const tries = steps.flatMap((relative) => {
      const step = relative * Math.max(1, Math.abs(value));
      const slope = runs.slopeAt(run, place, step);
      // What rounding leaves of a difference is as large as the values make it.
      const noise = (1e-13 * largest) / step;
      return slope === null ? [] : [{ slope, relative: relativeTo(slope - adjoint, Math.abs(adjoint) + noise) }];
    });
    const [first, ...others] = tries;
    if (!first) {
      left++;
      continue;
    }
    const best = others.reduce((one, other) => (other.relative < one.relative ? other : one), first);
    compared++;
    residual = Math.max(residual, best.relative);
    if (!(best.relative <= differenceTolerance)) {
      const call = callBehind(probes, run, place);
      const disagreement = { probe: probes[probe]!, call, adjoint, other: best.slope, by: "differences" } as const;
      return { by: "differences", compared, left, residual, disagreement };
    }
  }
  return { by: "differences", compared, left, residual, disagreement: null };
}

function callBehind(probes: readonly Probe[], { values }: ReverseRun, place: number): Probe | null {
  if (probes[values[place]!.probe]!.kind === "operand") return null;
  const call = values.slice(place + 1).find(({ probe }) => probes[probe]!.kind === "call");
  return call ? probes[call.probe]! : null;
}

/** Numbers without a tangent, such as indices, are left alone. */
function comparedPassages(
  runs: Runs,
  run: ReverseRun,
  adjoints: readonly (number | null)[],
  passagesOf: ReadonlyMap<number, readonly number[]>,
): readonly boolean[] {
  const counts = runs.hasTangent ? runs.tangentCounts(run.gradient) : countsOf(run.cotangents);
  return run.values.map(
    ({ probe }, place) => counts.get(probe) === passagesOf.get(probe)!.length && adjoints[place] !== null,
  );
}

/** Something else than a number is as far off as can be. */
function relativeTo(difference: number, size: number): number {
  const relative = Math.abs(difference) / Math.max(size, Math.abs(difference), 1e-300);
  return Number.isNaN(relative) ? 1 : relative;
}

/** The sum of the products, and of their sizes. */
function sums(adjoints: readonly (number | null)[], added: (place: number) => number): readonly [number, number] {
  let [sum, size] = [0, 0];
  adjoints.forEach((adjoint, place) => {
    const product = (adjoint ?? 0) * added(place);
    sum += product;
    size += Math.abs(product);
  });
  return [sum, size];
}

function countsOf(passages: readonly Passage[]): ReadonlyMap<number, number> {
  return new Map([...grouped(passages)].map(([probe, places]) => [probe, places.length]));
}

function grouped(passages: readonly Passage[]): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<number, number[]>();
  passages.forEach(({ probe }, place) => {
    const group = groups.get(probe);
    if (group) group.push(place);
    else groups.set(probe, [place]);
  });
  return groups;
}

/** By passage of the forward sweep; zero where no cotangent came, null where it is not clear which is whose. */
function adjointsOf(
  { values, cotangents }: ReverseRun,
  passagesOf: ReadonlyMap<number, readonly number[]>,
): readonly (number | null)[] {
  const adjoints: (number | null)[] = values.map(() => 0);
  for (const [probe, places] of grouped(cotangents)) {
    const own = passagesOf.get(probe) ?? [];
    own.forEach((place, k) => {
      const adjoint = own.length === places.length ? cotangents[places[own.length - 1 - k]!]!.value : null;
      // What the generated code leaves out may not be finite here.
      adjoints[place] = Number.isFinite(adjoint) ? adjoint : null;
    });
  }
  return adjoints;
}
