/**
 * Loops: every loop of the source becomes the one loop of the IR. A counter that the body leaves alone is the loop's
 * own; every other variable that the loop assigns is carried.
 */
import { type Expression, Node, SyntaxKind, type ts, VariableDeclarationKind } from "ts-morph";
import { BlockBuilder, newBlock, newValue, numberType } from "../ir/build.js";
import type { LoopComparison, LoopStatement, Value } from "../ir/ir.js";
import { elementType, missingOf } from "../ir/types.js";
import { anyFlag, joinBranches, openBranch } from "./branches.js";
import { assignTo, bindPattern } from "./destructuring.js";
import { lowerCondition, lowerExpression, lowerForEffect } from "./expressions.js";
import {
  type Cell,
  cellIn,
  cellOf,
  type Completion,
  constant,
  type Invented,
  isInvented,
  type JumpTarget,
  type Lowering,
  nested,
  placeholder,
  refuse,
  spanOf,
  symbolOf,
  type Variable,
} from "./lowering.js";
import { lowerDeclarations, lowerGuarded, lowerStatement } from "./statements.js";
import { iteratedPart, partOf } from "./iterables.js";
import { lowerFieldLoop, recordWalk } from "./records.js";
import { mayGrowByIndex, mayResizeArrays } from "./resizing.js";
import { itemsOfList, lowerForEachItem } from "./knownLists.js";
import { assignedVariables } from "./assignedVariables.js";
import { hasConstantTruth, isEffectFree, unwrap, writesMemory } from "./syntax.js";
import { asArray } from "./tuples.js";

/** How a loop counts. */
export interface Counting {
  readonly counter: Value;
  readonly lower: Value;
  readonly upper: Value | null;
  readonly comparison: LoopComparison;
  readonly step: number;
}

export interface LoopPlan {
  readonly node: Node;
  readonly label: string | null;
  /** Source that runs in the loop, for the variables it assigns. */
  readonly sources: readonly Node[];
  readonly alsoCarried?: readonly Invented[];
  readonly counting: Counting | null;
  /** Effect-free condition before each iteration, or null. */
  readonly test: ((inside: Lowering) => Value) | null;
  readonly body: (inside: Lowering) => Completion;
  /** Runs after the body unless it left the loop; `continue` comes here. */
  readonly update: ((inside: Lowering) => void) | null;
  /** A condition with effects, run first; the loop ends when it is false. */
  readonly leadingTest?: ((inside: Lowering) => Value) | null;
  /** A condition run last; the loop ends when it is false. */
  readonly trailingTest?: ((inside: Lowering) => Value) | null;
  readonly neverEndsByItself: boolean;
}

/** A counter 0, 1, 2, … that nobody looks at. */
function freshCounting(lowering: Lowering): Counting {
  const counter = newValue(numberType);
  lowering.shared.integers.add(counter);
  return { counter, lower: constant(lowering, 0), upper: null, comparison: "<", step: 1 };
}

function isFlagOrResult(variable: Variable): variable is Invented {
  return isInvented(variable) && variable.kind !== "carried";
}

