/**
 * Scratch arrays: an array made before a loop, written whole in every iteration before it is read and used nowhere
 * else, is made in the loop, so that iterations share nothing. (`hoistAllocations` takes it out again at the end.)
 *
 * Needs: a primal. Guarantees: the same values.
 *
 * before: t = allocate k; loop i {loop c < k {t[c] = …}; …}        after: loop i {t = allocate k; loop c < k …}
 */
import { aliasClasses } from "../3-analyse/aliases.js";
import { isCoveredFirst, isPlainlyUsed, touches } from "../3-analyse/covering.js";
import type { AllocateStatement, Block, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import { copyOfValue } from "../ir/build.js";
import { mapBlocks, substitute, withBody, constantsIn } from "../ir/walk.js";

interface Facts {
  constantOf(value: Value): number | null;
  isLocal(array: Value): boolean;
}

export function sinkScratch(fn: IrFunction): IrFunction {
  const aliases = aliasClasses(fn);
  const constants = constantsIn(fn.body);
  const facts: Facts = {
    constantOf: (value) => constants.get(value) ?? null,
    isLocal: (array) => {
      const memory = aliases.classOf(array);
      return memory !== null && !memory.isParameter && !memory.isGlobal && !memory.escapes && !memory.moves;
    },
  };
  return withBody(fn, sinkInside(facts, fn.body));
}

function sinkInside(facts: Facts, block: Block): Block {
  let current = block;
  for (const statement of block.statements)
    if (statement.kind === "allocate") current = sinkOne(facts, current, statement);
  const statements = current.statements.map((statement) => mapBlocks(statement, (nested) => sinkInside(facts, nested)));
  const isSame = statements.every((statement, k) => statement === current.statements[k]);
  return isSame ? current : { ...current, statements };
}

function sinkOne(facts: Facts, block: Block, allocation: AllocateStatement): Block {
  const array = allocation.result;
  if (array.type.kind !== "typedArray" || allocation.fill || !facts.isLocal(array)) return block;
  if (!isPlainlyUsed(block, array)) return block;
  const users = block.statements.filter((statement) => touches(statement, array));
  const measures = users.filter((statement) => statement.kind === "length");
  const [loop, ...others] = users.filter((statement) => statement.kind !== "length");
  if (loop?.kind !== "loop" || others.length > 0) return block;
  const measured = measures[0]?.kind === "length" ? measures[0].result : null;
  const length = measured ?? allocation.length;
  const lengths = measured ? [measured, allocation.length] : [allocation.length];
  const question = { array, lengths, constantOf: facts.constantOf };
  if (!isCoveredFirst(loop.body, question) || usesInTest(loop, array)) return block;
  // Whoever asks for the length outside asks an array that stays there; inside, it is known.
  const inner = measured ? copyOfValue(array) : array;
  const renamed = substitute(loop.body, (value) => (value === array ? inner : value));
  const made: AllocateStatement = { ...allocation, result: inner, length };
  const sunk: LoopStatement = { ...loop, body: { ...renamed, statements: [made, ...renamed.statements] } };
  const statements = block.statements.flatMap((statement): Statement[] => {
    if (statement === allocation && !measured) return [];
    return [statement === loop ? sunk : statement];
  });
  return { ...block, statements };
}

function usesInTest(loop: LoopStatement, array: Value): boolean {
  return loop.test?.statements.some((statement) => touches(statement, array)) ?? false;
}
