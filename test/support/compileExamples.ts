/** The examples of docs/language.md, compiled in one project and executed; what was generated is type-checked. */
import { join } from "node:path";
import { Project, type SourceFile, ts } from "ts-morph";
import { findMarkers } from "../../compiler/1-parse/findMarkers.js";
import { findRequests } from "../../compiler/1-parse/findRequests.js";
import { rulesOf } from "../../compiler/2-lower/findRules.js";
import { PackageReader } from "../../compiler/2-lower/packageReader.js";
import { type LoweredFile, lowerFile } from "../../compiler/2-lower/unit.js";
import { emitFile } from "../../compiler/6-emit/emitFile.js";
import { type Diagnostic, DiagnosticError } from "../../compiler/diagnostics.js";
import { type PipelineResult, runPipeline } from "../../compiler/pipeline.js";
import { compileSource } from "../../compiler/plugin/session.js";
import type { Request } from "../../compiler/requests.js";
import { checkGradient } from "../../runtime/index.js";
import { copyOf } from "./copies.js";
import { checkedVerbs, fixturesFolder } from "./fixtures.js";
import { type Example, type LanguagePage, programOf } from "./languagePage.js";
import { isSame } from "./locations.js";
import { Modules } from "./modules.js";

export interface CompiledExample {
  /** Codes of the diagnostics. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** What is wrong with the example, or with what it became. */
  readonly problems: readonly string[];
}

const folder = join(fixturesFolder, "examples");

/** For the function that the examples stand in. */
const sampleArguments: readonly unknown[] = [
  1.3,
  0.7,
  3,
  [0.6, 1.7, -0.4, 2.2],
  Float64Array.of(0.3, -1.1, 0.9),
  [
    [1, 2],
    [3, 4.5],
  ],
  { a: 0.6, b: 1.1 },
  [0.8, -0.2],
  "long",
  true,
  0.9,
];

export async function compileExamples(
  page: LanguagePage,
  examples: readonly Example[],
): Promise<readonly CompiledExample[]> {
  const project = new Project({
    tsConfigFilePath: join(fixturesFolder, "tsconfig.json"),
    skipAddingFilesFromTsConfig: true,
    compilerOptions: {
      types: ["node"],
      paths: {
        adjoint: [join(fixturesFolder, "../runtime/index.ts")],
        "adjoint/runtime": [join(fixturesFolder, "../runtime/generated.ts")],
        "@lib/*": [join(folder, "*")],
      },
    },
  });
  const shared = [...page.modules].filter(([name]) => name !== "example.ts");
  for (const [name, text] of shared) project.createSourceFile(join(folder, name), text, { overwrite: true });
  const files = examples.map((example, k) =>
    project.createSourceFile(join(folder, `example${k}.ts`), programOf(page, example), { overwrite: true }),
  );
  project.resolveSourceFileDependencies();
  const texts = new Map(project.getSourceFiles().map((file) => [file.getFilePath() as string, file.getFullText()]));
  const modules = new Modules({
    texts,
    resolveAlias: (name) => (name.startsWith("@lib/") ? name.replace("@lib", folder) : null),
  });
  const typeProblems = new Map(files.map((file) => [file, typeErrors(project, file)]));
  const all = [];
  for (const file of files)
    all.push(
      await compileExample(project, file, modules).catch((error: unknown) => ({
        errors: [],
        warnings: [],
        problems: [String(error)],
        text: "",
      })),
    );
  // Generated files come last: each new file makes the project's program anew.
  const generated = all.map(({ text }, k) =>
    project.createSourceFile(join(folder, `example${k}.adjoint.ts`), text, { overwrite: true }),
  );
  return all.map(({ errors, warnings, problems }, k) => {
    const ownTypes = errors.length > 0 ? [] : typeErrors(project, generated[k]!);
    // What is refused need not be valid either.
    const sourceTypes = errors.length > 0 ? [] : typeProblems.get(files[k]!)!;
    return { errors, warnings, problems: [...sourceTypes, ...problems, ...ownTypes] };
  });
}

function typeErrors(project: Project, file: SourceFile): readonly string[] {
  const program = project.getProgram();
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    (problem) =>
      `${file.getBaseName()}:${problem.getLineNumber() ?? 0}: ${ts.flattenDiagnosticMessageText(problem.compilerObject.messageText, " ")}`,
  );
}

