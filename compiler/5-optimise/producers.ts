/**
 * Producers: loops that do nothing but make the elements of arrays, and where such a loop may run instead.
 *
 * before: loop i {p = literal {x: a[i]}; store p.x, b; store t[i], p}        self-contained but for the store into t
 */
import { type AliasFacts, madeIn } from "../3-analyse/aliases.js";
import { reachedBy } from "../3-analyse/independence.js";
import { type Access, accessesOf, isThereToThrow, keysMeet, writesMemory, writtenObjects } from "../ir/effects.js";
import type { LoopStatement, Statement } from "../ir/ir.js";
import { blocksOf, visitStatements } from "../ir/walk.js";

/** Each iteration does nothing that is seen outside, but for the stores: no sums, no throws, nothing impure. */
export function isSelfContained(loop: LoopStatement, stores: ReadonlySet<Statement>): boolean {
  if (loop.exit || loop.test || loop.trips || loop.parameters.length > 0) return false;
  const own = madeIn(loop.body);
  let isFine = true;
  visitStatements(loop.body, (statement) => {
    if (stores.has(statement) || blocksOf(statement).length > 0) return;
    if (isThereToThrow(statement)) isFine = false;
    if (!writesMemory(statement)) return;
    const written = writesPlainly(statement) ? writtenObjects(statement) : "all";
    if (written === "all" || !written.every((object) => own.has(object))) isFine = false;
  });
  return isFine;
}

/** It does nothing but write: it cannot throw, nor be seen in any other way. */
function writesPlainly({ kind }: Statement): boolean {
  return kind === "store" || kind === "addTo" || kind === "fill" || kind === "push" || kind === "runtimeCall";
}

/** What the loop reads is not written by what stands between, nor by the consumer. */
export function mayMoveInto(
  producer: LoopStatement,
  between: readonly Statement[],
  consumer: LoopStatement,
  aliases: AliasFacts,
): boolean {
  const own = madeIn(producer.body);
  const reads: Access[] = [];
  visitStatements(producer.body, (statement) => {
    const accesses = accessesOf(statement);
    if (accesses !== "all") reads.push(...accesses.filter(({ how, object }) => how === "read" && !own.has(object)));
  });
  const isTouched = (write: Access): boolean =>
    reads.some((read) => {
      if (!keysMeet(read.key, write.key)) return false;
      const written = reachedBy(aliases, write);
      return [...reachedBy(aliases, read)].some((memory) => written.has(memory));
    });
  let isFine = true;
  const check = (statement: Statement): void => {
    const accesses = accessesOf(statement);
    const isHarmful =
      accesses === "all" ? reads.length > 0 : accesses.some((access) => access.how !== "read" && isTouched(access));
    if (isHarmful) isFine = false;
    blocksOf(statement).forEach((block) => block.statements.forEach(check));
  };
  [...between, consumer].forEach(check);
  return isFine;
}
