/** Counters: which loops count by themselves, and up to what bound that does not move. */
import { type BinaryExpression, type Expression, Node, SyntaxKind, type ts } from "ts-morph";
import { newValue, numberType } from "../ir/build.js";
import type { LoopComparison, Value } from "../ir/ir.js";
import { assignedVariables } from "./assignedVariables.js";
import { lowerExpression } from "./expressions.js";
import type { Counting } from "./loops.js";
import { type Cell, cellIn, cellOf, constant, type Lowering, spanOf, symbolOf } from "./lowering.js";
import { applyPrimitive } from "./operators.js";
import { mayGrowByIndex, mayResizeArrays } from "./resizing.js";
import { isEffectFree, unwrap, writesMemory } from "./syntax.js";

interface CounterSyntax {
  readonly symbol: ts.Symbol;
  readonly name: string;
  readonly start: Expression;
  readonly step: number;
}

/** `for (let i = …; …; i += integer)` with the counter left alone by the body and the condition. */
export function findCounter(node: import("ts-morph").ForStatement): CounterSyntax | null {
  const initializer = node.getInitializer();
  const update = node.getIncrementor();
  if (!initializer || !update || !Node.isVariableDeclarationList(initializer)) return null;
  for (const declaration of initializer.getDeclarations()) {
    const name = declaration.getNameNode();
    const start = declaration.getInitializer();
    if (!Node.isIdentifier(name) || !start) continue;
    const symbol = symbolOf(name);
    const step = symbol && stepOf(update, symbol);
    if (symbol && step) return { symbol, name: name.getText(), start, step };
  }
  return null;
}

function stepOf(update: Expression, symbol: ts.Symbol): number | null {
  const names = (target: Node): boolean => Node.isIdentifier(target) && symbolOf(target) === symbol;
  if (Node.isPostfixUnaryExpression(update) || Node.isPrefixUnaryExpression(update)) {
    if (!names(update.getOperand())) return null;
    const operator = update.getOperatorToken();
    if (operator === SyntaxKind.PlusPlusToken) return 1;
    return operator === SyntaxKind.MinusMinusToken ? -1 : null;
  }
  if (!Node.isBinaryExpression(update) || !names(update.getLeft())) return null;
  const by = Number(update.getRight().getText());
  if (!Number.isSafeInteger(by) || by <= 0) return null;
  const operator = update.getOperatorToken().getKind();
  if (operator === SyntaxKind.PlusEqualsToken) return by;
  return operator === SyntaxKind.MinusEqualsToken ? -by : null;
}

const comparisons = new Map<SyntaxKind, LoopComparison>([
  [SyntaxKind.LessThanToken, "<"],
  [SyntaxKind.LessThanEqualsToken, "<="],
  [SyntaxKind.GreaterThanToken, ">"],
  [SyntaxKind.GreaterThanEqualsToken, ">="],
]);

export function lowerCounting(
  lowering: Lowering,
  node: import("ts-morph").ForStatement,
  syntax: CounterSyntax,
): Counting | null {
  const condition = node.getCondition();
  const body = node.getStatement();
  const changing = assignedVariables(lowering, [body, ...(condition ? [condition] : [])]);
  const cell = cellIn(lowering.scope, syntax.symbol)!;
  const lower = lowering.variables.get(cell);
  if (!lower || changing.has(cell)) return null;
  if (!lowering.shared.integers.has(lower) && !readsElementsAt(body, syntax.symbol))
    return countingDown(lowering, condition, syntax, lower);
  const counter = newValue(numberType, { name: syntax.name, span: spanOf(syntax.start) });
  lowering.shared.integers.add(counter);
  const open: Counting = { counter, lower, upper: null, comparison: "<", step: syntax.step };
  const test = condition && testOf(condition, syntax.symbol);
  if (!test || test.comparison.startsWith("<") !== syntax.step > 0) return open;
  if (!isInvariant(lowering, test.bound, changing, body, syntax.symbol)) return open;
  const upper = boundOf(lowering, test, lower);
  return upper ? { ...open, upper, comparison: test.comparison } : open;
}

/** `times * counter + plus < bound`, for integers, `times` above 0. */
interface Test extends Line {
  readonly comparison: LoopComparison;
  readonly bound: Expression;
}

interface Line {
  readonly times: number;
  readonly plus: number;
}

const flipped: Readonly<Record<LoopComparison, LoopComparison>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/** What the condition compares the counter with, on whichever side it stands. */
function testOf(condition: Expression, counter: ts.Symbol): Test | null {
  if (!Node.isBinaryExpression(condition)) return null;
  const comparison = comparisons.get(condition.getOperatorToken().getKind());
  if (!comparison) return null;
  const [left, right] = [condition.getLeft(), condition.getRight()];
  const [line, other] = [left, right].map((side) => lineOf(side, counter));
  if (line && line.times > 0) return { ...line, comparison, bound: right };
  if (other && other.times > 0) return { ...other, comparison: flipped[comparison], bound: left };
  return null;
}

