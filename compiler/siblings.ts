/** The generated file beside a source file: its name, and writing it whole or not at all. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { hasHeader } from "./6-emit/emitFile.js";

/** `loss.ts` gives `loss.adjoint.ts`; `.tsx` gives `.ts`; the others keep their kind. */
export function siblingPath(source: string, outDir: string | undefined, root: string): string {
  const match = /^(?<stem>.*)\.(?<kind>[cm]?[jt]s|tsx|jsx)$/.exec(basename(source));
  const { stem, kind } = match?.groups ?? { stem: basename(source), kind: "ts" };
  const ending = kind === "tsx" ? "ts" : kind === "jsx" ? "js" : kind!;
  const folder = outDir === undefined ? dirname(source) : resolve(outDir, relative(root, dirname(source)));
  return join(folder, `${stem}.adjoint.${ending}`);
}

export function isSibling(file: string): boolean {
  return /\.adjoint\.[cm]?[jt]sx?$/.test(file);
}

export type WriteOutcome = "written" | "unchanged" | "foreign";

/** Replaces the file in one step; a file without our header is never touched. */
export function writeSibling(path: string, text: string): WriteOutcome {
  if (existsSync(path)) {
    const present = readFileSync(path, "utf8");
    if (!hasHeader(present)) return "foreign";
    if (present === text) return "unchanged";
  }
  mkdirSync(dirname(path), { recursive: true });
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.draft`);
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return "written";
}

export type CheckOutcome = "current" | "stale" | "missing";

/** Compares with what stands on disk, ignoring line ends. */
export function checkSibling(path: string, text: string): CheckOutcome {
  if (!existsSync(path)) return "missing";
  const plain = (of: string): string => of.replace(/\r\n/g, "\n");
  return plain(readFileSync(path, "utf8")) === plain(text) ? "current" : "stale";
}
