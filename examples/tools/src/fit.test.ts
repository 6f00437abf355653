import { grad } from "adjoint";
import { expect, test } from "vitest";
import { decayAt } from "./decay.ts";
import { fit } from "./fit.ts";

test("a derivative that is asked for in the test itself", () => {
  const slope = grad((time: number) => decayAt({ height: 2, rate: 0.5, floor: 1 }, time));
  expect(slope(0)).toBe(-1);
});

test("the fit finds what the data were made of", () => {
  const times = [0, 1, 2, 3, 4];
  const values = times.map((time) => decayAt({ height: 2, rate: 0.7, floor: 0.5 }, time));
  const { decay } = fit({ times, values }, { height: 1, rate: 1, floor: 0 });
  expect(decay.rate).toBeCloseTo(0.7, 4);
});