export function lowerLoop(lowering: Lowering, plan: LoopPlan): Completion {
  const counting = plan.counting ?? freshCounting(lowering);
  const assigned = assignedVariables(lowering, plan.sources);
  const carried: Variable[] = [...lowering.variables.keys()].filter(
    (variable) => !isInvented(variable) && assigned.has(variable),
  );
  carried.push(...(plan.alsoCarried ?? []));
  const initial = carried.map((variable) => lowering.variables.get(variable)!);
  const inside: Lowering = { ...nested(lowering) };
  const parameters = carried.map((variable, k) => {
    const value = newValue(widen(lowering, initial[k]!, variable), {
      name: variable.name,
      span: initial[k]!.span,
    });
    inside.variables.set(variable, value);
    return value;
  });
  const test = plan.test ? lowerTest(inside, plan.test) : null;
  const target: JumpTarget = {
    node: plan.node,
    label: plan.label,
    breakFlag: { kind: "flag", name: "broken" },
    continueFlag: { kind: "flag", name: "continued" },
  };
  const body: Lowering = { ...inside, jumpTargets: [...inside.jumpTargets, target] };
  const completion = lowerBody(body, plan, target);
  // Flags that lead out of this loop, and the result they carry, are carried out.
  body.variables.delete(target.continueFlag!);
  const ends = completion === "normal" ? null : anyFlag(body);
  body.variables.delete(target.breakFlag);
  const leaving = [...body.variables.keys()].filter(
    (variable): variable is Invented =>
      isFlagOrResult(variable) && body.variables.get(variable) !== lowering.variables.get(variable),
  );
  const results: Value[] = [];
  const yields = carried.map((variable) => body.variables.get(variable)!);
  const allInitial = [...initial];
  carried.forEach((variable, k) => {
    const result = newValue(parameters[k]!.type, { name: parameters[k]!.name, span: parameters[k]!.span });
    results.push(result);
    lowering.variables.set(variable, result);
  });
  for (const variable of leaving) {
    const last = body.variables.get(variable)!;
    const first =
      lowering.variables.get(variable) ??
      (variable.kind === "flag" ? constant(lowering, false) : placeholder(lowering, last.type));
    const options = { name: variable.name, span: spanOf(plan.node) };
    parameters.push(newValue(last.type, options));
    allInitial.push(first);
    yields.push(last);
    const result = newValue(last.type, options);
    results.push(result);
    lowering.variables.set(variable, result);
  }
  const statement: LoopStatement = {
    kind: "loop",
    ...counting,
    parameters,
    initial: allInitial,
    test,
    body: newBlock(body.builder.statements, yields),
    exit: ends,
    results,
    trips: null,
    label: plan.label,
    span: spanOf(plan.node),
  };
  lowering.builder.add(statement);
  const mayLeave = leaving.some((variable) => variable.kind === "flag");
  if (!mayLeave) return "normal";
  return plan.neverEndsByItself && !breaks(plan, target) ? "abrupt" : "maybe";
}

/** Whether anything in the loop breaks out of it alone. */
function breaks(plan: LoopPlan, target: JumpTarget): boolean {
  return plan.sources.some((source) =>
    [source, ...source.getDescendants()].some(
      (node) => Node.isBreakStatement(node) && (!node.getLabel() || node.getLabel()!.getText() === target.label),
    ),
  );
}

/** A variable that may be undefined or null at any time is optional throughout. */
function widen(lowering: Lowering, initial: Value, variable: Variable): Value["type"] {
  if (isFlagOrResult(variable)) return initial.type;
  const declared = lowering.shared.declaredTypes.get(variable);
  const mayBeMissing = missingOf(initial.type) !== null || (declared && missingOf(declared) !== null);
  return (mayBeMissing && declared) || initial.type;
}

function lowerTest(inside: Lowering, test: (inside: Lowering) => Value): LoopStatement["test"] {
  const builder = new BlockBuilder(inside.builder.span);
  const value = test({ ...inside, builder, variables: new Map(inside.variables) });
  return newBlock(builder.statements, [value]);
}

function lowerBody(body: Lowering, plan: LoopPlan, target: JumpTarget): Completion {
  const all = (inside: Lowering): Completion => {
    let completion = plan.body(inside);
    const continued = inside.variables.get(target.continueFlag!);
    inside.variables.delete(target.continueFlag!);
    if (completion === "abrupt" && continued && !anyFlag(inside)) completion = "normal";
    else if (completion === "abrupt" && continued) completion = "maybe";
    const after = (rest: Lowering): Completion => {
      plan.update?.(rest);
      if (!plan.trailingTest) return "normal";
      return breakUnless(rest, plan.trailingTest(rest), target, plan.node, () => "normal");
    };
    if (!plan.update && !plan.trailingTest) return completion;
    if (completion === "abrupt") return completion;
    return anyFlag(inside) ? lowerGuarded(inside, plan.node, after) : after(inside);
  };
  if (!plan.leadingTest) return all(body);
  return breakUnless(body, plan.leadingTest(body), target, plan.node, all);
}

function breakUnless(
  lowering: Lowering,
  condition: Value,
  target: JumpTarget,
  node: Node,
  rest: (inside: Lowering) => Completion,
): Completion {
  const going = openBranch(lowering);
  going.completion = rest(going.lowering);
  const leaving = openBranch(lowering);
  leaving.lowering.variables.set(target.breakFlag, constant(leaving.lowering, true));
  leaving.completion = "abrupt";
  return joinBranches(lowering, condition, going, leaving, node).completion;
}

// ------------------------------------------------------------------------------------------------- while, do

