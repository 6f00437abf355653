/** Module-level names that generated code refers to: imported where they are exported, copied where they are not. */
import { Node, SyntaxKind, type VariableDeclaration } from "ts-morph";
import type { Binding } from "../ir/ir.js";
import { literalOf } from "./liveValues.js";
import { refuse } from "./lowering.js";
import { mentionsOf } from "./mentions.js";
import { isAssignedAnywhere } from "./moduleState.js";

/** Registers a module-level constant, and what its initializer mentions; gives back its key. */
export function registerBinding(bindings: Map<string, Binding>, declaration: Node, at: Node): string {
  const file = declaration.getSourceFile();
  const name = nameOf(declaration);
  const key = `${file.getFilePath()}#${name}`;
  if (bindings.has(key)) return key;
  if (Node.isVariableDeclaration(declaration) && isAssignedAnywhere(declaration))
    refuse(
      at,
      "moduleState",
      `${name} is module state: it is assigned somewhere.`,
      "Pass it as a parameter, or make it const.",
    );
  const exportedAs = exportName(declaration, name);
  const mentions: string[] = [];
  const binding: Binding = {
    name,
    file: file.getFilePath(),
    exportedAs,
    declarationText: textOf(declaration),
    mentions,
    isType: !Node.isVariableDeclaration(declaration) && !Node.isFunctionDeclaration(declaration),
  };
  bindings.set(key, binding);
  if (exportedAs === null) mentions.push(...mentionsOf(bindings, declaration, at));
  return key;
}

const keysOfObjects = new WeakMap<object, string>();
let objects = 0;

/** Registers data of a package, written out; gives back its key. */
export function registerLive(bindings: Map<string, Binding>, object: object, name: string): string {
  let key = keysOfObjects.get(object);
  if (key === undefined) keysOfObjects.set(object, (key = `package#${objects++}`));
  if (bindings.has(key)) return key;
  const taken = new Set([...bindings.values()].map((binding) => binding.name));
  let label = name;
  for (let k = 2; taken.has(label); k++) label = `${name}${k}`;
  const declarationText = `const ${label} = ${literalOf(object)};`;
  bindings.set(key, { name: label, file: "", exportedAs: null, declarationText, mentions: [], isType: false });
  return key;
}

function nameOf(declaration: Node): string {
  if (Node.hasName(declaration)) return declaration.getName();
  return declaration.getSymbolOrThrow().getName();
}

function exportName(declaration: Node, name: string): string | null {
  const file = declaration.getSourceFile();
  for (const [exported, declarations] of file.getExportedDeclarations())
    if (declarations.some((one) => one === declaration)) return exported === "default" ? "default" : exported;
  return Node.isExportable(declaration) && declaration.isExported() ? name : null;
}

function textOf(declaration: Node): string {
  const statement = Node.isVariableDeclaration(declaration) ? constStatement(declaration) : declaration.getText();
  return statement.replace(/^export (default )?/, "");
}

function constStatement(declaration: VariableDeclaration): string {
  return `const ${declaration.getText()};`;
}

/** A declaration at the top of a module of the project that can be copied where it is not exported. */
export function isCopied(target: Node): boolean {
  if (target.getSourceFile().isDeclarationFile()) return false;
  if (Node.isVariableDeclaration(target))
    return (
      Node.isIdentifier(target.getNameNode()) &&
      target.getVariableStatement()?.getParentIfKind(SyntaxKind.SourceFile) !== undefined
    );
  return (
    (Node.isFunctionDeclaration(target) ||
      Node.isInterfaceDeclaration(target) ||
      Node.isTypeAliasDeclaration(target)) &&
    Node.isSourceFile(target.getParent())
  );
}
