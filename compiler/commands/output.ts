/** What all commands share: where they print, how diagnostics look as text and as JSON, what is wrong use. */
import type { CompileResult, Diagnostic } from "../index.js";
import { placeOf, reportDiagnostic } from "../report.js";

/** Wrong use of the command line. */
export class UsageError extends Error {}

export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly colour: boolean;
}

/** Of what is printed as JSON. */
export const jsonVersion = 1;

/** A diagnostic as JSON. */
export function placed(diagnostic: Diagnostic, result: CompileResult): object {
  const { span, ...rest } = diagnostic;
  return { ...rest, file: span.file, ...placeOf(result.readSource(span.file), span.start) };
}

export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  { readSource }: CompileResult,
  output: Output,
): void {
  for (const diagnostic of diagnostics)
    output.error(`${reportDiagnostic(diagnostic, { colour: output.colour, folder: process.cwd(), readSource })}\n`);
}
