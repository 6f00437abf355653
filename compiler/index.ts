/** The compiler as an API: `compileFiles` turns annotated sources into the texts of their siblings. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Project, type SourceFile, ts } from "ts-morph";
import { findRequests } from "./1-parse/findRequests.js";
import { rulesOf } from "./2-lower/findRules.js";
import { PackageReader } from "./2-lower/packageReader.js";
import { type FunctionToLower, type LoweredFile, lowerFile } from "./2-lower/unit.js";
import { emitFile } from "./6-emit/emitFile.js";
import { type Diagnostic, isStackOverflow, problemsOf } from "./diagnostics.js";
import { printFunction } from "./ir/print.js";
import type { CompileOptions } from "./options.js";
import type { Explanation } from "./explain.js";
import { ModulesNeeded, noticeFor } from "./packages/packages.js";
import { passNames, runPipeline } from "./pipeline.js";
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
  if (given) addFilesWithRules(project, configPath);
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
      if (compiled.file) files.push(problems.length > 0 ? { ...compiled.file, text: null } : compiled.file);
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

function readText(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function findConfig(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "tsconfig.json");
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

function openProject(configPath: string | undefined): Project | Diagnostic {
  const fallback: ts.CompilerOptions = {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowJs: true,
  };
  if (configPath === undefined) return new Project({ compilerOptions: fallback, skipAddingFilesFromTsConfig: true });
  const { error } = ts.readConfigFile(configPath, ts.sys.readFile);
  if (error)
    return {
      code: "unreadableProject",
      severity: "error",
      span: { file: configPath, start: error.start ?? 0, end: (error.start ?? 0) + (error.length ?? 1) },
      message: ts.flattenDiagnosticMessageText(error.messageText, " "),
      suggestion: "Correct the tsconfig, or name another one with --project.",
    };
  return new Project({
    tsConfigFilePath: configPath,
    skipAddingFilesFromTsConfig: true,
    compilerOptions: { allowJs: true },
  });
}

function addConfigured(project: Project, configPath: string | undefined): SourceFile[] {
  if (configPath === undefined) return [];
  return project.addSourceFilesFromTsConfig(configPath);
}

/** Rules count wherever they stand in the project, also when only some of its files are compiled. */
function addFilesWithRules(project: Project, configPath: string | undefined): void {
  if (configPath === undefined) return;
  const { config } = ts.readConfigFile(configPath, ts.sys.readFile);
  const { fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, dirname(configPath));
  for (const file of fileNames)
    if (!isSibling(file) && !file.endsWith(".d.ts") && readText(file).includes("defineRule"))
      project.addSourceFileAtPath(file);
}

interface Outcome {
  readonly file: CompiledFile | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** A file that nests deeper than the stack is refused as a whole. */
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
    const diagnostic: Diagnostic = {
      code: "nestedTooDeeply",
      severity: "error",
      span: { file: path, start: 0, end: 1 },
      message: "An expression or a statement of this file nests too deeply to be read.",
      suggestion: "Split it into several.",
    };
    const sibling = siblingPath(path, options.outDir, base);
    return { file: { source: path, sibling, text: null, explanations: [] }, diagnostics: [diagnostic] };
  }
}

/** Lowering stops where it needs a package that is not loaded, and begins again when it is. */
async function lowerWithPackages(
  source: SourceFile,
  functions: readonly FunctionToLower[],
  packages: PackageReader,
): Promise<LoweredFile> {
  for (;;) {
    try {
      return lowerFile(source, functions, { tellsFailures: true, packages });
    } catch (error) {
      if (!(error instanceof ModulesNeeded)) throw error;
      for (const needed of error.modules) await packages.load(needed);
    }
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
      sourcePath: path,
      siblingPath: sibling,
      importSuffix: importSuffix(project, source),
      strictIndex: project.getCompilerOptions().noUncheckedIndexedAccess ?? false,
      sourceText: (file) => project.getSourceFile(file)?.getFullText() ?? packages.textOf(file),
      noticeFor,
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

/** What is wrong with a function is told once, however many functions call it. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, message, span }) => {
    const key = [code, message, span.file, span.start].join("|");
    return !seen.has(key) && seen.add(key);
  });
}

function syntaxErrors(project: Project, source: SourceFile): readonly Diagnostic[] {
  return project
    .getProgram()
    .getSyntacticDiagnostics(source)
    .map((problem) => {
      const message = problem.getMessageText();
      const start = problem.getStart() ?? 0;
      return {
        code: "syntaxError",
        severity: "error",
        span: { file: source.getFilePath(), start, end: start + (problem.getLength() ?? 1) },
        message: typeof message === "string" ? message : message.getMessageText(),
        suggestion: "Correct the syntax.",
      };
    });
}

/** How the file writes its own relative imports; without any, what its module kind needs. */
function importSuffix(project: Project, source: SourceFile): ".js" | ".ts" | "" {
  const own = source
    .getImportDeclarations()
    .map((declaration) => declaration.getModuleSpecifierValue())
    .find((value) => value.startsWith("."));
  if (own) return /\.[cm]?js$/.test(own) ? ".js" : /\.[cm]?tsx?$/.test(own) ? ".ts" : "";
  const kind = project.getCompilerOptions().moduleResolution;
  return kind === ts.ModuleResolutionKind.Node16 || kind === ts.ModuleResolutionKind.NodeNext ? ".js" : "";
}