async function compileExample(
  project: Project,
  file: SourceFile,
  modules: Modules,
): Promise<CompiledExample & { readonly text: string }> {
  const parsed = findRequests(file);
  if (findMarkers(file).markers.length + findMarkers(file).diagnostics.length > 0 && parsed.functions.length === 0)
    return compileMarked(project, file);
  const lowered = lowerFile(file, parsed.functions);
  const ofRules = rulesOf(project).problems.filter(({ span }) => span.file === file.getFilePath());
  const derived = derive(lowered);
  const told: Diagnostic[] = [...ofRules, ...parsed.diagnostics, ...lowered.diagnostics, ...derived.warnings];
  const codesOf = (severity: string): string[] =>
    told.filter((one) => one.severity === severity).map(({ code }) => code);
  const errors = codesOf("error");
  const warnings = codesOf("warning");
  if (errors.length > 0) return { errors, warnings, problems: [], text: "" };
  const sourcePath = file.getFilePath();
  const text = await emitFile({
    unit: lowered.unit,
    functions: derived.functions,
    helpers: derived.helpers,
    sourcePath,
    siblingPath: sourcePath.replace(/\.ts$/, ".adjoint.ts"),
    importSuffix: ".js",
    strictIndex: false,
    sourceText: (path) => project.getSourceFile(path)?.getFullText() ?? null,
  });
  return { errors, warnings, problems: numberProblems(lowered, file, text, modules), text };
}

/** A module with markers, as the plugin rewrites it. */
async function compileMarked(project: Project, file: SourceFile): Promise<CompiledExample & { readonly text: string }> {
  const { rewritten, diagnostics: all } = await compileSource(project, file, new PackageReader(), {});
  // Rules of other examples may be wrong.
  const diagnostics = all.filter(({ span }) => span.file === file.getFilePath());
  const codesOf = (severity: string): string[] =>
    diagnostics.filter((one) => one.severity === severity).map(({ code }) => code);
  const text = rewritten?.code ?? "";
  return { errors: codesOf("error"), warnings: codesOf("warning"), problems: [], text };
}

function derive(lowered: LoweredFile): PipelineResult {
  const { unit, requests } = lowered;
  try {
    const checked = requests.flatMap((request): Request[] => {
      const verbs = checkedVerbs(lowered, request);
      const isChecked = request.verbs.every((verb) => verbs.includes(verb));
      const own = { ...request, stem: `${request.stem}AsWritten` };
      return isChecked ? [{ ...request, verbs }] : [{ ...request, verbs }, own];
    });
    return runPipeline(unit, checked, { verify: true });
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { functions: [], helpers: new Map(), explanations: [], warnings: error.diagnostics };
  }
}

/** The value bit for bit, the gradient against differences. */
function numberProblems(lowered: LoweredFile, file: SourceFile, text: string, modules: Modules): readonly string[] {
  const request = lowered.requests.find((one) => one.function === "example");
  // Derivatives inside of it are for the compiler: fixtures check their numbers.
  if (!request || lowered.unit.derivatives.size > 0) return [];
  const primal = modules.load(file.getFilePath())["example"]!;
  const derivatives = modules.evaluate(file.getFilePath().replace(/\.ts$/, ".adjoint.ts"), text);
  const make = (): unknown[] => copyOf([...sampleArguments]);
  const tangents = request.wrt.map((position) => copyOf(sampleArguments[position]));
  const value = primal(...make());
  const tangent = request.wrt.length === 1 ? tangents[0] : tangents;
  const fromJvp = derivatives[`jvp${request.stem}`]!(make(), tangent) as { readonly value: unknown };
  const source = file.getFullText();
  if (/Math\.random|\.now/.test(source)) return [];
  if (!isSame(fromJvp.value, value))
    return [`jvp gives ${JSON.stringify(fromJvp.value)}, not ${JSON.stringify(value)}`];
  const valueAndGrad = derivatives[`valueAndGrad${request.stem}`];
  if (!valueAndGrad || /stopGradient|@constant/.test(source)) return [];
  const report = checkGradient(primal as (...args: unknown[]) => number, valueAndGrad, make(), { wrt: request.wrt });
  // Where the example jumps, differences tell nothing.
  const isRight = report.problems.length === 0 && report.directions.every((one) => one.ok || !one.isConclusive);
  return isRight ? [] : [report.message];
}
