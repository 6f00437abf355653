/** Random programs against the oracle: a fixed set of seeds, some of them about each topic. */
import { describe, expect, test } from "vitest";
import { check } from "./fuzz/check.js";
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

describe("random programs", () => {
  test.each([undefined, ...topics])("topic %s", (topic) => {
    expect(problems(1, topic)).toEqual([]);
  });
});
