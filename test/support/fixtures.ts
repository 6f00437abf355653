/** The fixtures: found, lowered once, derived under every option. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Project, type SourceFile, ts } from "ts-morph";
import { findRequests } from "../../compiler/1-parse/findRequests.js";
import { type LoweredFile, lowerFile } from "../../compiler/2-lower/unit.js";
import { emitFile } from "../../compiler/6-emit/emitFile.js";
import { selectOutput } from "../../compiler/4-differentiate/selectOutput.js";
import type { Diagnostic } from "../../compiler/diagnostics.js";
import type { PipelineOptions } from "../../compiler/passes.js";
import { type PipelineResult, runPipeline } from "../../compiler/pipeline.js";
import type { Request, Verb } from "../../compiler/requests.js";

export const fixturesFolder = join(dirname(fileURLToPath(import.meta.url)), "../../fixtures");

export interface Fixture {
  /** `topic/case`. */
  readonly name: string;
  readonly source: string;
  readonly cases: string;
  readonly golden: string;
}

const isSource = (path: string): boolean => path.endsWith(".ts") && !/\.(adjoint|cases|d)\.ts$/.test(path);

/** Every annotated source below fixtures/, except those that are meant to fail. */
export function findFixtures(): readonly Fixture[] {
  const entries = readdirSync(fixturesFolder, { recursive: true, encoding: "utf8" });
  return entries
    .filter((entry) => isSource(entry) && !entry.startsWith("errors"))
    .filter((entry) => readFileSync(join(fixturesFolder, entry), "utf8").includes("@differentiable"))
    .sort()
    .map((entry) => {
      const stem = join(fixturesFolder, entry.replace(/\.ts$/, ""));
      return {
        name: entry.replace(/\.ts$/, ""),
        source: `${stem}.ts`,
        cases: `${stem}.cases.ts`,
        golden: `${stem}.adjoint.ts`,
      };
    });
}

/** Golden files whose source is gone. */
export function orphanedGoldens(): readonly string[] {
  const entries = readdirSync(fixturesFolder, { recursive: true, encoding: "utf8" });
  return entries.filter(
    (entry) =>
      /\.(adjoint|cases)\.ts$/.test(entry) &&
      !existsSync(join(fixturesFolder, entry.replace(/\.(adjoint|cases)\.ts$/, ".ts"))),
  );
}

let shared: Project | undefined;

/** One project for all fixtures: one type checker serves them all. */
function projectOfFixtures(): Project {
  if (shared) return shared;
  shared = new Project({
    tsConfigFilePath: join(fixturesFolder, "tsconfig.json"),
    skipAddingFilesFromTsConfig: true,
  });
  shared.addSourceFilesAtPaths([
    join(fixturesFolder, "**/*.ts"),
    `!${join(fixturesFolder, "**/*.adjoint.ts")}`,
    `!${join(fixturesFolder, "**/*.cases.ts")}`,
    `!${join(fixturesFolder, "errors/**")}`,
  ]);
  shared.resolveSourceFileDependencies();
  return shared;
}

/** Files beside the fixtures, all at once: each new file makes the project's program anew. */
export function addGenerated(texts: ReadonlyMap<string, string>): (path: string) => SourceFile {
  const project = projectOfFixtures();
  for (const [path, text] of texts) project.createSourceFile(path, text, { overwrite: true });
  project.resolveSourceFileDependencies();
  return (path) => project.getSourceFileOrThrow(path);
}

export interface LoweredFixture extends LoweredFile {
  readonly fixture: Fixture;
  /** Of parsing and of lowering. */
  readonly errors: readonly Diagnostic[];
}

const known = new Map<string, LoweredFixture>();

/** Lowered once; with `splitCalls` no call is inlined that can stand as a call. */
export function lowerFixture(fixture: Fixture, splitCalls = false): LoweredFixture {
  const key = `${fixture.name} ${splitCalls}`;
  const found = known.get(key);
  if (found) return found;
  const file = projectOfFixtures().getSourceFileOrThrow(fixture.source);
  const parsed = findRequests(file);
  const lowered = lowerFile(
    file,
    parsed.functions,
    splitCalls ? { limits: { callee: 0, calledOnce: 0, total: 0 } } : {},
  );
  const errors = [...parsed.diagnostics, ...lowered.diagnostics];
  const result: LoweredFixture = { ...lowered, fixture, errors };
  known.set(key, result);
  return result;
}

/** Whether splitting changes anything. */
export function hasCalls(lowered: LoweredFixture): boolean {
  return lowered.unit.functions.size > new Set(lowered.requests.map((request) => request.function)).size;
}

/** The verbs that check a request: those of its tag, and every available one that its result allows. */
export function checkedVerbs(lowered: Pick<LoweredFile, "unit">, request: Request): readonly Verb[] {
  const result = selectOutput(lowered.unit.functions.get(request.function)!, request).body.yields[0];
  const isNumber = result?.type.kind === "number";
  return isNumber ? ["grad", "valueAndGrad", "jvp"] : ["jvp"];
}

/** The functions of the golden, or under other options those that the checks call. */
export function derive(
  lowered: LoweredFixture,
  requests: readonly Request[],
  options: PipelineOptions,
): PipelineResult {
  return runPipeline(lowered.unit, requests, { verify: true, ...options });
}

export function emitFixture(lowered: LoweredFixture, derived: PipelineResult, strictIndex = false): Promise<string> {
  return emitFile({
    unit: lowered.unit,
    functions: derived.functions,
    helpers: derived.helpers,
    sourcePath: lowered.fixture.source,
    siblingPath: lowered.fixture.golden,
    importSuffix: ".js",
    strictIndex,
    sourceText: (file) => projectOfFixtures().getSourceFile(file)?.getFullText() ?? null,
  });
}

/** Type errors in generated texts, all checked in one program under the fixtures' own tsconfig. */
export function typeErrors(
  texts: ReadonlyMap<string, string>,
  compilerOptions: ts.CompilerOptions = {},
): ReadonlyMap<string, readonly string[]> {
  const project = new Project({
    tsConfigFilePath: join(fixturesFolder, "tsconfig.json"),
    skipAddingFilesFromTsConfig: true,
    compilerOptions,
  });
  const files = [...texts].map(([path, text]) => project.createSourceFile(path, text, { overwrite: true }));
  const program = project.getProgram();
  return new Map(
    files.map((file) => [
      file.getFilePath() as string,
      [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((problem) => {
        const message = ts.flattenDiagnosticMessageText(problem.compilerObject.messageText, " ");
        return `${relative(fixturesFolder, file.getFilePath())}:${problem.getLineNumber() ?? 0}: ${message}`;
      }),
    ]),
  );
}
