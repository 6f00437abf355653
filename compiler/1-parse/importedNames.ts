/** What names stand for that come from other modules: the package `adjoint`, its runtime, installed packages. */
import { type ExportDeclaration, type ImportDeclaration, Node, SyntaxKind } from "ts-morph";

/** What an expression names of another module that is no file of the project: a package, or what only has types. */
export interface ImportedName {
  readonly module: string;
  /** `*` for the module as a whole. */
  readonly name: string;
  /** The file that imports it. */
  readonly file: string;
}

/** The name under which the package `adjoint` exports what an expression names, through whatever imports; else null. */
export function adjointName(expression: Node): string | null {
  if (Node.isPropertyAccessExpression(expression)) {
    const owner = importedName(expression.getExpression());
    return owner?.module === "adjoint" && owner.name === "*" ? expression.getName() : null;
  }
  const imported = importedName(expression);
  return imported?.module === "adjoint" && imported.name !== "*" ? imported.name : null;
}

/** The name under which generated code imports a function of the runtime; null for anything else. */
export function runtimeFunction(expression: Node): string | null {
  const [declaration] = (Node.isIdentifier(expression) && expression.getSymbol()?.getDeclarations()) || [];
  const imported = declaration && importIn(declaration);
  return imported?.module === "adjoint/runtime" ? imported.name : null;
}

/** The import of another module that an identifier stands for, through the project's own re-exports; null for any other. */
export function importedName(name: Node): ImportedName | null {
  if (!Node.isIdentifier(name)) return null;
  for (let symbol = name.getSymbol(); symbol; symbol = symbol.getImmediatelyAliasedSymbol()) {
    for (const declaration of symbol.getDeclarations()) {
      const imported = importIn(declaration);
      if (imported && isOutside(declaration, imported.module))
        return { ...imported, file: declaration.getSourceFile().getFilePath() };
    }
    if (!symbol.isAlias()) break;
  }
  return null;
}

/** The module is no file of the project, or one of which there are only types. */
function isOutside(declaration: Node, module: string): boolean {
  const owner = declaration.getFirstAncestor(
    (one) => Node.isImportDeclaration(one) || Node.isExportDeclaration(one),
  ) as ImportDeclaration | ExportDeclaration | undefined;
  const file = Node.isImportEqualsDeclaration(declaration)
    ? declaration.getExternalModuleReferenceSourceFile()
    : owner?.getModuleSpecifierSourceFile();
  return module === "adjoint" || !file || file.isDeclarationFile() || file.isInNodeModules();
}

function importIn(declaration: Node): Omit<ImportedName, "file"> | null {
  if (Node.isExportSpecifier(declaration)) {
    const module = declaration.getExportDeclaration().getModuleSpecifierValue();
    return module === undefined ? null : { module, name: declaration.getName() };
  }
  if (Node.isNamespaceExport(declaration)) {
    const module = declaration.getFirstAncestorByKind(SyntaxKind.ExportDeclaration)?.getModuleSpecifierValue();
    return module === undefined ? null : { module, name: "*" };
  }
  if (Node.isImportEqualsDeclaration(declaration)) {
    const module = declaration.getExternalModuleReferenceSourceFile() ? declaration.getModuleReference() : null;
    const text = module && /^require\(["'](.*)["']\)$/.exec(module.getText())?.[1];
    return text ? { module: text, name: "default" } : null;
  }
  const owner = declaration.getFirstAncestorByKind(SyntaxKind.ImportDeclaration);
  if (!owner) return null;
  const module = owner.getModuleSpecifierValue();
  if (Node.isImportSpecifier(declaration)) return { module, name: declaration.getName() };
  if (Node.isNamespaceImport(declaration)) return { module, name: "*" };
  return Node.isImportClause(declaration) ? { module, name: "default" } : null;
}
