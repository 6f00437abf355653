/**
 * Derivatives along directions, of random programs whose gradients are right: ⟨gradient, v⟩ is the tangent along v, and
 * the Hessian times a vector is the slope of the gradient, symmetric.
 */
import { agree, directionFor, type Tolerances } from "../support/checkNumbers.js";
import { checkSecond } from "../support/checkSecond.js";
import { locationsOf, tangentsOf } from "../support/locations.js";
import type { Failure } from "./check.js";
import { type Callable, compilePrograms, type Variant } from "./compilePrograms.js";
import { argumentsFor, dot } from "./points.js";
import { printPlain, type Program } from "./program.js";

/** Differences of a program of many digits lose some. */
const tolerances: Tolerances = { differences: 1e-4, tangent: 1e-8 };

/** What is wrong with programs under the named variants; `checked` counts those of which there are second derivatives. */
export function checkDirections(
  programs: readonly Program[],
  variants: Readonly<Record<string, Variant>>,
): { readonly checked: number; readonly failures: readonly Failure[] } {
  const names = Object.keys(variants);
  const compiled = compilePrograms(programs, Object.values(variants), "grad, jvp, hvp");
  const failures: Failure[] = [];
  let checked = 0;
  programs.forEach((program, k) =>
    names.forEach((variant, j) => {
      const one = compiled[k]![j]!;
      const fail = (kind: Failure["kind"], message: string): void =>
        void failures.push({ program, variant, kind, message, shared: ["nothing"] });
      if (one.kind === "crash") return fail("crash", one.message);
      if (one.kind !== "done") return;
      if (one.derived[`hvpF${program.seed}`]) checked++;
      try {
        const problems = problemsOf(program, one.derived);
        if (problems.length > 0) fail("derivative", problems.join("\n"));
      } catch (error) {
        fail("throw", String(error instanceof Error ? error.stack : error));
      }
    }),
  );
  return { checked, failures };
}

function problemsOf(program: Program, derived: Readonly<Record<string, Callable>>): readonly string[] {
  const [grad, jvp, hvp] = ["grad", "jvp", "hvp"].map((verb) => derived[`${verb}F${program.seed}`]);
  const { wrt } = program;
  const isBare = wrt.length === 1;
  const make = (): unknown[] => argumentsFor(program, 0, "nothing");
  const args = make();
  const locations = locationsOf(args, wrt);
  const vectors = tangentsOf(args, wrt, locations, directionFor(locations.length, 3));
  const vector = isBare ? vectors[0] : vectors;
  const gradient = grad!(...make());
  const along = dot(isBare ? [gradient] : (gradient as unknown[]), vectors);
  const { tangent } = jvp!(make(), vector) as { tangent: number };
  if (!Number.isFinite(along.size) || along.size > 1e4) return [];
  const isSingle = printPlain(program).includes("Float32Array");
  if (Math.abs(along.value - tangent) > (isSingle ? 1e-5 : 1e-9) * (1 + along.size))
    return [`⟨gradient, v⟩ is ${along.value}, the tangent ${tangent}`];
  if (!hvp) return [];
  const { grad: again, hvp: product } = hvp(make(), vector) as { grad: unknown; hvp: unknown };
  // Rounded numbers jump.
  if (isSingle) return [];
  if (!agree(gradient, again, tolerances)) return ["the gradient that comes with hvp is another"];
  const curved = dot(isBare ? [product] : (product as unknown[]), vectors);
  if (!Number.isFinite(curved.size) || curved.size > 1e4) return [];
  return checkSecond({ wrt, isBare, grad: grad!, hvp, hessian: null }, make, tolerances);
}
