/** Operators: arithmetic, comparisons, logic; and what is known of their values while lowering. */
import { Node, SyntaxKind } from "ts-morph";
import { alwaysInteger, integerWhenArgumentsAre } from "../ir/primitives.js";
import { booleanType, newValue, numberType } from "../ir/build.js";
import type { Statement, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { lowerIncrement } from "./assignments.js";
import { joinBranches, openBranch } from "./branches.js";
import { isNumericEnumeration } from "./enumerations.js";
import { type Hint, lowerExpression, lowerForEffect, lowerOpaque, narrow, numberOf } from "./expressions.js";
import { isCertainObject } from "./knownFields.js";
import { at, constant, type Lowering, refuse } from "./lowering.js";
import { isOfPackage } from "./packageReader.js";
import { unwrap } from "./syntax.js";
import { settleAsNumber } from "./unknownTypes.js";
import { identityOf } from "./liveClasses.js";
import { compareKinds, lowerIn, lowerInstanceOf } from "./typeTests.js";

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
  const isText = node.getType().isString() || node.getType().isStringLiteral();
  if (primitive && isText) return lowerOpaque(lowering, node, { kind: "string" });
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

/** Comparisons with what is known to be missing, or of two literals that are equal or not. */
export function compareKnown(lowering: Lowering, comparison: string, left: Value, right: Value): boolean | null {
  const { functions, literals } = lowering.shared;
  const [isLeft, isRight] = [left, right].map((value) => functions.has(value) || isCertainObject(lowering, value)) as [
    boolean,
    boolean,
  ];
  const [one, other] = [functions.get(left), functions.get(right)].map((fn) => fn && identityOf(fn));
  if (one && other && comparison.toLowerCase().endsWith("equal") && !/^(less|greater)/.test(comparison))
    return (one === other) !== comparison.endsWith("otEqual");
  if (isLeft !== isRight && (isMissing(literals, left) || isMissing(literals, right)))
    return comparison.endsWith("otEqual");
  if (!literals.has(left) || !literals.has(right)) return null;
  const [a, b] = [literals.get(left), literals.get(right)];
  switch (comparison) {
    case "equal":
      return a === b;
    case "notEqual":
      return a !== b;
    case "looseEqual":
      return a == null || b == null || typeof a === typeof b ? a == b : null;
    case "looseNotEqual":
      return a == null || b == null || typeof a === typeof b ? a != b : null;
    default:
      return typeof a === "number" && typeof b === "number" ? compareNumbers(comparison, a, b) : null;
  }
}

function compareNumbers(comparison: string, a: number, b: number): boolean {
  if (comparison === "less") return a < b;
  if (comparison === "lessEqual") return a <= b;
  return comparison === "greater" ? a > b : a >= b;
}

function isMissing(literals: Lowering["shared"]["literals"], value: Value): boolean {
  return literals.has(value) && literals.get(value) == null;
}

function refuseMixedComparison(left: Value, right: Value, comparison: string, node: Node): void {
  const isOrder =
    !comparison.toLowerCase().includes("equal") || comparison === "lessEqual" || comparison === "greaterEqual";
  const kinds = [left.type.kind, right.type.kind];
  if (/^(equal|notEqual)$/.test(comparison) && kinds.includes("boolean") && kinds.includes("number"))
    refuse(
      node,
      "notANumber",
      "A number is compared with a truth value, which it never is.",
      "Compare it with a number, or test whether it is zero.",
    );
  if (isOrder && (isReference(left.type) || isReference(right.type)))
    refuse(node, "notANumber", "Arrays and records cannot be ordered.", "Compare numbers.");
}

/** A value as the condition of a branch. */
export function lowerCondition(lowering: Lowering, node: Node): Value {
  return lowerDecided(lowering, unwrap(node)) ?? truth(lowering, lowerExpression(lowering, node));
}

/** `a && b` where `b` is known whatever `a` is; null for any other condition. */
function lowerDecided(lowering: Lowering, node: Node): Value | null {
  if (!Node.isBinaryExpression(node)) return null;
  const operator = node.getOperatorToken().getKind();
  const isAnd = operator === SyntaxKind.AmpersandAmpersandToken;
  if (!isAnd && operator !== SyntaxKind.BarBarToken) return null;
  const left = lowerCondition(lowering, node.getLeft());
  const known = knownTruth(lowering, left);
  if (known !== null) return known === isAnd ? lowerCondition(lowering, node.getRight()) : left;
  const evaluated = openBranch(lowering);
  evaluated.value = lowerCondition(evaluated.lowering, node.getRight());
  const decided = knownTruth(evaluated.lowering, evaluated.value);
  if (decided !== null && evaluated.lowering.builder.statements.every(isIdle))
    return decided === isAnd ? left : constant(lowering, decided);
  const kept = openBranch(lowering);
  kept.value = constant(kept.lowering, !isAnd);
  const [whenTrue, whenFalse] = isAnd ? [evaluated, kept] : [kept, evaluated];
  return joinBranches(lowering, left, whenTrue, whenFalse, node).value!;
}

/** Leaving the statement out changes nothing. */
function isIdle({ kind }: Statement): boolean {
  return kind === "constant" || kind === "placeholder" || kind === "apply" || kind === "load" || kind === "length";
}

/** What a condition is known to be where it is lowered. */
export function knownTruth(lowering: Lowering, condition: Value): boolean | null {
  const { functions, literals } = lowering.shared;
  if (functions.has(condition) || isCertainObject(lowering, condition)) return true;
  return literals.has(condition) ? Boolean(literals.get(condition)) : null;
}

/** Whether something is there, where that is known. */
export function knownPresence(lowering: Lowering, value: Value): boolean | null {
  const { functions, literals } = lowering.shared;
  if (functions.has(value) || isCertainObject(lowering, value)) return true;
  return literals.has(value) ? literals.get(value) != null : null;
}

export function truth(lowering: Lowering, value: Value): Value {
  if (value.type.kind === "boolean") return value;
  const known = knownTruth(lowering, value);
  if (known !== null) return constant(lowering, known);
  const isFalsy = lowering.builder.apply("not", [value], booleanType);
  return lowering.builder.apply("not", [isFalsy], booleanType);
}

function lowerLogical(
  lowering: Lowering,
  node: import("ts-morph").BinaryExpression,
  operator: SyntaxKind,
  hint: Hint,
): Value {
  const left = lowerExpression(lowering, node.getLeft());
  const isNullishTest = operator === SyntaxKind.QuestionQuestionToken;
  const known = isNullishTest ? knownPresence(lowering, left) : knownTruth(lowering, left);
  if (known !== null) {
    const goesOn = known === (operator === SyntaxKind.AmpersandAmpersandToken);
    return goesOn ? lowerExpression(lowering, node.getRight(), hint) : left;
  }
  if (isNullishTest && left.type.kind === "nullish") return lowerExpression(lowering, node.getRight(), hint);
  const evaluated = openBranch(lowering);
  const kept = openBranch(lowering);
  evaluated.value = lowerExpression(evaluated.lowering, node.getRight());
  if (operator === SyntaxKind.QuestionQuestionToken) {
    if (left.type.kind !== "optional" && left.type.kind !== "nullish" && !mayBeMissing(node.getLeft())) return left;
    const isMissing = lowering.builder.apply("isNullish", [left], booleanType);
    kept.value = narrow(kept.lowering, left);
    return joinBranches(lowering, isMissing, evaluated, kept, node, hint.name).value!;
  }
  const condition = truth(lowering, left);
  kept.value =
    left.type.kind === "boolean" && evaluated.value.type.kind === "boolean"
      ? constant(kept.lowering, operator === SyntaxKind.BarBarToken)
      : left;
  const isAnd = operator === SyntaxKind.AmpersandAmpersandToken;
  if (!isAnd && left.type.kind === "optional") kept.value = narrow(kept.lowering, left);
  return isAnd
    ? joinBranches(lowering, condition, evaluated, kept, node, hint.name).value!
    : joinBranches(lowering, condition, kept, evaluated, node, hint.name).value!;
}

/** What was read from an array may have been past its end, whatever its type says. */
function mayBeMissing(source: Node): boolean {
  const node = unwrap(source);
  return !Node.isBinaryExpression(node) && !Node.isPrefixUnaryExpression(node) && !Node.isLiteralExpression(node);
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

export function lowerConditional(
  lowering: Lowering,
  node: import("ts-morph").ConditionalExpression,
  hint: Hint,
): Value {
  const condition = lowerCondition(lowering, node.getCondition());
  const known = knownTruth(lowering, condition);
  if (known !== null) return lowerExpression(lowering, known ? node.getWhenTrue() : node.getWhenFalse(), hint);
  const thenBranch = openBranch(lowering);
  thenBranch.value = lowerExpression(thenBranch.lowering, node.getWhenTrue());
  const elseBranch = openBranch(lowering);
  elseBranch.value = lowerExpression(elseBranch.lowering, node.getWhenFalse());
  return joinBranches(lowering, condition, thenBranch, elseBranch, node, hint.name).value!;
}
