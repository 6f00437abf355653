/** What all commands share: where they print, how diagnostics look as text and as JSON, what is wrong use. */
import { SingleBar } from "cli-progress";
import type { CompileResult, Diagnostic } from "../index.js";
import { placeOf, reportDiagnostic } from "../report.js";

/** Wrong use of the command line. */
export class UsageError extends Error {}

export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly colour: boolean;
  /** For what takes a while; nothing is shown when absent. */
  readonly progress?: () => Progress;
}

export interface Progress {
  readonly show: (done: number, all: number) => void;
  readonly end: () => void;
}

/** Shorter work, and fewer files, are not worth a word. */
const [patience, fewFiles] = [2000, 20];

/** On a terminal a bar, elsewhere a line now and then. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  const began = Date.now();
  let bar: SingleBar | null = null;
  return {
    show: (done, all) => {
      if (!bar && (all < fewFiles || Date.now() - began < patience)) return;
      if (!bar) {
        const format = "{bar} {value} of {total} files";
        bar = new SingleBar({ stream, format, noTTYOutput: true, notTTYSchedule: patience, clearOnComplete: true });
        bar.start(all, done);
      }
      bar.update(done);
    },
    end: () => bar?.stop(),
  };
}

/** Of what is printed as JSON. */
export const jsonVersion = 1;

/** A diagnostic as JSON. */
export function placed(diagnostic: Diagnostic, result: CompileResult): object {
  const { span, ...rest } = diagnostic;
  return { ...rest, file: span.file, ...placeOf(result.readSource(span.file), span.start) };
}

/** 0 where nothing is wrong, 1 where something is, 3 where it is the compiler itself. */
export function statusOf(diagnostics: readonly Diagnostic[], isStrict = false): number {
  if (diagnostics.some(({ code }) => code === "internalError")) return 3;
  return diagnostics.some(({ severity }) => isStrict || severity === "error") ? 1 : 0;
}

export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  { readSource }: CompileResult,
  output: Output,
): void {
  for (const diagnostic of diagnostics)
    output.error(`${reportDiagnostic(diagnostic, { colour: output.colour, folder: process.cwd(), readSource })}\n`);
}
