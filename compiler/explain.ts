/** What `adjoint explain` says of one generated function: what is active, what is kept and why, what became of loops and calls. */
import { activity } from "./3-analyse/activity.js";
import { questionOf, requestedWrt } from "./3-analyse/requested.js";
import { aliasClasses } from "./3-analyse/aliases.js";
import type { KeptValue } from "./4-differentiate/keep.js";
import type { KeptSize } from "./4-differentiate/keptSize.js";
import { type LoopNote, loopNotes, type SnapshotNote, type Stages } from "./explainLoops.js";
import { primitiveNamed } from "./ir/primitives.js";
import type { IrFunction, Span, Value } from "./ir/ir.js";
import { isReference, isScalar } from "./ir/types.js";
import { resultsOf, scopedValuesOf, visitStatements } from "./ir/walk.js";
import type { Request } from "./requests.js";
import { hasDerivative } from "./rules/index.js";

export interface Explanation {
  readonly function: string;
  readonly generated: string;
  /** Names of the variables that carry a derivative. */
  readonly active: readonly string[];
  /** Names of the variables that carry none. */
  readonly inactive: readonly string[];
  readonly kept: readonly KeptNote[];
  readonly loops: readonly LoopNote[];
  readonly calls: readonly CallNote[];
  /** Operations on active values whose derivative is zero. */
  readonly zeroDerivatives: readonly string[];
  /** What else there is to say. */
  readonly notes: readonly string[];
}

export interface KeptNote {
  readonly name: string;
  readonly span: Span | null;
  readonly place: KeptValue["place"];
  readonly reason: string;
  readonly size: KeptSize;
  /** The function it is kept in, where that is one that is called. */
  readonly in: string | null;
}

export interface CallNote {
  readonly name: string;
  /** Written in place of the call, or called as a forward and a reverse function. */
  readonly how: "inlined" | "called";
}

/** How an adjoint was made. */
export interface Making {
  readonly kept: readonly KeptValue[];
  /** Null for a tangent, which has no reverse sweep. */
  readonly stages: Stages | null;
}

export interface Explained {
  /** As it was lowered. */
  readonly fn: IrFunction;
  readonly request: Request;
  readonly generated: string;
  readonly own: Making;
  /** The functions that it calls, by name. */
  readonly callees: ReadonlyMap<string, Making>;
  readonly notes: readonly string[];
}

export function explain({ fn, request, generated, own, callees, notes }: Explained): Explanation {
  const facts = activity(fn, aliasClasses(fn), questionOf(fn, requestedWrt(fn, request)));
  const active = new Set<string>();
  const others = new Set<string>();
  const zeroDerivatives = new Set<string>();
  const see = (value: Value): void => {
    if (value.name === null || !(isScalar(value.type) || isReference(value.type))) return;
    const carries = isReference(value.type) ? facts.hasShadow(value) : facts.isActive(value);
    (carries ? active : others).add(value.name);
  };
  fn.parameters.forEach((parameter) => see(parameter.value));
  visitStatements(fn.body, (statement) => {
    [...resultsOf(statement), ...scopedValuesOf(statement)].forEach(see);
    if (statement.kind === "stop" && facts.isVaried(statement.object)) zeroDerivatives.add("stopGradient");
    if (statement.kind !== "apply" || primitiveNamed(statement.primitive).result === "boolean") return;
    const stops = statement.arguments.some(
      (value, k) => facts.isVaried(value) && !hasDerivative(statement.primitive, k),
    );
    if (stops) zeroDerivatives.add(statement.primitive);
  });
  const keptNotes = (kept: readonly KeptValue[], within: string | null): readonly KeptNote[] =>
    kept.map(({ value, text, place, reason, size }) => ({
      name: text,
      span: value.span,
      place,
      reason,
      size,
      in: within,
    }));
  return {
    function: request.displayName,
    generated,
    active: [...active],
    inactive: [...others].filter((name) => !active.has(name)),
    kept: [...keptNotes(own.kept, null), ...[...callees].flatMap(([name, { kept }]) => keptNotes(kept, name))],
    loops: own.stages ? loopNotes(fn, own.stages, own.kept) : [],
    calls: [
      ...(fn.inlined ?? []).map((name): CallNote => ({ name, how: "inlined" })),
      ...[...callees.keys()].map((name): CallNote => ({ name, how: "called" })),
    ],
    zeroDerivatives: [...zeroDerivatives],
    notes,
  };
}

