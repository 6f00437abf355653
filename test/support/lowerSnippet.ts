/** Lowers a snippet in memory, runs passes on it, prints. */
import { Project, ts } from "ts-morph";
import { findRequests } from "../../compiler/1-parse/findRequests.js";
import { type LoweredFile, lowerFile } from "../../compiler/2-lower/unit.js";
import type { IrFunction } from "../../compiler/ir/ir.js";
import { printFunction } from "../../compiler/ir/print.js";
import type { PipelineOptions } from "../../compiler/passes.js";
import { runPipeline } from "../../compiler/pipeline.js";

const project = new Project({
  compilerOptions: { strict: true, target: ts.ScriptTarget.ES2022, lib: ["lib.es2023.d.ts"], types: [] },
  skipAddingFilesFromTsConfig: true,
  useInMemoryFileSystem: true,
});

export function lowerText(text: string): LoweredFile {
  const file = project.createSourceFile("/snippet.ts", text, { overwrite: true });
  const lowered = lowerFile(file, findRequests(file).functions);
  if (lowered.diagnostics.length > 0) throw new Error(lowered.diagnostics.map(({ message }) => message).join("\n"));
  return lowered;
}

/** The one annotated function of a snippet. */
export function lowerSnippet(text: string): IrFunction {
  const lowered = lowerText(text);
  return lowered.unit.functions.get(lowered.requests[0]!.function)!;
}

/** What every pass makes of a snippet, printed; the first derivative only. */
export function passTexts(text: string, options: PipelineOptions = {}): ReadonlyMap<string, string> {
  const lowered = lowerText(text);
  const texts = new Map<string, string>();
  runPipeline(lowered.unit, lowered.requests, {
    verify: true,
    ...options,
    onPass: (pass, fn) => void (texts.has(pass) || texts.set(pass, printFunction(fn))),
  });
  return texts;
}

/** Printed IR without its first line. */
export function bodyOf(fn: IrFunction): string {
  return printFunction(fn).split("\n").slice(1).join("\n");
}
