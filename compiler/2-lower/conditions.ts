/** Conditions: what is true or missing, decided where it is known; `&&`, `||`, `??` and `?:`. */
import { Node, SyntaxKind } from "ts-morph";
import { booleanType } from "../ir/build.js";
import type { Statement, Value } from "../ir/ir.js";
import { joinBranches, openBranch } from "./branches.js";
import { type Hint, lowerExpression, narrow } from "./expressions.js";
import { isCertainObject } from "./knownFields.js";
import { constant, type Lowering } from "./lowering.js";
import { unwrap } from "./syntax.js";

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

export function lowerLogical(
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
