/**
 * Array primitives whose pullbacks read arrays that are written later get copies of their own to read.
 *
 * Needs: a function before it is differentiated. Guarantees: what a pullback reads is what the primitive read or gave.
 *
 * before: p = softmax z; store p, 0, v        after: q = softmax z; p = slice q; store p, 0, v
 */
import { aliasClasses } from "../3-analyse/aliases.js";
import { finality } from "../3-analyse/finality.js";
import { newValue } from "../ir/build.js";
import type { Block, IrFunction, Statement, Type, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { mapBlocks, visitStatements, withBody } from "../ir/walk.js";
import { arrayRule } from "../rules/index.js";

type ArrayPrimitive = Statement & { kind: "arrayPrimitive" };

/** `isShared`: whoever calls the function may write what it can reach before the reverse sweep. */
export function snapshotOperands(fn: IrFunction, isShared: boolean): IrFunction {
  let isUsed = false;
  visitStatements(fn.body, (statement) => {
    isUsed ||= statement.kind === "arrayPrimitive";
  });
  if (!isUsed) return fn;
  const aliases = aliasClasses(fn);
  const facts = finality(fn, aliases);
  const isSafe = (statement: ArrayPrimitive, array: Value): boolean => {
    const memory = aliases.classOf(array);
    if (!memory || (isShared && (memory.isParameter || memory.escapes))) return false;
    return facts.isUnchangedAfter(statement, array);
  };
  return withBody(fn, copyInside(fn.body, isSafe));
}

function copyInside(block: Block, isSafe: (statement: ArrayPrimitive, array: Value) => boolean): Block {
  const statements = block.statements.flatMap((statement): Statement[] =>
    statement.kind === "arrayPrimitive"
      ? separate(statement, (array) => isSafe(statement, array))
      : [mapBlocks(statement, (nested) => copyInside(nested, isSafe))],
  );
  return { ...block, statements };
}

/** The primitive with copies of what must not change: of operands before it, of its result behind it. */
function separate(statement: ArrayPrimitive, isSafe: (array: Value) => boolean): Statement[] {
  const reads = new Set(arrayRule(statement.primitive).pullbacks.flatMap((pullback) => pullback?.reads ?? []));
  const { span } = statement;
  const before: Statement[] = [];
  const args = statement.arguments.map((argument, k) => {
    if (!reads.has(k) || !isReference(argument.type) || isSafe(argument)) return argument;
    const result = newValue(copyType(argument.type), { name: argument.name, span });
    before.push({ kind: "slice", result, object: argument, start: null, end: null, span });
    return result;
  });
  const { result } = statement;
  if (!reads.has("result") || !isReference(result.type) || isSafe(result))
    return [...before, { ...statement, arguments: args }];
  const first = newValue(result.type, { name: result.name, span });
  return [
    ...before,
    { ...statement, arguments: args, result: first },
    { kind: "slice", result, object: first, start: null, end: null, span },
  ];
}

function copyType(type: Type): Type {
  return type.kind === "array" ? { kind: "array", element: type.element } : type;
}
