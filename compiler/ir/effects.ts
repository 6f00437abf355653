import type { CallEffects, CallStatement, Key, Statement, Value } from "./ir.js";
import { elementType } from "./types.js";
import { blocksOf, unreachable } from "./walk.js";

/** What statements do besides computing their results. */

/** A call of which nothing is said yet: the least that a call can do, from which summaries grow. */
export const nothingKnown: CallEffects = { classes: [], parameters: [], result: null, isPure: true };

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
    case "externalCall":
      return !statement.isPure;
    default:
      return blocksOf(statement).some((block) => block.statements.some(writesMemory));
  }
}

function callWrites(statement: CallStatement): boolean {
  return statement.effects.classes.some((memory) => memory.isWritten);
}

/** A check: it gives nothing and writes nothing. */
export function isThereToThrow(statement: Statement): boolean {
  return statement.kind === "runtimeCall" && statement.result === null && statement.writes.length === 0;
}

/** Some statement, or one below it, throws or checks. */
export function mayThrow(statements: readonly Statement[]): boolean {
  return statements.some(
    (statement) =>
      statement.kind === "throw" ||
      isThereToThrow(statement) ||
      blocksOf(statement).some((block) => mayThrow(block.statements)),
  );
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
    case "stop":
      return [statement.object];
    case "copy":
      return [statement.source];
    case "arrayPrimitive":
    case "runtimeCall":
    case "call":
    case "closure":
    case "externalCall":
      return statement.arguments;
    case "evaluate":
    case "throw":
      return statement.pieces.filter((piece): piece is Value => typeof piece !== "string");
    default:
      return [];
  }
}

/** One way in which a statement touches an object itself. */
export interface Access {
  readonly object: Value;
  /** A field's name, "[]" for elements, "length", or "*" for whatever can be reached. */
  readonly key: string;
  readonly how: "read" | "add" | "write";
}

export function keysMeet(a: string, b: string): boolean {
  return a === b || a === "*" || b === "*";
}

/** Every access of a statement itself; "all" where it may touch anything. */
export function accessesOf(statement: Statement): readonly Access[] | "all" {
  const access = (object: Value, how: Access["how"], key = "[]"): Access => ({ object, key, how });
  switch (statement.kind) {
    case "load":
      return [access(statement.object, "read", keyName(statement.key))];
    case "length":
      return [access(statement.object, "read", "length")];
    case "store": {
      const isGrowing = statement.object.type.kind === "array";
      const stored = access(statement.object, "write", keyName(statement.key));
      return isGrowing ? [stored, access(statement.object, "write", "length")] : [stored];
    }
    case "addTo":
      return [access(statement.object, "add", keyName(statement.key))];
    case "fill":
      return [access(statement.object, "write")];
    case "copy":
      return [access(statement.object, "write"), access(statement.source, "read")];
    case "push":
    case "pop":
      return [
        access(statement.object, "read"),
        access(statement.object, "write"),
        access(statement.object, "write", "length"),
      ];
    case "slice":
    case "ensure":
      return [access(statement.object, "read"), access(statement.object, "read", "length")];
    case "zerosLike": {
      const isFlat = elementType(statement.object.type)?.kind === "number";
      return [access(statement.object, "read", isFlat ? "length" : "*")];
    }
    case "stop":
      return [access(statement.object, "read", "*")];
    case "runtimeCall":
      return statement.arguments.map((object, k) => access(object, statement.writes.includes(k) ? "add" : "read", "*"));
    case "externalCall":
      // The user's function may do anything.
      if (statement.callee.kind === "hook") return "all";
      return statement.arguments.map((object) => access(object, "read", "*"));
    case "arrayPrimitive":
    case "closure":
      return statement.arguments.map((object) => access(object, "read", "*"));
    case "throw":
    case "evaluate":
      if (statement.kind === "evaluate" && !statement.isPure) return "all";
      return readObjects(statement).map((object) => access(object, "read", "*"));
    case "call":
      return callWrites(statement) ? "all" : statement.arguments.map((object) => access(object, "read", "*"));
    case "receive":
      return "all";
    // Values, new memory and names for memory; what nested blocks touch is asked of their statements.
    case "constant":
    case "placeholder":
    case "global":
    case "apply":
    case "allocate":
    case "literal":
    case "view":
    case "narrow":
    case "recall":
    case "note":
    case "if":
    case "loop":
      return [];
    default:
      return unreachable(statement);
  }
}

function keyName(key: Key): string {
  return key.kind === "field" ? key.name : "[]";
}
