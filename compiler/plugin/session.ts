/**
 * The compiler behind the plugin, for one process: one project for each tsconfig, kept up to date file by file. Modules are
 * compiled one after the other.
 */
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Project, SourceFile } from "ts-morph";
import { findMarkers, type MarkedFile } from "../1-parse/findMarkers.js";
import { rulesOf } from "../2-lower/findRules.js";
import { PackageReader } from "../2-lower/packageReader.js";
import { adviceFor, mentions, messageFor, shadowedGlobals } from "../2-lower/shadowedGlobals.js";
import { type PrintedParts, printParts } from "../6-emit/emitFile.js";
import { type Diagnostic, isStackOverflow, problemsOf } from "../diagnostics.js";
import { findConfig } from "../findConfig.js";
import type { IrFunction, Span } from "../ir/ir.js";
import { toJavaScriptFor } from "../javascript.js";
import { runPipeline } from "../pipeline.js";
import {
  addFilesThatCount,
  configuredFiles,
  countsEverywhere,
  emissionFor,
  lowerWithPackages,
  nestedTooDeeply,
  openProject,
  reachedFrom,
  readText,
  syntaxErrors,
  withoutRepeats,
} from "../project.js";
import { listingOf } from "./folders.js";
import { type Rewritten, rewrite } from "./rewrite.js";

export interface CompiledModule {
  /** Null where an error stopped it. */
  readonly rewritten: Rewritten | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Files that the result depends on, besides the module's own. */
  readonly dependencies: readonly string[];
  /** Folders of the project: a file more or less in them may concern the module. */
  readonly folders: readonly string[];
  /** How many markers the module has. */
  readonly markers: number;
  /** For code frames. */
  readonly readSource: (file: string) => string;
}

export interface SessionOptions {
  /** Path of a tsconfig.json; found upwards from each file when absent. */
  readonly project?: string | undefined;
  /** Warnings count as errors. */
  readonly strict?: boolean | undefined;
}

interface OpenProject {
  readonly project: Project;
  /** When the files that were read from disk were written. */
  readonly times: Map<string, number>;
  readonly configPath: string | undefined;
  /** Its folders, with what is in them. */
  readonly listings: Map<string, string>;
}

export class Session {
  private readonly projects = new Map<string | undefined, OpenProject | Diagnostic>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: SessionOptions = {}) {}

  /** The module at `path`, whose text is `code`, with its markers replaced. */
  compile(path: string, code: string): Promise<CompiledModule> {
    const compiled = this.last.then(() => this.compileNow(path, code));
    this.last = compiled.catch(() => undefined);
    return compiled;
  }

  private async compileNow(path: string, code: string): Promise<CompiledModule> {
    const open = this.projectFor(path);
    if ("code" in open)
      return { rewritten: null, diagnostics: [open], dependencies: [], folders: [], markers: 0, readSource: readText };
    const { project } = open;
    refresh(open);
    const source =
      project.getSourceFile(path) ??
      project.addSourceFileAtPathIfExists(path) ??
      project.createSourceFile(path, code, { overwrite: true });
    if (source.getFullText() !== code) replaceText(source, code);
    open.times.delete(source.getFilePath());
    project.resolveSourceFileDependencies();
    const packages = new PackageReader();
    try {
      const compiled = await compileSource(project, source, packages, this.options);
      return { ...compiled, folders: [...open.listings.keys()] };
    } catch (error) {
      if (!isStackOverflow(error)) throw error;
      return refused(source, [nestedTooDeeply(path)], 0);
    } finally {
      packages.close();
    }
  }

  private projectFor(path: string): OpenProject | Diagnostic {
    const configPath = this.options.project ? resolve(this.options.project) : findConfig(dirname(path));
    const known = this.projects.get(configPath);
    if (known) return known;
    const project = openProject(configPath);
    const open =
      "code" in project
        ? project
        : { project, configPath, times: new Map<string, number>(), listings: new Map<string, string>() };
    if (!("code" in open)) addWhatIsNew(open);
    this.projects.set(configPath, open);
    return open;
  }
}

/**
 * ts-morph holds the imports that it could not resolve, and looks at them again when the next file is added: asked for
 * what the file refers to, it reads them from the new text before.
 */
function replaceText(file: SourceFile, text: string): void {
  file.replaceWithText(text);
  file.getReferencedSourceFiles();
}

/** Files that count, of a project whose folders are others than they were. */
function addWhatIsNew({ project, configPath, listings }: OpenProject): void {
  if (configPath === undefined) return;
  const folders = new Set([dirname(configPath), ...configuredFiles(configPath).map((file) => dirname(file))]);
  listings.clear();
  for (const folder of folders) listings.set(folder, listingOf(folder));
  addFilesThatCount(project, configPath);
}

/** Files that have changed on disk are read again. */
function refresh(open: OpenProject): void {
  const { project, times, listings } = open;
  if ([...listings].some(([folder, listing]) => listingOf(folder) !== listing)) addWhatIsNew(open);
  for (const file of project.getSourceFiles()) {
    const path = file.getFilePath();
    if (file.isInNodeModules()) continue;
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (written === undefined) project.removeSourceFile(file);
    else if (times.get(path) !== written) {
      const text = readFileSync(path, "utf8");
      if (text !== file.getFullText()) replaceText(file, text);
      times.set(path, written);
    }
  }
}

