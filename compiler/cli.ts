#!/usr/bin/env node
/** The command line: `adjoint generate`, `explain`, `graph`. Exit status 0 done, 1 diagnostics or stale, 2 usage, 3 ours. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { globSync } from "tinyglobby";
import { hasHeader } from "./6-emit/emitFile.js";
import { UnfittingArgument } from "./debug/arguments.js";
import { debugFile } from "./debug/debugFile.js";
import { drawFile } from "./graph/drawFile.js";
import { type GraphFormat, graphFormats } from "./graph/formats.js";
import { compileFiles, type CompiledFile, type CompileResult, type Diagnostic, passNames } from "./index.js";
import { placeOf, reportDiagnostic } from "./report.js";
import { checkSibling, isSibling, siblingPath, sourceOfSibling, writeSibling } from "./siblings.js";

/** Wrong use of the command line. */
class UsageError extends Error {}

interface GenerateFlags {
  readonly check?: boolean;
  readonly outDir?: string;
  readonly project?: string;
  readonly json?: boolean;
  readonly strict?: boolean;
  readonly printPasses?: boolean | string;
  readonly stopAfter?: string;
}

interface ExplainFlags {
  readonly project?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
  readonly at?: string;
}

interface GraphFlags {
  readonly format: GraphFormat;
  readonly at?: string;
  readonly out?: string;
  readonly project?: string;
}

interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly colour: boolean;
}

interface FileReport {
  readonly source: string;
  readonly sibling: string;
  readonly status: string;
}

const jsonVersion = 1;

/** Runs the command line; gives back the exit status. */
export async function main(args: readonly string[], output: Output): Promise<number> {
  let status = 0;
  const program = new Command("adjoint")
    .description("Source-to-source automatic differentiation for TypeScript.")
    .version(ownVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.out(text.trimEnd()),
      writeErr: (text) => output.error(text.trimEnd()),
    });
  program
    .command("generate [globs...]")
    .description("write a .adjoint.ts beside every file with @differentiable functions")
    .option("--check", "write nothing; fail when a generated file is stale, missing or orphaned")
    .option("--out-dir <folder>", "folder for generated files")
    .option("--project <tsconfig>", "the tsconfig.json to use")
    .option("--json", "print one JSON object")
    .option("--strict", "treat warnings as errors")
    .option("--print-passes [pass]", "print the intermediate representation after every pass, or one")
    .option("--stop-after <pass>", "stop after a pass and write nothing")
    .action(async (globs: string[], flags: GenerateFlags) => {
      status = await generate(globs, flags, output);
    });
  program
    .command("explain <file> [function]")
    .description("say what is active, and what is kept and why")
    .option("--project <tsconfig>", "the tsconfig.json to use")
    .option("--json", "print one JSON object")
    .option("--debug", "compare the adjoint with the tangent, statement by statement, and find where NaN arises")
    .option("--at <arguments>", "a JSON array of arguments, for --debug")
    .action(async (file: string, name: string | undefined, flags: ExplainFlags) => {
      status = flags.debug ? await debug(file, name, flags, output) : await explain(file, name, flags, output);
    });
  program
    .command("graph <file> <function>")
    .description("draw the computational graph of a function and its adjoint")
    .addOption(new Option("--format <format>", "how").choices(graphFormats).default("mermaid"))
    .option("--at <arguments>", "a JSON array of arguments: shows numbers")
    .option("--out <file>", "write it there instead of printing it")
    .option("--project <tsconfig>", "the tsconfig.json to use")
    .action(async (file: string, name: string, flags: GraphFlags) => {
      status = await graph(file, name, flags, output);
    });
  try {
    await program.parseAsync(["node", "adjoint", ...args]);
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError || error instanceof UnfittingArgument) {
      output.error(`adjoint: ${error.message}`);
      return 2;
    }
    const reason = error instanceof Error ? error.message : String(error);
    if (isFileProblem(error)) {
      output.error(`adjoint: ${reason}`);
      return 1;
    }
    output.error(`adjoint: internal error, please report it with the source: ${reason.split("\n")[0]}`);
    if (process.env["ADJOINT_DEBUG"]) output.error(String((error as Error).stack));
    return 3;
  }
}

