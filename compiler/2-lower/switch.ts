/**
 * `switch`: a chain of branches where no clause falls through; otherwise the position of the first clause to run is
 * found first, and every clause from there on runs until one leaves.
 */
import {
  type CaseClause,
  type DefaultClause,
  Node,
  type Statement as SourceStatement,
  type SwitchStatement,
} from "ts-morph";
import { booleanType } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { joinBranches, openBranch, or } from "./branches.js";
import { lowerExpression } from "./expressions.js";
import { type Completion, constant, type Invented, type JumpTarget, type Lowering, refuse } from "./lowering.js";
import { lowerGuarded, lowerStatements, settle } from "./statements.js";
import { isEffectFree } from "./syntax.js";
import { compareKnown } from "./comparisons.js";
import { knownTruth } from "./conditions.js";

type Clause = CaseClause | DefaultClause;

/** Clauses that share one body: `case 1: case 2: …`. */
interface Group {
  readonly clauses: readonly Clause[];
  readonly statements: readonly SourceStatement[];
}

function groupsOf(node: SwitchStatement): Group[] {
  const groups: Group[] = [];
  let waiting: Clause[] = [];
  for (const clause of node.getClauses()) {
    waiting.push(clause);
    if (clause.getStatements().length === 0) continue;
    groups.push({ clauses: waiting, statements: clause.getStatements() });
    waiting = [];
  }
  if (waiting.length > 0) groups.push({ clauses: waiting, statements: [] });
  return groups;
}

function unbraced(statements: readonly SourceStatement[]): readonly SourceStatement[] {
  const only = statements.length === 1 ? statements[0]! : null;
  return only && Node.isBlock(only) ? only.getStatements() : statements;
}

function leaves(statements: readonly SourceStatement[]): boolean {
  const last = unbraced(statements).at(-1);
  if (!last) return false;
  if (Node.isBlock(last)) return leaves(last.getStatements());
  return (
    Node.isBreakStatement(last) ||
    Node.isReturnStatement(last) ||
    Node.isThrowStatement(last) ||
    Node.isContinueStatement(last)
  );
}

function withoutFinalBreak(statements: readonly SourceStatement[]): readonly SourceStatement[] {
  const list = unbraced(statements);
  const last = list.at(-1);
  return last && Node.isBreakStatement(last) && !last.getLabel() ? list.slice(0, -1) : list;
}

export function lowerSwitch(outer: Lowering, node: SwitchStatement): Completion {
  const discriminant = lowerExpression(outer, node.getExpression());
  const breakFlag: Invented = { kind: "flag", name: "left" };
  const target: JumpTarget = { node, label: null, breakFlag, continueFlag: null };
  const lowering: Lowering = { ...outer, jumpTargets: [...outer.jumpTargets, target] };
  for (const clause of node.getClauses())
    if (Node.isCaseClause(clause) && !isEffectFree(clause.getExpression()))
      refuse(
        clause,
        "unsupportedSyntax",
        "A case with side effects is not supported.",
        "Evaluate it before the switch.",
      );
  const groups = groupsOf(node);
  const falls = groups.slice(0, -1).some((group) => !leaves(group.statements));
  const completion = falls
    ? lowerFallThrough(lowering, node, groups, discriminant)
    : lowerChain(lowering, node, groups, discriminant);
  return settle(outer, completion, breakFlag);
}

/** Whether the discriminant is one of the group's cases; null when it cannot be. */
function matches(lowering: Lowering, group: Group, discriminant: Value): Value | null {
  let any: Value | null = null;
  for (const clause of group.clauses) {
    if (!Node.isCaseClause(clause)) continue;
    const value = lowerExpression(lowering, clause.getExpression());
    const known = compareKnown(lowering, "equal", discriminant, value);
    if (known === false) continue;
    if (known === true) return constant(lowering, true);
    const isEqual = lowering.builder.apply("equal", [discriminant, value], booleanType);
    any = any ? or(lowering, any, isEqual) : isEqual;
  }
  return any;
}

function isDefault(group: Group): boolean {
  return group.clauses.some((clause) => Node.isDefaultClause(clause));
}

/** Every value that the type of the discriminant allows has a case. */
function isExhaustive(node: SwitchStatement): boolean {
  const type = node.getExpression().getType();
  const parts = type.isUnion() ? type.getUnionTypes() : [type];
  const cases = new Set(
    node
      .getClauses()
      .flatMap((clause) => (Node.isCaseClause(clause) ? [clause.getExpression().getType().getText()] : [])),
  );
  return parts.every((part) => (part.isLiteral() || part.isEnumLiteral()) && cases.has(part.getText()));
}

function lowerChain(
  lowering: Lowering,
  node: SwitchStatement,
  groups: readonly Group[],
  discriminant: Value,
): Completion {
  const asked = groups.find(isDefault);
  // Where the cases are all there is, the last one needs no test.
  const fallback = asked ?? (isExhaustive(node) ? groups.at(-1) : undefined);
  const cases = groups.filter((group) => group !== fallback);
  const from = (inside: Lowering, k: number): Completion => {
    const group = cases[k];
    if (!group) return fallback ? lowerStatements(inside, withoutFinalBreak(fallback.statements)) : "normal";
    const condition = matches(inside, group, discriminant);
    if (!condition) return from(inside, k + 1);
    if (knownTruth(inside, condition)) return lowerStatements(inside, withoutFinalBreak(group.statements));
    const taken = openBranch(inside);
    taken.completion = lowerStatements(taken.lowering, withoutFinalBreak(group.statements));
    const other = openBranch(inside);
    other.completion = from(other.lowering, k + 1);
    return joinBranches(inside, condition, taken, other, node).completion;
  };
  return from(lowering, 0);
}

function lowerFallThrough(
  lowering: Lowering,
  node: SwitchStatement,
  groups: readonly Group[],
  discriminant: Value,
): Completion {
  const fallback = groups.findIndex(isDefault);
  const start = startOf(lowering, node, groups, discriminant, fallback < 0 ? groups.length : fallback, 0);
  const from = (inside: Lowering, k: number): Completion => {
    const group = groups[k];
    if (!group) return "normal";
    const runs = inside.builder.apply("lessEqual", [start, constant(inside, k)], booleanType);
    const taken = openBranch(inside);
    taken.completion = lowerStatements(taken.lowering, unbraced(group.statements));
    const { completion } = joinBranches(inside, runs, taken, openBranch(inside), node);
    if (completion === "normal") return from(inside, k + 1);
    return lowerGuarded(inside, node, (rest) => from(rest, k + 1));
  };
  return from(lowering, 0);
}

/** The number of the first group to run. */
function startOf(
  lowering: Lowering,
  node: SwitchStatement,
  groups: readonly Group[],
  discriminant: Value,
  fallback: number,
  k: number,
): Value {
  if (k === groups.length) return constant(lowering, fallback);
  const condition = matches(lowering, groups[k]!, discriminant);
  if (!condition) return startOf(lowering, node, groups, discriminant, fallback, k + 1);
  const found = openBranch(lowering);
  found.value = constant(found.lowering, k);
  const other = openBranch(lowering);
  other.value = startOf(other.lowering, node, groups, discriminant, fallback, k + 1);
  return joinBranches(lowering, condition, found, other, node).value!;
}
