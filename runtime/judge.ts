/** Whether an analytic derivative agrees with what differences measured. */
import type { Measurement } from "./differences.js";
import type { DirectionReport } from "./gradientReport.js";

type Judged = Pick<DirectionReport, "place" | "numerical" | "error" | "residual" | "ok" | "isConclusive">;

/**
 * On a smooth place the analytic derivative must be the measured one; elsewhere it may be any slope between those of
 * the two sides. A side that is not defined is not asked.
 */
export function judge(measured: Measurement, analytic: number, usual: number, tolerance: number): Judged {
  const { place } = measured;
  const sides = place === "smooth" ? [measured.central] : [measured.before, measured.after];
  const usable = sides.filter(
    (side) => !Number.isNaN(side.value) && !(place === "jump" && Math.abs(side.value) === Infinity),
  );
  if (usable.length === 0)
    return { place, numerical: NaN, error: Infinity, residual: NaN, ok: false, isConclusive: false };
  const values = usable.map((side) => side.value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const error = Math.max(...usable.map((side) => side.error));
  const nearest = analytic < low ? low : analytic > high ? high : analytic;
  const numerical = usable.length === 2 && Number.isNaN(nearest) ? low : Number.isNaN(nearest) ? values[0]! : nearest;
  const distance = analytic === numerical ? 0 : Math.abs(analytic - numerical);
  const size = Math.max(Math.abs(low), Math.abs(high), Math.abs(analytic), usual);
  const residual = distance === 0 ? 0 : size === Infinity || size === 0 ? Infinity : distance / size;
  const isConclusive = 10 * error <= 1e-2 * Math.max(size, measured.natural);
  const ok = isConclusive && (residual <= tolerance || distance <= 10 * error);
  return { place, numerical: place === "smooth" ? values[0]! : numerical, error, residual, ok, isConclusive };
}
