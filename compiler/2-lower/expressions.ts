/** Expressions: each becomes a value; effects happen in the order of JavaScript. */
import { readKept } from "./keptFunctions.js";
import { Node, type NumericLiteral, SyntaxKind } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { lowerElement, lowerProperty } from "./access.js";
import { lowerAssignment, lowerIncrement } from "./assignments.js";
import { lowerCall } from "./calls.js";
import { lowerNew } from "./newObjects.js";
import { selfOf, staticOwner } from "./classes.js";
import { closureOf, declareClass, functionType, functionValue, staticFunction } from "./functionValues.js";
import { lowerArrayLiteral, lowerObjectLiteral, makeTuple } from "./literals.js";
import { isLiveFunction, liveOf, lowerLive } from "./liveValues.js";
import { runtimeFunction } from "../1-parse/importedNames.js";
import { at, constant, type Lowering, nullish, placeholder, refuse, spanOf, variableValue } from "./lowering.js";
import { lowerGlobal } from "./moduleValues.js";
import { lowerBinary, lowerPrefix } from "./operators.js";
import { lowerOptionalChain } from "./optionalChain.js";
import { isOfPackage } from "./packageReader.js";
import { refuseStateIn } from "./packageState.js";
import { sourcePieces } from "./sourceText.js";
import { hasConstantTruth, isAssignment, isFunctionLike, isKnownPresent } from "./syntax.js";
import { asTuple } from "./tuples.js";
import { lowerTypeOf } from "./typeTests.js";
import { lowerConditional } from "./conditions.js";

/** How the value is about to be called by the user. */
export interface Hint {
  readonly name: string | null;
  /** The node whose declared type the value must have (empty array literals, optional variables). */
  readonly declared?: Node;
}

export const noHint: Hint = { name: null };

export function lowerExpression(lowering: Lowering, node: Node, hint: Hint = noHint): Value {
  return at(lowering, node, () => lowerHere(lowering, node, hint));
}

/** An expression whose value nobody reads. */
export function lowerForEffect(lowering: Lowering, node: Node): void {
  if (Node.isParenthesizedExpression(node)) return lowerForEffect(lowering, node.getExpression());
  if (Node.isVoidExpression(node)) return lowerForEffect(lowering, node.getExpression());
  if (Node.isBinaryExpression(node) && node.getOperatorToken().getKind() === SyntaxKind.CommaToken) {
    lowerForEffect(lowering, node.getLeft());
    return lowerForEffect(lowering, node.getRight());
  }
  if (!Node.isCallExpression(node)) return void lowerExpression(lowering, node);
  at(lowering, node, () => {
    if (!lowerOptionalChain(lowering, node, noHint)) lowerCall(lowering, node, noHint, true);
  });
}

function lowerHere(lowering: Lowering, node: Node, hint: Hint): Value {
  const decided = lowering.decided.get(node) ?? lowerOptionalChain(lowering, node, hint)?.value;
  if (decided) return decided;
  if (Node.isParenthesizedExpression(node)) return lowerExpression(lowering, node.getExpression(), hint);
  if (Node.isAsExpression(node) || Node.isSatisfiesExpression(node) || Node.isTypeAssertion(node))
    return asTuple(lowering, lowerExpression(lowering, node.getExpression(), hint), node);
  if (Node.isExpressionWithTypeArguments(node)) return lowerExpression(lowering, node.getExpression(), hint);
  if (Node.isNonNullExpression(node)) return narrow(lowering, lowerExpression(lowering, node.getExpression(), hint));
  if (Node.isNumericLiteral(node)) return constant(lowering, numberOf(node), literalText(node.getText()));
  if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node))
    return constant(lowering, node.getLiteralText());
  const truth = hasConstantTruth(node);
  if (truth !== null) return constant(lowering, truth);
  if (Node.isNullLiteral(node)) return nullish(lowering, null);
  if (Node.isIdentifier(node)) return lowerIdentifier(lowering, node, hint);
  if (isAssignment(node)) return lowerAssignment(lowering, node);
  if (Node.isBinaryExpression(node)) return lowerBinary(lowering, node, hint);
  if (Node.isPrefixUnaryExpression(node)) return lowerPrefix(lowering, node, hint);
  if (Node.isPostfixUnaryExpression(node)) return lowerIncrement(lowering, node);
  if (Node.isConditionalExpression(node)) return lowerConditional(lowering, node, hint);
  if (Node.isPropertyAccessExpression(node)) return lowerProperty(lowering, node, hint);
  if (Node.isElementAccessExpression(node)) return lowerElement(lowering, node, hint);
  if (Node.isCallExpression(node)) return lowerCall(lowering, node, hint, false) ?? nullish(lowering, undefined);
  if (Node.isNewExpression(node)) return lowerNew(lowering, node, hint);
  if (Node.isArrayLiteralExpression(node)) return lowerArrayLiteral(lowering, node, hint);
  if (Node.isObjectLiteralExpression(node)) return lowerObjectLiteral(lowering, node, hint);
  if (Node.isYieldExpression(node))
    refuse(node, "generator", "What a yield gives back is used.", "Let the generator only hand out values.");
  if (Node.isTypeOfExpression(node)) return lowerTypeOf(lowering, node);
  if (Node.isTemplateExpression(node)) return lowerOpaque(lowering, node, { kind: "string" });
  if (isFunctionLike(node)) return functionValue(lowering, closureOf(lowering.scope, node));
  if (Node.isClassExpression(node)) {
    declareClass(lowering, node);
    return placeholder(lowering, functionType);
  }
  if (Node.isAwaitExpression(node))
    refuse(node, "asyncFunction", "await is not differentiated.", "Await the data before the call.");
  if (Node.isDeleteExpression(node))
    refuse(
      node,
      "unsupportedSyntax",
      "delete takes away a field, and which fields a record has is fixed here.",
      "Set the field to undefined, or make a record without it: `const { field, ...rest } = record`.",
    );
  if (Node.isBigIntLiteral(node)) refuse(node, "bigint", "bigint is not differentiated.", "Use number.");
  if (Node.isVoidExpression(node)) {
    lowerForEffect(lowering, node.getExpression());
    return nullish(lowering, undefined);
  }
  if (Node.isThisExpression(node)) return lowerThis(lowering, node);
  return refuse(
    node,
    "unsupportedSyntax",
    `This expression (${node.getKindName()}) is not supported.`,
    "Write it with arithmetic, calls, arrays and records.",
  );
}

