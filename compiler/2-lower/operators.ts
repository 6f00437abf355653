/** Operators: arithmetic, and which module lowers the others. */
import { Node, SyntaxKind } from "ts-morph";
import { alwaysInteger, integerWhenArgumentsAre } from "../ir/primitives.js";
import { booleanType, newValue, numberType } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { lowerIncrement } from "./assignments.js";
import { isNumericEnumeration } from "./enumerations.js";
import { type Hint, lowerExpression, lowerForEffect, lowerOpaque, narrow, numberOf } from "./expressions.js";
import { at, constant, type Lowering, refuse } from "./lowering.js";
import { isOfPackage } from "./packageReader.js";
import { settleAsNumber } from "./unknownTypes.js";
import { compareKinds, lowerIn, lowerInstanceOf } from "./typeTests.js";
import { compareKnown, refuseMixedComparison } from "./comparisons.js";
import { knownTruth, lowerLogical } from "./conditions.js";

const binaryPrimitives = new Map<SyntaxKind, string>([
  [SyntaxKind.PlusToken, "add"],
  [SyntaxKind.MinusToken, "subtract"],
  [SyntaxKind.AsteriskToken, "multiply"],
  [SyntaxKind.SlashToken, "divide"],
  [SyntaxKind.PercentToken, "remainder"],
  [SyntaxKind.AsteriskAsteriskToken, "power"],
  [SyntaxKind.AmpersandToken, "bitAnd"],
  [SyntaxKind.BarToken, "bitOr"],
  [SyntaxKind.CaretToken, "bitXor"],
  [SyntaxKind.LessThanLessThanToken, "shiftLeft"],
  [SyntaxKind.GreaterThanGreaterThanToken, "shiftRight"],
  [SyntaxKind.GreaterThanGreaterThanGreaterThanToken, "shiftRightUnsigned"],
]);

const comparisonPrimitives = new Map<SyntaxKind, string>([
  [SyntaxKind.LessThanToken, "less"],
  [SyntaxKind.LessThanEqualsToken, "lessEqual"],
  [SyntaxKind.GreaterThanToken, "greater"],
  [SyntaxKind.GreaterThanEqualsToken, "greaterEqual"],
  [SyntaxKind.EqualsEqualsEqualsToken, "equal"],
  [SyntaxKind.ExclamationEqualsEqualsToken, "notEqual"],
  [SyntaxKind.EqualsEqualsToken, "looseEqual"],
  [SyntaxKind.ExclamationEqualsToken, "looseNotEqual"],
]);

/** Applies a numeric primitive; integers stay known. */
export function applyPrimitive(
  lowering: Lowering,
  primitive: string,
  args: readonly Value[],
  name: string | null,
): Value {
  const { builder, shared } = lowering;
  const result = builder.apply(primitive, args, numberType, { name, span: builder.span });
  const isInteger =
    alwaysInteger.has(primitive) ||
    (integerWhenArgumentsAre.has(primitive) && args.every((argument) => shared.integers.has(argument)));
  if (isInteger) shared.integers.add(result);
  return result;
}

/** A number out of whatever arithmetic is applied to. */
export function toNumber(lowering: Lowering, value: Value, node: Node): Value {
  settleAsNumber(value.type.kind === "optional" ? value.type.of : value.type);
  if (value.type.kind === "number") return value;
  if (value.type.kind === "optional" && value.type.of.kind === "number") return narrow(lowering, value);
  if (value.type.kind === "boolean" || isNumericEnumeration(node.getType()))
    return lowering.builder.apply("toNumber", [value]);
  if (value.type.kind === "nullish" && isOfPackage(node) && value.type.missing !== "null | undefined")
    return constant(lowering, value.type.missing === "null" ? 0 : NaN);
  return refuse(node, "notANumber", "Arithmetic needs a number here.", "Convert the operand to a number first.");
}

export function lowerBinary(lowering: Lowering, node: import("ts-morph").BinaryExpression, hint: Hint): Value {
  const operator = node.getOperatorToken().getKind();
  if (operator === SyntaxKind.CommaToken) {
    lowerForEffect(lowering, node.getLeft());
    return lowerExpression(lowering, node.getRight(), hint);
  }
  if (
    operator === SyntaxKind.AmpersandAmpersandToken ||
    operator === SyntaxKind.BarBarToken ||
    operator === SyntaxKind.QuestionQuestionToken
  )
    return lowerLogical(lowering, node, operator, hint);
  if (operator === SyntaxKind.InKeyword) return lowerIn(lowering, node);
  if (operator === SyntaxKind.InstanceOfKeyword) return lowerInstanceOf(lowering, node);
  const comparison = comparisonPrimitives.get(operator);
  const primitive = binaryPrimitives.get(operator);
  if (!comparison && !primitive)
    refuse(
      node,
      "unsupportedSyntax",
      `The operator ${node.getOperatorToken().getText()} is not supported.`,
      "Write it with comparisons and arithmetic.",
    );
  if (primitive === "add" && isText(node)) return lowerOpaque(lowering, node, { kind: "string" });
  if (primitive) return lowerArithmetic(lowering, node, hint);
  const kinds = /qual$/.test(comparison!)
    ? compareKinds(lowering, node.getLeft(), node.getRight(), !comparison!.endsWith("otEqual"))
    : null;
  if (kinds) return kinds;
  const left = lowerExpression(lowering, node.getLeft());
  const right = lowerExpression(lowering, node.getRight());
  const known = compareKnown(lowering, comparison!, left, right);
  if (known !== null) return constant(lowering, known);
  refuseMixedComparison(left, right, comparison!, node);
  return lowering.builder.apply(comparison!, [left, right], booleanType);
}

