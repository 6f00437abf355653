/**
 * The runtime as text, for generated files that import nothing: the functions that are asked for, and all that they use,
 * each once, under names that are free.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Node, Project, type SourceFile, SyntaxKind } from "ts-morph";
import { invariant } from "./diagnostics.js";

/** From names of the runtime to those that the generated file has for them. */
export type RuntimeNames = ReadonlyMap<string, string>;

/** Beside the compiler's sources, or in the package beside what was built of them. */
function runtimeFolder(): string {
  const candidates = ["../runtime/", "../../runtime/"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = candidates.find((folder) => existsSync(`${folder}generated.ts`));
  invariant(found, "the sources of the runtime are not there");
  return found;
}

let source: SourceFile | null = null;

function generatedModule(): SourceFile {
  if (source) return source;
  const project = new Project({ compilerOptions: { strict: true, lib: ["lib.es2023.d.ts"], types: [] } });
  source = project.addSourceFileAtPath(`${runtimeFolder()}generated.ts`);
  project.resolveSourceFileDependencies();
  return source;
}

/** The declarations as text; `taken` are the names that the file has for other things. */
export function runtimeText(wanted: RuntimeNames, taken: Iterable<string>): string {
  if (wanted.size === 0) return "";
  const exported = generatedModule().getExportedDeclarations();
  const names = new Map<Node, string>();
  for (const [name, alias] of wanted) exported.get(name)!.forEach((one) => names.set(statementOf(one), alias));
  const free = new Set([...taken, ...wanted.values()]);
  const entered = new Set<Node>();
  // What is computed when the file is loaded comes after what it uses.
  const constants: Node[] = [];
  const enter = (statement: Node): void => {
    if (entered.has(statement)) return;
    if (!names.has(statement)) names.set(statement, freeName(nameOf(statement), free));
    entered.add(statement);
    for (const name of namesIn(statement)) declarationsOf(name).forEach(enter);
    if (Node.isVariableStatement(statement)) constants.push(statement);
  };
  [...names.keys()].forEach(enter);
  const others = [...entered].filter((one) => !Node.isVariableStatement(one));
  return [...constants, ...others].map((statement) => textOf(statement, names)).join("\n\n");
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let k = 2; taken.has(free); k++) free = `${name}${k}`;
  taken.add(free);
  return free;
}

/** The statement at the top of a module that declares it. */
function statementOf(declaration: Node): Node {
  return Node.isVariableDeclaration(declaration) ? declaration.getVariableStatementOrThrow() : declaration;
}

function nameOf(statement: Node): string {
  const declaration = Node.isVariableStatement(statement) ? statement.getDeclarations()[0]! : statement;
  invariant(Node.hasName(declaration), "declarations of the runtime have names");
  return declaration.getName();
}

function namesIn(statement: Node): readonly Node[] {
  return statement.getDescendantsOfKind(SyntaxKind.Identifier).filter((name) => {
    const parent = name.getParent();
    const isMember = Node.isPropertyAccessExpression(parent) && parent.getNameNode() === name;
    return !isMember && !(Node.isPropertyAssignment(parent) && parent.getNameNode() === name);
  });
}

/** The statements of the runtime that a name stands for: several where a function has overloads. */
function declarationsOf(name: Node): readonly Node[] {
  const parent = name.getParent();
  const symbol = Node.isShorthandPropertyAssignment(parent) ? parent.getValueSymbol() : name.getSymbol();
  const original = symbol?.isAlias() ? symbol.getAliasedSymbol() : symbol;
  return (original?.getDeclarations() ?? [])
    .filter((one) => !one.getSourceFile().isDeclarationFile())
    .map((one) => (Node.isVariableDeclaration(one) ? (one.getVariableStatement() ?? one) : one))
    .filter((one) => Node.isSourceFile(one.getParent()));
}

function textOf(statement: Node, names: ReadonlyMap<Node, string>): string {
  const text = statement.getSourceFile().getFullText();
  const docs = Node.isJSDocable(statement) ? statement.getJsDocs()[0] : undefined;
  let result = "";
  let position = docs?.getStart() ?? statement.getStart();
  for (const name of namesIn(statement)) {
    const own = declarationsOf(name).map((one) => names.get(one))[0];
    if (own === undefined || own === name.getText()) continue;
    const isShorthand = Node.isShorthandPropertyAssignment(name.getParent());
    result += `${text.slice(position, name.getStart())}${isShorthand ? `${name.getText()}: ` : ""}${own}`;
    position = name.getEnd();
  }
  result += text.slice(position, statement.getEnd());
  return result.replace(/^((?:\/\*\*[\s\S]*?\*\/\s*)?)export (?:default )?/, "$1");
}