type LineOf = (span: Span) => number;

/** What sizes come to in terms of the source, as a sum of products: `8 * steps + 16 * n`; 0 for what lives in variables. */
export function formulaOf(sizes: readonly KeptSize[], lineOf: LineOf): string {
  const sums = new Map<string, number>();
  for (const { each, factors } of sizes) {
    if (each === 0) continue;
    const coefficient = factors.reduce((product, { known }) => product * (known ?? 1), each);
    const open = factors.filter(({ known }) => known === null);
    const text = open.map((factor) => ` * ${factor.text ?? iterationsOf(factor.span, lineOf)}`).join("");
    sums.set(text, (sums.get(text) ?? 0) + coefficient);
  }
  if (sums.size === 0) return "0";
  return [...sums].map(([text, sum]) => `${sum}${text}`).join(" + ");
}

function iterationsOf(span: Span | null, lineOf: LineOf): string {
  return span ? `iterations(line ${lineOf(span)})` : "iterations";
}

const places: Readonly<Record<KeptValue["place"], string>> = {
  result: "handed out of its branch",
  sized: "one slot for every iteration, in an array sized once before the loop",
  growing: "in storage that grows, since the number of iterations is not known beforehand",
};

const whatBecame: Readonly<Record<LoopNote["how"], string>> = {
  inactive: "no derivative passes through it",
  fused: "value and derivative in one loop, which keeps nothing",
  runAgain: "run again in the reverse sweep, iteration by iteration",
  checkpointed: "run again in the reverse sweep, from snapshots (@checkpoint)",
  mirrored: "run backwards in the reverse sweep",
};

/** The same for people, line by line. `lineOf`: where a place stands in its file. */
export function explanationLines(one: Explanation, lineOf: LineOf): readonly string[] {
  const list = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));
  const at = (span: Span | null): string => (span ? ` (line ${lineOf(span)})` : "");
  const nothing = one.kept.length === 0;
  const all = formulaOf(
    one.kept.map(({ size }) => size),
    lineOf,
  );
  const hasSnapshots = one.loops.some((loop) => loop.snapshots);
  return [
    `${one.generated} (from ${one.function})`,
    ...one.notes.map((note) => `  ${note}`),
    `  active: ${list(one.active)}`,
    `  inactive: ${list(one.inactive)}`,
    ...one.zeroDerivatives.map((name) => `  derivative zero: ${name} of an active value`),
    ...(nothing
      ? [
          `  kept: nothing${hasSnapshots ? " but snapshots" : ""}; whatever the reverse sweep reads is in scope or computed again`,
        ]
      : []),
    ...one.kept.map(({ name, span, place, reason, size, in: within }) => {
      const where = within === null ? "" : ` in ${within}`;
      const bytes = size.each === 0 ? "" : ` (${formulaOf([size], lineOf)} bytes)`;
      return `  kept: ${name}${at(span)}${where}, ${places[place]}${bytes}; ${reason}`;
    }),
    ...(all === "0" ? [] : [`  kept in all: ${all} bytes${hasSnapshots ? ", and snapshots" : ""}`]),
    ...one.loops.map(({ span, depth, how, reason, keeps, snapshots }) => {
      const why = reason === null ? "" : `, since ${reason}`;
      const what = keeps.length > 0 ? `; keeps ${keeps.join(", ")}` : how === "mirrored" ? "; keeps nothing" : "";
      const states = snapshots ? `: ${snapshotText(snapshots)}` : "";
      return `  ${"  ".repeat(depth)}loop in line ${lineOf(span)}: ${whatBecame[how]}${why}${states}${what}`;
    }),
    ...callLines(one.calls),
  ];
}

function snapshotText({ count, room, bytes, copies }: SnapshotNote): string {
  const each = [`${bytes} bytes`, ...copies.map((name) => `a copy of ${name}`)].join(" and ");
  return count === null ? `as many as ${room} bytes hold, each ${each}` : `${count} at most, each ${each}`;
}

function callLines(calls: readonly CallNote[]): readonly string[] {
  const names = (wanted: CallNote["how"]): string =>
    calls
      .filter(({ how }) => how === wanted)
      .map(({ name }) => name)
      .join(", ");
  const [inlined, called] = [names("inlined"), names("called")];
  return [
    ...(inlined ? [`  inlined: ${inlined}`] : []),
    ...(called ? [`  called, forward and in reverse: ${called}`] : []),
  ];
}
