/**
 * Branches and their joins: what differs between two ways becomes a result of the `if`.
 */
import { type Node, SyntaxKind } from "ts-morph";
import { booleanType, newBlock, newValue } from "../ir/build.js";
import type { Statement, Type, Value } from "../ir/ir.js";
import { unify } from "./unknownTypes.js";
import { resultsOf } from "../ir/walk.js";
import { joinTypes } from "../ir/types.js";
import { closuresIn } from "./functionValues.js";
import { asKept, readKept } from "./keptFunctions.js";
import {
  type Cell,
  cellIn,
  type Completion,
  constant,
  type FunctionValue,
  type Invented,
  isInvented,
  type Lowering,
  nested,
  placeholder,
  spanOf,
  symbolOf,
  type Variable,
} from "./lowering.js";

export interface Branch {
  readonly lowering: Lowering;
  completion: Completion;
  /** The value of the branch, where the `if` is an expression. */
  value: Value | null;
}

export function openBranch(lowering: Lowering): Branch {
  return { lowering: nested(lowering), completion: "normal", value: null };
}

/** What a variable is worth where it was never set. */
function absent(lowering: Lowering, variable: Invented, like: Value): Value {
  return variable.kind === "flag" ? constant(lowering, false) : placeholder(lowering, like.type);
}

/** Joins two branches after `condition`; gives back the joined value where both have one. */
export function joinBranches(
  lowering: Lowering,
  condition: Value,
  thenBranch: Branch,
  elseBranch: Branch,
  node: Node,
  name: string | null = null,
  isCheckpoint = false,
): { completion: Completion; value: Value | null } {
  const branches = [thenBranch, elseBranch] as const;
  const yields: [Value[], Value[]] = [[], []];
  const results: Value[] = [];
  /** A choice made inside a branch is made by conditions that the branch hands out. */
  const handOut = (fn: FunctionValue | undefined, k: number): FunctionValue | undefined => {
    if (fn?.kind !== "choice") return fn;
    const inner = fn.condition;
    const [whenTrue, whenFalse] = [handOut(fn.whenTrue, k)!, handOut(fn.whenFalse, k)!];
    const isInside = branches[k]!.lowering.builder.statements.some((one) => resultsOf(one).includes(inner));
    if (!isInside) return { ...fn, whenTrue, whenFalse };
    const other = constant(branches[1 - k]!.lowering, false);
    const pair: readonly [Value, Value] = k === 0 ? [inner, other] : [other, inner];
    return { kind: "choice", condition: join(pair, null, booleanType), whenTrue, whenFalse };
  };
  const join = (values: readonly [Value, Value], name: string | null, joined: Type): Value => {
    values.forEach((value, k) => yields[k]!.push(value));
    const result = newValue(joined, { name, span: spanOf(node) });
    results.push(result);
    const { integers, functions } = lowering.shared;
    if (values.every((value) => integers.has(value))) integers.add(result);
    const [whenTrue, whenFalse] = values.map((value, k) => handOut(functions.get(value), k));
    if (whenTrue && whenFalse) functions.set(result, { kind: "choice", condition, whenTrue, whenFalse });
    joinMembers(values, result);
    return result;
  };
  /** Of records with functions of the same names, one or the other is called. */
  const joinMembers = (values: readonly [Value, Value], result: Value): void => {
    const { functionFields, functions } = lowering.shared;
    const [first, second] = values.map((value) => functionFields.get(value));
    if (!first || !second || first.size === 0) return;
    const members = new Map<string, Value>();
    for (const [name, held] of first) {
      const pair = [held, second.get(name)].map((one, k) => one && handOut(functions.get(one), k));
      const [whenTrue, whenFalse] = pair;
      if (!whenTrue || !whenFalse) continue;
      const member = placeholder(lowering, { kind: "opaque", text: "Function" });
      functions.set(member, { kind: "choice", condition, whenTrue, whenFalse });
      members.set(name, member);
    }
    functionFields.set(result, members);
  };
  const opened: Variable[] = [];
  const captured = capturedInside(lowering, branches);
  for (const variable of joinedVariables(lowering, thenBranch, elseBranch, captured)) {
    const found = branches.map((branch) => branch.lowering.variables.get(variable));
    const like = (found[0] ?? found[1])!;
    const values = branches.map((branch, k) => found[k] ?? absent(branch.lowering, variable as Invented, like));
    const pair = alike(lowering, branches, [values[0]!, values[1]!]);
    unify(pair[0].type, pair[1].type);
    const joined =
      isInvented(variable) && variable.kind === "flag" ? booleanType : joinTypes(pair[0].type, pair[1].type);
    const result = join(pair, variable.name, joined);
    lowering.variables.set(variable, result);
    opened.push(variable);
    // A function that only one branch has captured is called where that branch was taken.
    const only = found.findIndex((one) => one !== undefined);
    const fn = found[0] && found[1] ? undefined : handOut(lowering.shared.functions.get(found[only]!), only);
    if (fn) lowering.shared.functions.set(result, fn);
  }
  let value: Value | null = null;
  if (thenBranch.value && elseBranch.value) {
    [thenBranch.value, elseBranch.value] = alike(lowering, branches, [thenBranch.value, elseBranch.value]);
    unify(thenBranch.value.type, elseBranch.value.type);
  }
  if (thenBranch.value && elseBranch.value)
    value =
      thenBranch.value === elseBranch.value
        ? thenBranch.value
        : join([thenBranch.value, elseBranch.value], name, joinTypes(thenBranch.value.type, elseBranch.value.type));
  const [thenBlock, elseBlock] = branches.map((branch, k) =>
    newBlock(throwLast(branch.lowering.builder.statements), yields[k]),
  );
  const blocks = { then: thenBlock!, else: elseBlock! };
  const marked = isCheckpoint && { isCheckpoint };
  lowering.builder.add({ kind: "if", condition, ...blocks, results, ...marked, span: spanOf(node) });
  for (const variable of opened)
    lowering.variables.set(variable, readKept(lowering, lowering.variables.get(variable)!));
  value &&= readKept(lowering, value);
  return { completion: joinCompletions(thenBranch.completion, elseBranch.completion), value };
}

