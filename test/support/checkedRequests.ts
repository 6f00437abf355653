/** What the tests of verbs have in common: every fixture's requests under verbs of the test's own, with what they need. */
import type { Request, Verb } from "../../compiler/requests.js";
import { doubleTolerances, singleTolerances, type Tolerances } from "./checkNumbers.js";
import { copyOf } from "./copies.js";
import { derive, emitFixture, type Fixture, hasCalls, type LoweredFixture, lowerFixture } from "./fixtures.js";
import { type Callable, Modules, primalOf } from "./modules.js";
import { type View, viewOf } from "./parts.js";

export interface Cases {
  readonly points: Readonly<Record<string, readonly (() => unknown[])[]>>;
  readonly isSingle?: boolean;
  readonly frozen?: Readonly<Record<string, unknown>>;
  readonly references?: Readonly<Record<string, Callable>>;
}

export interface Checked {
  readonly request: Request;
  readonly view: View;
  readonly primal: Callable;
  /** The primal is the same function written in another way. */
  readonly isOther: boolean;
  /** The functions that are made of the request, without its stem: `grad`, `jvpInto`. */
  derived(name: string): Callable | undefined;
  readonly tolerances: Tolerances;
}

const modules = new Modules();

/** The verbs that are to be made of a request; none to leave it out. */
export type VerbsOf = (lowered: LoweredFixture, request: Request, cases: Cases) => readonly Verb[];

/** The problems that `check` finds at the sample points of every request, each with its place. */
export async function problemsIn(
  fixture: Fixture,
  { splitCalls, verbsOf }: { readonly splitCalls: boolean; readonly verbsOf: VerbsOf },
  check: (checked: Checked, make: () => unknown[]) => readonly string[],
): Promise<string> {
  const lowered = lowerFixture(fixture, splitCalls);
  if (splitCalls && !hasCalls(lowered)) return "";
  // By the same modules as the derivatives: an instance is of one class in both.
  const cases = modules.load(fixture.cases) as unknown as Cases;
  const primals = modules.load(fixture.source);
  const problems: string[] = [];
  for (const [k, request] of lowered.requests.entries()) {
    const verbs = verbsOf(lowered, request, cases);
    if (verbs.length === 0) continue;
    const stem = `Checked${k}`;
    const made = derive(lowered, [{ ...request, stem, verbs }], {});
    const reference = cases.references?.[request.function];
    const exports = modules.evaluate(fixture.golden, await emitFixture(lowered, made));
    const checked: Checked = {
      request,
      view: viewOf(request),
      primal: reference ?? primalOf(primals, request.function),
      isOther: reference !== undefined,
      derived: (name) => exports[name.endsWith("Into") ? `${name.slice(0, -4)}${stem}Into` : `${name}${stem}`],
      tolerances: cases.isSingle ? singleTolerances : doubleTolerances,
    };
    cases.points[request.function]!.forEach((make, at) => {
      const found = check(checked, () => copyOf(make()));
      problems.push(...found.map((problem) => `${request.function} at point ${at}: ${problem}`));
    });
  }
  return problems.join("\n");
}