export function lowerWhileStatement(
  lowering: Lowering,
  node: import("ts-morph").WhileStatement,
  label: string | null,
): Completion {
  const condition = node.getExpression();
  const isEndless = hasConstantTruth(condition) === true;
  const isPure = isEffectFree(condition);
  return lowerLoop(lowering, {
    node,
    label,
    sources: [condition, node.getStatement()],
    counting: null,
    test: isPure && !isEndless ? (inside) => lowerCondition(inside, condition) : null,
    leadingTest: isPure ? null : (inside) => lowerCondition(inside, condition),
    body: (inside) => lowerStatement(inside, node.getStatement()),
    update: null,
    neverEndsByItself: isEndless,
  });
}

export function lowerDoStatement(
  lowering: Lowering,
  node: import("ts-morph").DoStatement,
  label: string | null,
): Completion {
  const condition = node.getExpression();
  return lowerLoop(lowering, {
    node,
    label,
    sources: [condition, node.getStatement()],
    counting: null,
    test: null,
    body: (inside) => lowerStatement(inside, node.getStatement()),
    update: null,
    trailingTest: (inside) => lowerCondition(inside, condition),
    neverEndsByItself: hasConstantTruth(condition) === true,
  });
}

// ------------------------------------------------------------------------------------------------- for

export function lowerForStatement(
  lowering: Lowering,
  node: import("ts-morph").ForStatement,
  label: string | null,
): Completion {
  const inside: Lowering = { ...lowering };
  const initializer = node.getInitializer();
  const body = node.getStatement();
  const counter = findCounter(node);
  const condition = node.getCondition();
  const update = node.getIncrementor();
  if (initializer && Node.isVariableDeclarationList(initializer)) {
    lowerDeclarations(inside, initializer);
  } else if (initializer) lowerForEffect(inside, initializer);
  const counting = counter && lowerCounting(inside, node, counter);
  const isEndless = !condition || hasConstantTruth(condition) === true;
  const isBounded = counting?.upper != null;
  const isPure = !condition || isEffectFree(condition);
  const restOfUpdate = counting ? null : update;
  const plan: LoopPlan = {
    node,
    label,
    sources: [body, ...(condition ? [condition] : []), ...(restOfUpdate ? [restOfUpdate] : [])],
    counting,
    test: !isBounded && !isEndless && isPure ? (scope) => lowerCondition(scope, condition!) : null,
    leadingTest: isPure ? null : (scope) => lowerCondition(scope, condition!),
    body: (scope) => lowerStatement(scope, body),
    update: restOfUpdate ? (scope) => lowerForEffect(scope, restOfUpdate) : null,
    neverEndsByItself: isEndless,
  };
  if (counting) inside.variables.set(cellIn(inside.scope, counter!.symbol)!, counting.counter);
  const completion = lowerLoop(inside, plan);
  if (initializer && Node.isVariableDeclarationList(initializer) && isBlockScoped(initializer))
    for (const declaration of initializer.getDeclarations()) {
      const cell = cellOf(lowering, declaration.getNameNode());
      if (cell) lowering.variables.delete(cell);
    }
  return completion;
}

function isBlockScoped(list: import("ts-morph").VariableDeclarationList): boolean {
  return list.getDeclarationKind() !== VariableDeclarationKind.Var;
}

interface CounterSyntax {
  readonly symbol: ts.Symbol;
  readonly name: string;
  readonly start: Expression;
  readonly step: number;
}

/** `for (let i = …; …; i += integer)` with the counter left alone by the body and the condition. */
function findCounter(node: import("ts-morph").ForStatement): CounterSyntax | null {
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

function lowerCounting(
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
  if (!lowering.shared.integers.has(lower) && !readsElementsAt(body, syntax.symbol)) return null;
  const counter = newValue(numberType, { name: syntax.name, span: spanOf(syntax.start) });
  lowering.shared.integers.add(counter);
  const open: Counting = { counter, lower, upper: null, comparison: "<", step: syntax.step };
  if (!condition || !Node.isBinaryExpression(condition)) return open;
  const comparison = comparisons.get(condition.getOperatorToken().getKind());
  const left = condition.getLeft();
  const bound = condition.getRight();
  const isCounter = Node.isIdentifier(left) && symbolOf(left) === syntax.symbol;
  if (!comparison || !isCounter || comparison.startsWith("<") !== syntax.step > 0) return open;
  if (!isInvariant(lowering, bound, changing, body, syntax.symbol)) return open;
  return { ...open, upper: lowerExpression(lowering, bound), comparison };
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
    const isTested = Node.isBinaryExpression(user) && !isArithmetic(user.getOperatorToken().getKind());
    return index !== undefined && isTerm(index) && !isTested;
  });
}

