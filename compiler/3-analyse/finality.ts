/**
 * Finality: which reads may be repeated later in the function and give the same value (CORE M1).
 *
 * Needs: alias classes, nesting. Guarantees: for a final read, no write to the memory it reads can execute after it.
 *
 * before: x = load a, i; store b, i, x (other class); store a, 0, 1        after: the load of a is not final
 */
import { elementType, isReference, storesReference } from "../ir/types.js";
import type { Block, CallStatement, IrFunction, Key, Statement, Value } from "../ir/ir.js";
import { resultsOf, scopedValuesOf, visitStatements } from "../ir/walk.js";
import { type AliasFacts, makesObject, type MemoryClass } from "./aliases.js";
import { contentsKey } from "./aliasKeys.js";
import { memoriesOfCall } from "./callEffects.js";
import { isBefore, mayMeetLater, pathsOf, precedes, type Step } from "./executionPaths.js";
import { type IntegerFacts, integers } from "./integers.js";

export interface FinalityFacts {
  /** The read (load, length) can be repeated anywhere later. */
  isFinal(read: Statement): boolean;
  /** Nothing that can be reached from the object may be written after the statement. */
  isFinalAfter(statement: Statement, object: Value): boolean;
  /** Nor does anything in it that holds objects grow, shrink or get others: numbers may be written. */
  isShapedAfter(statement: Statement, object: Value): boolean;
}

interface Write {
  /** The reference it goes through; null for what a call does. */
  readonly object: Value | null;
  readonly memory: MemoryClass;
  /** The key written, or null for any number key. */
  readonly key: string;
  readonly kind: "number" | "reference" | "length";
  readonly path: readonly Step[];
}

function writesOf(statement: Statement): readonly { object: Value; key: string; kinds: readonly Write["kind"][] }[] {
  const kindOf = (object: Value, key: Key | null, value: Value): Write["kind"] =>
    storesReference(object.type, key, value.type) ? "reference" : "number";
  const elementKind = (object: Value): Write["kind"] => {
    const element = elementType(object.type);
    return element && isReference(element) ? "reference" : "number";
  };
  const keyOf = (key: Key): string => contentsKey(key);
  switch (statement.kind) {
    case "store":
      return [
        {
          object: statement.object,
          key: keyOf(statement.key),
          kinds:
            statement.object.type.kind === "array"
              ? [kindOf(statement.object, statement.key, statement.value), "length"]
              : [kindOf(statement.object, statement.key, statement.value)],
        },
      ];
    case "addTo":
      return [{ object: statement.object, key: keyOf(statement.key), kinds: ["number"] }];
    case "push":
      return [
        { object: statement.object, key: "[]", kinds: [kindOf(statement.object, null, statement.value), "length"] },
      ];
    case "pop":
      return [{ object: statement.object, key: "[]", kinds: ["number", "reference", "length"] }];
    case "fill":
      return [{ object: statement.object, key: "[]", kinds: [kindOf(statement.object, null, statement.value)] }];
    case "copy":
      return [{ object: statement.object, key: "[]", kinds: [elementKind(statement.object)] }];
    case "runtimeCall":
      return statement.writes.map((k) => ({ object: statement.arguments[k]!, key: "[]", kinds: ["number"] as const }));
    default:
      return [];
  }
}

export interface FinalityOptions {
  /** Between the forward and the reverse sweep callers may write what they see. */
  readonly isCut?: boolean;
}

