/** Expressions: each becomes a value; effects happen in the order of JavaScript. */
import { type Expression, Node, type NumericLiteral, SyntaxKind } from "ts-morph";
import { booleanType, newValue, numberType } from "../ir/build.js";
import type { Key, RecordType, Type, Value } from "../ir/ir.js";
import { elementType, fieldType, isReference } from "../ir/types.js";
import { getterKey, lowerArrayLiteral, lowerObjectLiteral } from "./literals.js";
import { lowerAssignment, lowerIncrement } from "./assignments.js";
import { joinBranches, openBranch } from "./branches.js";
import { lowerCall, lowerNew } from "./calls.js";
import { lowerBuiltin } from "./builtins.js";
import { itemsOfList } from "./knownLists.js";
import { lowerOptionalChain } from "./optionalChain.js";
import { lowerStaticField, memberOf, selfOf } from "./classes.js";
import {
  closureOf,
  functionType,
  functionValue,
  isNamespace,
  moduleFunctions,
  moduleItems,
  staticFunction,
} from "./functionValues.js";
import { inlineClosure } from "./inlineCall.js";
import { lengthOf } from "./loops.js";
import {
  at,
  cellOf,
  constant,
  type Lowering,
  nullish,
  placeholder,
  refuse,
  spanOf,
  typeAt,
  variableValue,
} from "./lowering.js";
import { hasConstantTruth, isAssignment, isFunctionLike, unwrap } from "./syntax.js";
import { sourcePieces } from "./statements.js";
import { stopped } from "./stop.js";
import { asArray, asTuple, commonType } from "./tuples.js";
import { lowerIn, lowerInstanceOf, lowerTypeOf } from "./typeTests.js";

/** How the value is about to be called by the user. */
export interface Hint {
  readonly name: string | null;
  /** The node whose declared type the value must have (empty array literals, optional variables). */
  readonly declared?: Node;
}

const noHint: Hint = { name: null };

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
  at(lowering, node, () => lowerOptionalChain(lowering, node, noHint) ?? lowerCall(lowering, node, noHint, true));
}

function lowerHere(lowering: Lowering, node: Node, hint: Hint): Value {
  const decided = lowering.decided.get(node) ?? lowerOptionalChain(lowering, node, hint);
  if (decided) return decided;
  if (Node.isParenthesizedExpression(node)) return lowerExpression(lowering, node.getExpression(), hint);
  if (Node.isAsExpression(node) || Node.isSatisfiesExpression(node) || Node.isTypeAssertion(node))
    return asTuple(lowering, lowerExpression(lowering, node.getExpression(), hint), node);
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
  if (Node.isCallExpression(node)) return lowerCall(lowering, node, hint, false)!;
  if (Node.isNewExpression(node)) return lowerNew(lowering, node, hint);
  if (Node.isArrayLiteralExpression(node)) return lowerArrayLiteral(lowering, node, hint);
  if (Node.isObjectLiteralExpression(node)) return lowerObjectLiteral(lowering, node, hint);
  if (Node.isTypeOfExpression(node)) return lowerTypeOf(lowering, node);
  if (Node.isTemplateExpression(node)) return lowerOpaque(lowering, node, { kind: "string" });
  if (isFunctionLike(node)) return functionValue(lowering, closureOf(lowering.scope, node));
  if (Node.isAwaitExpression(node))
    refuse(node, "asyncFunction", "await is not differentiated.", "Await the data before the call.");
  if (Node.isBigIntLiteral(node)) refuse(node, "bigint", "bigint is not differentiated.", "Use number.");
  if (Node.isTypeOfExpression(node)) return lowerTypeOf(lowering, node);
  if (Node.isThisExpression(node)) return lowerThis(lowering, node);
  return refuse(
    node,
    "unsupportedSyntax",
    `This expression (${node.getKindName()}) is not supported.`,
    "Write it with arithmetic, calls, arrays and records.",
  );
}

function lowerThis(lowering: Lowering, node: Node): Value {
  return (
    selfOf(lowering) ??
    refuse(node, "thisExpression", "What `this` is here is not known.", "Pass the object as a parameter.")
  );
}

