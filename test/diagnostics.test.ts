/**
 * The diagnostics. Each has a fixture of its name in fixtures/errors that raises it and nothing else; the printed report
 * stands beside it (`npx vitest run test/diagnostics.test.ts -u` writes it). Whatever the input, no stack trace.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { main } from "../compiler/cli.js";
import { type CompileResult, compileFiles } from "../compiler/index.js";
import type { Diagnostic } from "../compiler/diagnostics.js";
import { Session } from "../compiler/plugin/session.js";
import { reportDiagnostic } from "../compiler/report.js";
import { diagnosticCodes } from "./support/diagnosticCodes.js";
import { fixturesFolder } from "./support/fixtures.js";
import { strangeSources } from "./support/strangeSources.js";

const folder = join(fixturesFolder, "errors");
const names = readdirSync(folder)
  .filter((entry) => entry.endsWith(".ts"))
  .map((entry) => basename(entry, ".ts"))
  .sort();

/** Raised about files as a whole: tested with the command line and with strange input. */
const raisedElsewhere = new Set(["foreignFile", "internalError", "nestedTooDeeply", "unreadableProject"]);

const textOf = (name: string): string => readFileSync(join(folder, `${name}.ts`), "utf8");
const isTagged = (name: string): boolean => textOf(name).includes("@differentiable");

describe("error fixtures", () => {
  const found: Diagnostic[] = [];
  let readSource: CompileResult["readSource"];

  beforeAll(async () => {
    const project = join(fixturesFolder, "tsconfig.json");
    const files = names.filter(isTagged).map((name) => join(folder, `${name}.ts`));
    const result = await compileFiles({ files, project });
    found.push(...result.diagnostics);
    readSource = (file) => readFileSync(file, "utf8");
    const session = new Session({ project });
    for (const name of names.filter((one) => !isTagged(one)))
      found.push(...(await session.compile(join(folder, `${name}.ts`), textOf(name))).diagnostics);
  });

  test.each(names)("%s raises exactly its name", (name) => {
    const own = found.filter(({ span }) => basename(span.file) === `${name}.ts`);
    expect([...new Set(own.map(({ code }) => code))]).toEqual([name]);
    const functions = textOf(name).match(isTagged(name) ? /@differentiable/g : /\/\/ refused/g)!.length;
    if (name !== "nameCollision") expect(own.length).toBe(functions);
  });

  test.each(names)("%s is reported with its place, a code frame, a reason and what to do", async (name) => {
    const own = found.filter(({ span }) => basename(span.file) === `${name}.ts`);
    const reports = own.map((diagnostic) => {
      expect(diagnostic.message).toMatch(/^[A-Z@`.\w].*\.$/s);
      expect(diagnostic.suggestion).toMatch(/^[A-Z].*\.$/s);
      return reportDiagnostic(diagnostic, { colour: false, folder, readSource });
    });
    for (const report of reports) {
      expect(report).toMatch(new RegExp(`^${name}\\.ts:\\d+:\\d+ - (error|warning) ${name}: `));
      expect(report).toMatch(/^ +\d+ \| .*\n +\| +\^+$/m);
      expect(report).not.toMatch(/undefined|\[object|\n +at /);
    }
    await expect(`${reports.join("\n\n")}\n`).toMatchFileSnapshot(join(folder, `${name}.txt`));
  });

  test("every code that the compiler can raise has a fixture", () => {
    expect(names).toEqual(diagnosticCodes().filter((code) => !raisedElsewhere.has(code)));
  });

  test("no report is left without its fixture", () => {
    const reports = readdirSync(folder).filter((entry) => entry.endsWith(".txt"));
    expect(reports.map((entry) => basename(entry, ".txt")).sort()).toEqual(names);
  });
});

describe("strange input gives a diagnostic or a derivative, never a stack trace", () => {
  test.each(Object.keys(strangeSources))("%s", async (name) => {
    const place = mkdtempSync(join(tmpdir(), "adjoint-strange-"));
    mkdirSync(join(place, "src"));
    const file = join(place, "src", "input.ts");
    writeFileSync(file, strangeSources[name]!);
    const lines: string[] = [];
    const push = (text: string): number => lines.push(text);
    const status = await main(["generate", file], { out: push, error: push, colour: false });
    const printed = lines.join("\n");
    expect(printed).not.toMatch(/internal error|\n +at |undefined is not|Cannot read/);
    expect([0, 1], printed).toContain(status);
  });
});
