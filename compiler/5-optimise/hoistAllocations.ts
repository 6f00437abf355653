/**
 * Allocations of a fixed length leave the loops they stand in; where it matters what the array holds, it is cleared.
 *
 * Needs: recall-free IR. Guarantees: the same values; no array that can be seen after its iteration is shared.
 *
 * before: loop i {t = allocate k; …}        after: t = allocate k; loop i {fill t, 0; …}
 */
import { aliasClasses, type AliasFacts } from "../3-analyse/aliases.js";
import { isCoveredFirst, isPlainlyUsed } from "../3-analyse/covering.js";
import { newValue, numberType } from "../ir/build.js";
import type { AllocateStatement, Block, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import { definedIn, mapBlocks, withBody, constantsIn } from "../ir/walk.js";

interface Facts {
  readonly aliases: AliasFacts;
  readonly constants: ReadonlyMap<Value, number>;
}

export function hoistAllocations(fn: IrFunction): IrFunction {
  const constants = constantsIn(fn.body);
  return withBody(fn, hoistInside({ aliases: aliasClasses(fn), constants }, fn.body));
}

function hoistInside(facts: Facts, block: Block): Block {
  const statements: Statement[] = [];
  for (const original of block.statements) {
    const statement = mapBlocks(original, (nested) => hoistInside(facts, nested));
    if (statement.kind === "loop") statements.push(...hoistFrom(facts, statement));
    else statements.push(statement);
  }
  const isSame = statements.length === block.statements.length && statements.every((s, k) => s === block.statements[k]);
  return isSame ? block : { ...block, statements };
}

/** The allocations of a loop's body that leave it, then the loop. */
function hoistFrom(facts: Facts, loop: LoopStatement): readonly Statement[] {
  const inside = definedIn(loop);
  const moved: Statement[] = [];
  const statements = loop.body.statements.flatMap((statement): Statement[] => {
    if (statement.kind !== "allocate" || !canLeave(facts, loop, statement, inside)) return [statement];
    const length = outsideLength(facts, statement.length, inside, moved);
    moved.push({ ...statement, length });
    return needsClearing(facts, loop.body, statement) ? cleared(statement) : [];
  });
  return moved.length === 0 ? [loop] : [...moved, { ...loop, body: { ...loop.body, statements } }];
}

function canLeave(
  facts: Facts,
  loop: LoopStatement,
  { result, length, fill }: AllocateStatement,
  inside: ReadonlySet<Value>,
): boolean {
  if (result.type.kind !== "typedArray" || fill) return false;
  if (inside.has(length) && !facts.constants.has(length)) return false;
  const memory = facts.aliases.classOf(result);
  if (!memory || memory.isParameter || memory.isGlobal || memory.escapes || memory.moves) return false;
  return isPlainlyUsed(loop.body, result);
}

function outsideLength(facts: Facts, length: Value, inside: ReadonlySet<Value>, moved: Statement[]): Value {
  if (!inside.has(length)) return length;
  const result = newValue(numberType);
  moved.push({ kind: "constant", result, value: facts.constants.get(length)!, text: null, span: null });
  return result;
}

/** What was kept is written before it is read, always. */
function needsClearing(facts: Facts, body: Block, { result, length }: AllocateStatement): boolean {
  if (result.role === "kept") return false;
  const constantOf = (value: Value): number | null => facts.constants.get(value) ?? null;
  return !isCoveredFirst(body, { array: result, lengths: [length], constantOf });
}

function cleared({ result }: AllocateStatement): Statement[] {
  const zero = newValue(numberType);
  return [
    { kind: "constant", result: zero, value: 0, text: null, span: null },
    { kind: "fill", object: result, value: zero, start: null, end: null, span: null },
  ];
}
