/**
 * Second derivatives of every fixture that gives one number: `hvp` is made of it, and its numbers are right at every
 * sample point. Where derivatives are stopped on purpose, differences of the gradient say something else.
 */
import { describe, expect, test } from "vitest";
import { type Checked, problemsIn, type VerbsOf } from "./support/checkedRequests.js";
import { checkSecond } from "./support/checkSecond.js";
import { checkedVerbs, findFixtures } from "./support/fixtures.js";

const only = process.env["FIXTURES"] ?? "";
const fixtures = findFixtures().filter((fixture) => fixture.name.includes(only));

const verbsOf: VerbsOf = (lowered, request, { frozen }) =>
  checkedVerbs(lowered, request).includes("grad") && !frozen?.[request.function] ? ["grad", "hvp", "hessian"] : [];

function check({ request, view, derived, tolerances }: Checked, make: () => unknown[]): readonly string[] {
  if (!derived("hvp")) return [];
  const subject = {
    wrt: view.wrt,
    isBare: request.isBare,
    grad: view.derived(derived("grad"))!,
    hvp: view.ofTuple(derived("hvp"))!,
    hessian: view.derived(derived("hessian")) ?? null,
  };
  return checkSecond(subject, view.make(make), tolerances);
}

describe.each(["inlined", "called"])("helpers are %s", (way) => {
  test.each(fixtures)("$name", async (fixture) => {
    expect(await problemsIn(fixture, { splitCalls: way === "called", verbsOf }, check)).toBe("");
  });
});
