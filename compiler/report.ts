/** Diagnostics as text: place, code frame, reason, what to do. */
import { relative } from "node:path";
import { styleText } from "node:util";
import type { Diagnostic } from "./diagnostics.js";

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One-based line and column of an offset. */
export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}

export interface ReportOptions {
  readonly colour: boolean;
  readonly folder: string;
  readonly readSource: (file: string) => string;
}

export function reportDiagnostic(diagnostic: Diagnostic, options: ReportOptions): string {
  const text = options.readSource(diagnostic.span.file);
  const place = placeOf(text, diagnostic.span.start);
  const paint = (style: Parameters<typeof styleText>[0], words: string): string =>
    options.colour ? styleText(style, words, { validateStream: false }) : words;
  const path = relative(options.folder, diagnostic.span.file) || diagnostic.span.file;
  const severity = paint(diagnostic.severity === "error" ? "red" : "yellow", diagnostic.severity);
  const head = `${paint("cyan", `${path}:${place.line}:${place.column}`)} - ${severity} ${diagnostic.code}: ${diagnostic.message}`;
  return [
    head,
    "",
    ...codeFrame(text, diagnostic.span.start, diagnostic.span.end),
    "",
    `  ${diagnostic.suggestion}`,
  ].join("\n");
}

/** The lines around a span, the span underlined. */
function codeFrame(text: string, start: number, end: number): readonly string[] {
  const lines = text.split(/\r?\n/);
  const place = placeOf(text, start);
  const first = Math.max(1, place.line - 1);
  const last = Math.min(lines.length, place.line + 1);
  const width = String(last).length;
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const line = lines[number - 1]!;
    frame.push(`  ${String(number).padStart(width)} | ${line}`);
    if (number !== place.line) continue;
    const length = Math.max(1, Math.min(end - start, line.length - place.column + 1));
    frame.push(`  ${" ".repeat(width)} | ${" ".repeat(place.column - 1)}${"^".repeat(length)}`);
  }
  return frame;
}
