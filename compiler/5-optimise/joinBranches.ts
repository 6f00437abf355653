/**
 * Branches on one condition become one: derivatives have a branch for each of several operands of what has a kink, and
 * again in both sweeps. What two results of a branch have in common becomes one result.
 *
 * Needs: recall-free IR. Guarantees: statements that run, run in the same order, but for those on numbers alone; branches
 * that are printed as expressions stay what they are.
 *
 * before: a, a' = if c { yield p, p } else { yield 0, 0 }; b = if c { … } else { … }        after: a, b = if c { yield p, … } else { … }
 */
import type { Block, IfStatement, IrFunction, Statement, Value } from "../ir/ir.js";
import { isScalar, sameType } from "../ir/types.js";
import { shareExpressions } from "./shareExpressions.js";
import {
  blocksOf,
  freeValues,
  mapBlocks,
  operandsOf,
  resultsOf,
  substitute,
  visitStatements,
  endsInThrow,
} from "../ir/walk.js";

export function joinBranches(fn: IrFunction): IrFunction {
  const definitions = new Map<Value, Statement>();
  visitStatements(fn.body, (statement) => {
    for (const result of resultsOf(statement)) definitions.set(result, statement);
  });
  const body = joinInside({ definitions }, fn.body);
  // What both computed is computed once now.
  return body === fn.body ? fn : shareExpressions({ ...fn, body });
}

interface Facts {
  readonly definitions: ReadonlyMap<Value, Statement>;
}

function joinInside(facts: Facts, block: Block): Block {
  const inside = block.statements.map((statement) => mapBlocks(statement, (nested) => joinInside(facts, nested)));
  const isSame = inside.every((statement, k) => statement === block.statements[k]);
  const once = withoutRepeats(facts, isSame ? block : { ...block, statements: inside });
  return joined(once);
}

// ----------------------------------------------------------------------------------------------------------- results

/** Results that are the same in either branch, in a block. */
function withoutRepeats({ definitions }: Facts, block: Block): Block {
  const known = (value: Value): unknown => {
    const definition = definitions.get(value);
    if (definition?.kind === "constant") return definition.value;
    return definition?.kind === "placeholder" ? nothing : value;
  };
  const replaced = new Map<Value, Value>();
  for (const statement of block.statements) {
    if (statement.kind !== "if") continue;
    const yielded = statement.results.map((_, k) => [
      known(statement.then.yields[k]!),
      known(statement.else.yields[k]!),
    ]);
    statement.results.forEach((result, k) => {
      const same = statement.results.find(
        (other, j) =>
          j !== k && !replaced.has(other) && sameType(other.type, result.type) && covers(yielded[j]!, yielded[k]!),
      );
      if (same && isScalar(result.type)) replaced.set(result, same);
    });
  }
  if (replaced.size === 0) return block;
  const last = (value: Value): Value => {
    const next = replaced.get(value);
    return next ? last(next) : value;
  };
  const statements = block.statements.map((statement) =>
    statement.kind === "if" ? without(statement, replaced) : statement,
  );
  return substitute({ ...block, statements }, last);
}

/** Without the results that others stand for. */
function without(statement: IfStatement, replaced: ReadonlyMap<Value, Value>): IfStatement {
  const isKept = statement.results.map((result) => !replaced.has(result));
  const shorter = (branch: Block): Block => ({ ...branch, yields: branch.yields.filter((_, k) => isKept[k]) });
  return {
    ...statement,
    then: shorter(statement.then),
    else: shorter(statement.else),
    results: statement.results.filter((_, k) => isKept[k]),
  };
}

const nothing = Symbol("what is never used");

/** Wherever the other has something, this has the same. */
function covers(one: readonly unknown[], other: readonly unknown[]): boolean {
  return other.every((value, k) => value === nothing || Object.is(value, one[k]));
}

// ---------------------------------------------------------------------------------------------------------- branches

/** In statements, of each branch. */
const largestExpression = 8;
/** So many statements may stand between two branches that become one. */
const farthest = 60;

