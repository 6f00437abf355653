/**
 * Covering: whether an array is written whole before anything reads it, so that what it held before does not matter.
 *
 * before: loop c < k {t[c] = …}; … t[j] …, for t of length k        covered from the loop on
 */
import { readObjects, writtenObjects } from "../ir/effects.js";
import type { AllocateStatement, Block, LoopStatement, Statement, Value } from "../ir/ir.js";
import { blocksOf, operandsOf } from "../ir/walk.js";

export interface ArrayInBlock {
  readonly array: Value;
  /** What its length is known as. */
  readonly lengths: readonly Value[];
  constantOf(value: Value): number | null;
}

/**
 * The first statement of the block that touches the array writes all of it; or the only one that does is a loop or a
 * branch in which the same holds.
 */
export function isCoveredFirst(block: Block, question: ArrayInBlock): boolean {
  const touching = block.statements.filter((statement) => touchesContents(statement, question.array));
  const first = touching[0];
  if (!first) return true;
  if (first.kind === "fill") return first.object === question.array && !first.start && !first.end;
  if (first.kind === "loop" && coversWhole(first, question)) return true;
  if (touching.length > 1 || (first.kind !== "loop" && first.kind !== "if")) return false;
  return blocksOf(first).every((nested) => isCoveredFirst(nested, question));
}

/** A loop stores each element before anything else is done to the array that the block makes. */
export function isFilledFirst(
  { result, length }: AllocateStatement,
  block: Block,
  constantOf: (value: Value) => number | null,
): boolean {
  const first = block.statements.find((one) => one.kind !== "length" && touches(one, result));
  if (!first) return !block.yields.includes(result);
  return first.kind === "loop" && coversWhole(first, { array: result, lengths: [length], constantOf });
}

/** As `touches`, but for a question about the length. */
function touchesContents(statement: Statement, array: Value): boolean {
  if (statement.kind === "length") return false;
  if (blocksOf(statement).length === 0) return touches(statement, array);
  return (
    operandsOf(statement).includes(array) ||
    blocksOf(statement).some(
      (block) => block.yields.includes(array) || block.statements.some((inside) => touchesContents(inside, array)),
    )
  );
}

/** The statement, or one below it, names the array. */
export function touches(statement: Statement, array: Value): boolean {
  if (statement.kind === "allocate" && statement.result === array) return false;
  if (operandsOf(statement).includes(array)) return true;
  return blocksOf(statement).some(
    (block) => block.yields.includes(array) || block.statements.some((inside) => touches(inside, array)),
  );
}

/** `for c = 0; c < length` with an unconditional write of [c] before any read. */
export function coversWhole(loop: LoopStatement, { array, lengths, constantOf }: ArrayInBlock): boolean {
  const isWhole =
    constantOf(loop.lower) === 0 && loop.comparison === "<" && loop.step === 1 && !loop.exit && !loop.test;
  if (!isWhole || !lengths.some((length) => loop.upper && isSame(loop.upper, length, constantOf))) return false;
  for (const statement of loop.body.statements) {
    if (!touches(statement, array)) continue;
    const isWrite =
      statement.kind === "store" &&
      statement.object === array &&
      statement.key.kind === "index" &&
      statement.key.index === loop.counter &&
      statement.value !== array;
    return isWrite && !readObjects(statement).includes(array);
  }
  return false;
}

function isSame(a: Value, b: Value, constantOf: (value: Value) => number | null): boolean {
  return a === b || (constantOf(a) !== null && constantOf(a) === constantOf(b));
}

/** Every use of the array reads or writes its elements: it is handed to nobody and has no other name. */
export function isPlainlyUsed(block: Block, array: Value): boolean {
  if (block.yields.includes(array)) return false;
  return block.statements.every((statement) => {
    if (!blocksOf(statement).every((nested) => isPlainlyUsed(nested, array))) return false;
    if (!operandsOf(statement).includes(array)) return true;
    switch (statement.kind) {
      case "load":
      case "length":
      case "zerosLike":
        return true;
      case "store":
      case "addTo":
      case "fill":
        return statement.value !== array;
      case "copy":
      case "arrayPrimitive":
      case "externalCall":
      case "slice":
        return true;
      case "runtimeCall": {
        const written = writtenObjects(statement);
        return statement.result === null || (written !== "all" && !written.includes(array));
      }
      default:
        return false;
    }
  });
}
