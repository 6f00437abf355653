/**
 * Whether a function writes memory that it has not made itself, as far as its IR says. What is read of an opaque parameter
 * is a constant only where it does not: two parameters may be one object.
 */
import type { Block, Statement, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { writtenObjects } from "../ir/effects.js";
import { visitStatements } from "../ir/walk.js";

export function writesOutside(body: Block, parameters: readonly Value[]): boolean {
  const foreign = new Set<Value>(parameters);
  let size = 0;
  while (size < foreign.size) {
    size = foreign.size;
    visitStatements(body, (statement) => spread(statement, foreign));
  }
  let found = false;
  visitStatements(body, (statement) => {
    if (statement.kind === "evaluate") return;
    const written = statement.kind === "call" ? statement.arguments : writtenObjects(statement);
    found ||= written === "all" || written.some((object) => foreign.has(object) && isReference(object.type));
  });
  return found;
}

/** Adds what the statement hands on of foreign memory, and what it takes out of any. */
function spread(statement: Statement, foreign: Set<Value>): void {
  const handOn = (from: Value | undefined, to: Value | undefined): void => {
    if (from && to && foreign.has(from)) foreign.add(to);
  };
  switch (statement.kind) {
    case "global":
    case "load":
    case "pop":
      if (isReference(statement.result.type)) foreign.add(statement.result);
      break;
    case "call":
    case "externalCall":
      if (statement.result) foreign.add(statement.result);
      break;
    case "view":
    case "stop":
      handOn(statement.object, statement.result);
      break;
    case "narrow":
      handOn(statement.value, statement.result);
      break;
    case "if":
      statement.results.forEach((result, k) =>
        [statement.then, statement.else].forEach((block) => handOn(block.yields[k], result)),
      );
      break;
    case "loop":
      statement.parameters.forEach((parameter, k) => {
        handOn(statement.initial[k], parameter);
        handOn(statement.body.yields[k], parameter);
        handOn(parameter, statement.results[k]);
      });
      break;
    default:
  }
}
