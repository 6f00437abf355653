/** Members of enumerations and elements of tables that are known while lowering. */
import { Node, type Type as SourceType } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { constant, type Lowering, spanOf } from "./lowering.js";
import { isNamespace, originalSymbol } from "./mentions.js";
import { globalNamed } from "./sourceText.js";
import { unwrap } from "./syntax.js";

/** A member of an enumeration, or a number of a table written `as const` in a module; null for anything else. */
export function lowerKnownElement(lowering: Lowering, node: Node): Value | null {
  const root = rootOf(node);
  const declaration = originalSymbol(root)?.getDeclarations()[0];
  const isEnumeration = Node.isEnumDeclaration(declaration);
  const isTable =
    Node.isVariableDeclaration(declaration) && Node.isSourceFile(declaration.getVariableStatement()?.getParent());
  // Asked for last: for the type of an element the checker walks through all that is assigned before.
  const known = isTable || isEnumeration ? node.getType().getLiteralValue() : undefined;
  if (typeof known === "string") return isEnumeration ? lowerTextMember(lowering, node, root, known) : null;
  return typeof known === "number" ? constant(lowering, known) : null;
}

/** What is left when the fields and elements are taken off: `Kind`, or `H.Kind` of a namespace import. */
function rootOf(node: Node): Node {
  const inner = unwrap(node);
  const isAccess = Node.isPropertyAccessExpression(inner) || Node.isElementAccessExpression(inner);
  return isAccess && !isNamespace(inner.getExpression()) ? rootOf(inner.getExpression()) : inner;
}

/** TypeScript compares a text enumeration with its own members only, so that these stay under their names. */
function lowerTextMember(lowering: Lowering, node: Node, root: Node, known: string): Value {
  const result = newValue({ kind: "string" }, { span: spanOf(node) });
  const pieces = [globalNamed(lowering, root), node.getText().slice(root.getText().length)];
  lowering.builder.add({ kind: "evaluate", result, pieces, isPure: true, span: spanOf(node) });
  lowering.shared.literals.set(result, known);
  return result;
}

/** Whether all members are numbers. */
export function isNumericEnumeration(type: SourceType): boolean {
  if (type.isEnumLiteral() && !type.isUnion()) return typeof type.getLiteralValue() === "number";
  return type.isUnion() && type.getUnionTypes().every(isNumericEnumeration);
}