/** A sum that joins texts. */
function isText(node: import("ts-morph").BinaryExpression): boolean {
  // The checker is asked only where the syntax does not say: in long functions it takes its time.
  if (isSurelyNumber(node.getLeft()) && isSurelyNumber(node.getRight())) return false;
  return node.getType().isString() || node.getType().isStringLiteral();
}

function isSurelyNumber(node: Node): boolean {
  if (Node.isNumericLiteral(node)) return true;
  if (Node.isParenthesizedExpression(node)) return isSurelyNumber(node.getExpression());
  if (!Node.isBinaryExpression(node)) return false;
  const primitive = binaryPrimitives.get(node.getOperatorToken().getKind());
  if (primitive !== "add") return primitive !== undefined;
  return isSurelyNumber(node.getLeft()) && isSurelyNumber(node.getRight());
}

/** `a + b - c + …` of any length, from the left, without a call for each operator. The whole is a number, so all are. */
function lowerArithmetic(lowering: Lowering, node: import("ts-morph").BinaryExpression, hint: Hint): Value {
  const chain = [node];
  for (let left: Node = node.getLeft(); ;) {
    if (!Node.isBinaryExpression(left) || !binaryPrimitives.has(left.getOperatorToken().getKind())) break;
    chain.unshift(left);
    left = left.getLeft();
  }
  const first = chain[0]!.getLeft();
  return chain.reduce(
    (left, operation) => {
      const right = lowerExpression(lowering, operation.getRight());
      const primitive = binaryPrimitives.get(operation.getOperatorToken().getKind())!;
      return at(lowering, operation, () => {
        if (primitive === "add" && [left, right].some(({ type }) => type.kind === "string"))
          return joinTexts(lowering, left, right);
        const args = [toNumber(lowering, left, operation.getLeft()), toNumber(lowering, right, operation.getRight())];
        return applyPrimitive(lowering, primitive, args, operation === node ? hint.name : null);
      });
    },
    lowerExpression(lowering, first),
  );
}

/** A sum that turns out to be text, where types do not say so. */
function joinTexts(lowering: Lowering, left: Value, right: Value): Value {
  const { literals } = lowering.shared;
  if (literals.has(left) && literals.has(right))
    return constant(lowering, `${literals.get(left)}${literals.get(right)}`);
  const { span } = lowering.builder;
  const result = newValue({ kind: "string" }, { span });
  const pieces = ["(", left, ") + (", right, ")"];
  lowering.builder.add({ kind: "evaluate", result, pieces, isPure: true, span });
  return result;
}

export function lowerPrefix(lowering: Lowering, node: import("ts-morph").PrefixUnaryExpression, hint: Hint): Value {
  const operator = node.getOperatorToken();
  const operand = node.getOperand();
  switch (operator) {
    case SyntaxKind.PlusPlusToken:
    case SyntaxKind.MinusMinusToken:
      return lowerIncrement(lowering, node);
    case SyntaxKind.ExclamationToken:
      return negation(lowering, lowerExpression(lowering, operand));
    case SyntaxKind.PlusToken:
      return toNumber(lowering, lowerExpression(lowering, operand, hint), operand);
    case SyntaxKind.MinusToken: {
      if (Node.isNumericLiteral(operand)) return constant(lowering, -numberOf(operand));
      const value = toNumber(lowering, lowerExpression(lowering, operand), operand);
      return applyPrimitive(lowering, "negate", [value], hint.name);
    }
    case SyntaxKind.TildeToken: {
      const value = toNumber(lowering, lowerExpression(lowering, operand), operand);
      return applyPrimitive(lowering, "bitNot", [value], hint.name);
    }
  }
}

function negation(lowering: Lowering, value: Value): Value {
  const known = knownTruth(lowering, value);
  return known === null ? lowering.builder.apply("not", [value], booleanType) : constant(lowering, !known);
}
