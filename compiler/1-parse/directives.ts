/**
 * Directives: what a comment before a loop, or a function's documentation, says of the memory that its adjoint may take.
 * `@checkpoint [16 [snapshots] | 64MB]`, `@maxKept 64MB`, `@noKept`.
 */
import { Node } from "ts-morph";
import { DiagnosticError } from "../diagnostics.js";
import type { Checkpoint, KeptLimit } from "../ir/ir.js";

export interface Directives {
  readonly checkpoint: Checkpoint | null;
  readonly limit: KeptLimit | null;
}

const none: Directives = { checkpoint: null, limit: null };

const units: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** What is said of a loop, or of a function. */
export function directivesOf(node: Node): Directives {
  const comments = Node.isIterationStatement(node) ? commentsBeforeLoop(node) : documentationOf(node);
  if (comments.length === 0) return none;
  let found = none;
  for (const { text, node: at } of comments)
    for (const [written, name, rest] of text.matchAll(/@(checkpoint|maxKept|noKept)\b([^\n\r*@]*)/g))
      found = { ...found, ...directive(at, name!, rest!.trim(), written.trim()) };
  return found;
}

interface Comment {
  readonly text: string;
  readonly node: Node;
}

function commentsBeforeLoop(node: Node): readonly Comment[] {
  const parent = node.getParent();
  const first = Node.isLabeledStatement(parent) ? parent : node;
  const before = first.getFullText().slice(0, first.getStart() - first.getFullStart());
  // What stands behind other code, on its line, is said of that.
  const own = before.slice(before.indexOf("\n") + 1);
  return own.includes("@") ? [{ text: own, node }] : [];
}

/** A function that is kept in a variable is documented there. */
function documentationOf(node: Node): readonly Comment[] {
  const parent = node.getParent();
  const isNamed = Node.isVariableDeclaration(parent);
  const owner = isNamed ? parent.getVariableStatement() : Node.isExportAssignment(parent) ? parent : node;
  if (!owner || !Node.isJSDocable(owner)) return [];
  return owner.getJsDocs().map((doc) => ({ text: doc.getText(), node: doc }));
}

function directive(node: Node, name: string, rest: string, written: string): Partial<Directives> {
  const bytes = bytesOf(rest);
  if (name === "noKept" && rest === "") return { limit: { bytes: 0, written } };
  if (name === "maxKept" && bytes !== null) return { limit: { bytes, written } };
  if (name === "checkpoint") {
    if (rest === "") return { checkpoint: { snapshots: null, bytes: null } };
    if (bytes !== null) return { checkpoint: { snapshots: null, bytes } };
    const snapshots = /^([1-9]\d*)(?: snapshots?)?$/.exec(rest);
    if (snapshots) return { checkpoint: { snapshots: Number(snapshots[1]), bytes: null } };
  }
  throw new DiagnosticError({
    code: "malformedDirective",
    severity: "error",
    span: { file: node.getSourceFile().getFilePath(), start: node.getStart(), end: node.getEnd() },
    message: `What stands behind @${name} is not understood: ${rest === "" ? "nothing does" : rest}.`,
    suggestion: {
      checkpoint: "Write @checkpoint alone, @checkpoint 16 snapshots, or @checkpoint 64MB.",
      maxKept: "Write, for example, @maxKept 64MB.",
      noKept: "Write @noKept alone, on a line of its own.",
    }[name]!,
  });
}

function bytesOf(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([kKMG]?i?B)$/.exec(text);
  const unit = match ? units[match[2]!] : undefined;
  return match && unit !== undefined ? Number(match[1]) * unit : null;
}
