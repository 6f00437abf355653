/**
 * Hooked values in code that is to run: a number is passed on, of anything else there is a copy.
 *
 * Needs: a function whose hooks have their place in the reverse sweep, or none. Guarantees: no hooked value is left.
 *
 * before: y = external hookCotangent(x)        after: y = narrow x, or y = slice x
 */
import type { Block, ExternalCallStatement, IrFunction, Statement } from "../ir/ir.js";
import { elementType, isScalar } from "../ir/types.js";
import { mapBlocks } from "../ir/walk.js";

export function passOn(fn: IrFunction): IrFunction {
  const body = passOnIn(fn.body);
  return body === fn.body ? fn : { ...fn, body };
}

function passOnIn(block: Block): Block {
  const statements = block.statements.map((statement) =>
    isHooked(statement) ? primalOf(statement) : mapBlocks(statement, passOnIn),
  );
  const isSame = statements.every((statement, k) => statement === block.statements[k]);
  return isSame ? block : { ...block, statements };
}

function isHooked(statement: Statement): statement is ExternalCallStatement {
  return statement.kind === "externalCall" && statement.callee.kind === "hooked";
}

function primalOf({ result, arguments: args, span }: ExternalCallStatement): Statement {
  const object = args[0]!;
  if (isScalar(result.type)) return { kind: "narrow", result, value: object, span };
  if (elementType(object.type)?.kind === "number")
    return { kind: "slice", result, object, start: null, end: null, span };
  return { kind: "runtimeCall", result, name: "snapshot", arguments: [object], writes: [], span };
}
