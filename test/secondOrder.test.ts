/**
 * Second derivatives of every fixture that gives one number: `hvp` is made of it, and its numbers are right at every
 * sample point. Where derivatives are stopped on purpose, differences of the gradient say something else.
 */
import { describe, expect, test } from "vitest";
import { doubleTolerances, singleTolerances } from "./support/checkNumbers.js";
import { checkSecond } from "./support/checkSecond.js";
import { copyOf } from "./support/copies.js";
import { viewOf } from "./support/parts.js";
import { checkedVerbs, derive, emitFixture, findFixtures, hasCalls, lowerFixture } from "./support/fixtures.js";
import { Modules } from "./support/modules.js";

interface Cases {
  readonly points: Readonly<Record<string, readonly (() => unknown[])[]>>;
  readonly isSingle?: boolean;
  readonly frozen?: Readonly<Record<string, unknown>>;
}

const modules = new Modules();
const only = process.env["FIXTURES"] ?? "";
const fixtures = findFixtures().filter((fixture) => fixture.name.includes(only));

describe.each(["inlined", "called"])("helpers are %s", (way) => {
  test.each(fixtures)("$name", async (fixture) => {
    const lowered = lowerFixture(fixture, way === "called");
    if (way === "called" && !hasCalls(lowered)) return;
    const cases = modules.load(fixture.cases) as unknown as Cases;
    const tolerances = cases.isSingle ? singleTolerances : doubleTolerances;
    const problems: string[] = [];
    for (const [k, request] of lowered.requests.entries()) {
      if (!checkedVerbs(lowered, request).includes("grad") || cases.frozen?.[request.function]) continue;
      const verbs = ["grad", "hvp", "hessian"] as const;
      const made = derive(lowered, [{ ...request, stem: `Checked${k}`, verbs }], {});
      if (!made.functions.some(({ name }) => name === `hvpChecked${k}`)) continue;
      const derived = modules.evaluate(fixture.golden, await emitFixture(lowered, made));
      const view = viewOf(request);
      const subject = {
        wrt: view.wrt,
        isBare: request.isBare,
        grad: view.derived(derived[`gradChecked${k}`])!,
        hvp: view.ofTuple(derived[`hvpChecked${k}`])!,
        hessian: view.derived(derived[`hessianChecked${k}`]) ?? null,
      };
      cases.points[request.function]!.forEach((make, at) => {
        const found = checkSecond(
          subject,
          view.make(() => copyOf(make())),
          tolerances,
        );
        problems.push(...found.map((problem) => `${request.function} at point ${at}: ${problem}`));
      });
    }
    expect(problems.join("\n")).toBe("");
  });
});
