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
  readonly message: string;
  toString(): string;
}

export function reportOf(
  value: number,
  directions: readonly DirectionReport[],
  kinks: GradientReport["kinks"],
  problems: readonly string[],
): GradientReport {
  const ok = problems.length === 0 && directions.every((direction) => direction.ok);
  const residuals = directions.flatMap((direction) => [direction.residual, direction.tangentResidual]);
  const residual = problems.length > 0 ? NaN : residuals.reduce((a, b) => Math.max(a, b), 0);
  const message = messageOf({ ok, residual, directions, kinks, problems });
  return { ok, residual, value, directions, kinks, problems, message, toString: () => message };
}

const short = (x: number): string => (Number.isFinite(x) ? x.toPrecision(6) : String(x));

function messageOf(report: Pick<GradientReport, "ok" | "residual" | "directions" | "kinks" | "problems">): string {
  if (report.problems.length > 0) return ["The gradient is not right.", ...report.problems].join("\n");
  const { directions } = report;
  const head = report.ok
    ? `The gradient agrees along ${directions.length} directions, largest residual ${report.residual.toExponential(1)}.`
    : directions.every((direction) => direction.ok || !direction.isConclusive)
      ? "The gradient could not be checked: differences are too uncertain here."
      : `The gradient is not right: largest residual ${report.residual.toExponential(1)}.`;
  const lines = directions.flatMap((direction, k) => (direction.ok ? [] : [describe(direction, k)]));
  return [head, ...lines, ...kinkLines(report)].join("\n");
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

const mostShown = 8;

function kinkLines(report: Pick<GradientReport, "directions" | "kinks">): readonly string[] {
  if (report.directions.every((direction) => direction.place === "smooth")) return [];
  const shown = report.kinks.slice(0, mostShown).map(({ path, place }) => `${path} (${placeNames[place]})`);
  const more = report.kinks.length > mostShown ? ` and ${report.kinks.length - mostShown} more` : "";
  const where = shown.length > 0 ? `: ${shown.join(", ")}${more}` : "";
  return [`The function is not smooth at this point${where}. Any slope between those of the sides is accepted there.`];
}
