/** Pullbacks of every fixture, whatever it gives: `vjp` is made of it, and its numbers are right at every sample point. */
import { selectOutput } from "../compiler/4-differentiate/selectOutput.js";
import { hasClearNumbers } from "../compiler/ir/types.js";
import type { Verb } from "../compiler/requests.js";
import { describe, expect, test } from "vitest";
import { doubleTolerances, singleTolerances } from "./support/checkNumbers.js";
import { checkPullback } from "./support/checkPullback.js";
import { copyOf } from "./support/copies.js";
import { derive, emitFixture, findFixtures, hasCalls, lowerFixture } from "./support/fixtures.js";
import { viewOf } from "./support/parts.js";
import { Modules, primalOf } from "./support/modules.js";

interface Cases {
  readonly points: Readonly<Record<string, readonly (() => unknown[])[]>>;
  readonly isSingle?: boolean;
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
    const primal = modules.load(fixture.source);
    const problems: string[] = [];
    for (const [k, request] of lowered.requests.entries()) {
      const output = selectOutput(lowered.unit.functions.get(request.function)!, request).body.yields[0]!;
      const isClear = hasClearNumbers(output.type);
      const verbs: Verb[] = isClear ? ["vjp", "jvp", "jacobian"] : ["vjp", "jvp"];
      const made = derive(lowered, [{ ...request, stem: `Checked${k}`, verbs }], {});
      if (!made.functions.some(({ name }) => name === `jvpChecked${k}`)) continue;
      const derived = modules.evaluate(fixture.golden, await emitFixture(lowered, made));
      const view = viewOf(request);
      const subject = {
        wrt: view.wrt,
        isBare: request.isBare,
        primal: view.primal(primalOf(primal, request.function)),
        vjp: view.derived(derived[`vjpChecked${k}`])!,
        jvp: view.ofTuple(derived[`jvpChecked${k}`])!,
        jacobian: view.derived(derived[`jacobianChecked${k}`]) ?? null,
      };
      cases.points[request.function]!.forEach((make, at) => {
        const found = checkPullback(
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