function isArithmetic(operator: SyntaxKind): boolean {
  return (
    operator === SyntaxKind.PlusToken ||
    operator === SyntaxKind.MinusToken ||
    operator === SyntaxKind.AsteriskToken ||
    operator === SyntaxKind.SlashToken
  );
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

// ------------------------------------------------------------------------------------------------- for…of

export function lowerForOf(
  lowering: Lowering,
  node: import("ts-morph").ForOfStatement,
  label: string | null,
): Completion {
  if (node.isAwaited())
    refuse(node, "asyncFunction", "for await is not differentiated.", "Await the data before the call.");
  const fields = recordWalk(lowering, node.getExpression());
  if (fields) return lowerFieldLoop(lowering, node, label, fields);
  const { array: iterated, part } = iteratedPart(node.getExpression()) ?? {
    array: node.getExpression(),
    part: "values" as const,
  };
  const source = lowerExpression(lowering, iterated);
  const items = part === "values" ? itemsOfList(lowering, source) : null;
  if (items) return lowerForEachItem(lowering, node, label, items);
  const array = asArray(lowering, source, iterated);
  const body = node.getStatement();
  const initializer = node.getInitializer();
  const bind = (inside: Lowering, index: Value): void => {
    const target = Node.isVariableDeclarationList(initializer)
      ? initializer.getDeclarations()[0]!.getNameNode()
      : initializer;
    const name = Node.isIdentifier(target) ? target.getText() : null;
    const item = part === "keys" ? index : loadElement(inside, array, index, node, part === "values" ? name : null);
    const value = partOf(inside, part, index, item);
    if (Node.isVariableDeclarationList(initializer)) bindPattern(inside, target, value);
    else assignTo(inside, target, value);
  };
  return lowerIndexed(lowering, {
    node,
    label,
    array,
    sources: [node],
    bind,
    body: (inside) => lowerStatement(inside, body),
    isLive: mayResizeArrays(lowering, [body]) || mayGrowByIndex(lowering, [body], new Set()),
  });
}

export function loadElement(
  lowering: Lowering,
  array: Value,
  index: Value,
  node: Node,
  name: string | null = null,
): Value {
  const type = elementType(array.type);
  if (!type)
    refuse(
      node,
      "unsupportedType",
      "Only arrays and typed arrays can be looped over.",
      "Copy the items into an array first.",
    );
  const result = newValue(type, { name, span: lowering.builder.span });
  lowering.builder.add({
    kind: "load",
    result,
    object: array,
    key: { kind: "index", index },
    span: lowering.builder.span,
  });
  return result;
}

export interface IndexedPlan {
  readonly node: Node;
  readonly label: string | null;
  readonly array: Value;
  readonly sources: readonly Node[];
  readonly alsoCarried?: readonly Invented[];
  readonly bind: (inside: Lowering, index: Value) => void;
  readonly body: (inside: Lowering) => Completion;
  /** The array may change its length while it is looped over. */
  readonly isLive: boolean;
}

/** A loop over the indices of an array. */
export function lowerIndexed(lowering: Lowering, plan: IndexedPlan): Completion {
  const counter = newValue(numberType, { span: spanOf(plan.node) });
  lowering.shared.integers.add(counter);
  const lower = constant(lowering, 0);
  const open: Counting = { counter, lower, upper: null, comparison: "<", step: 1 };
  const counting = plan.isLive ? open : { ...open, upper: lengthOf(lowering, plan.array) };
  return lowerLoop(lowering, {
    node: plan.node,
    label: plan.label,
    sources: plan.sources,
    alsoCarried: plan.alsoCarried,
    counting,
    test: plan.isLive
      ? (inside) => inside.builder.apply("less", [counter, lengthOf(inside, plan.array)], { kind: "boolean" })
      : null,
    body: (inside) => {
      plan.bind(inside, counter);
      return plan.body(inside);
    },
    update: null,
    neverEndsByItself: false,
  });
}

export function lengthOf(lowering: Lowering, array: Value, name: string | null = null): Value {
  if (array.type.kind === "tuple") return constant(lowering, array.type.elements.length);
  const result = newValue(numberType, { name, span: lowering.builder.span });
  lowering.builder.add({ kind: "length", result, object: array, span: lowering.builder.span });
  lowering.shared.integers.add(result);
  return result;
}
