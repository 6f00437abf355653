/**
 * Invariant code: what a loop computes alike in every iteration moves before the loop, where that helps: the bounds of
 * inner loops and the lengths of arrays (so that storage can be made ahead), fields of records (so that their adjoints are
 * summed in locals), and functions that cost much.
 *
 * Needs: any verified function. Guarantees: the same values; nothing that can throw is moved.
 *
 * before: loop i {m = n - 1; loop j < m {…}}        after: m = n - 1; loop i {loop j < m {…}}
 */
import { aliasClasses, type AliasFacts, type MemoryClass } from "../3-analyse/aliases.js";
import { writtenObjects } from "../ir/effects.js";
import { typeAt } from "../ir/place.js";
import { copyOfValue } from "../ir/build.js";
import { costOf } from "../ir/primitives.js";
import type { Block, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import { isScalar } from "../ir/types.js";
import {
  blocksOf,
  definedIn,
  mapBlocks,
  operandsOf,
  resultsOf,
  substitute,
  visitStatements,
  withBody,
} from "../ir/walk.js";

/** Functions at least this dear are worth a variable outside. */
const expensive = 8;

interface Hoisting {
  readonly aliases: AliasFacts;
  /** References that are there whenever their definition is reached. */
  readonly present: ReadonlySet<Value>;
}

export function hoistInvariants(fn: IrFunction): IrFunction {
  const present = new Set<Value>(fn.parameters.map((parameter) => parameter.value));
  visitStatements(fn.body, (statement) => {
    const isMade = statement.kind === "allocate" || statement.kind === "literal" || statement.kind === "slice";
    if (isMade) present.add(statement.result);
    if (statement.kind === "load" && isFieldThere(statement) && present.has(statement.object))
      present.add(statement.result);
  });
  return withBody(fn, hoistBlock({ aliases: aliasClasses(fn), present }, fn.body));
}

function hoistBlock(hoisting: Hoisting, block: Block): Block {
  const statements: Statement[] = [];
  for (const original of block.statements) {
    const statement = mapBlocks(original, (nested) => hoistBlock(hoisting, nested));
    if (statement.kind !== "loop") {
      statements.push(statement);
      continue;
    }
    const moved = invariantsOf(hoisting, statement);
    if (moved.length === 0) {
      statements.push(statement);
      continue;
    }
    const gone = new Set<Statement>(moved);
    const rest = statement.body.statements.filter((inside) => !gone.has(inside));
    const renamed = new Map<Value, Value>();
    const all = [...moved.map((inside) => named(inside, renamed)), withStatements(statement, rest)];
    statements.push(...substitute({ ...block, statements: all }, (value) => renamed.get(value) ?? value).statements);
  }
  const isSame = statements.length === block.statements.length && statements.every((s, k) => s === block.statements[k]);
  return isSame ? block : { ...block, statements };
}

const withStatements = (loop: LoopStatement, statements: readonly Statement[]): LoopStatement => ({
  ...loop,
  body: { ...loop.body, statements },
});

/** The statement, a read of a field called as the field is: it has a variable of its own from now on. */
function named(statement: Statement, renamed: Map<Value, Value>): Statement {
  if (statement.kind !== "load" || statement.key.kind !== "field" || statement.result.name !== null) return statement;
  const { name } = statement.key;
  if (!isScalar(statement.result.type)) return statement;
  if (statement.result.role !== "primal" || !/^[A-Za-z_$][\w$]*$/.test(name)) return statement;
  const known = { ...copyOfValue(statement.result), name };
  renamed.set(statement.result, known);
  return { ...statement, result: known };
}

/** The statements of the body that are moved, in order. */
function invariantsOf(hoisting: Hoisting, loop: LoopStatement): readonly Statement[] {
  const inside = definedIn(loop);
  const written = new Set<MemoryClass | null>();
  const bounds = new Set<Value>();
  let writesAnywhere = false;
  for (const block of blocksOf(loop))
    visitStatements(block, (statement) => {
      const objects = writtenObjects(statement);
      if (objects === "all") writesAnywhere = true;
      else objects.forEach((object) => written.add(hoisting.aliases.classOf(object)));
      if (statement.kind === "allocate") bounds.add(statement.length);
      if (statement.kind !== "loop") return;
      bounds.add(statement.lower);
      if (statement.upper) bounds.add(statement.upper);
    });
  const isUntouched = (object: Value, isLength: boolean): boolean => {
    const memory = hoisting.aliases.classOf(object);
    // Writes of elements leave the length alone where the array never changes its size.
    const isWritten = writesAnywhere || written.has(memory);
    return hoisting.present.has(object) && (!isWritten || (isLength && memory?.isResized === false));
  };
  const movable = new Map<Value, Statement>();
  for (const statement of loop.body.statements) {
    if (!canMove(statement, isUntouched)) continue;
    const result = resultsOf(statement)[0]!;
    if (operandsOf(statement).every((operand) => !inside.has(operand) || movable.has(operand)))
      movable.set(result, statement);
  }
  const wanted = new Set<Statement>();
  const want = (value: Value): void => {
    const statement = movable.get(value);
    if (!statement || wanted.has(statement)) return;
    wanted.add(statement);
    operandsOf(statement).forEach(want);
  };
  for (const [value, statement] of movable) {
    const isDear = statement.kind === "apply" && costOf(statement.primitive) >= expensive;
    if (bounds.has(value) || isDear || isFieldThere(statement)) want(value);
  }
  const isOnlyConstants = [...wanted].every((statement) => statement.kind === "constant");
  return isOnlyConstants ? [] : loop.body.statements.filter((statement) => wanted.has(statement));
}

/** A field that every such object has. */
function isFieldThere(statement: Statement): boolean {
  if (statement.kind !== "load" || statement.key.kind !== "field") return false;
  return typeAt(statement.object.type, [statement.key.name]) !== null && statement.result.type.kind !== "optional";
}

function canMove(statement: Statement, isUntouched: (object: Value, isLength: boolean) => boolean): boolean {
  switch (statement.kind) {
    case "constant":
    case "apply":
      return true;
    case "length":
    case "load":
      return isUntouched(statement.object, statement.kind === "length");
    default:
      return false;
  }
}
