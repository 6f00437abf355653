/**
 * Functions and methods of the language that carry no derivative: those of strings, dates and the like. They are
 * evaluated as they are written.
 */
import { Node } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { type Lowering, spanOf, typeAt } from "./lowering.js";
import { isKnownMethod } from "./resizing.js";
import { sourcePieces } from "./sourceText.js";

type Builtin =
  | import("ts-morph").CallExpression
  | import("ts-morph").NewExpression
  | import("ts-morph").PropertyAccessExpression
  | import("ts-morph").ElementAccessExpression;

/** The value of something that only the language knows, of operands that are no data; null for anything else. */
export function lowerBuiltin(lowering: Lowering, node: Builtin): Value | null {
  const result = plainType(typeAt(lowering, node));
  if (!result || !isOfTheLanguage(node)) return null;
  const operands = operandsOf(node).map((operand) => typeAt(lowering, operand));
  if (!operands.every((type) => plainType(type) !== null)) return null;
  // A number out of numbers would be a function with a derivative.
  const carriesNone = operands.some((type) => type.kind === "string" || type.kind === "opaque");
  if (result.kind === "number" && !carriesNone) return null;
  const value = newValue(result, { span: spanOf(node) });
  // Objects that are not looked into may change with every call.
  const isPure = result.kind !== "opaque" && operands.every((type) => type.kind !== "opaque");
  const pieces = sourcePieces(lowering, node);
  lowering.builder.add({ kind: "evaluate", result: value, pieces, isPure, span: spanOf(node) });
  return value;
}

function plainType(type: Type): Type | null {
  const isPlain = type.kind === "number" || type.kind === "boolean" || type.kind === "string";
  return isPlain || (type.kind === "opaque" && /^(Date|RegExp)$/.test(type.text)) ? type : null;
}

function isOfTheLanguage(node: Builtin): boolean {
  if (Node.isElementAccessExpression(node)) return node.getExpression().getType().isString();
  return isKnownMethod(Node.isPropertyAccessExpression(node) ? node : node.getExpression());
}

function operandsOf(node: Builtin): readonly Node[] {
  if (Node.isPropertyAccessExpression(node)) return [node.getExpression()];
  if (Node.isElementAccessExpression(node))
    return [node.getExpression(), ...(node.getArgumentExpression() ? [node.getArgumentExpression()!] : [])];
  const callee = node.getExpression();
  const owner = Node.isPropertyAccessExpression(callee) ? callee.getExpression() : null;
  return [...(owner && !isGlobalObject(owner) ? [owner] : []), ...node.getArguments()];
}

/** `Number`, `JSON`: what owns functions, and is no operand. */
function isGlobalObject(node: Node): boolean {
  return Node.isIdentifier(node) && isKnownMethod(node);
}
