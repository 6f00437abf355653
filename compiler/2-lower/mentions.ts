/** How generated code can name what a text of the source names: by an import of the user's or of its own, or a copy. */
import { Node, type Symbol as SourceSymbol, SyntaxKind, ts } from "ts-morph";
import type { Binding } from "../ir/ir.js";
import { referenceText } from "../ir/references.js";
import { bindingKey, isOfModule, registerBinding } from "./bindings.js";

/** By key. */
export class Bindings extends Map<string, Binding> {
  /** `inside`: the file in which generated code stands, which names what that file declares as it does. */
  constructor(readonly inside: string | null = null) {
    super();
  }
}

/** The symbol that a name stands for in the end, through imports. */
export function originalSymbol(name: Node): SourceSymbol | undefined {
  const node = Node.isPropertyAccessExpression(name) ? name.getNameNode() : name;
  const parent = node.getParent();
  const symbol = parent && Node.isShorthandPropertyAssignment(parent) ? parent.getValueSymbol() : node.getSymbol();
  return symbol?.isAlias() ? symbol.getAliasedSymbol() : symbol;
}

/** All that a module exports: `G` of `import * as G`, of `import G = require(…)`, of `export * as G`. */
export function isNamespace(node: Node): boolean {
  if (!Node.isIdentifier(node) && !Node.isPropertyAccessExpression(node)) return false;
  return (originalSymbol(node)?.getDeclarations() ?? []).some((one) => Node.isSourceFile(one) && !isOfJson(one));
}

/** What TypeScript calls a namespace: `namespace G { export const g = 9.81; }`. */
export function isBlockOfNames(node: Node): boolean {
  if (!Node.isIdentifier(node) && !Node.isPropertyAccessExpression(node)) return false;
  const declarations = originalSymbol(node)?.getDeclarations() ?? [];
  return declarations.length > 0 && declarations.every(isWrittenBlock);
}

function isWrittenBlock(declaration: Node): boolean {
  return Node.isModuleDeclaration(declaration) && !declaration.getSourceFile().isDeclarationFile();
}

/** The namespace in which something is declared; null for what is declared at the top of a module, or in a function. */
export function blockAround(declaration: Node): import("ts-morph").ModuleDeclaration | null {
  const around = declaration.getFirstAncestor(
    (one) => Node.isModuleDeclaration(one) || Node.isFunctionLikeDeclaration(one) || isClassLike(one),
  );
  return Node.isModuleDeclaration(around) && isWrittenBlock(around) ? around : null;
}

function isClassLike(node: Node): boolean {
  return Node.isClassDeclaration(node) || Node.isClassExpression(node);
}

/** The text of a node, what it mentions of modules as references; `own` is the key of what it declares itself. */
export function textWithReferences(bindings: Bindings, node: Node, at: Node, own: string | null = null): string {
  const text = node.getSourceFile().getFullText();
  const names = [...node.getDescendantsOfKind(SyntaxKind.Identifier), ...(Node.isIdentifier(node) ? [node] : [])];
  let result = "";
  let position = node.getStart();
  for (const name of names.sort((a, b) => a.getStart() - b.getStart())) {
    if (isMemberName(name)) continue;
    const key = keyOf(bindings, name, node, at, own);
    if (key === null) continue;
    const isShorthand = Node.isShorthandPropertyAssignment(name.getParent());
    result += text.slice(position, name.getStart()) + (isShorthand ? `${name.getText()}: ` : "");
    const isType = standsInType(name);
    result += referenceText({ key, name: name.getText(), isType });
    position = name.getEnd();
  }
  return result + text.slice(position, node.getEnd());
}

export function standsInType(name: Node): boolean {
  const parent = name.getParent();
  return Node.isQualifiedName(parent) ? standsInType(parent) : ts.isPartOfTypeNode(name.compilerNode);
}

function keyOf(bindings: Bindings, name: Node, within: Node, at: Node, own: string | null): string | null {
  const target = originalSymbol(name)?.getDeclarations()[0];
  if (target === within) return own;
  return !target || target.getAncestors().includes(within) ? null : referTo(bindings, name, at);
}

