/** The named types that a signature mentions, so that the generated file can import or restate them. */
import { Node, SyntaxKind } from "ts-morph";
import type { Binding } from "../ir/ir.js";
import { registerBinding } from "./bindings.js";
import { type FunctionNode, refuse } from "./lowering.js";

export function registerSignatureTypes(bindings: Map<string, Binding>, node: FunctionNode): void {
  const parts = [...node.getParameters().map((parameter) => parameter.getTypeNode()), node.getReturnTypeNode()];
  for (const part of parts) {
    if (!part) continue;
    const names = [...part.getDescendantsOfKind(SyntaxKind.Identifier), ...(Node.isIdentifier(part) ? [part] : [])];
    for (const name of names) {
      const symbol = name.getSymbol();
      const original = symbol?.isAlias() ? symbol.getAliasedSymbol() : symbol;
      const declaration = original?.getDeclarations()[0];
      if (!declaration || declaration.getSourceFile().isDeclarationFile()) continue;
      if (Node.isInterfaceDeclaration(declaration) || Node.isTypeAliasDeclaration(declaration))
        registerBinding(bindings, declaration, node);
      if (Node.isClassDeclaration(declaration) || Node.isEnumDeclaration(declaration)) {
        // A copy would be another type.
        if (!declaration.isExported())
          refuse(
            name,
            "exportNeeded",
            `${name.getText()} is not exported, so that the generated file cannot name it.`,
            "Export it.",
          );
        registerBinding(bindings, declaration, node);
      }
    }
  }
}
