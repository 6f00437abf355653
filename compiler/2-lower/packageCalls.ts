/** Calls from the project into a package: what is refused in there is told where the user can do something about it. */
import { relative } from "node:path";
import type { Node } from "ts-morph";
import { type Diagnostic, DiagnosticError } from "../diagnostics.js";
import { spanOf } from "./lowering.js";
import { isOfPackage } from "./packageReader.js";

export function tellCaller<T>(call: Node, fn: Node, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof DiagnosticError) || isOfPackage(call)) throw error;
    const told = error.diagnostics.map((diagnostic): Diagnostic => {
      const { file } = diagnostic.span;
      if (file !== fn.getSourceFile().getFilePath() && !file.includes("node_modules")) return diagnostic;
      return {
        ...diagnostic,
        span: spanOf(call),
        message: `${placeIn(fn, diagnostic.span)}: ${diagnostic.message}`,
        suggestion:
          "Say with defineRule what the derivative of the function is, or write stopGradient(…) around the call where there is none.",
      };
    });
    throw new DiagnosticError(told[0]!, ...told.slice(1));
  }
}

function placeIn(fn: Node, span: { readonly file: string; readonly start: number }): string {
  const file = fn.getProject().getSourceFile(span.file);
  const { line, column } = file?.getLineAndColumnAtPos(span.start) ?? { line: 1, column: 1 };
  const path = span.file.replace(/^.*node_modules\//, "node_modules/");
  return `${path.startsWith("node_modules/") ? path : relative(process.cwd(), path)}:${line}:${column}`;
}