/** Of the compiler's own text, in decimals: `getLiteralValue` of ts-morph 28 reads 1e-9 and 1e21 as 1. */
function numberOf(node: NumericLiteral): number {
  return Number(node.compilerNode.text);
}

/** Source text worth keeping as written: exponents, hexadecimal, separators. */
function literalText(text: string): string | null {
  return /^\d+(\.\d+)?$/.test(text) ? null : text;
}

export function lowerOpaque(lowering: Lowering, node: Node, type: Type): Value {
  const result = newValue(type, { span: spanOf(node) });
  lowering.builder.add({
    kind: "evaluate",
    result,
    pieces: sourcePieces(lowering, node),
    isPure: true,
    span: spanOf(node),
  });
  return result;
}

export function narrow(lowering: Lowering, value: Value): Value {
  if (value.type.kind !== "optional") return value;
  const result = newValue(value.type.of, { name: value.name, span: lowering.builder.span });
  lowering.builder.add({ kind: "narrow", result, value, span: lowering.builder.span });
  return result;
}

function lowerIdentifier(lowering: Lowering, node: import("ts-morph").Identifier, hint: Hint): Value {
  const name = node.getText();
  if (name === "undefined") return nullish(lowering, undefined);
  if (name === "NaN") return constant(lowering, NaN);
  if (name === "Infinity") return constant(lowering, Infinity);
  const value = variableValue(lowering, node);
  if (value) {
    if (value.type.kind === "optional" && !node.getType().isNullable() && !isAny(node)) return narrow(lowering, value);
    return value;
  }
  const fn = staticFunction(lowering, node);
  if (fn) return functionValue(lowering, fn);
  return lowerGlobal(lowering, node, hint);
}

/** A table that never changes is an array, also where TypeScript knows its length. */
function constantType(type: Type): Type {
  const element = commonType(type);
  return element ? { kind: "array", element: constantType(element), isReadonly: true } : type;
}

function isAny(node: Node): boolean {
  return node.getType().isAny();
}

function lowerGlobal(lowering: Lowering, node: Node, hint: Hint): Value {
  const symbol = node.getSymbol();
  const original = symbol?.isAlias() ? symbol.getAliasedSymbol() : symbol;
  const declaration = original?.getDeclarations()[0];
  if (!declaration || declaration.getSourceFile().isDeclarationFile())
    refuse(
      node,
      "unknownGlobal",
      `${node.getText()} is not known to the compiler.`,
      "Pass it as a parameter, or define it in a module.",
    );
  if (!Node.isVariableDeclaration(declaration))
    refuse(
      node,
      "functionValue",
      `${node.getText()} is used as a value here.`,
      "Call it directly, or pass its result.",
    );
  const binding = lowering.unit.requireBinding(declaration, node.getText());
  const result = newValue(constantType(typeAt(lowering, declaration)), {
    name: hint.name ? null : node.getText(),
    span: spanOf(node),
  });
  lowering.builder.add({ kind: "global", result, binding, span: spanOf(node) });
  lowering.shared.globals.add(result);
  const initializer = declaration.getInitializer();
  const members = initializer && moduleFunctions(lowering, initializer);
  if (members) lowering.shared.functionFields.set(result, members);
  const items = initializer && moduleItems(lowering, initializer);
  if (items) lowering.shared.lists.set(result, items);
  if (initializer && Node.isNumericLiteral(initializer) && Number.isInteger(numberOf(initializer)))
    lowering.shared.integers.add(result);
  return result;
}

// ------------------------------------------------------------------------------------------------- operators

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

const integerWhenArgumentsAre: ReadonlySet<string> = new Set([
  "add",
  "subtract",
  "multiply",
  "negate",
  "max",
  "min",
  "abs",
  "stopGradient",
]);
const alwaysInteger: ReadonlySet<string> = new Set([
  "floor",
  "ceil",
  "round",
  "trunc",
  "bitAnd",
  "bitOr",
  "bitXor",
  "bitNot",
  "shiftLeft",
  "shiftRight",
  "shiftRightUnsigned",
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
  if (value.type.kind === "number") return value;
  if (value.type.kind === "optional" && value.type.of.kind === "number") return narrow(lowering, value);
  if (value.type.kind === "boolean") return lowering.builder.apply("toNumber", [value]);
  return refuse(node, "notANumber", "Arithmetic needs a number here.", "Convert the operand to a number first.");
}

function lowerBinary(lowering: Lowering, node: import("ts-morph").BinaryExpression, hint: Hint): Value {
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
      const args = [left, toNumber(lowering, right, operation.getRight())];
      return at(lowering, operation, () =>
        applyPrimitive(lowering, primitive, args, operation === node ? hint.name : null),
      );
    },
    toNumber(lowering, lowerExpression(lowering, first), first),
  );
}

