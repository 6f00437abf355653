/** Compiles a snippet in memory and runs what was written, with strict mode on. */
import { Project, ts } from "ts-morph";
import { findRequests } from "../../compiler/1-parse/findRequests.js";
import { lowerFile, type LowerOptions } from "../../compiler/2-lower/unit.js";
import { emitFile } from "../../compiler/6-emit/emitFile.js";
import type { Diagnostic } from "../../compiler/diagnostics.js";
import type { PipelineOptions } from "../../compiler/passes.js";
import { runPipeline } from "../../compiler/pipeline.js";
import * as runtime from "../../runtime/generated.js";
import * as publicRuntime from "../../runtime/index.js";

export interface Compiled {
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
  /** The exports of the source. */
  readonly source: Record<string, (...args: never[]) => unknown>;
  /** The exports of the generated file. */
  readonly derived: Record<string, (...args: never[]) => unknown>;
}

const project = new Project({
  compilerOptions: { strict: true, target: ts.ScriptTarget.ES2022, lib: ["lib.es2023.d.ts"], types: [] },
  skipAddingFilesFromTsConfig: true,
  useInMemoryFileSystem: true,
});

export async function compile(
  text: string,
  options: PipelineOptions = {},
  lowerOptions: LowerOptions = {},
): Promise<Compiled> {
  const file = project.createSourceFile("/snippet.ts", text, { overwrite: true });
  const parsed = findRequests(file);
  const lowered = lowerFile(file, parsed.functions, lowerOptions);
  const { functions, helpers } = runPipeline(lowered.unit, lowered.requests, { verify: true, ...options });
  const output = await emitFile({
    unit: lowered.unit,
    functions,
    helpers,
    sourcePath: "/snippet.ts",
    siblingPath: "/snippet.adjoint.ts",
    importSuffix: "",
    strictIndex: false,
    sourceText: () => text,
  });
  const source = runModule(text, {});
  return {
    text: output,
    diagnostics: [...parsed.diagnostics, ...lowered.diagnostics],
    source,
    derived: runModule(output, source),
  };
}

/** Runs a TypeScript module as CommonJS. */
export function runModule(text: string, source: object): Record<string, (...args: never[]) => unknown> {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, strict: true },
  });
  const exports: Record<string, (...args: never[]) => unknown> = {};
  const require = (name: string): object => {
    if (name === "adjoint/runtime") return runtime;
    return name === "adjoint" ? publicRuntime : source;
  };
  new Function("exports", "require", `"use strict";\n${outputText}`)(exports, require);
  return exports;
}
