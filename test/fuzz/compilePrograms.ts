/**
 * Compiles many random programs at once, each a file of one project. Nothing is formatted: that would take most of the
 * time.
 */
import { Project, ts } from "ts-morph";
import { findRequests } from "../../compiler/1-parse/findRequests.js";
import { type LoweredFile, type LowerOptions, lowerFile } from "../../compiler/2-lower/unit.js";
import { emitFunction } from "../../compiler/6-emit/emitFunction.js";
import { runtimeTypeMark } from "../../compiler/ir/gradientType.js";
import { importedNames } from "../../compiler/6-emit/runtimeNames.js";
import type { Block, Statement } from "../../compiler/ir/ir.js";
import { readable } from "../../compiler/ir/references.js";
import { mapBlocks, withBody } from "../../compiler/ir/walk.js";
import type { PipelineOptions } from "../../compiler/passes.js";
import { runPipeline } from "../../compiler/pipeline.js";
import { runModule } from "../support/compile.js";
import { printPlain, type Program } from "./program.js";

export type Callable = (...args: unknown[]) => unknown;
type Exports = Record<string, Callable>;

/** One program under one variant: its functions, why it was refused, or how the compiler failed. */
export type Compiled =
  | { readonly kind: "done"; readonly primal: Callable; readonly derived: Exports; readonly text: string }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** As under the first variant. */
  | { readonly kind: "same" }
  | { readonly kind: "crash"; readonly message: string };

const project = new Project({
  compilerOptions: { strict: true, target: ts.ScriptTarget.ES2022, lib: ["lib.es2023.d.ts"], types: [] },
  skipAddingFilesFromTsConfig: true,
  useInMemoryFileSystem: true,
});

const crash = (error: unknown): Compiled => ({
  kind: "crash",
  message: error instanceof Error ? (error.stack ?? error.message) : String(error),
});

/** How a program is compiled. */
export interface Variant {
  /** It makes a difference only where there are functions to call. */
  readonly isAboutCalls?: boolean;
  readonly pipeline?: PipelineOptions;
  readonly lowering?: LowerOptions;
  /** Every loop is run again in the reverse sweep, from so many snapshots. */
  readonly snapshots?: number;
}

/** For each program its outcome under each variant. Programs may have the same names. */
export function compilePrograms(
  programs: readonly Program[],
  variants: readonly Variant[],
  verbs: string,
): readonly (readonly Compiled[])[] {
  const texts = programs.map((program) => printPlain(program, verbs));
  // All files stand before the first is looked at: then one type checker serves them all.
  const files = texts.map((text, k) => project.createSourceFile(`/program${k}.ts`, text, { overwrite: true }));
  return programs.map((program, k) => {
    try {
      const primal = runModule(texts[k]!, {}) as Exports;
      const found = findRequests(files[k]!).functions;
      const lowered = lowerFile(files[k]!, found);
      const isAlone = program.helpers.length === 0 && program.declarations.length === 0;
      return variants.map(({ pipeline = {}, lowering, snapshots, isAboutCalls }, j) => {
        if (isAboutCalls && isAlone && j > 0) return { kind: "same" };
        const own = lowering ? lowerFile(files[k]!, found, lowering) : lowered;
        return compileProgram(program, snapshots ? withSnapshots(own, snapshots) : own, pipeline, primal);
      });
    } catch (error) {
      return variants.map(() => crash(error));
    }
  });
}

/** As if `@checkpoint` stood before every loop. */
function withSnapshots(lowered: LoweredFile, snapshots: number): LoweredFile {
  const inside = (block: Block): Block => ({ ...block, statements: block.statements.map(marked) });
  const marked = (statement: Statement): Statement => {
    const nested = mapBlocks(statement, inside);
    return nested.kind === "loop" ? { ...nested, checkpoint: { snapshots, bytes: null } } : nested;
  };
  const functions = new Map(
    [...lowered.unit.functions].map(([key, fn]) => [key, withBody(fn, inside(fn.body))] as const),
  );
  return { ...lowered, unit: { ...lowered.unit, functions } };
}

function compileProgram(program: Program, lowered: LoweredFile, pipeline: PipelineOptions, primal: Exports): Compiled {
  const refusal = lowered.diagnostics.find(({ severity }) => severity === "error");
  if (refusal) {
    const source = project.getSourceFileOrThrow(refusal.span.file).getFullText();
    const text = source
      .slice(source.lastIndexOf("\n", refusal.span.start) + 1)
      .split("\n")[0]!
      .trim();
    return { kind: "refused", code: refusal.code, message: `${refusal.message}\n  ${text}` };
  }
  try {
    const made = runPipeline(lowered.unit, lowered.requests, { verify: true, ...pipeline });
    const { functions, helpers } = made;
    // What is random or printed cannot be done again.
    if (made.warnings.some(({ code }) => code === "checkpoint")) return { kind: "same" };
    const all = [...functions, ...helpers.values()];
    const runtime = importedNames(
      all,
      all.map((fn) => fn.name),
    );
    const taken = [...all.map((fn) => fn.name), ...runtime.values()];
    const context = {
      taken,
      calleeName: (key: string) => helpers.get(key)!.name,
      bindingName: (key: string) => lowered.unit.bindings.get(key)!.name,
      runtimeName: (name: string) => runtime.get(name)!,
      strictIndex: false,
      sourceText: () => null,
    };
    const texts = all.map((fn) => emitFunction(fn, context, { isExported: functions.includes(fn) }));
    const unnamed = texts.join("").replaceAll(runtimeTypeMark, "");
    const text = `import { ${[...runtime].map(([name, alias]) => `${name} as ${alias}`).join(", ")} } from "adjoint/runtime";\n${unnamed}`;
    return {
      kind: "done",
      primal: primal[program.main.name]!,
      derived: runModule(readable(text), primal) as Exports,
      text,
    };
  } catch (error) {
    return crash(error);
  }
}