/** Comparisons with what is known to be missing, or of two literals that are equal or not. */
export function compareKnown(lowering: Lowering, comparison: string, left: Value, right: Value): boolean | null {
  const { functions, literals } = lowering.shared;
  if (functions.has(left) !== functions.has(right) && (isMissing(literals, left) || isMissing(literals, right)))
    return comparison.endsWith("otEqual");
  if (!literals.has(left) || !literals.has(right)) return null;
  const [a, b] = [literals.get(left), literals.get(right)];
  switch (comparison) {
    case "equal":
      return a === b;
    case "notEqual":
      return a !== b;
    case "looseEqual":
      return a == null || b == null ? a == b : null;
    case "looseNotEqual":
      return a == null || b == null ? a != b : null;
    default:
      return null;
  }
}

function isMissing(literals: Lowering["shared"]["literals"], value: Value): boolean {
  return literals.has(value) && literals.get(value) == null;
}

function refuseMixedComparison(left: Value, right: Value, comparison: string, node: Node): void {
  const isOrder =
    !comparison.toLowerCase().includes("equal") || comparison === "lessEqual" || comparison === "greaterEqual";
  if (isOrder && (isReference(left.type) || isReference(right.type)))
    refuse(node, "notANumber", "Arrays and records cannot be ordered.", "Compare numbers.");
}

/** A value as the condition of a branch. */
export function lowerCondition(lowering: Lowering, node: Node): Value {
  return truth(lowering, lowerExpression(lowering, node));
}

/** What a condition is known to be where it is lowered. */
export function knownTruth(lowering: Lowering, condition: Value): boolean | null {
  const { functions, literals } = lowering.shared;
  if (functions.has(condition)) return true;
  return literals.has(condition) ? Boolean(literals.get(condition)) : null;
}

/** Whether something is there, where that is known. */
export function knownPresence(lowering: Lowering, value: Value): boolean | null {
  const { functions, literals } = lowering.shared;
  if (functions.has(value)) return true;
  return literals.has(value) ? literals.get(value) != null : null;
}

