/**
 * Loops: every loop of the source becomes the one loop of the IR. A counter that the body leaves alone is the loop's
 * own; every other variable that the loop assigns is carried.
 */
import { Node, VariableDeclarationKind } from "ts-morph";
import { directivesOf } from "../1-parse/directives.js";
import { newBlock, newValue, numberType } from "../ir/build.js";
import type { LoopComparison, LoopStatement, Value } from "../ir/ir.js";
import { missingOf, optionalType } from "../ir/types.js";
import { assignedVariables } from "./assignedVariables.js";
import { anyFlag, joinBranches, openBranch } from "./branches.js";
import { findCounter, lowerCounting } from "./counting.js";
import { lowerForEffect } from "./expressions.js";
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
  type Variable,
  type Source,
} from "./lowering.js";
import { lowerDeclarations, lowerGuarded, lowerStatement } from "./statements.js";
import { storedAs } from "./items.js";
import { readKept } from "./keptFunctions.js";
import { isUsedAfter } from "./hoisting.js";
import { hasConstantTruth, isEffectFree } from "./syntax.js";
import { isFunctionType, LearningBuilder, unify, unknownType } from "./unknownTypes.js";
import { lowerCondition } from "./conditions.js";
import { applyPrimitive } from "./operators.js";

/** How a loop counts. */
export interface Counting {
  readonly counter: Value;
  readonly lower: Value;
  readonly upper: Value | null;
  readonly comparison: LoopComparison;
  readonly step: number;
  /** The source's counter is this less ours. */
  readonly from?: Value;
}

export interface LoopPlan {
  readonly node: Node;
  readonly label: string | null;
  /** Source that runs in the loop, for the variables it assigns. */
  readonly sources: readonly Source[];
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
    (variable) => !isInvented(variable) && assigned.has(variable) && !holdsFunction(lowering, variable),
  );
  carried.push(...(plan.alsoCarried ?? []));
  const initial = carried.map((variable) => storedAs(lowering, lowering.variables.get(variable)!));
  const inside: Lowering = { ...nested(lowering), loops: lowering.loops + 1 };
  const parameters = carried.map((variable, k) => {
    const value = newValue(widen(lowering, initial[k]!, variable), {
      name: variable.name,
      span: initial[k]!.span,
    });
    inside.variables.set(variable, value);
    return value;
  });
  for (const variable of carried) inside.variables.set(variable, readKept(inside, inside.variables.get(variable)!));
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
  refuseChangedFunctions(lowering, body, assigned, plan.node);
  const leaving = [...body.variables.keys()].filter(
    (variable): variable is Invented =>
      isFlagOrResult(variable) && body.variables.get(variable) !== lowering.variables.get(variable),
  );
  const results: Value[] = [];
  const yields = carried.map((variable) => storedAs(body, body.variables.get(variable)!));
  const allInitial = [...initial];
  yields.forEach((value, k) => unify(parameters[k]!.type, value.type));
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
  const { counter, lower, upper, comparison, step } = counting;
  const statement: LoopStatement = {
    kind: "loop",
    counter,
    lower,
    upper,
    comparison,
    step,
    parameters,
    initial: allInitial,
    test,
    body: newBlock(body.builder.statements, yields),
    exit: ends,
    results,
    trips: null,
    label: plan.label,
    ...(Node.isIterationStatement(plan.node) && directivesOf(plan.node)),
    span: spanOf(plan.node),
  };
  lowering.builder.add(statement);
  for (const variable of carried)
    lowering.variables.set(variable, readKept(lowering, lowering.variables.get(variable)!));
  const mayLeave = leaving.some((variable) => variable.kind === "flag");
  if (!mayLeave) return "normal";
  return plan.neverEndsByItself && !breaks(plan, target) ? "abrupt" : "maybe";
}

function holdsFunction(lowering: Lowering, variable: Variable): boolean {
  return lowering.shared.functions.has(lowering.variables.get(variable)!);
}

/** Variables with functions are not carried: which function it is must be the same every time. */
function refuseChangedFunctions(lowering: Lowering, body: Lowering, assigned: ReadonlySet<Cell>, node: Node): void {
  for (const cell of assigned)
    if (holdsFunction(lowering, cell) && body.variables.get(cell) !== lowering.variables.get(cell))
      refuse(
        node,
        "functionValue",
        `Which function ${cell.name} is, changes while the loop runs.`,
        "Choose the function in the loop, by a condition.",
      );
}

/** Whether anything in the loop breaks out of it alone. */
function breaks(plan: LoopPlan, target: JumpTarget): boolean {
  const nodes = plan.sources.map((source) => (Node.isNode(source) ? source : source.node));
  return nodes.some((source) =>
    [source, ...source.getDescendants()].some(
      (node) => Node.isBreakStatement(node) && (!node.getLabel() || node.getLabel()!.getText() === target.label),
    ),
  );
}

/** A variable that may be undefined or null at any time is optional throughout. */
function widen(lowering: Lowering, initial: Value, variable: Variable): Value["type"] {
  if (isFlagOrResult(variable)) return initial.type;
  const declared = lowering.shared.declaredTypes.get(variable);
  const isFunction = declared && isFunctionType(declared.kind === "optional" ? declared.of : declared);
  if (initial.type.kind === "nullish" && (!declared || declared.kind === "opaque" || isFunction))
    return optionalType(unknownType(), missingOf(initial.type)!);
  if (declared?.kind === "record" && declared.isUnion && declared.brands) return declared;
  const mayBeMissing = missingOf(initial.type) !== null || (declared && missingOf(declared) !== null);
  return (mayBeMissing && declared) || initial.type;
}

function lowerTest(inside: Lowering, test: (inside: Lowering) => Value): LoopStatement["test"] {
  const builder = new LearningBuilder(inside.builder.span, inside.builder);
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
  const isScoped = !Node.isVariableDeclarationList(initializer) || isBlockScoped(initializer);
  const counter = isScoped || !isUsedAfter(node) ? findCounter(node) : null;
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
    body: (scope) => {
      if (counting?.from)
        scope.variables.set(cellIn(scope.scope, counter!.symbol)!, countedDown(scope, counting, counter!));
      return lowerStatement(scope, body);
    },
    update: restOfUpdate ? (scope) => lowerForEffect(scope, restOfUpdate) : null,
    neverEndsByItself: isEndless,
  };
  if (counting) inside.variables.set(cellIn(inside.scope, counter!.symbol)!, counting.counter);
  const completion = lowerLoop(inside, plan);
  if (initializer && Node.isVariableDeclarationList(initializer) && (isScoped || !isUsedAfter(node)))
    for (const declaration of initializer.getDeclarations()) {
      const cell = cellOf(lowering, declaration.getNameNode());
      if (cell) lowering.variables.delete(cell);
    }
  return completion;
}

function countedDown(lowering: Lowering, { from, counter }: Counting, { name }: { readonly name: string }): Value {
  return applyPrimitive(lowering, "subtract", [from!, counter], name);
}

function isBlockScoped(list: import("ts-morph").VariableDeclarationList): boolean {
  return list.getDeclarationKind() !== VariableDeclarationKind.Var;
}
