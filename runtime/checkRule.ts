/** A rule put to the test, against differences; a pullback against its pushforward, too. */
import { checkGradient, type CheckGradientOptions } from "./checkGradient.js";
import { copyTogether } from "./copies.js";
import { product, randomNormal, randomNumbers, treeLike } from "./directions.js";
import { type GradientReport } from "./gradientReport.js";
import type { AnyFunction, Rule } from "./rules.js";
import { separateGradients, shadowsOf } from "./shadows.js";

export interface CheckRuleOptions extends Pick<
  CheckGradientOptions,
  "directions" | "seed" | "tolerance" | "tangentTolerance"
> {
  /** How many random cotangents of a value that is not one number. Default 3. */
  readonly cotangents?: number;
}

type Plain = (...args: unknown[]) => unknown;
type PlainRule = {
  readonly partials?: readonly (Plain | null)[];
  readonly pullback?: Plain;
  readonly pushforward?: Plain;
};

/**
 * Checks the rule of `f` at one point: for random cotangents c, what the rule makes of c must be the gradient of ⟨c, f⟩,
 * as central differences measure it, and ⟨c, pushforward(t)⟩ must be ⟨pullback(c), t⟩ along random directions t. An
 * argument whose partial is null, or whose cotangent is undefined, stands still. Arguments are never written. The report
 * is that of the first cotangent that fails, or of the last.
 */
export function checkRule<F extends AnyFunction>(
  f: F,
  rule: Rule<F>,
  args: Parameters<F>,
  options: CheckRuleOptions = {},
): GradientReport {
  const [call, parts] = [f as unknown as Plain, rule as unknown as PlainRule];
  const value = call(...copyTogether(args));
  const shape = zerosOf(value);
  const random = randomNumbers(options.seed ?? 1);
  const count = typeof value === "number" ? 1 : (options.cotangents ?? 3);
  let report: GradientReport | null = null;
  for (let k = 0; k < count && (report?.ok ?? true); k++) {
    const cotangent = typeof value === "number" ? 1 : treeLike(shape, () => randomNormal(random));
    report = checkCotangent(call, parts, args, cotangent, options);
  }
  return report!;
}

function checkCotangent(
  f: Plain,
  rule: PlainRule,
  args: readonly unknown[],
  cotangent: unknown,
  options: CheckRuleOptions,
): GradientReport {
  const cotangentsAt = (at: readonly unknown[]): readonly unknown[] => {
    const value = f(...at);
    if (rule.pullback) return rule.pullback(...at, value, cotangent) as readonly unknown[];
    return rule.partials!.map((partial) =>
      partial ? (partial(...at, value) as number) * (cotangent as number) : undefined,
    );
  };
  const wrt = cotangentsAt(copyTogether(args)).flatMap((part, k) => (part === undefined ? [] : [k]));
  const { pushforward } = rule;
  const tangent = (at: readonly unknown[], tangents: readonly unknown[]): { tangent: number } => {
    const all = at.map((arg, k) => (wrt.includes(k) ? tangents[wrt.indexOf(k)] : zerosOf(arg)));
    return { tangent: product(cotangent, pushforward!(...at, f(...at), all)) };
  };
  return checkGradient(
    (...at: unknown[]) => product(f(...at), cotangent),
    (...at: unknown[]) => {
      const parts = cotangentsAt(at);
      return wrt.map((k) => parts[k]);
    },
    [...args],
    { ...options, wrt, ...(pushforward ? { tangent: tangent as never } : {}) },
  );
}

/** Zeros of the shape of a gradient; undefined for what has none. */
function zerosOf(value: unknown): unknown {
  return separateGradients([value], shadowsOf([value]))[0];
}