/** The file system said no: nothing of ours is wrong. */
function isFileProblem(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

function ownVersion(): string {
  for (const path of ["../package.json", "../../package.json"]) {
    const url = new URL(path, import.meta.url);
    if (existsSync(url)) return (JSON.parse(readFileSync(url, "utf8")) as { version: string }).version;
  }
  return "0";
}

interface Expanded {
  /** Undefined: the files of the tsconfig. */
  readonly files: readonly string[] | undefined;
  readonly siblings: readonly string[];
}

function expand(globs: readonly string[]): Expanded {
  if (globs.length === 0) return { files: undefined, siblings: [] };
  const files = new Set<string>();
  const siblings = new Set<string>();
  for (const glob of globs) {
    const isFile = existsSync(glob) && statSync(glob).isFile();
    const found = isFile
      ? [resolve(glob)]
      : globSync([glob], { absolute: true, ignore: ["**/node_modules/**"], expandDirectories: true });
    const sources = found.filter((file) => /\.[cm]?[jt]sx?$/.test(file));
    if (sources.length === 0) throw new UsageError(`${glob} matches no file`);
    sources.filter((file) => !isSibling(file) && !/\.d\.[cm]?ts$/.test(file)).forEach((file) => files.add(file));
    sources.filter(isSibling).forEach((file) => siblings.add(file));
  }
  return { files: [...files].sort(), siblings: [...siblings].sort() };
}

function checkPassName(name: string | undefined): void {
  if (name !== undefined && !passNames.includes(name))
    throw new UsageError(`there is no pass ${name}; the passes are ${passNames.join(", ")}`);
}

async function generate(globs: readonly string[], flags: GenerateFlags, output: Output): Promise<number> {
  const printed = flags.printPasses;
  checkPassName(typeof printed === "string" ? printed : undefined);
  checkPassName(flags.stopAfter);
  if (flags.project !== undefined && !existsSync(flags.project))
    throw new UsageError(`${flags.project} does not exist`);
  const { files, siblings } = expand(globs);
  const result = await compileFiles({
    files,
    project: flags.project && resolve(flags.project),
    outDir: flags.outDir,
    strict: flags.strict,
    stopAfter: flags.stopAfter,
    printPasses:
      printed === undefined && flags.stopAfter === undefined
        ? undefined
        : typeof printed === "string"
          ? [printed]
          : flags.stopAfter && printed === undefined
            ? [flags.stopAfter]
            : [],
    onPass: (pass, text) => output.out(`-- after ${pass}\n${text}`),
  });
  const foreign: Diagnostic[] = [];
  const reports = result.files.map((file) => settle(file, flags, foreign));
  if (flags.check) reports.push(...orphans(result, flags), ...deserted([...siblings, ...result.siblings]));
  const diagnostics = [...result.diagnostics, ...foreign];
  if (flags.json)
    output.out(
      JSON.stringify(
        { version: jsonVersion, files: reports, diagnostics: diagnostics.map((one) => placed(one, result)) },
        null,
        2,
      ),
    );
  else print(reports, diagnostics, result, output, flags);
  const isBad =
    diagnostics.some((one) => one.severity === "error" || flags.strict) ||
    (flags.check && reports.some((report) => report.status !== "current"));
  return isBad ? 1 : 0;
}

/** Writes or checks one file. */
function settle(file: CompiledFile, flags: GenerateFlags, foreign: Diagnostic[]): FileReport {
  const report = (status: string): FileReport => ({ source: file.source, sibling: file.sibling, status });
  if (file.text === null) {
    if (flags.stopAfter !== undefined) return report("stopped");
    return report(existsSync(file.sibling) ? "stale" : "failed");
  }
  if (flags.check) return report(checkSibling(file.sibling, file.text));
  const outcome = writeSibling(file.sibling, file.text);
  if (outcome === "foreign")
    foreign.push({
      code: "foreignFile",
      severity: "error",
      span: { file: file.source, start: 0, end: 1 },
      message: `${relative(process.cwd(), file.sibling)} exists and was not generated by adjoint; it is left alone.`,
      suggestion: "Move it away, or choose another folder with --out-dir.",
    });
  return report(outcome);
}

/** Generated files whose source asks for nothing any more. */
function orphans(result: CompileResult, flags: GenerateFlags): FileReport[] {
  const annotated = new Set(result.files.map((file) => file.source));
  return result.sources
    .filter((source) => !annotated.has(source))
    .map((source) => ({ source, sibling: siblingPath(source, flags.outDir, process.cwd()), status: "orphaned" }))
    .filter(({ sibling }) => existsSync(sibling) && hasHeader(readFileSync(sibling, "utf8")));
}

/** Generated files whose source is gone. */
function deserted(siblings: readonly string[]): FileReport[] {
  return siblings.flatMap((sibling) => {
    const source = sourceOfSibling(sibling);
    return source === null || existsSync(source) ? [] : [{ source, sibling, status: "orphaned" }];
  });
}

function placed(diagnostic: Diagnostic, result: CompileResult): object {
  const { span, ...rest } = diagnostic;
  return { ...rest, file: span.file, ...placeOf(result.readSource(span.file), span.start) };
}

function print(
  reports: readonly FileReport[],
  diagnostics: readonly Diagnostic[],
  result: CompileResult,
  output: Output,
  flags: GenerateFlags,
): void {
  printDiagnostics(diagnostics, result, output);
  const path = (of: string): string => relative(process.cwd(), of);
  for (const { source, sibling, status } of reports) {
    if (status === "failed") output.error(`${path(source)}: nothing written`);
    else if (status === "stale" && !flags.check) output.error(`${path(sibling)} is stale: its source has errors`);
    else if (status === "orphaned")
      output.error(
        `${path(sibling)} is orphaned: ${path(source)} ${existsSync(source) ? "asks for nothing" : "is gone"}`,
      );
    else if (status !== "foreign") output.out(`${path(sibling)} ${status}`);
  }
  if (result.files.length === 0 && diagnostics.length === 0) output.out("No @differentiable functions found.");
}

async function explain(file: string, name: string | undefined, flags: ExplainFlags, output: Output): Promise<number> {
  if (!existsSync(file)) throw new UsageError(`${file} does not exist`);
  if (flags.at !== undefined) throw new UsageError("--at is for --debug");
  const result = await compileFiles({ files: [resolve(file)], project: flags.project && resolve(flags.project) });
  const all = result.files.flatMap((compiled) => compiled.explanations);
  const wanted = name === undefined ? all : all.filter((one) => one.function === name || one.generated === name);
  if (name !== undefined && wanted.length === 0 && result.diagnostics.length === 0) refuseName(name, file, result);
  if (flags.json)
    output.out(
      JSON.stringify(
        { version: jsonVersion, functions: wanted, diagnostics: result.diagnostics.map((one) => placed(one, result)) },
        null,
        2,
      ),
    );
  else {
    for (const one of wanted) output.out(one.lines.join("\n") + "\n");
    printDiagnostics(result.diagnostics, result, output);
  }
  return result.diagnostics.some((one) => one.severity === "error") ? 1 : 0;
}

function refuseName(name: string, file: string, { files }: CompileResult): never {
  const names = new Set(files.flatMap(({ explanations }) => explanations).map((one) => one.function));
  const known = names.size > 0 ? `; there are ${[...names].join(", ")}` : "";
  throw new UsageError(`there is no annotated function ${name} in ${file}${known}`);
}

async function debug(
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
  return isBad ? 1 : 0;
}

async function graph(file: string, name: string, flags: GraphFlags, output: Output): Promise<number> {
  if (!existsSync(file)) throw new UsageError(`${file} does not exist`);
  const { text, result, problem } = await drawFile({
    file: resolve(file),
    function: name,
    project: flags.project && resolve(flags.project),
    format: flags.format,
    at: flags.at === undefined ? null : sampleOf(flags.at),
  });
  printDiagnostics(result.diagnostics, result, output);
  if (problem) output.error(`adjoint: there are no numbers at this point: ${problem}`);
  const isBad = result.diagnostics.some((one) => one.severity === "error");
  if (text === null) return isBad ? 1 : refuseName(name, file, result);
  if (flags.out === undefined) output.out(text.trimEnd());
  else writeFileSync(flags.out, text);
  return isBad || problem !== null ? 1 : 0;
}

function sampleOf(text: string): readonly unknown[] {
  try {
    const args: unknown = JSON.parse(text);
    if (Array.isArray(args)) return args;
  } catch {
    // Said below.
  }
  throw new UsageError(`--at takes a JSON array of arguments, not ${text}`);
}

function printDiagnostics(diagnostics: readonly Diagnostic[], { readSource }: CompileResult, output: Output): void {
  for (const diagnostic of diagnostics)
    output.error(`${reportDiagnostic(diagnostic, { colour: output.colour, folder: process.cwd(), readSource })}\n`);
}

const isMain = process.argv[1] !== undefined && /cli\.[jt]s$|adjoint$/.test(process.argv[1]);
if (isMain) {
  // Whoever reads may stop reading.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit();
    });
  const colour = process.env["NO_COLOR"] === undefined && process.stderr.isTTY === true;
  process.exitCode = await main(process.argv.slice(2), {
    out: (text) => process.stdout.write(`${text}\n`),
    error: (text) => process.stderr.write(`${text}\n`),
    colour,
  });
}
