/** The compiler as an API: `compileFiles` turns annotated sources into the texts of their siblings. */
import { basename, dirname, resolve } from "node:path";
import type { Project, SourceFile } from "ts-morph";
import { findRequests } from "./1-parse/findRequests.js";
import { rulesOf } from "./2-lower/findRules.js";
import { PackageReader } from "./2-lower/packageReader.js";
import type { FunctionToLower } from "./2-lower/unit.js";
import { emitFile } from "./6-emit/emitFile.js";
import { type Diagnostic, isStackOverflow, problemsOf } from "./diagnostics.js";
import type { Explanation } from "./explain.js";
import { printFunction } from "./ir/print.js";
import { findConfig } from "./findConfig.js";
import { toJavaScriptFor } from "./javascript.js";
import type { CompileOptions } from "./options.js";
import { passNames } from "./passes.js";
import { runPipeline } from "./pipeline.js";
import {
  addFilesThatCount,
  emissionFor,
  lowerWithPackages,
  nestedTooDeeply,
  openProject,
  readText,
  syntaxErrors,
  withoutRepeats,
} from "./project.js";
import { runtimeText } from "./runtimeSource.js";
import { isSibling, siblingPath } from "./siblings.js";

export type { CompileOptions } from "./options.js";
export type { Diagnostic } from "./diagnostics.js";
export { passNames };

export interface CompiledFile {
  readonly source: string;
  readonly sibling: string;
  /** Null when a diagnostic stopped it, or when `stopAfter` was given. */
  readonly text: string | null;
  readonly explanations: readonly Explanation[];
}

export interface CompileResult {
  /** Annotated files only. */
  readonly files: readonly CompiledFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** Every source that was looked at. */
  readonly sources: readonly string[];
  /** Generated files among the project's own, where its files were asked for. */
  readonly siblings: readonly string[];
  /** For code frames. */
  readonly readSource: (file: string) => string;
}

/** Compiles files that exist. Problems in the user's code are diagnostics; nothing is written. */
export async function compileFiles(options: CompileOptions): Promise<CompileResult> {
  const root = process.cwd();
  const given = options.files?.map((file) => resolve(file));
  const configPath = options.project ?? findConfig(given?.[0] ? dirname(given[0]) : root);
  const project = openProject(configPath);
  if ("code" in project) return unreadable(project);
  const all = given ? given.map((file) => project.addSourceFileAtPath(file)) : addConfigured(project, configPath);
  const sources = all.filter((file) => !isSibling(file.getFilePath()) && !file.isDeclarationFile());
  options.beside?.forEach((file) => project.addSourceFileAtPathIfExists(file));
  if (given) addFilesThatCount(project, configPath);
  project.resolveSourceFileDependencies();
  const base = configPath ? dirname(configPath) : root;
  const files: CompiledFile[] = [];
  // A rule that is not understood may be for any function: nothing is written then.
  const { problems } = rulesOf(project);
  const diagnostics: Diagnostic[] = [...problems];
  const packages = new PackageReader();
  try {
    for (const source of sources) {
      const compiled = await compileOrRefuse(project, source, base, options, packages);
      diagnostics.push(...compiled.diagnostics);
      if (!compiled.file) continue;
      files.push(problems.length > 0 ? { ...compiled.file, text: null } : compiled.file);
      options.onFile?.();
    }
  } finally {
    packages.close();
  }
  return {
    files,
    diagnostics: withoutRepeats(diagnostics),
    sources: sources.map((file) => file.getFilePath()),
    siblings: all.map((file) => file.getFilePath()).filter(isSibling),
    readSource: (file) => project.getSourceFile(file)?.getFullText() ?? "",
  };
}

function unreadable(diagnostic: Diagnostic): CompileResult {
  return { files: [], diagnostics: [diagnostic], sources: [], siblings: [], readSource: readText };
}

function addConfigured(project: Project, configPath: string | undefined): SourceFile[] {
  if (configPath === undefined) return [];
  return project.addSourceFilesFromTsConfig(configPath);
}

interface Outcome {
  readonly file: CompiledFile | null;
  readonly diagnostics: readonly Diagnostic[];
}

async function compileOrRefuse(
  project: Project,
  source: SourceFile,
  base: string,
  options: CompileOptions,
  packages: PackageReader,
): Promise<Outcome> {
  try {
    return await compileFile(project, source, base, options, packages);
  } catch (error) {
    if (!isStackOverflow(error)) throw error;
    const path = source.getFilePath();
    const sibling = siblingPath(path, options.outDir, base);
    return { file: { source: path, sibling, text: null, explanations: [] }, diagnostics: [nestedTooDeeply(path)] };
  }
}

async function compileFile(
  project: Project,
  source: SourceFile,
  base: string,
  options: CompileOptions,
  packages: PackageReader,
): Promise<Outcome> {
  const path = source.getFilePath();
  const parsed = findRequests(source);
  if (parsed.functions.length === 0 && parsed.diagnostics.length === 0) return { file: null, diagnostics: [] };
  const broken = syntaxErrors(project, source);
  const sibling = siblingPath(path, options.outDir, base);
  const failed: CompiledFile = { source: path, sibling, text: null, explanations: [] };
  if (broken.length > 0) return { file: failed, diagnostics: broken };
  const { only } = options;
  const functions = only === undefined ? parsed.functions : parsed.functions.filter((one) => isNamed(one, only));
  const lowered = await lowerWithPackages(source, functions, packages);
  const diagnostics = [...parsed.diagnostics, ...lowered.diagnostics];
  try {
    const { verbs, onLowered } = options;
    const { unit, requests } = onLowered?.(lowered) ?? lowered;
    const asked = verbs ? requests.map((request) => ({ ...request, verbs })) : requests;
    const { functions, helpers, explanations, warnings } = runPipeline(unit, asked, {
      stopAfter: options.stopAfter,
      optimise: options.optimise,
      keepEverything: options.keep === "all",
      tellsFailures: true,
      onPass: (pass, fn) => {
        options.onFunction?.(pass, fn);
        const isWanted =
          options.printPasses && (options.printPasses.length === 0 || options.printPasses.includes(pass));
        if (isWanted) options.onPass?.(pass, printFunction(fn));
      },
    });
    diagnostics.push(...warnings);
    const isBad = diagnostics.some((diagnostic) => diagnostic.severity === "error" || options.strict);
    if (isBad || options.stopAfter !== undefined) return { file: { ...failed, explanations }, diagnostics };
    const text = await emitFile({
      unit,
      functions,
      helpers,
      ...emissionFor(project, source, packages),
      siblingPath: sibling,
      toJavaScript: toJavaScriptFor(source),
      ...(options.selfContained && { runtimeText }),
    });
    return { file: { source: path, sibling, text, explanations }, diagnostics };
  } catch (error) {
    // A failure of ours costs this file, and no other.
    const problems = problemsOf(error, basename(path), { file: path, start: 0, end: 1 });
    return { file: failed, diagnostics: [...diagnostics, ...problems] };
  }
}

/** By its own name, or by that of a derivative of it. */
function isNamed({ requests }: FunctionToLower, name: string): boolean {
  return requests.some(
    ({ displayName, stem, verbs }) => displayName === name || verbs.some((verb) => `${verb}${stem}` === name),
  );
}
