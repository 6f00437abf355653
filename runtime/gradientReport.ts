/** What a gradient check found, and how it reads. */
import type { Place } from "./differences.js";

export interface DirectionReport {
  readonly ok: boolean;
  /** ⟨gradient, direction⟩. */
  readonly analytic: number;
  /** The derivative by differences; on a kink the slope nearest to the analytic one. */
  readonly numerical: number;
  /** How uncertain `numerical` is. */
  readonly error: number;
  /** |analytic − numerical| relative to the size of the gradient. */
  readonly residual: number;
  /** What the tangent function gave, where there is one, and its relative distance from `analytic`. */
  readonly tangent: number | null;
  readonly tangentResidual: number;
  readonly place: Place;
  /** False when rounding or a singularity leaves the differences too uncertain to judge by. */
  readonly isConclusive: boolean;
}

export interface GradientReport {
  readonly ok: boolean;
  /** The largest of the directions' residuals. */
  readonly residual: number;
  /** Of the function at this point. */
  readonly value: number;
  readonly directions: readonly DirectionReport[];
  /** The numbers at which the function is not smooth: `args[0][3]` and the kind of place. */
  readonly kinks: readonly { readonly path: string; readonly place: Place }[];
  /** What was wrong before any direction could be tried. */
  readonly problems: readonly string[];
  /** Whole numbers of records for which no gradient was given: enumerations, it is to be hoped. */
  readonly unchecked: readonly string[];
  readonly message: string;
  toString(): string;
}

type Findings = Pick<GradientReport, "value" | "directions" | "kinks" | "problems" | "unchecked">;
type Judged = Omit<Findings, "value"> & Pick<GradientReport, "ok" | "residual">;

export function reportOf(findings: Findings): GradientReport {
  const { directions, problems } = findings;
  const ok = problems.length === 0 && directions.every((direction) => direction.ok);
  const residuals = directions.flatMap((direction) => [direction.residual, direction.tangentResidual]);
  const residual = problems.length > 0 ? NaN : residuals.reduce((a, b) => Math.max(a, b), 0);
  const message = messageOf({ ...findings, ok, residual });
  return { ...findings, ok, residual, message, toString: () => message };
}

const short = (x: number): string => (Number.isFinite(x) ? x.toPrecision(6) : String(x));

function messageOf(report: Judged): string {
  if (report.problems.length > 0) return ["The gradient is not right.", ...report.problems].join("\n");
  const { directions } = report;
  const head = report.ok
    ? `The gradient agrees along ${directions.length} directions, largest residual ${report.residual.toExponential(1)}.`
    : directions.every((direction) => direction.ok || !direction.isConclusive)
      ? "The gradient could not be checked: differences are too uncertain here."
      : `The gradient is not right: largest residual ${report.residual.toExponential(1)}.`;
  const lines = directions.flatMap((direction, k) => (direction.ok ? [] : [describe(direction, k)]));
  return [head, ...lines, ...kinkLines(report), ...uncheckedLines(report)].join("\n");
}

function describe(direction: DirectionReport, k: number): string {
  const numbers =
    `gradient ${short(direction.analytic)}, differences ${short(direction.numerical)} ± ${direction.error.toExponential(1)}` +
    (direction.tangent === null ? "" : `, tangent ${short(direction.tangent)}`);
  return `Direction ${k + 1} (${direction.place}): ${numbers}.`;
}

const placeNames: Readonly<Record<Place, string>> = {
  smooth: "smooth",
  kink: "the slope changes",
  jump: "the value jumps",
  edge: "it is not defined on one side",
};

function uncheckedLines({ unchecked }: Judged): readonly string[] {
  if (unchecked.length === 0) return [];
  return [`Not checked, since no gradient was given: ${listed(unchecked)}.`];
}

const mostShown = 8;

function listed(parts: readonly string[]): string {
  const more = parts.length > mostShown ? ` and ${parts.length - mostShown} more` : "";
  return parts.slice(0, mostShown).join(", ") + more;
}

function kinkLines(report: Judged): readonly string[] {
  if (report.directions.every((direction) => direction.place === "smooth")) return [];
  const places = report.kinks.map(({ path, place }) => `${path} (${placeNames[place]})`);
  const where = places.length > 0 ? `: ${listed(places)}` : "";
  return [`The function is not smooth at this point${where}. Any slope between those of the sides is accepted there.`];
}
