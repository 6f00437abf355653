import { expect, test } from "vitest";
import { checkDerived } from "./support/checkDerived.js";
import { compile } from "./support/compile.js";

test("a recurrence is differentiated", async () => {
  const compiled = await compile(`
    /** @differentiable valueAndGrad wrt x0, a */
    export function recurrence(x0: number, a: number, h: number, steps: number): number {
      let x = x0;
      for (let k = 0; k < steps; k++) x = x + h * Math.sin(a * x);
      return x;
    }`);
  const request = { name: "recurrence", generated: "valueAndGradRecurrence", wrt: [0, 1], isBare: false };
  expect(checkDerived(compiled, request, () => [0.4, 1.2, 0.1, 7.5])).toEqual([]);
});
