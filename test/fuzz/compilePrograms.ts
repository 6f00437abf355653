/**
 * Compiles many random programs at once, each a file of one project. Nothing is formatted: that would take most of the
 * time.
 */
import { Project, ts } from "ts-morph";
import { findRequests } from "../../compiler/1-parse/findRequests.js";
import { type LoweredFile, lowerFile } from "../../compiler/2-lower/unit.js";
import { emitFunction } from "../../compiler/6-emit/emitFunction.js";
import { type PipelineOptions, runPipeline } from "../../compiler/pipeline.js";
import { runModule } from "../support/compile.js";
import { preamble, printPlain, type Program } from "./program.js";

export type Callable = (...args: unknown[]) => unknown;
type Exports = Record<string, Callable>;

/** One program under one variant: its functions, why it was refused, or how the compiler failed. */
export type Compiled =
  | { readonly kind: "done"; readonly primal: Callable; readonly derived: Exports; readonly text: string }
  | { readonly kind: "refused"; readonly code: string }
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

/** For each program its outcome under each variant. Programs may have the same names. */
export function compilePrograms(
  programs: readonly Program[],
  variants: readonly PipelineOptions[],
  verbs: string,
): readonly (readonly Compiled[])[] {
  const texts = programs.map((program) => preamble + printPlain(program, verbs));
  // All files stand before the first is looked at: then one type checker serves them all.
  const files = texts.map((text, k) => project.createSourceFile(`/program${k}.ts`, text, { overwrite: true }));
  return programs.map((program, k) => {
    try {
      const lowered = lowerFile(files[k]!, findRequests(files[k]!).functions);
      const primal = runModule(texts[k]!, {}) as Exports;
      return variants.map((variant) => compileProgram(program, lowered, variant, primal));
    } catch (error) {
      return variants.map(() => crash(error));
    }
  });
}

function compileProgram(program: Program, lowered: LoweredFile, variant: PipelineOptions, primal: Exports): Compiled {
  const refusal = lowered.diagnostics.find(({ severity }) => severity === "error");
  if (refusal) return { kind: "refused", code: refusal.code };
  try {
    const { functions } = runPipeline(lowered.unit, lowered.requests, { verify: true, ...variant });
    const runtime = new Set<string>();
    const taken = functions.map((fn) => fn.name);
    const texts = functions.map((fn) =>
      emitFunction(fn, {
        taken,
        bindingName: (key) => lowered.unit.bindings.get(key)!.name,
        runtimeName: (used) => (runtime.add(used), used),
        strictIndex: false,
        sourceText: () => null,
      }),
    );
    const text =
      `import { ${[...runtime].join(", ")} } from "adjoint/runtime";\n${texts.join("")}`.replace(
        "shadowOf",
        "ensure as shimmed",
      ) + SHIM;
    return { kind: "done", primal: primal[program.main.name]!, derived: runModule(text, primal) as Exports, text };
  } catch (error) {
    return crash(error);
  }
}

const SHIM = `
function shadowOf(object, objects, shadows) {
  const k = objects.indexOf(object);
  if (k >= 0) return shadows[k];
  const zeros = (o) => typeof o === "number" ? 0 : ArrayBuffer.isView(o) ? new (o.constructor)(o.length) : Array.isArray(o) ? o.map(zeros) : Object.fromEntries(Object.entries(o).map(([n, v]) => [n, zeros(v)]));
  if (ArrayBuffer.isView(object)) {
    const j = objects.findIndex((o) => ArrayBuffer.isView(o) && o.buffer === object.buffer);
    if (j >= 0) return new (shadows[j].constructor)(shadows[j].buffer, shadows[j].byteOffset + object.byteOffset - objects[j].byteOffset, object.length);
  }
  return zeros(object);
}`;