function joined(block: Block): Block {
  let current = block;
  for (let k = 0; k < current.statements.length; k++) {
    for (;;) {
      const next = joinNext(current, k);
      if (!next) break;
      current = next;
    }
  }
  return current;
}

/** The block with the first branch behind position `k` that can be joined with the one there; null where there is none. */
function joinNext(block: Block, k: number): Block | null {
  const first = block.statements[k]!;
  if (first.kind !== "if" || isExpression(first) || isLeft(first)) return null;
  const last = Math.min(block.statements.length, k + 1 + farthest);
  for (let j = k + 1; j < last; j++) {
    const second = block.statements[j]!;
    if (!isPlain(second) && second.kind !== "if") return null;
    if (second.kind !== "if") continue;
    const isOne = second.condition === first.condition && !isExpression(second) && !isLeft(second);
    const before = isOne ? movedBefore(block.statements.slice(k + 1, j), first, second) : null;
    if (isOne && before) return joinedAt(block, k, j, first, second, before);
    if (!isQuiet(second)) return null;
  }
  return null;
}

/** What stands between the two and is needed by the second; null where that depends on the first. */
function movedBefore(
  between: readonly Statement[],
  first: IfStatement,
  second: IfStatement,
): ReadonlySet<Statement> | null {
  const defining = new Map(between.flatMap((statement) => resultsOf(statement).map((result) => [result, statement])));
  const ofFirst = new Set(first.results);
  const moved = new Set<Statement>();
  const need = (value: Value): boolean => {
    const statement = defining.get(value);
    if (!statement || moved.has(statement)) return true;
    if (!isPlain(statement)) return false;
    moved.add(statement);
    return operandsOf(statement).every((operand) => !ofFirst.has(operand) && need(operand));
  };
  return blocksOf(second)
    .flatMap((inside) => freeValues(inside, second))
    .every(need)
    ? moved
    : null;
}

function joinedAt(
  block: Block,
  k: number,
  j: number,
  first: IfStatement,
  second: IfStatement,
  moved: ReadonlySet<Statement>,
): Block {
  const between = block.statements.slice(k + 1, j);
  const branch = (one: Block, other: Block): Block => {
    const known = new Map(first.results.map((result, position) => [result, one.yields[position]!]));
    const { statements, yields } = substitute(other, (value) => known.get(value) ?? value);
    // Both may hold a branch on one more condition.
    return joined({ ...one, statements: [...one.statements, ...statements], yields: [...one.yields, ...yields] });
  };
  const whole: IfStatement = {
    ...first,
    then: branch(first.then, second.then),
    else: branch(first.else, second.else),
    results: [...first.results, ...second.results],
  };
  const statements = [
    ...block.statements.slice(0, k),
    ...between.filter((statement) => moved.has(statement)),
    whole,
    ...between.filter((statement) => !moved.has(statement)),
    ...block.statements.slice(j + 1),
  ];
  return { ...block, statements };
}

/** On numbers alone. */
function isPlain(statement: Statement): boolean {
  return statement.kind === "apply" || statement.kind === "constant";
}

/** It, and what is in it, can change places with what is on numbers alone, and with others of its kind. */
function isQuiet(statement: Statement): boolean {
  return statement.kind === "if"
    ? blocksOf(statement).every((block) => block.statements.every(isQuiet))
    : isPlain(statement);
}

/** One of its branches leaves the function. */
function isLeft(statement: IfStatement): boolean {
  return blocksOf(statement).some(endsInThrow);
}

/** Such a branch is printed as `c ? a : b`, and so are those in it. */
function isExpression({ results, then, else: other }: IfStatement): boolean {
  const isPrinted = (statement: Statement): boolean =>
    isPlain(statement) || (statement.kind === "if" && isExpression(statement));
  const isSmall = (block: Block): boolean =>
    block.statements.length <= largestExpression && block.statements.every(isPrinted);
  return results.length === 1 && isSmall(then) && isSmall(other);
}