export function finality(fn: IrFunction, aliases: AliasFacts, { isCut = false }: FinalityOptions = {}): FinalityFacts {
  const writes = new Map<MemoryClass, Write[]>();
  const paths = pathsOf(fn.body);
  const allocations = new Map<Value, readonly Step[]>();
  const definitions = new Map<Value, Statement>();
  /** Where a value is defined. */
  const named = new Map<Value, readonly Step[]>();
  /** The body of the loop whose parameter a value is. */
  const carriedBy = new Map<Value, Block>();
  const parameters = new Set<Value>(fn.parameters.map((parameter) => parameter.value));
  const visible = memoryCallersSee(fn, aliases);
  const writeAll = (memory: MemoryClass, path: readonly Step[]): void => {
    const list = writes.get(memory) ?? [];
    for (const kind of ["number", "reference", "length"] as const)
      list.push({ object: null, memory, key: "*", kind, path });
    writes.set(memory, list);
  };
  const callWrites = (call: CallStatement): readonly MemoryClass[] =>
    [...memoriesOfCall(aliases, call)].filter(([callee]) => callee.isWritten).map(([, memory]) => memory);
  for (const [statement, path] of paths) {
    if (makesObject(statement)) allocations.set(statement.result, path);
    for (const result of resultsOf(statement)) definitions.set(result, statement);
    for (const result of resultsOf(statement)) named.set(result, path);
    if (statement.kind === "loop") statement.parameters.forEach((value) => carriedBy.set(value, statement.body));
    for (const { object, key, kinds } of writesOf(statement)) {
      const memory = aliases.classOf(object);
      if (!memory) continue;
      const list = writes.get(memory) ?? [];
      kinds.forEach((kind) => list.push({ object, memory, key, kind, path }));
      writes.set(memory, list);
    }
    if (statement.kind === "call") callWrites(statement).forEach((memory) => writeAll(memory, path));
    if (statement.kind === "receive" && !statement.isPrivate) visible.forEach((memory) => writeAll(memory, path));
  }

  const readOf = (read: Statement): { object: Value; key: string; kind: Write["kind"] } | null => {
    if (read.kind === "length") return { object: read.object, key: "*", kind: "length" };
    if (read.kind === "load")
      return {
        object: read.object,
        key: contentsKey(read.key),
        kind: isReference(read.result.type) ? "reference" : "number",
      };
    return null;
  };

  /**
   * The object read was there before the one written was made: the write goes straight through an allocation, and the
   * read through what had its name before, a parameter of the function, or one of a loop around the allocation, or what
   * those contain.
   */
  const isOlder = (read: Value, written: Value | null): boolean => {
    const birth = written && allocations.get(written);
    if (!birth) return false;
    const around = new Set(birth.map((step) => step.block));
    const comesFromBefore = (value: Value): boolean => {
      if (parameters.has(value) || isBefore(named.get(value), birth)) return true;
      const body = carriedBy.get(value);
      if (body) return around.has(body);
      const definition = definitions.get(value);
      if (definition?.kind === "narrow") return comesFromBefore(definition.value);
      if (definition?.kind === "view") return comesFromBefore(definition.object);
      if (definition?.kind !== "load") return false;
      // What an older object holds is older, too, unless something newer was put into it.
      const memory = aliases.classOf(definition.object);
      return memory !== null && !memory.referencesAreWrittenThrough && comesFromBefore(definition.object);
    };
    return comesFromBefore(read);
  };

  const reachable = (memory: MemoryClass | null, found: Set<MemoryClass>): ReadonlySet<MemoryClass> => {
    if (!memory || found.has(memory)) return found;
    found.add(memory);
    for (const key of aliases.keysOf(memory)) reachable(aliases.contentsOf(memory, key), found);
    return found;
  };

  let integerFacts: IntegerFacts | null = null;
  /** No later write through the same reference names the element that was read. */
  const isNeverMet = (
    write: Write,
    read: Statement,
    path: readonly Step[],
    birth: readonly Step[] | undefined,
  ): boolean => {
    integerFacts ??= integers(fn);
    const definitionOf = (value: Value): Statement | undefined => definitions.get(value);
    return !mayMeetLater({ first: path, later: write.path, birth, integers: integerFacts, definitionOf }, read);
  };

  /** No such write may come after the statement, to anything that can be reached from the object. */
  const isUntouchedAfter = (
    statement: Statement,
    object: Value,
    isOurs: (memory: MemoryClass) => boolean,
    isMeant: (write: Write) => boolean = () => true,
  ): boolean => {
    const path = paths.get(statement);
    const memory = aliases.classOf(object);
    if (!path || !memory) return false;
    return [...reachable(memory, new Set())].every((inside) => {
      if (!isOurs(inside)) return false;
      const isItself = inside === memory;
      const birth = isItself ? allocations.get(object) : undefined;
      return (writes.get(inside) ?? [])
        .filter(isMeant)
        .every((write) => precedes(write.path, path, birth) || (isItself && isOlder(object, write.object)));
    });
  };

  return {
    isFinalAfter(statement, object) {
      return isUntouchedAfter(statement, object, (inside) => !isCut || !visible.has(inside));
    },
    isShapedAfter(statement, object) {
      const isShape = ({ kind, memory }: Write): boolean => kind !== "number" && aliases.keysOf(memory).length > 0;
      return isUntouchedAfter(statement, object, () => true, isShape);
    },
    isFinal(read) {
      const what = readOf(read);
      const path = paths.get(read);
      if (!what || !path) return false;
      const memory = aliases.classOf(what.object);
      if (!memory) return false;
      const later = (writes.get(memory) ?? []).filter(
        (write) => write.kind === what.kind && (what.key === "*" || write.key === "*" || write.key === what.key),
      );
      const birth = allocations.get(what.object);
      return later.every(
        (write) =>
          precedes(write.path, path, birth) ||
          isOlder(what.object, write.object) ||
          isOtherElement(write, read, path, birth) ||
          isNeverMet(write, read, path, birth),
      );
    },
  };
}

/**
 * Write and read name one element by the counter of the loop they stand in, the write first: other iterations of that
 * loop write other elements, and the object is not there for other iterations of loops further out.
 */
function isOtherElement(
  write: Write,
  read: Statement,
  path: readonly Step[],
  birth: readonly Step[] | undefined,
): boolean {
  const last = path.length - 1;
  const [step, outer] = [path[last]!, path[last - 1]];
  if (!outer || write.path.length !== path.length || write.path[last]!.block !== step.block) return false;
  const loop = outer.block.statements[outer.index];
  const writer = write.path[last]!.block.statements[write.path[last]!.index];
  if (loop?.kind !== "loop" || read.kind !== "load" || writer?.kind !== "store") return false;
  const isAt = (statement: Statement & { kind: "load" | "store" }): boolean =>
    statement.key.kind === "index" && statement.key.index === loop.counter;
  if (!isAt(read) || !isAt(writer) || writer.object !== read.object) return false;
  if (write.path[last]!.index > step.index) return false;
  const isBornInside = birth !== undefined && birth.length >= path.length - 1 && birth[last - 1]!.block === outer.block;
  return !outer.isLoop || isBornInside;
}

/** Everything that whoever calls the function may write between its two halves. */
function memoryCallersSee(fn: IrFunction, aliases: AliasFacts): ReadonlySet<MemoryClass> {
  const found = new Set<MemoryClass>();
  const see = (value: Value): void => {
    const memory = aliases.classOf(value);
    if (memory && (memory.isParameter || memory.escapes)) found.add(memory);
  };
  fn.parameters.forEach((parameter) => see(parameter.value));
  visitStatements(fn.body, (statement) => [...resultsOf(statement), ...scopedValuesOf(statement)].forEach(see));
  return found;
}