/** `2 * i + 1`: a line over the counter with integers, or an integer alone. */
function lineOf(node: Expression, counter: ts.Symbol): Line | null {
  const inner = unwrap(node) as Expression;
  if (Node.isIdentifier(inner)) return symbolOf(inner) === counter ? { times: 1, plus: 0 } : null;
  if (Node.isNumericLiteral(inner)) {
    const plus = inner.getLiteralValue();
    return Number.isSafeInteger(plus) && plus < 2 ** 31 ? { times: 0, plus } : null;
  }
  if (!Node.isBinaryExpression(inner)) return null;
  const [a, b] = [lineOf(inner.getLeft(), counter), lineOf(inner.getRight(), counter)];
  if (!a || !b) return null;
  switch (inner.getOperatorToken().getKind()) {
    case SyntaxKind.PlusToken:
      return { times: a.times + b.times, plus: a.plus + b.plus };
    case SyntaxKind.MinusToken:
      return { times: a.times - b.times, plus: a.plus - b.plus };
    case SyntaxKind.AsteriskToken:
      if (a.times !== 0 && b.times !== 0) return null;
      return { times: a.times * b.plus + b.times * a.plus, plus: a.plus * b.plus };
    default:
      return null;
  }
}

/**
 * (bound − plus) / times, which bounds the counter itself. Where the bound is an integer, rounding puts it on the side of
 * every integer that it is on; where it may be any number, only what is added to a counter from 0 on is taken off.
 */
function boundOf(lowering: Lowering, { times, plus, bound }: Test, lower: Value): Value | null {
  const end = lowerExpression(lowering, bound);
  if (times === 1 && plus === 0) return end;
  const isWhole = lowering.shared.integers.has(end);
  const from = lowering.shared.literals.get(lower);
  const isSafe = times === 1 && plus > 0 && typeof from === "number" && from >= 0;
  if (!isWhole && !isSafe) return null;
  const primitive = plus < 0 ? "add" : "subtract";
  const room = plus === 0 ? end : applyPrimitive(lowering, primitive, [end, constant(lowering, Math.abs(plus))], null);
  if (times === 1) {
    if (isWhole) lowering.shared.integers.add(room);
    return room;
  }
  return applyPrimitive(lowering, "divide", [room, constant(lowering, times)], null);
}

/**
 * `for (let i = x; i >= 0; i--)` from any number: i is x less the number of iterations before, without rounding as long
 * as it is not negative.
 */
function countingDown(
  lowering: Lowering,
  condition: Expression | undefined,
  { symbol, step }: CounterSyntax,
  from: Value,
): Counting | null {
  if (step !== -1 || !condition || !Node.isBinaryExpression(condition)) return null;
  const comparison = comparisons.get(condition.getOperatorToken().getKind());
  const [left, right] = [condition.getLeft(), condition.getRight()];
  if (!Node.isIdentifier(left) || symbolOf(left) !== symbol || !Node.isNumericLiteral(right)) return null;
  const bound = right.getLiteralValue();
  if (!Number.isSafeInteger(bound) || bound < 0 || !comparison?.startsWith(">")) return null;
  const upper = bound === 0 ? from : applyPrimitive(lowering, "subtract", [from, constant(lowering, bound)], null);
  const counter = newValue(numberType);
  lowering.shared.integers.add(counter);
  const ascending = comparison === ">" ? "<" : "<=";
  return { counter, lower: constant(lowering, 0), upper, comparison: ascending, step: 1, from };
}

/**
 * The body reads elements at the counter, or at sums with it. Were it no integer, they would be missing and the result
 * not a number: so it may be taken for one.
 */
function readsElementsAt(body: Node, counter: ts.Symbol): boolean {
  const isTerm = (node: Node): boolean => {
    const inner = unwrap(node);
    if (Node.isIdentifier(inner)) return symbolOf(inner) === counter;
    if (!Node.isBinaryExpression(inner)) return false;
    const operator = inner.getOperatorToken().getKind();
    const isSum = operator === SyntaxKind.PlusToken || operator === SyntaxKind.MinusToken;
    return isSum && (isTerm(inner.getLeft()) || isTerm(inner.getRight()));
  };
  return body.getDescendantsOfKind(SyntaxKind.ElementAccessExpression).some((access) => {
    const index = access.getArgumentExpression();
    const user = access.getParent();
    const isTested = Node.isBinaryExpression(user) && !isArithmetic(user, access);
    return index !== undefined && isTerm(index) && !isTested;
  });
}

/** What is missing makes the result no number. */
function isArithmetic(user: BinaryExpression, operand: Node): boolean {
  const operator = user.getOperatorToken().getText();
  return /^[-+*/]$/.test(operator) || (/^[-+*/]=$/.test(operator) && user.getRight() === operand);
}

/** Reads only variables that the loop leaves alone, and lengths that it cannot change. */
function isInvariant(
  lowering: Lowering,
  bound: Expression,
  changing: ReadonlySet<Cell>,
  body: Node,
  counter: ts.Symbol,
): boolean {
  if (!isEffectFree(bound)) return false;
  const nodes = [bound, ...bound.getDescendants()];
  const readsChanging = nodes.some((node) => {
    const cell = Node.isIdentifier(node) ? cellOf(lowering, node) : null;
    return cell !== null && (changing.has(cell) || symbolOf(node) === counter);
  });
  if (readsChanging) return false;
  const accesses = nodes.filter(
    (node) => Node.isPropertyAccessExpression(node) || Node.isElementAccessExpression(node),
  );
  const reads = accesses.filter((node) => !node.getText().startsWith("Math.") && !node.getText().startsWith("Number."));
  if (reads.length === 0) return true;
  const lengthsOnly = reads.every(
    (node) => (Node.isPropertyAccessExpression(node) && node.getName() === "length") || !writesMemory(body),
  );
  if (!lengthsOnly) return false;
  const isTyped = reads.every(
    (node) => Node.isPropertyAccessExpression(node) && !node.getExpression().getType().isArray(),
  );
  if (isTyped) return true;
  return !mayResizeArrays(lowering, [body]) && !mayGrowByIndex(lowering, [body], new Set([counter]));
}
