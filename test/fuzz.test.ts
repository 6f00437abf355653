/** Random programs against the oracle: a fixed set of seeds, some of them about each topic. */
import { describe, expect, test } from "vitest";
import { check } from "./fuzz/check.js";
import { checkDirections } from "./fuzz/directions.js";
import { generate } from "./fuzz/generate.js";
import { printPlain } from "./fuzz/program.js";
import { type Topic, topics } from "./fuzz/scope.js";

const count = 20;

function problems(first: number, topic?: Topic): string[] {
  const programs = Array.from({ length: count }, (_, k) => generate(first + k, topic));
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

describe("random programs", () => {
  test.each([undefined, ...topics])("topic %s", (topic) => {
    expect(problems(1, topic)).toEqual([]);
  });
});
