/** Module-level names that generated code refers to: imported where they are exported, copied where they are not. */
import { type BindingElement, Node, type SourceFile, SyntaxKind } from "ts-morph";
import type { Binding, RecordType } from "../ir/ir.js";
import { literalOf } from "./liveValues.js";
import { referenceText } from "../ir/references.js";
import { refuse } from "./lowering.js";
import { addImport, type Bindings, textWithReferences } from "./mentions.js";
import { isAssignedAnywhere, isChangedAnywhere } from "./moduleState.js";
import { isOnlyRead } from "./onlyRead.js";
import { isRepeatable } from "./repeatable.js";

/** Registers what is declared at the top of a module of the project, and what a copy of it mentions; gives its key. */
export function registerBinding(bindings: Bindings, declaration: Node, at: Node, local?: string): string {
  if (Node.isSourceFile(declaration)) return registerModule(bindings, declaration, local ?? "module");
  const file = declaration.getSourceFile();
  const name = nameOf(declaration);
  const key = bindingKey(declaration);
  if (bindings.has(key)) return key;
  if (bindings.inside === file.getFilePath() && !isUnnamed(declaration) && isOfModule(declaration)) {
    const own = { name, file: file.getFilePath(), exportedAs: null, inTypes: usesInTypes(declaration) };
    bindings.set(key, { ...own, declarationText: "", isOwn: true });
    return key;
  }
  const isVariable = Node.isVariableDeclaration(declaration) || Node.isBindingElement(declaration);
  if (isVariable) refuseModuleState(declaration, name, at);
  const exportedAs = exportName(declaration);
  const inTypes = usesInTypes(declaration);
  const binding = { name: local ?? name, file: file.getFilePath(), exportedAs, inTypes };
  bindings.set(key, { ...binding, declarationText: "" });
  if (exportedAs !== null) return key;
  try {
    refuseUnlessCopied(declaration, name, at);
    bindings.set(key, { ...binding, declarationText: copiedText(bindings, declaration, key, at) });
  } catch (error) {
    bindings.delete(key);
    throw error;
  }
  return key;
}

/** What a variable of a module is when it is read, where some code assigns it, is known only then. */
export function refuseModuleState(declaration: Node, name: string, at: Node): void {
  if (!isAssignedAnywhere(declaration)) return;
  refuse(
    at,
    "moduleState",
    `${name} is module state: it is assigned somewhere.`,
    "Pass it as a parameter, or make it const.",
  );
}

const keysOfObjects = new WeakMap<object, string>();
let objects = 0;

/** Registers data of a package, written out; gives back its key. */
export function registerLive(bindings: Bindings, object: object, name: string): string {
  let key = keysOfObjects.get(object);
  if (key === undefined) keysOfObjects.set(object, (key = `package#${objects++}`));
  if (bindings.has(key)) return key;
  const declarationText = `const ${referenceText({ key, name, isType: false })} = ${literalOf(object)};`;
  bindings.set(key, { name, file: "", exportedAs: null, declarationText, inTypes: "never" });
  return key;
}

/** Registers an interface of a record's fields, whose text is written when it is known whole; gives a reference to it. */
export function declareFields(bindings: Bindings, name: string, declares: RecordType): string {
  const key = `fields#${objects++}`;
  bindings.set(key, { name, file: "", exportedAs: null, declarationText: "", inTypes: "only", declares });
  return referenceText({ key, name, isType: true });
}

/** One key for one declaration, however it is reached. */
export function bindingKey(declaration: Node): string {
  const path = declaration.getSourceFile().getFilePath();
  return `${path}#${Node.isSourceFile(declaration) ? "*" : nameOf(declaration)}`;
}

/** All that a module exports, under one name. */
function registerModule(bindings: Bindings, file: SourceFile, name: string): string {
  return addImport(bindings, { name, file: file.getFilePath(), exportedAs: "*", inTypes: "maybe" });
}

/** A default export without a name, which its own file cannot name. */
function isUnnamed(declaration: Node): boolean {
  return Node.isExportAssignment(declaration) || (Node.hasName(declaration) && !declaration.getName());
}