function lowerThis(lowering: Lowering, node: Node): Value {
  return selfOf(lowering) ?? (isOfPackage(node) ? nullish(lowering, undefined) : null) ?? refuseThis(node);
}

export function refuseThis(node: Node): never {
  const owner = staticOwner(node);
  return refuse(
    node,
    "thisExpression",
    owner ? "Which class `this` is here cannot be told." : "What `this` is here is not known.",
    owner ? `Write ${owner.getName() ?? "the class by its name"}.` : "Pass the object as a parameter.",
  );
}

/** Of the compiler's own text, in decimals: `getLiteralValue` of ts-morph 28 reads 1e-9 and 1e21 as 1. */
export function numberOf(node: NumericLiteral): number {
  return Number(node.compilerNode.text);
}

/** Source text worth keeping as written: exponents, hexadecimal, separators. */
function literalText(text: string): string | null {
  return /^\d+(\.\d+)?$/.test(text) ? null : text;
}

export function lowerOpaque(lowering: Lowering, node: Node, type: Type): Value {
  return evaluated(lowering, type, sourcePieces(lowering, node), node);
}

/** What a text gives, values of the program being in its holes. */
export function evaluated(lowering: Lowering, type: Type, pieces: readonly (string | Value)[], node: Node): Value {
  const result = newValue(type, { span: spanOf(node) });
  lowering.builder.add({ kind: "evaluate", result, pieces, isPure: true, span: spanOf(node) });
  return result;
}

export function narrow(lowering: Lowering, value: Value): Value {
  if (value.type.kind !== "optional") return value;
  const result = newValue(value.type.of, { name: value.name, span: lowering.builder.span });
  lowering.builder.add({ kind: "narrow", result, value, span: lowering.builder.span });
  if (lowering.shared.outside.has(value)) lowering.shared.outside.add(result);
  return readKept(lowering, result);
}

function lowerIdentifier(lowering: Lowering, node: import("ts-morph").Identifier, hint: Hint): Value {
  const name = node.getText();
  if (name === "undefined") return nullish(lowering, undefined);
  if (name === "NaN") return constant(lowering, NaN, name);
  if (name === "Infinity") return constant(lowering, Infinity);
  const value = variableValue(lowering, node);
  if (value) {
    if (value.type.kind === "optional" && isKnownPresent(node) && !isAny(node)) return narrow(lowering, value);
    return value;
  }
  const ofRuntime = runtimeFunction(node);
  if (ofRuntime === "noNumbers" || ofRuntime === "noBytes")
    return placeholder(lowering, { kind: "typedArray", name: ofRuntime === "noBytes" ? "Uint8Array" : "Float64Array" });
  refuseStateIn(lowering, node);
  const fn = staticFunction(lowering, node);
  if (fn) return functionValue(lowering, fn);
  if (name === "arguments" && isOfPackage(node)) return lowerPassed(lowering, node);
  const live = liveOf(lowering, node);
  if (live) return lowerLive(lowering, live.value, name, node);
  const global: unknown = isOfPackage(node) ? Reflect.get(globalThis, name) : undefined;
  if (isLiveFunction(global)) return lowerLive(lowering, global, name, node);
  return lowerGlobal(lowering, node, hint);
}

/** `arguments`, as a tuple of its own. */
function lowerPassed(lowering: Lowering, node: Node): Value {
  for (let scope: Lowering["scope"] | null = lowering.scope; scope; scope = scope.outer) {
    const { passed } = scope;
    if (!passed) continue;
    return makeTuple(lowering, passed, noHint);
  }
  return refuse(node, "unknownGlobal", "There are no arguments here.", "Name the parameters.");
}

function isAny(node: Node): boolean {
  return node.getType().isAny();
}
