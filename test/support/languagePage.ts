/**
 * docs/language.md as data. A row of its tables has four cells: what it is about, examples as code, whether it is
 * differentiated (`yes`, `no:` or `warning:` with the codes of diagnostics), and the fixtures that show it.
 */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ts } from "ts-morph";

export const languagePage = join(dirname(fileURLToPath(import.meta.url)), "../../docs/language.md");

export interface Example {
  readonly text: string;
  /** What stands at the top of the module. */
  readonly above: string;
}

export interface Row {
  readonly section: string;
  readonly what: string;
  readonly examples: readonly Example[];
  readonly verdict: "yes" | "no" | "warning";
  readonly codes: readonly string[];
}

export interface LanguagePage {
  readonly text: string;
  readonly rows: readonly Row[];
  /** The files that the page links, as full paths. */
  readonly links: readonly string[];
  /** The modules that it shows, by file name: what the examples stand in and import. */
  readonly modules: ReadonlyMap<string, string>;
}

export function readLanguagePage(): LanguagePage {
  const text = readFileSync(languagePage, "utf8");
  const rows: Row[] = [];
  let section = "";
  for (const line of text.split("\n")) {
    section = /^## (.*)/.exec(line)?.[1] ?? section;
    const row = rowOf(line, section);
    if (row) rows.push(row);
  }
  const links = [...text.matchAll(/\]\((\.\.?\/[^)#]+)\)/g)].map((match) => resolve(dirname(languagePage), match[1]!));
  const modules = [...text.matchAll(/```ts\n\/\/ ([\w.]+)\n(.*?)```/gs)];
  return { text, rows, links, modules: new Map(modules.map((match) => [match[1]!, match[2]!])) };
}

function rowOf(line: string, section: string): Row | null {
  if (!line.startsWith("|")) return null;
  const cells = line.split(/(?<!\\)\|/).slice(1, -1);
  const [what, examples, verdict] = cells.map((cell) => cell.trim().replaceAll("\\|", "|"));
  const word = /^(yes|no|warning)\b/.exec(verdict ?? "")?.[1];
  if (!word) return null;
  const codes = [...verdict!.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
  return { section, what: what!, examples: examplesOf(examples!), verdict: word as Row["verdict"], codes };
}

/** Code spans; one with `above` behind it stands at the top of the module, above those that follow. */
function examplesOf(cell: string): readonly Example[] {
  const examples: Example[] = [];
  let above = "";
  for (const match of cell.matchAll(/(`+)(.+?)\1(?!`)(?<isAbove> above\b)?/g)) {
    const code = match[2]!.trim();
    if (match.groups!["isAbove"]) above += `${code}\n`;
    else examples.push({ text: code, above });
  }
  return examples;
}

/** The module in which an example is differentiated. */
export function programOf(page: LanguagePage, { text, above }: Example): string {
  const frame = page.modules.get("example.ts")!;
  const types = frame.slice(0, frame.indexOf("/**"));
  // A comment documents what follows it only on a line of its own.
  if (text.includes("/** @differentiable"))
    return `export {};\n${types}${above}${text.replaceAll("/** @diff", "\n/** @diff")}`;
  // A module with markers stands alone.
  if (/from "adjoint"/.test(text) && /\bexport /.test(text)) return `${types}${above}${text}\n`;
  if (text.startsWith("@differentiable"))
    return frame.replace(/@differentiable[^*]*/, `${text} `).replace("…", "return x * y + xs[0]! + p.a;");
  const statements = ts.createSourceFile("example.ts", text, ts.ScriptTarget.Latest, true).statements;
  const isImport = (one: ts.Statement): boolean => ts.isImportDeclaration(one) || ts.isImportEqualsDeclaration(one);
  const textOf = (some: readonly ts.Statement[]): string =>
    some.map((one) => `${one.getFullText().trim()}\n`).join("  ");
  const last = statements.at(-1)!;
  const before = textOf(statements.filter((one) => !isImport(one) && one !== last));
  const imports = textOf(statements.filter(isImport));
  const body = frame.replace("@differentiable", "@differentiable jvp").replace("…", () => `${before}  ${endOf(last)}`);
  return `${imports}\n${above}${body}`;
}

/** An example that ends with an expression gives it; one that ends with anything else gives what it left behind. */
function endOf(last: ts.Statement): string {
  if (ts.isReturnStatement(last) || ts.isThrowStatement(last)) return last.getText();
  const isValue = ts.isExpressionStatement(last) && !isEffect(last.expression);
  return isValue ? `return (${last.expression.getText()});` : `${last.getText()}\n  return x * y + xs[0]! + p.a;`;
}

function isEffect(node: ts.Expression): boolean {
  if (ts.isPostfixUnaryExpression(node) || ts.isDeleteExpression(node) || ts.isVoidExpression(node)) return true;
  if (ts.isPrefixUnaryExpression(node)) return node.getText().startsWith("++") || node.getText().startsWith("--");
  if (ts.isCallExpression(node)) return /^(console\.|defineRule$)/.test(node.expression.getText());
  if (!ts.isBinaryExpression(node)) return false;
  const { kind } = node.operatorToken;
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}