function usesInTypes(declaration: Node): Binding["inTypes"] {
  if (Node.isInterfaceDeclaration(declaration) || Node.isTypeAliasDeclaration(declaration)) return "only";
  return Node.isVariableDeclaration(declaration) || Node.isFunctionDeclaration(declaration) ? "never" : "maybe";
}

function nameOf(declaration: Node): string {
  if (Node.isExportAssignment(declaration)) return "default";
  if (Node.hasName(declaration)) return declaration.getName();
  return declaration.getSymbolOrThrow().getName();
}

function exportName(declaration: Node): string | null {
  for (const [exported, declarations] of declaration.getSourceFile().getExportedDeclarations())
    if (declarations.some((one) => one === declaration)) return exported;
  return Node.isExportable(declaration) && declaration.isExported() ? nameOf(declaration) : null;
}

/** A copy must be as good as what it is a copy of. */
function refuseUnlessCopied(declaration: Node, name: string, at: Node): void {
  const refuseCopy = (why: string): never =>
    refuse(
      at,
      "exportNeeded",
      `${name} is not exported, so that the generated file cannot name it${why}.`,
      `Export it from ${declaration.getSourceFile().getBaseName()}.`,
    );
  if (Node.isBindingElement(declaration) ? !isPlainElement(declaration) : !isCopied(declaration)) refuseCopy("");
  const value = Node.isBindingElement(declaration) ? sourceOf(declaration) : declaration;
  const isVariable = Node.isVariableDeclaration(declaration) || Node.isBindingElement(declaration);
  if (isVariable && (isChangedAnywhere(declaration) || !isOnlyRead(declaration)))
    refuseCopy(", and a copy of it would not change with it");
  if (!Node.isFunctionDeclaration(value) && !isRepeatable(value))
    refuseCopy(", and a copy of it might be something else");
}

function copiedText(bindings: Bindings, declaration: Node, key: string, at: Node): string {
  if (Node.isBindingElement(declaration)) return elementText(bindings, declaration, key, at);
  const text = textWithReferences(bindings, declaration, at, key);
  return Node.isVariableDeclaration(declaration) ? `const ${text};` : text.replace(/^export (default )?/, "");
}

/** `rate` of `const { rate } = settings` is `settings.rate`. */
function elementText(bindings: Bindings, element: BindingElement, key: string, at: Node): string {
  const pattern = element.getParentOrThrow();
  const member = Node.isArrayBindingPattern(pattern)
    ? `[${pattern.getElements().indexOf(element)}]`
    : `.${element.getPropertyNameNode()?.getText() ?? element.getName()}`;
  const source = textWithReferences(bindings, sourceOf(element), at);
  return `const ${referenceText({ key, name: element.getName(), isType: false })} = (${source})${member};`;
}

function sourceOf(element: BindingElement): Node {
  return element.getParentOrThrow().getParentIfKindOrThrow(SyntaxKind.VariableDeclaration).getInitializerOrThrow();
}

/** Taken from its source by one name or position. */
function isPlainElement(element: BindingElement): boolean {
  const isOfDeclaration = Node.isVariableDeclaration(element.getParentOrThrow().getParent());
  const name = element.getPropertyNameNode();
  const isNamed = !name || Node.isIdentifier(name);
  return isOfDeclaration && isNamed && !element.getInitializer() && !element.getDotDotDotToken();
}

/** Declared at the top of a module of the project. */
export function isOfModule(target: Node): boolean {
  if (Node.isSourceFile(target) || Node.isExportAssignment(target)) return true;
  const isDeclaration =
    isCopied(target) ||
    Node.isClassDeclaration(target) ||
    Node.isEnumDeclaration(target) ||
    Node.isModuleDeclaration(target) ||
    Node.isBindingElement(target);
  return isDeclaration && !target.getFirstAncestor((one) => Node.isFunctionLikeDeclaration(one));
}

/** A declaration of the kind that can be copied where it is not exported. */
function isCopied(target: Node): boolean {
  if (Node.isVariableDeclaration(target))
    return (
      Node.isIdentifier(target.getNameNode()) &&
      target.getVariableStatement()?.getParentIfKind(SyntaxKind.SourceFile) !== undefined
    );
  const isKind =
    Node.isFunctionDeclaration(target) || Node.isInterfaceDeclaration(target) || Node.isTypeAliasDeclaration(target);
  return isKind && Node.isSourceFile(target.getParent());
}