export function truth(lowering: Lowering, value: Value): Value {
  if (value.type.kind === "boolean") return value;
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

function lowerPrefix(lowering: Lowering, node: import("ts-morph").PrefixUnaryExpression, hint: Hint): Value {
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

function lowerConditional(lowering: Lowering, node: import("ts-morph").ConditionalExpression, hint: Hint): Value {
  const condition = lowerCondition(lowering, node.getCondition());
  const known = knownTruth(lowering, condition);
  if (known !== null) return lowerExpression(lowering, known ? node.getWhenTrue() : node.getWhenFalse(), hint);
  const thenBranch = openBranch(lowering);
  thenBranch.value = lowerExpression(thenBranch.lowering, node.getWhenTrue());
  const elseBranch = openBranch(lowering);
  elseBranch.value = lowerExpression(elseBranch.lowering, node.getWhenFalse());
  return joinBranches(lowering, condition, thenBranch, elseBranch, node, hint.name).value!;
}

// ------------------------------------------------------------------------------------------------- access

const mathConstants: ReadonlySet<string> = new Set(["PI", "E", "LN2", "LN10", "LOG2E", "LOG10E", "SQRT2", "SQRT1_2"]);
const numberConstants: ReadonlySet<string> = new Set([
  "EPSILON",
  "MAX_SAFE_INTEGER",
  "MIN_SAFE_INTEGER",
  "MAX_VALUE",
  "MIN_VALUE",
  "POSITIVE_INFINITY",
  "NEGATIVE_INFINITY",
  "NaN",
]);

function lowerProperty(lowering: Lowering, node: import("ts-morph").PropertyAccessExpression, hint: Hint): Value {
  const name = node.getName();
  const owner = node.getExpression();
  const ownerText = owner.getText();
  const isGlobalOwner = Node.isIdentifier(owner) && !cellOf(lowering, owner);
  if (isGlobalOwner && ownerText === "Math" && mathConstants.has(name))
    return constant(lowering, (Math as unknown as Record<string, number>)[name]!, `Math.${name}`);
  if (isGlobalOwner && ownerText === "Number" && numberConstants.has(name))
    return constant(lowering, (Number as unknown as Record<string, number>)[name]!, `Number.${name}`);
  const known = knownElement(node);
  if (known !== null) return constant(lowering, known);
  const fn = staticFunction(lowering, node);
  if (fn) return functionValue(lowering, fn);
  if (isNamespace(owner)) return lowerGlobal(lowering, node.getNameNode(), hint);
  const field = lowerStaticField(lowering, owner, name, hint);
  if (field) return field;
  let object = lowerExpression(lowering, owner);
  if (object.type.kind === "optional") object = narrow(lowering, object);
  return lowerMember(lowering, object, name, node, hint);
}

/** A field, a function held by one, a getter's result or a method as a value. */
function lowerMember(
  lowering: Lowering,
  object: Value,
  name: string,
  node: import("ts-morph").PropertyAccessExpression,
  hint: Hint,
): Value {
  const getter = memberOf(lowering, object, name, "get", node);
  if (getter) return inlineClosure(lowering, getter, [], node) ?? nullish(lowering, undefined);
  const method = memberOf(lowering, object, name, "method", node);
  if (method) return functionValue(lowering, method);
  return loadField(lowering, object, name, node, hint);
}

/** A number that its type knows: a member of an enumeration, an element of a table written `as const` in a module. */
function knownElement(node: Node): number | null {
  const value = node.getType().getLiteralValue();
  if (typeof value !== "number") return null;
  let root = node;
  while (Node.isPropertyAccessExpression(root) || Node.isElementAccessExpression(root))
    root = unwrap(root.getExpression());
  const declaration = Node.isIdentifier(root) ? root.getSymbol()?.getDeclarations()[0] : undefined;
  const isTable =
    Node.isVariableDeclaration(declaration) && Node.isSourceFile(declaration.getVariableStatement()?.getParent());
  return isTable || Node.isEnumDeclaration(declaration) ? value : null;
}

export function loadField(lowering: Lowering, object: Value, name: string, node: Node, hint: Hint): Value {
  if (name === "length" && (elementType(object.type) || object.type.kind === "tuple"))
    return lengthOf(lowering, object, hint.name);
  const { functionFields } = lowering.shared;
  const held = functionFields.get(object)?.get(name);
  if (held) return held;
  const getter = functionFields.get(object)?.get(getterKey(name));
  const computed = getter && lowering.shared.functions.get(getter);
  if (computed?.kind === "closure")
    return inlineClosure(lowering, { ...computed, self: object }, [], node) ?? nullish(lowering, undefined);
  const type = fieldType(object.type, name);
  if (!type && functionFields.has(object)) return nullish(lowering, undefined);
  if (!type && isFunctionTyped(node)) return placeholder(lowering, functionType);
  const plain = !type && Node.isPropertyAccessExpression(node) ? lowerBuiltin(lowering, node) : null;
  if (plain) return plain;
  if (!type)
    refuse(
      node,
      "unsupportedType",
      `The field ${name} of ${describe(object.type)} cannot be read here.`,
      "Use plain numbers, arrays and records.",
    );
  const span = lowering.builder.span;
  const result = newValue(type, { name: hint.name, span });
  lowering.builder.add({ kind: "load", result, object, key: { kind: "field", name }, span });
  const isNarrowed =
    type.kind === "optional" && !Node.isBindingElement(node) && Node.isExpression(node) && !node.getType().isNullable();
  const value = isNarrowed ? narrow(lowering, result) : result;
  return isConstantField(object.type, name) ? stopped(lowering, value, hint.name) : value;
}

function isConstantField(type: Type, name: string): boolean {
  return type.kind === "record" && type.fields.some((field) => field.name === name && field.isConstant === true);
}

/** The type of what is read is a function's, maybe a missing one's. */
function isFunctionTyped(node: Node): boolean {
  return node.getType().getNonNullableType().getCallSignatures().length > 0;
}

export function describe(type: Type): string {
  return type.kind === "opaque" ? `the type ${type.text}` : `this ${type.kind}`;
}

/** The place `object[index]` names. */
export function lowerKey(lowering: Lowering, object: Value, index: Expression | undefined, node: Node): Key {
  if (!index) refuse(node, "unsupportedSyntax", "An index is missing.", "Write one.");
  return keyOf(lowering, object, lowerExpression(lowering, index), index, node);
}

function keyOf(lowering: Lowering, object: Value, value: Value, index: Expression, node: Node): Key {
  const literal = lowering.shared.literals.get(value);
  if (object.type.kind === "tuple" || object.type.kind === "record") {
    if (literal === undefined || !fieldType(object.type, String(literal)))
      refuse(
        node,
        "dynamicKey",
        "A tuple or record is read with a key known only at run time.",
        "Use an array for data that is indexed by a variable.",
      );
    return { kind: "field", name: String(literal) };
  }
  if (!elementType(object.type))
    refuse(
      node,
      "unsupportedType",
      `An element of ${describe(object.type)} cannot be used here.`,
      "Use arrays, typed arrays, tuples or records.",
    );
  return { kind: "index", index: toNumber(lowering, value, index) };
}

function lowerElement(lowering: Lowering, node: import("ts-morph").ElementAccessExpression, hint: Hint): Value {
  const constantElement = knownElement(node);
  if (constantElement !== null) return constant(lowering, constantElement);
  let object = lowerExpression(lowering, node.getExpression());
  if (object.type.kind === "optional") object = narrow(lowering, object);
  const index = node.getArgumentExpression();
  if (object.type.kind === "tuple" && index && !Node.isNumericLiteral(unwrap(index))) {
    const position = lowerExpression(lowering, index);
    if (typeof lowering.shared.literals.get(position) !== "number")
      return loadFromTuple(lowering, object, position, index, node, hint);
  }
  if (object.type.kind === "string") {
    const plain = lowerBuiltin(lowering, node);
    if (plain) return plain;
  }
  const value = lowerExpression(lowering, index!);
  const item = itemsOfList(lowering, object)?.[Number(lowering.shared.literals.get(value) ?? NaN)];
  if (item) return item;
  const known = lowering.shared.literals.get(value);
  if (typeof known === "string" && object.type.kind === "record") return loadField(lowering, object, known, node, hint);
  if (object.type.kind === "record" && value.type.kind === "string")
    return loadByName(lowering, object, object.type, value, node);
  return loadAt(lowering, object, keyOf(lowering, object, value, index!, node), hint);
}

/** A field of a record by a name known only at run time: whichever it is, or nothing. */
function loadByName(lowering: Lowering, object: Value, type: RecordType, name: Value, node: Node): Value {
  const from = (inside: Lowering, k: number): Value => {
    const field = type.fields[k];
    if (!field) return nullish(inside, undefined);
    const isThis = inside.builder.apply("equal", [name, constant(inside, field.name)], booleanType);
    const [found, other] = [openBranch(inside), openBranch(inside)];
    found.value = loadAt(found.lowering, object, { kind: "field", name: field.name }, noHint);
    other.value = from(other.lowering, k + 1);
    return joinBranches(inside, isThis, found, other, node).value!;
  };
  return from(lowering, 0);
}

/** An element of a tuple at a place known only at run time. */
function loadFromTuple(
  lowering: Lowering,
  tuple: Value,
  position: Value,
  index: Expression,
  node: Node,
  hint: Hint,
): Value {
  const array = asArray(lowering, tuple, node);
  return loadAt(lowering, array, keyOf(lowering, array, position, index, node), hint);
}

export function loadAt(lowering: Lowering, object: Value, key: Key, hint: Hint): Value {
  const type = key.kind === "field" ? fieldType(object.type, key.name)! : elementType(object.type)!;
  const { span } = lowering.builder;
  const result = newValue(type, { name: hint.name, span });
  lowering.builder.add({ kind: "load", result, object, key, span });
  return key.kind === "field" && isConstantField(object.type, key.name) ? stopped(lowering, result, hint.name) : result;
}
