/** Source that is evaluated as it is written: what is thrown or printed, texts, dates. */
import { Node, SyntaxKind } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { isClass } from "./classes.js";
import { lowerExpression } from "./expressions.js";
import { type Lowering, refuse, spanOf, variableValue } from "./lowering.js";
import { originalSymbol } from "./mentions.js";
import { isFunctionLike } from "./syntax.js";

/** An expression as text, with the current values of the local variables in its holes. */
export function sourcePieces(lowering: Lowering, expression: Node): readonly (string | Value)[] {
  const pieces: (string | Value)[] = [];
  const text = expression.getSourceFile().getFullText();
  let position = expression.getStart();
  const holes = [
    ...expression.getDescendantsOfKind(SyntaxKind.Identifier),
    ...(Node.isIdentifier(expression) ? [expression] : []),
  ];
  for (const hole of holes.sort((a, b) => a.getStart() - b.getStart())) {
    if (hole.getStart() < position) continue;
    const value = variableValue(lowering, hole) ?? moduleValue(lowering, hole);
    if (!value) continue;
    if (lowering.shared.functions.has(value))
      refuse(
        hole,
        "functionValue",
        "A function of the differentiated function is used where its result cannot be followed.",
        "Call it first, and use the result here.",
      );
    const last = memberChain(hole);
    if (last !== hole && isInstance(value)) {
      // A record that stands for an instance has no methods and accessors.
      pieces.push(text.slice(position, hole.getStart()), lowerExpression(lowering, last));
      position = last.getEnd();
      continue;
    }
    const isShorthand = Node.isShorthandPropertyAssignment(hole.getParent());
    pieces.push(text.slice(position, hole.getStart()) + (isShorthand ? `${hole.getText()}: ` : ""), value);
    position = hole.getEnd();
  }
  pieces.push(text.slice(position, expression.getEnd()));
  return pieces.filter((piece) => piece !== "");
}

/** `object.inner.method(…)`, all of it. */
function memberChain(node: Node): Node {
  const parent = node.getParent();
  const isMember =
    (Node.isPropertyAccessExpression(parent) || Node.isCallExpression(parent)) && parent.getExpression() === node;
  return isMember ? memberChain(parent) : node;
}

function isInstance({ type }: Value): boolean {
  return type.kind === "record" && type.brands !== undefined;
}

/** What a name of a module stands for in text that is evaluated as written. */
function moduleValue(lowering: Lowering, name: Node): Value | null {
  const parent = name.getParent();
  if (Node.isPropertyAccessExpression(parent) && parent.getNameNode() === name) return null;
  if (Node.isPropertyAssignment(parent) && parent.getNameNode() === name) return null;
  const declaration = originalSymbol(name)?.getDeclarations()[0];
  if (!declaration || declaration.getSourceFile().isDeclarationFile()) return null;
  if (Node.isVariableDeclaration(declaration) && !declaration.getFirstAncestor(isFunctionLike))
    return lowerExpression(lowering, name);
  if (Node.isInterfaceDeclaration(declaration) || Node.isTypeAliasDeclaration(declaration)) {
    lowering.unit.referTo(name);
    return null;
  }
  const isNamed = isClass(declaration) || Node.isEnumDeclaration(declaration) || Node.isSourceFile(declaration);
  if (isNamed) return globalNamed(lowering, name);
  if (Node.isFunctionDeclaration(declaration)) refuseUnfollowed(name);
  return null;
}

/** What a name stands for in every module: a class, an enumeration, all that a module exports. */
export function globalNamed(lowering: Lowering, name: Node): Value {
  const binding = lowering.unit.referTo(name) ?? refuseUnfollowed(name);
  const result = newValue({ kind: "opaque", text: `typeof ${name.getText()}` }, { span: spanOf(name) });
  lowering.builder.add({ kind: "global", result, binding, span: spanOf(name) });
  return result;
}

function refuseUnfollowed(name: Node): never {
  return refuse(
    name,
    "unsupportedCall",
    `What ${name.getText()} gives cannot be followed here.`,
    "Call it first, and use the result here.",
  );
}
