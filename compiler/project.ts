/** The user's project as ts-morph knows it: its tsconfig, the files that count, how they write their imports. */
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { Project, type SourceFile, ts } from "ts-morph";
import type { PackageReader } from "./2-lower/packageReader.js";
import { type FunctionToLower, type LoweredFile, lowerFile, type LowerOptions } from "./2-lower/unit.js";
import type { Diagnostic } from "./diagnostics.js";
import type { EmitFileInput } from "./6-emit/emitFile.js";
import { ModulesNeeded, noticeFor } from "./packages/packages.js";
import { isSibling } from "./siblings.js";

export function openProject(configPath: string | undefined): Project | Diagnostic {
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

/** What counts wherever it stands in the project, also when only some of its files are compiled: rules, and classes that extend others. */
export function countsEverywhere(text: string): boolean {
  return text.includes("defineRule") || /\bclass\b[^{]*\b(?:extends|implements)\b/.test(text);
}

/** The files of a tsconfig, absolute. */
export function configuredFiles(configPath: string): readonly string[] {
  const { config } = ts.readConfigFile(configPath, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, dirname(configPath)).fileNames;
}

/** Adds the files of a tsconfig whose rules or classes may concern those that are compiled. */
export function addFilesThatCount(project: Project, configPath: string | undefined): void {
  if (configPath === undefined) return;
  for (const file of configuredFiles(configPath))
    if (!isSibling(file) && !file.endsWith(".d.ts") && countsEverywhere(readText(file)))
      project.addSourceFileAtPath(file);
}

export function readText(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** Lowering stops where it needs a package that is not loaded, and begins again when it is. */
export async function lowerWithPackages(
  source: SourceFile,
  functions: readonly FunctionToLower[],
  packages: PackageReader,
  options: LowerOptions = {},
): Promise<LoweredFile> {
  for (;;) {
    try {
      return lowerFile(source, functions, { tellsFailures: true, packages, ...options });
    } catch (error) {
      if (!(error instanceof ModulesNeeded)) throw error;
      for (const needed of error.modules) await packages.load(needed);
    }
  }
}

/** What emission asks of the project: how the file writes its imports, the texts that code comes from. */
export function emissionFor(
  project: Project,
  source: SourceFile,
  packages: PackageReader,
): Pick<EmitFileInput, "sourcePath" | "importSuffix" | "strictIndex" | "sourceText" | "noticeFor"> {
  return {
    sourcePath: source.getFilePath(),
    importSuffix: importSuffix(project, source),
    strictIndex: project.getCompilerOptions().noUncheckedIndexedAccess ?? false,
    sourceText: (file) => project.getSourceFile(file)?.getFullText() ?? packages.textOf(file),
    noticeFor,
  };
}

/** Of the file, and of the files of the project that it imports, directly or through others. */
export function syntaxErrors(project: Project, source: SourceFile): readonly Diagnostic[] {
  const program = project.getProgram();
  return [...reachedFrom(source, (one) => one.getReferencedSourceFiles())]
    .filter((file) => !file.isDeclarationFile())
    .flatMap((file) => program.getSyntacticDiagnostics(file).map((problem) => ({ file, problem })))
    .map(({ file, problem }) => {
      const message = problem.getMessageText();
      const start = problem.getStart() ?? 0;
      return {
        code: "syntaxError",
        severity: "error",
        span: { file: file.getFilePath(), start, end: start + (problem.getLength() ?? 1) },
        message: typeof message === "string" ? message : message.getMessageText(),
        suggestion: "Correct the syntax.",
      };
    });
}

/** The file, and what of the project is reached from it. */
export function reachedFrom(
  file: SourceFile,
  next: (one: SourceFile) => readonly SourceFile[],
): ReadonlySet<SourceFile> {
  const found = new Set<SourceFile>();
  const enter = (one: SourceFile): void => {
    if (found.has(one) || one.isInNodeModules()) return;
    found.add(one);
    next(one).forEach(enter);
  };
  enter(file);
  return found;
}

/** What is wrong with a function is told once, however many functions call it. */
export function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, message, span }) => {
    const key = [code, message, span.file, span.start].join("|");
    return !seen.has(key) && seen.add(key);
  });
}

/** A file that nests deeper than the stack is refused as a whole. */
export function nestedTooDeeply(path: string): Diagnostic {
  return {
    code: "nestedTooDeeply",
    severity: "error",
    span: { file: path, start: 0, end: 1 },
    message: "An expression or a statement of this file nests too deeply to be read.",
    suggestion: "Split it into several.",
  };
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
