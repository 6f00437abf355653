/**
 * Whether values keep their kinds where ways meet. A variable that holds a number here and an array there would carry a
 * derivative that nobody follows.
 *
 * Needs: a lowered body. Guarantees: what is used of the result of an `if` or a loop can hold whatever is handed to it.
 */
import type { Block, Statement, Type, Value } from "../ir/ir.js";
import { canCarryDerivative, isReference, isScalar } from "../ir/types.js";
import { blocksOf, operandsOf, visitStatements } from "../ir/walk.js";

/** A value that is handed to one of another kind. */
export interface Mismatch {
  readonly from: Value;
  readonly to: Value;
}

type Flow = readonly [from: Value, to: Value];

export function mismatchIn(body: Block): Mismatch | null {
  const flows: Flow[] = [];
  const used = new Set<Value>(body.yields);
  visitStatements(body, (statement) => {
    flows.push(...flowsOf(statement));
    if (statement.kind !== "loop") operandsOf(statement).forEach((value) => used.add(value));
    else [statement.lower, statement.upper, statement.exit].forEach((value) => value && used.add(value));
    if (statement.kind === "loop" && statement.test) used.add(statement.test.yields[0]!);
  });
  let wasUsed = -1;
  while (wasUsed < used.size) {
    wasUsed = used.size;
    for (const [from, to] of flows) if (used.has(to)) used.add(from);
  }
  const wrong = flows.find(([from, to]) => used.has(to) && !canHold(to.type, from.type));
  return wrong ? { from: wrong[0], to: wrong[1] } : null;
}

function flowsOf(statement: Statement): readonly Flow[] {
  const into = (targets: readonly Value[], values: readonly Value[]): Flow[] =>
    targets.flatMap((target, k) => (values[k] ? [[values[k], target] as const] : []));
  if (statement.kind === "if")
    return blocksOf(statement).flatMap((block) =>
      block.statements.at(-1)?.kind === "throw" ? [] : into(statement.results, block.yields),
    );
  if (statement.kind !== "loop") return [];
  const { parameters, results, initial, body } = statement;
  return [
    ...into(parameters, initial),
    ...into(parameters, body.yields),
    ...into(results, body.yields),
    ...into(results, initial),
  ];
}

/** Nothing that carries a derivative is lost. */
function canHold(to: Type, from: Type): boolean {
  if (isScalar(from)) return isScalar(to);
  if (!isReference(from) || !canCarryDerivative(from)) return true;
  const [wanted, given] = [to, from].map((type) => (type.kind === "optional" ? type.of : type)) as [Type, Type];
  return wanted.kind === given.kind;
}
