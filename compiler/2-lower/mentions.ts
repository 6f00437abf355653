/** How generated code can name what a text of the source names: by the user's import, the declaration's, or a copy. */
import { type ImportDeclaration, Node, type Symbol as SourceSymbol, SyntaxKind } from "ts-morph";
import type { Binding } from "../ir/ir.js";
import { isCopied, registerBinding } from "./bindings.js";
import { refuse } from "./lowering.js";

type Bindings = Map<string, Binding>;

/** The symbol that a name stands for in the end, through imports. */
export function originalSymbol(name: Node): SourceSymbol | undefined {
  const node = Node.isPropertyAccessExpression(name) ? name.getNameNode() : name;
  const parent = node.getParent();
  const symbol = parent && Node.isShorthandPropertyAssignment(parent) ? parent.getValueSymbol() : node.getSymbol();
  return symbol?.isAlias() ? symbol.getAliasedSymbol() : symbol;
}

/** The keys of the bindings that a text mentions, what it declares itself left out. */
export function mentionsOf(bindings: Bindings, text: Node, at: Node): readonly string[] {
  const keys = new Set<string>();
  for (const identifier of text.getDescendantsOfKind(SyntaxKind.Identifier)) {
    if (isPropertyName(identifier)) continue;
    const target = originalSymbol(identifier)?.getDeclarations()[0];
    if (!target || target === text || target.getAncestors().includes(text)) continue;
    const key = referTo(bindings, identifier, at);
    if (key !== null) keys.add(key);
  }
  return [...keys];
}

function isPropertyName(identifier: Node): boolean {
  const parent = identifier.getParent();
  if (Node.isPropertyAccessExpression(parent)) return parent.getNameNode() === identifier;
  if (Node.isQualifiedName(parent)) return parent.getRight() === identifier;
  return Node.isPropertyAssignment(parent) && parent.getNameNode() === identifier;
}

/** The binding for an identifier, or for `G.name` of a namespace import; null where every module knows the name. */
export function referTo(bindings: Bindings, name: Node, at: Node): string | null {
  const target = originalSymbol(name)?.getDeclarations()[0];
  if (Node.isPropertyAccessExpression(name)) {
    const namespace = importOf(name.getExpression());
    if (!namespace || !target) return null;
    return registerImport(bindings, { ...namespace, exportedAs: name.getName(), local: name.getName(), target }, at);
  }
  const imported = importOf(name);
  if (imported) return registerImport(bindings, { ...imported, target: target ?? null }, at);
  if (!target || target.getSourceFile().isDeclarationFile()) return null;
  if (isCopied(target)) return registerBinding(bindings, target, at);
  const isOfModule =
    Node.isClassDeclaration(target) ||
    Node.isEnumDeclaration(target) ||
    Node.isModuleDeclaration(target) ||
    Node.isBindingElement(target);
  if (!isOfModule || target.getFirstAncestor((one) => Node.isFunctionLikeDeclaration(one))) return null;
  return refuseUnlessExported(bindings, target, name, at);
}

/** Classes and enumerations are themselves only where they are declared. */
function refuseUnlessExported(bindings: Bindings, target: Node, name: Node, at: Node): string {
  const file = target.getSourceFile();
  const local = name.getText();
  const exported = [...file.getExportedDeclarations()].find(([, all]) => all.some((one) => one === target));
  if (!exported)
    refuse(
      at,
      "exportNeeded",
      `${local} is not exported, so that the generated file cannot name it.`,
      `Export it from ${file.getBaseName()}.`,
    );
  return addImport(bindings, { name: local, file: file.getFilePath(), exportedAs: exported[0], isType: false });
}

interface Imported {
  readonly declaration: ImportDeclaration;
  readonly exportedAs: string;
  readonly local: string;
  readonly isType: boolean;
}

/** What an identifier's import says. */
function importOf(name: Node): Imported | null {
  const specifier = Node.isIdentifier(name) ? name.getSymbol()?.getDeclarations()[0] : undefined;
  const declaration = specifier?.getFirstAncestorByKind(SyntaxKind.ImportDeclaration);
  if (!specifier || !declaration) return null;
  const local = name.getText();
  const isType = declaration.isTypeOnly();
  if (Node.isImportSpecifier(specifier))
    return { declaration, exportedAs: specifier.getName(), local, isType: isType || specifier.isTypeOnly() };
  if (Node.isNamespaceImport(specifier)) return { declaration, exportedAs: "*", local, isType };
  return { declaration, exportedAs: "default", local, isType };
}

function registerImport(bindings: Bindings, imported: Imported & { target: Node | null }, at: Node): string {
  const { declaration, exportedAs, local, target } = imported;
  const module = declaration.getModuleSpecifierValue();
  const isType =
    imported.isType ||
    Node.isInterfaceDeclaration(target ?? undefined) ||
    Node.isTypeAliasDeclaration(target ?? undefined);
  if (!declaration.isModuleSpecifierRelative())
    return addImport(bindings, { name: local, file: module, exportedAs, isType, module });
  const isOwn = target && !target.getSourceFile().isDeclarationFile() && exportedAs !== "*";
  if (isOwn && isCopied(target) && Node.hasName(target) && target.getName() === local)
    return registerBinding(bindings, target, at);
  const path = declaration.getModuleSpecifierSourceFile()?.getFilePath() ?? "";
  return addImport(bindings, { name: local, file: path.replace(/\.d(\.[cm]?ts)$/, "$1"), exportedAs, isType });
}

/** Registers what another module exports. */
export function addImport(
  bindings: Bindings,
  binding: Pick<Binding, "name" | "file" | "exportedAs" | "isType" | "module">,
): string {
  const key = `${binding.file}#${binding.exportedAs} as ${binding.name}`;
  if (!bindings.has(key)) bindings.set(key, { ...binding, declarationText: "", mentions: [] });
  return key;
}
