/** `adjoint explain`: what is active, kept and why; with `--debug`, where a derivative goes wrong. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { debugFile } from "../debug/debugFile.js";
import { type Explanation, explanationLines, formulaOf } from "../explain.js";
import { compileFiles, type CompileResult } from "../index.js";
import type { Span } from "../ir/ir.js";
import { placeOf } from "../report.js";
import { jsonVersion, type Output, placed, printDiagnostics, statusOf, UsageError } from "./output.js";
import { sampleOf } from "./sample.js";

export interface ExplainFlags {
  readonly project?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
  readonly at?: string;
  readonly keep?: "all" | "minimal";
}

export async function explain(
  file: string,
  name: string | undefined,
  flags: ExplainFlags,
  output: Output,
): Promise<number> {
  if (!existsSync(file)) throw new UsageError(`${file} does not exist`);
  if (flags.at !== undefined) throw new UsageError("--at is for --debug");
  const result = await compileFiles({
    files: [resolve(file)],
    project: flags.project && resolve(flags.project),
    keep: flags.keep,
  });
  const all = result.files.flatMap((compiled) => compiled.explanations);
  const wanted = name === undefined ? all : all.filter((one) => one.function === name || one.generated === name);
  if (name !== undefined && wanted.length === 0 && result.diagnostics.length === 0) refuseName(name, file, result);
  const lineOf = (span: Span): number => placeOf(result.readSource(span.file), span.start).line;
  if (flags.json)
    output.out(
      JSON.stringify(
        {
          version: jsonVersion,
          functions: wanted.map((one) => inLines(one, lineOf)),
          diagnostics: result.diagnostics.map((one) => placed(one, result)),
        },
        null,
        2,
      ),
    );
  else {
    for (const one of wanted) output.out(explanationLines(one, lineOf).join("\n") + "\n");
    printDiagnostics(result.diagnostics, result, output);
  }
  return statusOf(result.diagnostics);
}

/** Places as lines. */
function inLines({ kept, loops, ...rest }: Explanation, lineOf: (span: Span) => number): object {
  return {
    ...rest,
    kept: kept.map(({ span, size, ...one }) => ({
      ...one,
      line: span && lineOf(span),
      bytes: formulaOf([size], lineOf),
    })),
    keptBytes: formulaOf(
      kept.map(({ size }) => size),
      lineOf,
    ),
    loops: loops.map(({ span, ...one }) => ({ line: lineOf(span), ...one })),
  };
}

export function refuseName(name: string, file: string, { files }: CompileResult): never {
  const names = new Set(files.flatMap(({ explanations }) => explanations).map((one) => one.function));
  const known = names.size > 0 ? `; there are ${[...names].join(", ")}` : "";
  throw new UsageError(`there is no annotated function ${name} in ${file}${known}`);
}

export async function debug(
  file: string,
  name: string | undefined,
  { at, project, json }: ExplainFlags,
  output: Output,
): Promise<number> {
  if (!existsSync(file)) throw new UsageError(`${file} does not exist`);
  if (name === undefined || at === undefined)
    throw new UsageError("--debug takes a function and a point: adjoint explain FILE FUNCTION --debug --at '[1, 2]'");
  const { result, lines, problems } = await debugFile({
    file: resolve(file),
    function: name,
    project: project && resolve(project),
    at: sampleOf(at),
  });
  const diagnostics = [...result.diagnostics, ...problems];
  const isBad = diagnostics.some((one) => one.severity === "error");
  if (lines === null && !isBad) refuseName(name, file, await compileFiles({ files: [resolve(file)] }));
  if (json) {
    const all = diagnostics.map((one) => placed(one, result));
    output.out(JSON.stringify({ version: jsonVersion, lines: lines ?? [], diagnostics: all }, null, 2));
  } else {
    for (const line of lines ?? []) output.out(line);
    printDiagnostics(diagnostics, result, output);
  }
  return statusOf(diagnostics);
}
