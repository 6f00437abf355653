/**
 * Systems of linear inequalities: whether one has no solution, by Fourier and Motzkin's elimination (Schrijver, Theory of
 * Linear and Integer Programming, 12.2), over the reals, so that an answer holds for integers all the more.
 *
 * before: x − y − 1 ≥ 0, y − x ≥ 0        after: no solution
 */

/** Σ coefficient · variable + constant ≥ 0, or > 0. */
export interface Inequality {
  readonly terms: ReadonlyMap<string, number>;
  readonly constant: number;
  readonly isStrict: boolean;
}

/** Beyond that many the question stays open. */
const mostInequalities = 600;

/** True only where there is no solution. */
export function isInfeasible(system: readonly Inequality[]): boolean {
  let current: readonly Inequality[] = system;
  for (;;) {
    if (current.some(isContradiction)) return true;
    const variable = cheapestVariable(current);
    if (variable === null || current.length > mostInequalities) return false;
    current = withoutRepeats(eliminate(current, variable));
  }
}

function isContradiction({ terms, constant, isStrict }: Inequality): boolean {
  return terms.size === 0 && (isStrict ? constant <= 0 : constant < 0);
}

const coefficient = (one: Inequality, variable: string): number => one.terms.get(variable) ?? 0;

/** The variable whose elimination makes the fewest inequalities. */
function cheapestVariable(system: readonly Inequality[]): string | null {
  const variables = new Set(system.flatMap((one) => [...one.terms.keys()]));
  let best: { variable: string; cost: number } | null = null;
  for (const variable of variables) {
    const above = system.filter((one) => coefficient(one, variable) > 0).length;
    const below = system.filter((one) => coefficient(one, variable) < 0).length;
    const cost = above * below - above - below;
    if (!best || cost < best.cost) best = { variable, cost };
  }
  return best?.variable ?? null;
}

function eliminate(system: readonly Inequality[], variable: string): readonly Inequality[] {
  const lower = system.filter((one) => coefficient(one, variable) > 0);
  const upper = system.filter((one) => coefficient(one, variable) < 0);
  const rest = system.filter((one) => coefficient(one, variable) === 0);
  const joined = lower.flatMap((one) =>
    upper.map((other) => sum(one, -coefficient(other, variable), other, coefficient(one, variable), variable)),
  );
  return [...rest, ...joined];
}

function sum(one: Inequality, times: number, other: Inequality, otherTimes: number, gone: string): Inequality {
  const terms = new Map<string, number>();
  const add = ({ terms: own }: Inequality, factor: number): void => {
    for (const [variable, value] of own) {
      const total = (terms.get(variable) ?? 0) + factor * value;
      if (variable === gone || total === 0) terms.delete(variable);
      else terms.set(variable, total);
    }
  };
  add(one, times);
  add(other, otherTimes);
  return {
    terms,
    constant: times * one.constant + otherTimes * other.constant,
    isStrict: one.isStrict || other.isStrict,
  };
}

function withoutRepeats(system: readonly Inequality[]): readonly Inequality[] {
  const seen = new Map<string, Inequality>();
  for (const one of system) {
    const sorted = [...one.terms].sort(([a], [b]) => (a < b ? -1 : 1));
    const scale = Math.abs(sorted[0]?.[1] ?? 1);
    const key = sorted.map(([variable, value]) => `${variable}:${value / scale}`).join(" ");
    const known = seen.get(key);
    const constant = one.constant / scale;
    const isSharper = !known || constant < known.constant || (constant === known.constant && one.isStrict);
    const terms = new Map(sorted.map(([variable, value]) => [variable, value / scale]));
    if (isSharper) seen.set(key, { terms, constant, isStrict: one.isStrict });
  }
  return [...seen.values()];
}