/** One module of a project. */
export async function compileSource(
  project: Project,
  source: SourceFile,
  packages: PackageReader,
  { strict = false }: SessionOptions,
): Promise<CompiledModule> {
  const marked = findMarkers(source);
  const count = marked.markers.length + marked.diagnostics.length;
  if (count === 0) return { ...refused(source, [], 0), rewritten: null };
  const broken = syntaxErrors(project, source);
  if (broken.length > 0) return refused(source, broken, count);
  const { problems } = rulesOf(project);
  const lowered = await lowerWithPackages(source, marked.functions, packages, { isInside: true });
  const diagnostics: Diagnostic[] = [...problems, ...marked.diagnostics, ...lowered.diagnostics];
  try {
    const { functions, helpers, warnings } = runPipeline(lowered.unit, lowered.requests, { tellsFailures: true });
    diagnostics.push(...warnings);
    if (diagnostics.some(({ severity }) => severity === "error" || strict)) return refused(source, diagnostics, count);
    const spans: Span[] = [];
    const parts = printParts(
      {
        unit: lowered.unit,
        functions,
        helpers,
        ...emissionFor(project, source, packages),
        siblingPath: source.getFilePath(),
      },
      {
        others: new Set(source.getFullText().match(/[A-Za-z_$][\w$]*/g)),
        isExporting: false,
        mark: (span) => `/*~${spans.push(span) - 1}~*/`,
      },
    );
    const misfit = circularImport(source, parts) ?? shadowedGlobal(source, parts);
    if (misfit) return refused(source, [...diagnostics, misfit], count);
    return finish(project, source, marked, { parts, functions, spans }, diagnostics, packages);
  } catch (error) {
    const problems = problemsOf(error, basename(source.getFilePath()), {
      file: source.getFilePath(),
      start: 0,
      end: 1,
    });
    return refused(source, [...diagnostics, ...problems], count);
  }
}

interface Generated {
  readonly parts: PrintedParts;
  readonly functions: readonly IrFunction[];
  readonly spans: readonly Span[];
}

function finish(
  project: Project,
  source: SourceFile,
  { markers }: MarkedFile,
  { parts, functions, spans }: Generated,
  diagnostics: readonly Diagnostic[],
  packages: PackageReader,
): CompiledModule {
  const derivatives = new Map(functions.map((fn) => [fn.name, fn]));
  const firstImport = source.getImportDeclarations()[0];
  const rewritten = rewrite({
    path: source.getFilePath(),
    code: source.getFullText(),
    markers: markers.map(({ call, generated }) => ({
      start: call.getStart(),
      end: call.getEnd(),
      derivative: derivatives.get(generated)!,
    })),
    importsAt: firstImport?.getStart() ?? 0,
    parts,
    spans,
    toJavaScript: toJavaScriptFor(source),
    readSource: (file) => project.getSourceFile(file)?.getFullText() ?? packages.textOf(file) ?? "",
  });
  return { ...refused(source, diagnostics, markers.length), rewritten };
}

/** What is imported anew must not need this module first: that of a class which extends one of this module does. */
function circularImport(source: SourceFile, { imported }: PrintedParts): Diagnostic | null {
  const before = reachedFrom(source, loadedBy);
  for (const { file, name } of imported) {
    const other = source.getProject().getSourceFile(file);
    if (!other || before.has(other) || !reachedFrom(other, loadedBy).has(source)) continue;
    return {
      code: "circularImport",
      severity: "error",
      span: { file: source.getFilePath(), start: 0, end: 1 },
      message: `Derivatives of this module have to know ${name} of ${other.getBaseName()}, which is loaded after this module.`,
      suggestion:
        "Ask for the derivative in a module that imports both, or annotate the function and run adjoint generate.",
    };
  }
  return null;
}

/** What is written into the module must mean there what it means elsewhere. */
function shadowedGlobal(source: SourceFile, { body, copies }: PrintedParts): Diagnostic | null {
  const text = [body, ...copies].join("\n");
  const name = shadowedGlobals(source).find((one) => mentions(text, one));
  if (name === undefined) return null;
  const span = { file: source.getFilePath(), start: 0, end: 1 };
  return { code: "shadowedGlobal", severity: "error", span, message: messageFor(name), suggestion: adviceFor(name) };
}

/** Modules that are loaded before the module is, types apart. */
function loadedBy(file: SourceFile): readonly SourceFile[] {
  const imports = file
    .getImportDeclarations()
    .filter((one) => !one.isTypeOnly() && !isOfTypes(one.getNamedImports(), one.getDefaultImport() !== undefined));
  const exports = file.getExportDeclarations().filter((one) => !one.isTypeOnly());
  return [...imports, ...exports].flatMap((one) => one.getModuleSpecifierSourceFile() ?? []);
}

function isOfTypes(named: readonly { isTypeOnly(): boolean }[], hasDefault: boolean): boolean {
  return !hasDefault && named.length > 0 && named.every((one) => one.isTypeOnly());
}

function refused(source: SourceFile, diagnostics: readonly Diagnostic[], markers: number): CompiledModule {
  const project = source.getProject();
  return {
    rewritten: null,
    diagnostics: withoutRepeats(diagnostics),
    dependencies: dependenciesOf(source),
    folders: [],
    markers,
    readSource: (file) => project.getSourceFile(file)?.getFullText() ?? readText(file),
  };
}

/** What the module imports, directly or through others, and what counts everywhere; but for installed packages. */
function dependenciesOf(source: SourceFile): readonly string[] {
  const found = new Set(reachedFrom(source, (file) => file.getReferencedSourceFiles()));
  for (const file of source.getProject().getSourceFiles())
    if (!file.isInNodeModules() && countsEverywhere(file.getFullText())) found.add(file);
  found.delete(source);
  return [...found].map((file) => file.getFilePath());
}