/** Where one way gives a number and the other a truth value, both are numbers: 0 is false, and counts as it does. */
function alike(
  lowering: Lowering,
  branches: readonly [Branch, Branch],
  given: readonly [Value, Value],
): readonly [Value, Value] {
  const pair = asKept(lowering, given) as readonly [Value, Value];
  const isMixed = pair.some(({ type }) => type.kind === "number") && pair.some(({ type }) => type.kind === "boolean");
  if (!isMixed) return pair;
  const [a, b] = pair.map((value, k): Value => {
    if (value.type.kind === "number") return value;
    const inside = branches[k]!.lowering;
    const literal = lowering.shared.literals.get(value);
    return literal === undefined ? inside.builder.apply("toNumber", [value]) : constant(inside, Number(literal));
  });
  return [a!, b!];
}

/** Stand-ins for values that a throwing branch does not have come before the throw. */
function throwLast(statements: readonly Statement[]): readonly Statement[] {
  const thrown = statements.find((statement) => statement.kind === "throw");
  return thrown ? [...statements.filter((statement) => statement !== thrown), thrown] : statements;
}

export function joinCompletions(a: Completion, b: Completion): Completion {
  return a === b ? a : "maybe";
}

/** Variables that were there before, or are invented, and differ between the branches. */
function joinedVariables(
  lowering: Lowering,
  thenBranch: Branch,
  elseBranch: Branch,
  captured: ReadonlySet<Cell>,
): readonly Variable[] {
  const all = new Set([...thenBranch.lowering.variables.keys(), ...elseBranch.lowering.variables.keys()]);
  return [...all].filter((variable) => {
    const a = thenBranch.lowering.variables.get(variable);
    const b = elseBranch.lowering.variables.get(variable);
    if (a === b) {
      // Both branches may have assigned the same value from outside.
      if (a && (isInvented(variable) || lowering.variables.has(variable))) lowering.variables.set(variable, a);
      return false;
    }
    return lowering.variables.has(variable) || isInvented(variable) || captured.has(variable);
  });
}

/** Variables of a branch that functions have captured which are handed out of it. */
function capturedInside(lowering: Lowering, branches: readonly Branch[]): ReadonlySet<Cell> {
  const found = new Set<Cell>();
  const { functions, functionFields } = lowering.shared;
  for (const { lowering: inside, value } of branches) {
    const enter = (fn: FunctionValue | undefined): void => {
      for (const closure of fn ? closuresIn(fn) : []) {
        if (!closure.scope?.isCaptured) continue;
        for (const name of closure.node.getDescendantsOfKind(SyntaxKind.Identifier)) {
          const cell = cellIn(closure.scope, symbolOf(name));
          if (!cell || found.has(cell) || lowering.variables.has(cell) || !inside.variables.has(cell)) continue;
          found.add(cell);
          enter(functions.get(inside.variables.get(cell)!));
        }
      }
    };
    const enterAll = (one: Value): void => {
      enter(functions.get(one));
      for (const held of functionFields.get(one)?.values() ?? []) enter(functions.get(held));
    };
    if (value) enterAll(value);
    for (const [variable, held] of inside.variables)
      if (lowering.variables.has(variable) || isInvented(variable)) enterAll(held);
  }
  return found;
}

/** The or of all flags that are set or may be set, or null when none is. */
export function anyFlag(lowering: Lowering, which: (flag: Invented) => boolean = () => true): Value | null {
  let any: Value | null = null;
  for (const [variable, value] of lowering.variables) {
    if (!isInvented(variable) || variable.kind !== "flag" || !which(variable)) continue;
    if (lowering.shared.literals.get(value) === false) continue;
    any = any ? or(lowering, any, value) : value;
  }
  return any;
}

/** Whether any of the tests holds; those behind the first that does are not made. */
export function anyOf(lowering: Lowering, tests: readonly ((inside: Lowering) => Value)[], node: Node): Value {
  const [first, ...others] = tests;
  if (!first) return constant(lowering, false);
  const isFirst = first(lowering);
  if (others.length === 0) return isFirst;
  const [taken, other] = [openBranch(lowering), openBranch(lowering)];
  taken.value = constant(taken.lowering, true);
  other.value = anyOf(other.lowering, others, node);
  return joinBranches(lowering, isFirst, taken, other, node).value!;
}

export function or(lowering: Lowering, a: Value, b: Value): Value {
  const thenSide = nested(lowering);
  const always = constant(thenSide, true);
  const result = newValue(booleanType, { span: lowering.builder.span });
  lowering.builder.add({
    kind: "if",
    condition: a,
    then: newBlock(thenSide.builder.statements, [always]),
    else: newBlock([], [b]),
    results: [result],
    span: lowering.builder.span,
  });
  return result;
}

/** Forgets flags: where this code runs, they are known to be false. */
export function clearFlags(lowering: Lowering): void {
  for (const variable of [...lowering.variables.keys()])
    if (isInvented(variable) && variable.kind === "flag") lowering.variables.delete(variable);
}
