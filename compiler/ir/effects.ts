import type { CallStatement, Statement, Value } from "./ir.js";
import { blocksOf } from "./walk.js";

/** What statements do besides computing their results. */

/** The statement, or one below it, may write memory or leave the function. */
export function writesMemory(statement: Statement): boolean {
  switch (statement.kind) {
    case "store":
    case "addTo":
    case "fill":
    case "copy":
    case "push":
    case "pop":
    case "throw":
    case "receive":
      return true;
    case "call":
      return !statement.effects.isPure || callWrites(statement);
    case "runtimeCall":
      return statement.writes.length > 0;
    case "evaluate":
      return !statement.isPure;
    default:
      return blocksOf(statement).some((block) => block.statements.some(writesMemory));
  }
}

function callWrites(statement: CallStatement): boolean {
  return statement.effects.classes.some((memory) => memory.isWritten);
}

/** The references whose memory a statement writes itself; "all" where it may be any. */
export function writtenObjects(statement: Statement): readonly Value[] | "all" {
  switch (statement.kind) {
    case "store":
    case "addTo":
    case "fill":
    case "copy":
    case "push":
    case "pop":
      return [statement.object];
    case "runtimeCall":
      return statement.writes.map((k) => statement.arguments[k]!);
    case "call":
      return callWrites(statement) ? "all" : [];
    case "receive":
      return "all";
    case "evaluate":
      return statement.isPure ? [] : "all";
    default:
      return [];
  }
}

/** The references whose contents a statement reads itself. */
export function readObjects(statement: Statement): readonly Value[] {
  switch (statement.kind) {
    case "load":
    case "length":
    case "pop":
    case "slice":
    case "zerosLike":
    case "ensure":
      return [statement.object];
    case "copy":
      return [statement.source];
    case "arrayPrimitive":
    case "runtimeCall":
    case "call":
      return statement.arguments;
    case "evaluate":
    case "throw":
      return statement.pieces.filter((piece): piece is Value => typeof piece !== "string");
    default:
      return [];
  }
}
