/**
 * Finality: which reads may be repeated later in the function and give the same value (CORE M1).
 *
 * Needs: alias classes, nesting. Guarantees: for a final read, no write to the memory it reads can execute after it.
 *
 * before: x = load a, i; store b, i, x (other class); store a, 0, 1        after: the load of a is not final
 */
import { elementType, isReference } from "../ir/types.js";
import type { Block, CallStatement, IrFunction, Key, Statement, Value } from "../ir/ir.js";
import { blocksOf, resultsOf, scopedValuesOf, visitStatements } from "../ir/walk.js";
import { type AliasFacts, contentsKey, type MemoryClass } from "./aliases.js";
import { memoriesOfCall } from "./callEffects.js";

export interface FinalityFacts {
  /** The read (load, length) can be repeated anywhere later. */
  isFinal(read: Statement): boolean;
}

interface Write {
  readonly memory: MemoryClass;
  /** The key written, or null for any number key. */
  readonly key: string;
  readonly kind: "number" | "reference" | "length";
  readonly path: readonly Step[];
}

/** A statement's position: the blocks from the root and the place in each. */
interface Step {
  readonly block: Block;
  readonly index: number;
  readonly isLoop: boolean;
}

function writesOf(statement: Statement): readonly { object: Value; key: string; kinds: readonly Write["kind"][] }[] {
  const kindOf = (value: Value): Write["kind"] => (isReference(value.type) ? "reference" : "number");
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
            statement.object.type.kind === "array" ? [kindOf(statement.value), "length"] : [kindOf(statement.value)],
        },
      ];
    case "addTo":
      return [{ object: statement.object, key: keyOf(statement.key), kinds: ["number"] }];
    case "push":
      return [{ object: statement.object, key: "[]", kinds: [kindOf(statement.value), "length"] }];
    case "pop":
      return [{ object: statement.object, key: "[]", kinds: ["number", "reference", "length"] }];
    case "fill":
      return [{ object: statement.object, key: "[]", kinds: [kindOf(statement.value)] }];
    case "copy":
      return [{ object: statement.object, key: "[]", kinds: [elementKind(statement.object)] }];
    case "runtimeCall":
      return statement.writes.map((k) => ({ object: statement.arguments[k]!, key: "[]", kinds: ["number"] as const }));
    default:
      return [];
  }
}

export function finality(fn: IrFunction, aliases: AliasFacts): FinalityFacts {
  const writes = new Map<MemoryClass, Write[]>();
  const paths = new Map<Statement, readonly Step[]>();
  const allocations = new Map<Value, readonly Step[]>();
  const visible = memoryCallersSee(fn, aliases);
  const writeAll = (memory: MemoryClass, path: readonly Step[]): void => {
    const list = writes.get(memory) ?? [];
    for (const kind of ["number", "reference", "length"] as const) list.push({ memory, key: "*", kind, path });
    writes.set(memory, list);
  };
  const callWrites = (call: CallStatement): readonly MemoryClass[] =>
    [...memoriesOfCall(aliases, call)].filter(([callee]) => callee.isWritten).map(([, memory]) => memory);
  const enter = (block: Block, outer: readonly Step[], isLoop: boolean): void => {
    block.statements.forEach((statement, index) => {
      const path = [...outer, { block, index, isLoop }];
      paths.set(statement, path);
      if (statement.kind === "allocate" || statement.kind === "literal") allocations.set(statement.result, path);
      for (const { object, key, kinds } of writesOf(statement)) {
        const memory = aliases.classOf(object);
        if (!memory) continue;
        const list = writes.get(memory) ?? [];
        kinds.forEach((kind) => list.push({ memory, key, kind, path }));
        writes.set(memory, list);
      }
      if (statement.kind === "call") callWrites(statement).forEach((memory) => writeAll(memory, path));
      if (statement.kind === "receive") visible.forEach((memory) => writeAll(memory, path));
      for (const nested of blocksOf(statement)) enter(nested, path, isLoop || statement.kind === "loop");
    });
  };
  enter(fn.body, [], false);

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

  return {
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
      return later.every((write) => precedes(write.path, path, birth));
    },
  };
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

/** The write cannot execute after the read: no loop holds both (unless the object is born inside it), and it comes first. */
function precedes(write: readonly Step[], read: readonly Step[], birth: readonly Step[] | undefined): boolean {
  let shared = 0;
  while (shared < write.length && shared < read.length && write[shared]!.block === read[shared]!.block) {
    if (write[shared]!.index !== read[shared]!.index) break;
    shared++;
  }
  const place = Math.min(shared, write.length - 1, read.length - 1);
  const common = write[place]!.block === read[place]!.block ? place : place - 1;
  const commonStep = read[common]!;
  const bornInside = birth !== undefined && birth.length > common && birth[common]!.block === commonStep.block;
  if (commonStep.isLoop && !bornInside) return false;
  if (write[common]!.index === read[common]!.index) {
    // Different branches of one `if`: they exclude each other.
    return true;
  }
  return write[common]!.index < read[common]!.index;
}
