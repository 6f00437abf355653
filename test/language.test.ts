/**
 * docs/language.md: complete and true. Every example in it is compiled; those that are said to be differentiated give
 * the function's value and the right gradient, the others raise exactly the diagnostics that their row names.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { methodNames } from "../compiler/2-lower/arrayMethods.js";
import { mathFunctions } from "../compiler/ir/primitives.js";
import { type CompiledExample, compileExamples } from "./support/compileExamples.js";
import { diagnosticCodes } from "./support/diagnosticCodes.js";
import { findFixtures, fixturesFolder } from "./support/fixtures.js";
import { readLanguagePage } from "./support/languagePage.js";
import { kindsIn, kindsOfLanguage, membersOf } from "./support/languageParts.js";

const page = readLanguagePage();
const examples = page.rows.flatMap((row) => row.examples.map((example) => ({ ...example, row })));
let compiled: readonly CompiledExample[] = [];

beforeAll(async () => {
  // Some examples print.
  vi.spyOn(console, "log").mockReturnValue();
  compiled = await compileExamples(page, examples);
}, 240_000);

describe("every example does what its row says", () => {
  test.each(examples.map(({ row, text }, at) => ({ what: row.what, text, at })))("$what: $text", ({ at }) => {
    const { verdict, codes } = examples[at]!.row;
    const { errors, warnings, problems } = compiled[at]!;
    expect([...new Set(errors)].sort()).toEqual(verdict === "no" ? [...codes].sort() : []);
    expect(problems.join("\n")).toBe("");
    if (verdict === "warning") expect(warnings).toEqual(codes);
  });

  /** Raised by what no example can hold. */
  // Of files, projects and packages, which no snippet shows.
  const ofFiles = ["circularImport", "foreignFile", "internalError", "lateField", "nestedTooDeeply", "syntaxError"];
  const withoutExample = [...ofFiles, "functionTooLarge", "unreadablePackage", "unreadableProject"].sort();
  test("every row has an example", () => {
    const without = page.rows.filter((row) => row.examples.length === 0);
    expect(without.flatMap(({ codes }) => codes).sort()).toEqual(withoutExample);
  });
});

describe("docs/diagnostics.md", () => {
  const text = readFileSync(join(fixturesFolder, "../docs/diagnostics.md"), "utf8");
  const sections = new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((one) => [one.slice(0, one.indexOf("\n")), one] as const),
  );

  test("has a section for every diagnostic, and no other", () => {
    expect([...sections.keys()].sort()).toEqual(diagnosticCodes());
  });

  test.each([...sections])("%s shows the first report of its fixture", (code, section) => {
    const path = join(fixturesFolder, "errors", `${code}.txt`);
    const shown = /```text\n([^]*?)\n```/.exec(section)?.[1];
    if (!existsSync(path)) return expect(shown).toBeUndefined();
    const [first = ""] = readFileSync(path, "utf8").split(/\n+(?=\S+:\d+:\d+ - (?:error|warning) )/);
    expect(shown).toBe(first.replace(/ +$/gm, "").trimEnd());
  });
});

describe("nothing is missing", () => {
  test("every link leads to a file", () => {
    expect(page.links.filter((link) => !existsSync(link))).toEqual([]);
  });

  test("every fixture is linked", () => {
    const links = new Set(page.links);
    expect(findFixtures().filter(({ source }) => !links.has(source))).toEqual([]);
  });

  test("every diagnostic is named, and linked where it has a fixture", () => {
    const named = new Set(page.rows.flatMap(({ codes }) => codes));
    const codes = diagnosticCodes();
    expect(codes.filter((code) => !named.has(code))).toEqual([]);
    expect([...named].filter((code) => !codes.includes(code))).toEqual([]);
    const files = codes.map((code) => join(fixturesFolder, "errors", `${code}.ts`)).filter((file) => existsSync(file));
    expect(files.filter((file) => !page.links.includes(file))).toEqual([]);
  });

  const shown = examples.map(({ text, above }) => `${above}${text}`);
  const shownMembers = new Set(shown.flatMap((text) => [...text.matchAll(/\.(\w+)\b/g)].map((match) => match[1]!)));
  const shownStatics = new Set(shown.flatMap((text) => text.match(/\b[A-Z]\w+\.\w+/g) ?? []));

  test("every kind of expression, statement and operator is shown", () => {
    const kinds = new Set(shown.flatMap(kindsIn));
    expect(kindsOfLanguage().filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  test("every method of arrays is shown", () => {
    const methods = [...membersOf("[1]"), ...membersOf("new Float64Array(1)"), ...methodNames];
    expect(methods.filter((name) => !shownMembers.has(name))).toEqual([]);
  });

  test("every member of Math, Number, Object, Array and the typed arrays is shown", () => {
    const ofEveryFunction = membersOf("() => 1");
    const all = ["Math", "Number", "Object", "Array", "Float64Array"].flatMap((owner) =>
      membersOf(owner)
        .filter((name) => !ofEveryFunction.includes(name) && name !== owner)
        .map((name) => `${owner}.${name}`),
    );
    const known = Object.keys(mathFunctions).map((name) => `Math.${name}`);
    expect([...all, ...known].filter((name) => !shownStatics.has(name))).toEqual([]);
  });
});
