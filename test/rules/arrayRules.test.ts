/** Holds the table of array rules and the runtime together. */
import { describe, expect, test } from "vitest";
import { arrayRules, type ArrayRule, isArrayPrimitive } from "../../compiler/rules/arrays.js";
import * as generated from "../../runtime/generated.js";
import * as publicEntry from "../../runtime/index.js";

const runtime = generated as unknown as Record<string, unknown>;

describe.each(Object.entries(arrayRules) as [string, ArrayRule][])("%s", (name, rule) => {
  test("is exported to users and to generated code, as one function", () => {
    expect(runtime[name]).toBeTypeOf("function");
    expect((publicEntry as unknown as Record<string, unknown>)[name]).toBe(runtime[name]);
  });

  test("has one pullback slot for each operand", () => {
    expect(rule.pullbacks).toHaveLength((runtime[name] as () => void).length);
  });

  test("its pullbacks and its pushforward exist and take what the table says", () => {
    for (const pullback of rule.pullbacks) {
      if (!pullback) continue;
      const found = runtime[pullback.function] as () => void;
      expect(found, pullback.function).toBeTypeOf("function");
      // An array operand's pullback takes its shadow first; a number operand's has only its reads.
      expect([pullback.reads.length, pullback.reads.length + 1]).toContain(found.length);
      for (const read of pullback.reads) if (typeof read === "number") expect(read).toBeLessThan(rule.pullbacks.length);
    }
    const pushforward = runtime[rule.pushforward] as () => void;
    expect(pushforward, rule.pushforward).toBeTypeOf("function");
    expect(pushforward.length).toBe(rule.pullbacks.length + rule.pullbacks.filter(Boolean).length);
  });
});

test("what the compiler itself names is there", () => {
  for (const name of [
    "ensure",
    "bytesOf",
    "nextSnapshot",
    "snapshotsWithin",
    "checkTangentShape",
    "shadowsOf",
    "separateGradients",
    "sharedTangents",
    "snapshot",
  ])
    expect(runtime[name], name).toBeTypeOf("function");
  expect(isArrayPrimitive("dot")).toBe(true);
  expect(isArrayPrimitive("toString")).toBe(false);
});
