/** The gradient against central differences of the whole function, number by number. */
import type { IrFunction } from "../ir/ir.js";
import type { Request } from "../requests.js";
import { centralSlope, type ReverseRun, type Runs, steps, type Structures } from "./runs.js";

export interface InputDisagreement {
  /** The parameter, or its part; with a number where it holds several. */
  readonly name: string;
  readonly adjoint: number;
  readonly other: number;
}

export interface InputComparison {
  readonly compared: number;
  readonly disagreement: InputDisagreement | null;
}

/** So many inputs at most, some of each parameter. */
const most = 40;
const tolerance = 1e-3;

export function compareInputs(
  runs: Runs,
  run: ReverseRun,
  fn: IrFunction,
  { wrt, wrtPaths, isBare }: Request,
  structures: Structures,
): InputComparison {
  let compared = 0;
  const here = runs.output(run);
  for (const [j, position] of wrt.entries()) {
    const like = isBare ? run.gradient : (run.gradient as readonly unknown[])[j];
    const gradient = structures.pack(like);
    const size = Math.hypot(...gradient);
    const stride = Math.max(1, Math.ceil((gradient.length * wrt.length) / most));
    for (let k = 0; k < gradient.length; k += stride) {
      const adjoint = gradient[k]!;
      const at = (h: number): number | null =>
        runs.outputAt((args) => {
          args[position] = moved(args[position], wrtPaths[j]!, like, k, h, structures);
        });
      const slopes = steps.flatMap((step) => centralSlope(at, here, step) ?? []);
      if (slopes.length === 0) continue;
      compared++;
      const off = (slope: number): number => Math.abs(slope - adjoint);
      const other = slopes.reduce((best, slope) => (off(slope) < off(best) ? slope : best));
      if (off(other) <= tolerance * Math.max(size, Math.abs(other)) + 1e-9 * Math.abs(here)) continue;
      const name = [fn.parameters[position]!.name, ...wrtPaths[j]!].join(".");
      const disagreement = { name: gradient.length > 1 ? `number ${k} of ${name}` : name, adjoint, other };
      return { compared, disagreement };
    }
  }
  return { compared, disagreement: null };
}

/** The argument with one number of the part moved. */
function moved(
  whole: unknown,
  path: readonly string[],
  like: unknown,
  number: number,
  h: number,
  structures: Structures,
): unknown {
  const [name, ...rest] = path;
  if (name !== undefined) {
    const fields = whole as Record<string, unknown>;
    fields[name] = moved(fields[name], rest, like, number, h, structures);
    return whole;
  }
  const flat = structures.pack(whole, like);
  flat[number]! += h;
  return structures.unpack(flat, whole, like);
}
