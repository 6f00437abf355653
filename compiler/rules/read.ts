/**
 * Reads a rule's arrow back as source: its text becomes a small expression tree over primitives. Works on minified
 * text too, since it only relies on what the arrow means.
 */
import { ts } from "ts-morph";
import { invariant } from "../diagnostics.js";
import { isPrimitive } from "../ir/primitives.js";

export type RuleExpression =
  | { readonly kind: "number"; readonly value: number; readonly text: string | null }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "parameter"; readonly index: number }
  | { readonly kind: "apply"; readonly primitive: string; readonly arguments: readonly RuleExpression[] }
  | {
      readonly kind: "choose";
      readonly condition: RuleExpression;
      readonly then: RuleExpression;
      readonly else: RuleExpression;
    };

const binaryOperators = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.PlusToken, "add"],
  [ts.SyntaxKind.MinusToken, "subtract"],
  [ts.SyntaxKind.AsteriskToken, "multiply"],
  [ts.SyntaxKind.SlashToken, "divide"],
  [ts.SyntaxKind.PercentToken, "remainder"],
  [ts.SyntaxKind.AsteriskAsteriskToken, "power"],
  [ts.SyntaxKind.LessThanToken, "less"],
  [ts.SyntaxKind.LessThanEqualsToken, "lessEqual"],
  [ts.SyntaxKind.GreaterThanToken, "greater"],
  [ts.SyntaxKind.GreaterThanEqualsToken, "greaterEqual"],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, "equal"],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, "notEqual"],
]);

const constants = new Map<string, number>([
  ["NaN", NaN],
  ["Infinity", Infinity],
]);

export function readRule(source: string): RuleExpression {
  const file = ts.createSourceFile("rule.ts", `(${source})`, ts.ScriptTarget.ES2022, false);
  const statement = file.statements[0];
  invariant(statement && ts.isExpressionStatement(statement), `not a rule: ${source}`);
  const arrow = strip(statement.expression);
  invariant(ts.isArrowFunction(arrow), `not an arrow: ${source}`);
  const names = new Map(arrow.parameters.map((parameter, index) => [(parameter.name as ts.Identifier).text, index]));
  const body = ts.isBlock(arrow.body) ? (arrow.body.statements[0] as ts.ReturnStatement).expression : arrow.body;
  invariant(body, `a rule without a result: ${source}`);
  return readExpression(body, names, source);
}

function strip(node: ts.Expression): ts.Expression {
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node)) return strip(node.expression);
  return node;
}

function readExpression(expression: ts.Expression, names: ReadonlyMap<string, number>, source: string): RuleExpression {
  const node = strip(expression);
  const read = (inner: ts.Expression): RuleExpression => readExpression(inner, names, source);
  const apply = (primitive: string, ...args: ts.Expression[]): RuleExpression => ({
    kind: "apply",
    primitive,
    arguments: args.map(read),
  });
  if (ts.isNumericLiteral(node)) return { kind: "number", value: Number(node.text), text: null };
  if (ts.isIdentifier(node)) {
    const index = names.get(node.text);
    if (index !== undefined) return { kind: "parameter", index };
    const value = constants.get(node.text);
    invariant(value !== undefined, `unknown name ${node.text} in rule ${source}`);
    return { kind: "number", value, text: null };
  }
  if (ts.isPrefixUnaryExpression(node)) {
    if (node.operator === ts.SyntaxKind.ExclamationToken) return apply("not", node.operand);
    invariant(node.operator === ts.SyntaxKind.MinusToken, `unknown operator in rule ${source}`);
    const operand = read(node.operand);
    return operand.kind === "number"
      ? { kind: "number", value: -operand.value, text: null }
      : { kind: "apply", primitive: "negate", arguments: [operand] };
  }
  if (ts.isBinaryExpression(node)) {
    const isAnd = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
    if (isAnd || node.operatorToken.kind === ts.SyntaxKind.BarBarToken) return readLogical(node, isAnd, read);
    const primitive = binaryOperators.get(node.operatorToken.kind);
    invariant(primitive, `unknown operator in rule ${source}`);
    return apply(primitive, node.left, node.right);
  }
  if (ts.isConditionalExpression(node))
    return { kind: "choose", condition: read(node.condition), then: read(node.whenTrue), else: read(node.whenFalse) };
  if (ts.isPropertyAccessExpression(node) && isMath(node.expression)) {
    const value = (Math as unknown as Record<string, number>)[node.name.text];
    return { kind: "number", value: value!, text: `Math.${node.name.text}` };
  }
  if (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    isNamespace(node.expression.expression)
  ) {
    const primitive = node.expression.name.text;
    invariant(isPrimitive(primitive), `unknown function in rule ${source}`);
    return apply(primitive, ...node.arguments);
  }
  throw new Error(`cannot read rule ${source}`);
}

/** `a && b` and `a || b` as choices. */
function readLogical(
  node: ts.BinaryExpression,
  isAnd: boolean,
  read: (inner: ts.Expression) => RuleExpression,
): RuleExpression {
  const condition = read(node.left);
  const right = read(node.right);
  return isAnd
    ? { kind: "choose", condition, then: right, else: { kind: "boolean", value: false } }
    : { kind: "choose", condition, then: { kind: "boolean", value: true }, else: right };
}

function isNamespace(node: ts.Expression): boolean {
  return isMath(node) || (ts.isIdentifier(node) && node.text === "Number");
}

function isMath(node: ts.Expression): boolean {
  return ts.isIdentifier(node) && node.text === "Math";
}
