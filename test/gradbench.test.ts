/** The tool of GradBench answers every eval as its page says. */
import { expect, test } from "vitest";
import { checkAll } from "../bench/gradbench/check.js";

test("GradBench's evals", async () => {
  const found = await checkAll();
  expect([...found].flatMap(([, problems]) => problems)).toEqual([]);
  expect(found.size).toBe(13);
});