export function isMemberName(identifier: Node): boolean {
  const parent = identifier.getParent();
  if (Node.isPropertyAccessExpression(parent)) return parent.getNameNode() === identifier;
  if (Node.isQualifiedName(parent)) return parent.getRight() === identifier;
  return Node.isPropertyAssignment(parent) && parent.getNameNode() === identifier;
}

/** The key of what a name stands for, or `G.name` of a namespace; null where every module knows it, or none can. */
export function referTo(bindings: Bindings, name: Node, at: Node): string | null {
  const target = originalSymbol(name)?.getDeclarations()[0];
  const isOwn = target !== undefined && !target.getSourceFile().isDeclarationFile();
  if (Node.isPropertyAccessExpression(name)) {
    if (!isNamespace(name.getExpression())) return null;
    if (isOwn) return registerBinding(bindings, target, at);
    const namespace = importOf(name.getExpression());
    return namespace && addImport(bindings, { ...namespace, name: name.getName(), exportedAs: name.getName() });
  }
  const imported = importOf(name);
  if (imported && target && isOfJson(target)) {
    const isHere = bindings.inside === name.getSourceFile().getFilePath();
    return addImport(bindings, { ...imported, ...(isHere && { isOwn: true }) });
  }
  // A module of the project that is imported by a path is named by where it is, not by the way that leads to it.
  if (imported && !(isOwn && imported.module === undefined))
    return addImport(bindings, imported, isOwn ? bindingKey(target) : undefined);
  if (!isOwn || !isOfModule(target)) return null;
  return registerBinding(bindings, target, at, name.getText());
}

/** How generated text names a type that is declared at the top of a module of the project; null where it cannot. */
export function typeReference(bindings: Bindings, declaration: Node): string | null {
  if (!Node.hasName(declaration) || !isOfModule(declaration)) return null;
  if (Node.isEnumDeclaration(declaration) && !declaration.isExported()) return null;
  const key = registerBinding(bindings, declaration, declaration);
  return referenceText({ key, name: declaration.getName(), isType: true });
}

/** Declared by a file of data: the file itself, or what it has under a name. */
export function isOfJson(declaration: Node): boolean {
  return declaration.getSourceFile().getFilePath().endsWith(".json");
}

type Import = Pick<Binding, "name" | "file" | "exportedAs" | "inTypes" | "module" | "attributes" | "isOwn">;

/** What an identifier's import says; null for what is not imported. */
function importOf(name: Node): Import | null {
  const specifier = Node.isIdentifier(name) ? name.getSymbol()?.getDeclarations()[0] : undefined;
  const declaration = specifier?.getFirstAncestorByKind(SyntaxKind.ImportDeclaration);
  if (!specifier || !declaration) return null;
  const isRelative = declaration.isModuleSpecifierRelative();
  const path = declaration.getModuleSpecifierSourceFile()?.getFilePath() ?? "";
  const specified = declaration.getModuleSpecifierValue();
  const target = originalSymbol(name)?.getDeclarations()[0];
  const isType =
    declaration.isTypeOnly() ||
    (Node.isImportSpecifier(specifier) && specifier.isTypeOnly()) ||
    Node.isInterfaceDeclaration(target) ||
    Node.isTypeAliasDeclaration(target);
  return {
    name: name.getText(),
    file: isRelative ? path.replace(/\.d(\.[cm]?ts)$/, "$1") : specified,
    exportedAs: Node.isImportSpecifier(specifier)
      ? specifier.getName()
      : Node.isNamespaceImport(specifier)
        ? "*"
        : "default",
    inTypes: isType ? "only" : "never",
    ...(!isRelative && { module: specified }),
    ...(declaration.getAttributes() && { attributes: declaration.getAttributes()!.getText() }),
  };
}

/** Registers what another module exports. */
export function addImport(
  bindings: Bindings,
  binding: Import,
  key: string = `${binding.file}#${binding.exportedAs}`,
): string {
  if (!bindings.has(key)) bindings.set(key, { ...binding, declarationText: "" });
  return key;
}
