/** Pullbacks and Jacobians of every fixture, whatever it gives: they are made of it, and right at every sample point. */
import { describe, expect, test } from "vitest";
import { selectOutput } from "../compiler/4-differentiate/selectOutput.js";
import { hasClearNumbers } from "../compiler/ir/types.js";
import { type Checked, problemsIn, type VerbsOf } from "./support/checkedRequests.js";
import { checkPullback } from "./support/checkPullback.js";
import { compile } from "./support/compile.js";
import { findFixtures } from "./support/fixtures.js";

const only = process.env["FIXTURES"] ?? "";
const fixtures = findFixtures().filter((fixture) => fixture.name.includes(only));

const verbsOf: VerbsOf = (lowered, request) => {
  const output = selectOutput(lowered.unit.functions.get(request.function)!, request).body.yields[0]!;
  return hasClearNumbers(output.type) ? ["vjp", "jvp", "jacobian"] : ["vjp", "jvp"];
};

function check(
  { request, view, primal, isOther, derived, tolerances }: Checked,
  make: () => unknown[],
): readonly string[] {
  // Rules without a pushforward have no tangent to compare with.
  if (!derived("jvp")) return [];
  const subject = {
    wrt: view.wrt,
    isBare: request.isBare,
    primal: view.primal(primal),
    isOther,
    vjp: view.derived(derived("vjp"))!,
    jvp: view.ofTuple(derived("jvp"))!,
    jacobian: view.derived(derived("jacobian")) ?? null,
  };
  return checkPullback(subject, view.make(make), tolerances);
}

describe.each(["inlined", "called"])("helpers are %s", (way) => {
  test.each(fixtures)("$name", async (fixture) => {
    expect(await problemsIn(fixture, { splitCalls: way === "called", verbsOf }, check)).toBe("");
  });
});

test("every seed has a gradient of its own, also where it is zero", async () => {
  const { derived } = await compile(
    `/** @differentiable vjp wrt xs, y */
    export function passedBy(xs: number[], y: number): number { xs.push(y); xs.pop(); return y * y; }`,
  );
  type Vjp = (xs: number[], y: number) => { pullback: (seed: number) => [number[], number] };
  const { pullback } = (derived["vjpPassedBy"] as unknown as Vjp)([1, 2], 3);
  const [first] = pullback(1);
  expect(first).toEqual([0, 0]);
  first[0] = 7;
  expect(pullback(2)).toEqual([[0, 0], 12]);
});
