import { expect, test } from "vitest";
import "../../runtime/vitest.js";

const bowl = (x: number, ys: readonly number[]): number => ys.reduce((sum, y) => sum + (x - y) ** 2, 0);
const gradBowl = (x: number, ys: readonly number[]): number => ys.reduce((sum, y) => sum + 2 * (x - y), 0);

test("a right gradient passes, a wrong one fails with the report", () => {
  expect(bowl).toHaveCorrectGradient(gradBowl, [1.5, [1, 2, 4]], { wrt: 0 });
  const wrong = (x: number, ys: readonly number[]): number => gradBowl(x, ys) + 0.1;
  expect(() => expect(bowl).toHaveCorrectGradient(wrong, [1.5, [1, 2, 4]], { wrt: 0 })).toThrow(/gradient/i);
  expect(bowl).not.toHaveCorrectGradient(wrong, [1.5, [1, 2, 4]], { wrt: 0 });
  expect(() => expect(bowl).not.toHaveCorrectGradient(gradBowl, [1.5, [1, 2, 4]], { wrt: 0 })).toThrow(/to be wrong/);
});

test("what is no function is told", () => {
  expect(() => expect(3).toHaveCorrectGradient(gradBowl, [1])).toThrow(/not number/);
});
