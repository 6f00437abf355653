/** Random programs against the oracle: a fixed set of seeds, some of them about each topic. */
import { describe, expect, test } from "vitest";
import { check } from "./fuzz/check.js";
import { checkDirections } from "./fuzz/directions.js";
import { generate } from "./fuzz/generate.js";
import { printPlain, type Program } from "./fuzz/program.js";
import { type Topic, topics } from "./fuzz/scope.js";

const count = 20;

function problems(programs: readonly Program[], topic?: Topic): string[] {
  return check(programs).failures.map(
    ({ program, variant, kind, message }) =>
      `seed ${program.seed}, topic ${topic ?? "none"}, ${variant}: ${kind}, ${message}\n${printPlain(program)}`,
  );
}

test("random programs along directions", () => {
  const programs = Array.from({ length: count }, (_, k) => generate(500 + k));
  const { checked, failures } = checkDirections(programs, { default: {} });
  expect(failures.map(({ program, message }) => `seed ${program.seed}: ${message}`)).toEqual([]);
  expect(checked).toBeGreaterThan(count / 2);
});

test("programs on which the compiler once failed", () => {
  // Recursion with many masks, whose effects went in a circle.
  expect(problems([generate(13_001_250)])).toEqual([]);
});

describe("random programs", () => {
  test.each([undefined, ...topics])("topic %s", (topic) => {
    const programs = Array.from({ length: count }, (_, k) => generate(1 + k, topic));
    expect(problems(programs, topic)).toEqual([]);
  });
});
