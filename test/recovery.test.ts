/** Several problems of one function are told in one run, and none that is only there because of another. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { compileFiles } from "../compiler/index.js";
import { placeOf } from "../compiler/report.js";
import { diagnosticsOf, faultsOf } from "./support/faults.js";
import { fixturesFolder } from "./support/fixtures.js";

describe("several problems", () => {
  test("of one function, in blocks and callbacks and in what it calls, in the order of the source", async () => {
    const file = join(fixturesFolder, "errors/several/problems.ts");
    const { diagnostics, readSource, files } = await compileFiles({ files: [file] });
    const told = diagnostics.map(({ code, span }) => `${placeOf(readSource(span.file), span.start).line} ${code}`);
    const expected = readSource(file)
      .split("\n")
      .flatMap((line, k) => [...line.matchAll(/\/\/ (\w+)/g)].map((match) => `${k + 1} ${match[1]}`));
    expect(told).toEqual(expected);
    expect(files.map(({ text }) => text)).toEqual([null]);
  });
});

describe("one problem", () => {
  const faults = faultsOf(Number(process.env["FAULTS"] ?? 3));
  let told: ReturnType<typeof diagnosticsOf> = [];

  beforeAll(() => {
    told = diagnosticsOf(faults);
  }, 600_000);

  /** Where the callback of a search may do anything, the search is what is refused. */
  const isSearch = (code: string): boolean => code === "unsupportedMethod";

  test("is told alone, wherever it is", () => {
    const others = faults.flatMap(({ fixture, start, text }, k) =>
      told[k]!.filter((one) => one.span.start !== start && !(isSearch(one.code) && told[k]!.length === 1)).map(
        ({ code, message }) => `${fixture}: ${text.slice(start, start + 40)} leads to ${code}: ${message}`,
      ),
    );
    expect(others).toEqual([]);
  });

  test("is told nearly everywhere", () => {
    // Elsewhere the place is in code that never runs, or that is not lowered.
    expect(told.filter((one) => one.length === 0).length).toBeLessThan(faults.length / 20);
  });
});
