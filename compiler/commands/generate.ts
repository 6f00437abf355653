/** `adjoint generate`: siblings written, or compared with what stands on disk. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { globSync } from "tinyglobby";
import { hasHeader } from "../6-emit/emitFile.js";
import { compileMany } from "../compileMany.js";
import { type CompiledFile, type CompileResult, type Diagnostic, passNames } from "../index.js";
import { loadConfig } from "../loadConfig.js";
import { checkSibling, isSibling, siblingPath, sourceOfSibling, writeSibling } from "../siblings.js";
import { jsonVersion, type Output, placed, printDiagnostics, statusOf, UsageError } from "./output.js";

export interface GenerateFlags {
  readonly check?: boolean;
  readonly outDir?: string;
  readonly project?: string;
  readonly config?: string;
  readonly selfContained?: boolean;
  readonly json?: boolean;
  readonly strict?: boolean;
  readonly printPasses?: boolean | string;
  readonly stopAfter?: string;
  readonly keep?: "all" | "minimal";
}

interface FileReport {
  readonly source: string;
  readonly sibling: string;
  readonly status: string;
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

/** What the command line does not say, the config does. */
async function configured(
  globs: readonly string[],
  flags: GenerateFlags,
): Promise<{ readonly globs: readonly string[]; readonly flags: GenerateFlags }> {
  const loaded = await loadConfig(process.cwd(), flags.config && resolve(flags.config));
  if (!loaded) return { globs, flags };
  const { files, outDir, project, selfContained, strict } = loaded.config;
  const from = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(loaded.folder, path);
  return {
    globs: globs.length > 0 ? globs : (files ?? []).map((glob) => relativeGlob(loaded.folder, glob)),
    flags: {
      ...flags,
      outDir: flags.outDir ?? from(outDir),
      project: flags.project ?? from(project),
      selfContained: flags.selfContained ?? selfContained,
      strict: flags.strict ?? strict,
    },
  };
}

/** A glob of another folder, seen from here. */
function relativeGlob(folder: string, glob: string): string {
  const way = relative(process.cwd(), folder).replaceAll("\\", "/");
  return way === "" ? glob : `${way}/${glob}`;
}

function checkPassName(name: string | undefined): void {
  if (name !== undefined && !passNames.includes(name))
    throw new UsageError(`there is no pass ${name}; the passes are ${passNames.join(", ")}`);
}

export async function generate(
  givenGlobs: readonly string[],
  givenFlags: GenerateFlags,
  output: Output,
): Promise<number> {
  const { globs, flags } = await configured(givenGlobs, givenFlags);
  const printed = flags.printPasses;
  checkPassName(typeof printed === "string" ? printed : undefined);
  checkPassName(flags.stopAfter);
  if (flags.project !== undefined && !existsSync(flags.project))
    throw new UsageError(`${flags.project} does not exist`);
  const { files, siblings } = expand(globs);
  const isPrinting = printed !== undefined || flags.stopAfter !== undefined;
  const progress = flags.json ? undefined : output.progress?.();
  const result = await compileMany({
    files,
    project: flags.project && resolve(flags.project),
    outDir: flags.outDir,
    strict: flags.strict,
    selfContained: flags.selfContained,
    keep: flags.keep,
    stopAfter: flags.stopAfter,
    printPasses:
      printed === undefined && flags.stopAfter === undefined
        ? undefined
        : typeof printed === "string"
          ? [printed]
          : flags.stopAfter && printed === undefined
            ? [flags.stopAfter]
            : [],
    ...(isPrinting && { onPass: (pass: string, text: string) => output.out(`-- after ${pass}\n${text}`) }),
    onProgress: (done, all) => progress?.show(done, all),
  }).finally(() => progress?.end());
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
  const isStale = flags.check && reports.some((report) => report.status !== "current");
  return statusOf(diagnostics, flags.strict) || (isStale ? 1 : 0);
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
