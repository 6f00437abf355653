/**
 * Stores and additions that nobody reads any more: an adjoint that is taken out of its place is set to zero, which matters
 * only where that place is read again.
 *
 * Needs: recall-free IR. Guarantees: the same values.
 *
 * before: t = allocate n; loop i {… t[i] …}; loop i {v = t[i]; t[i] = 0; y[i] += v}        after: … loop i {v = t[i]; y[i] += v}
 */
import { aliasClasses, type AliasFacts, makesObject, type MemoryClass } from "../3-analyse/aliases.js";
import { mayMeetLater, pathsOf, precedes, statementAt, type Step } from "../3-analyse/executionPaths.js";
import { reachedBy } from "../3-analyse/independence.js";
import { type IntegerFacts, integers } from "../3-analyse/integers.js";
import { type Access, accessesOf, readObjects } from "../ir/effects.js";
import type { Block, IrFunction, Statement, StoreStatement, AddToStatement, FillStatement, Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import { mapBlocks, resultsOf, visitStatements, withBody } from "../ir/walk.js";

type Writing = StoreStatement | AddToStatement;

export function deadStores(fn: IrFunction): IrFunction {
  const facts = factsOf(fn);
  const dead = new Set<Statement>();
  visitStatements(fn.body, (statement) => {
    if ((statement.kind === "store" || statement.kind === "addTo") && isDead(facts, statement)) dead.add(statement);
    if (statement.kind === "fill" && isDeadFill(facts, statement)) dead.add(statement);
  });
  if (dead.size === 0) return fn;
  const without = (block: Block): Block => ({
    ...block,
    statements: block.statements.filter((one) => !dead.has(one)).map((one) => mapBlocks(one, without)),
  });
  return withBody(fn, without(fn.body));
}

interface Facts {
  readonly aliases: AliasFacts;
  readonly paths: ReadonlyMap<Statement, readonly Step[]>;
  readonly definitions: ReadonlyMap<Value, Statement>;
  readonly readers: ReadonlyMap<MemoryClass, readonly Statement[]>;
  readonly integers: () => IntegerFacts;
}

function factsOf(fn: IrFunction): Facts {
  const aliases = aliasClasses(fn);
  const paths = pathsOf(fn.body);
  const definitions = new Map<Value, Statement>();
  const readers = new Map<MemoryClass, Statement[]>();
  for (const statement of paths.keys()) {
    for (const result of resultsOf(statement)) definitions.set(result, statement);
    for (const memory of memoryReadBy(aliases, statement)) {
      const list = readers.get(memory);
      if (list) list.push(statement);
      else readers.set(memory, [statement]);
    }
  }
  let known: IntegerFacts | null = null;
  return { aliases, paths, definitions, readers, integers: () => (known ??= integers(fn)) };
}

/** An addition reads what it adds to, but that matters only where the sum is read. */
function memoryReadBy(aliases: AliasFacts, statement: Statement): ReadonlySet<MemoryClass> {
  const accesses = accessesOf(statement);
  const whole = (object: Value): Access => ({ object, key: "*", how: "read" });
  const reads =
    accesses === "all"
      ? readObjects(statement).map(whole)
      : accesses.filter(({ how, key }) => how === "read" && key !== "length");
  return new Set(reads.flatMap((access) => [...reachedBy(aliases, access)]));
}

/** The memory of an object that nobody sees but by its names here; null for any other. */
function ownMemory({ aliases }: Facts, object: Value): MemoryClass | null {
  const memory = aliases.classOf(object);
  return memory && !memory.isParameter && !memory.isGlobal && !memory.escapes && !memory.moves ? memory : null;
}

/** Where the object is made. */
function birthOf({ definitions, paths }: Facts, object: Value): readonly Step[] | undefined {
  const maker = definitions.get(object);
  return maker && makesObject(maker) && maker.kind !== "view" ? paths.get(maker) : undefined;
}

/** Nobody reads any element after it. */
function isDeadFill(facts: Facts, statement: FillStatement): boolean {
  const memory = ownMemory(facts, statement.object);
  if (!memory || elementType(statement.object.type)?.kind !== "number") return false;
  const path = facts.paths.get(statement)!;
  const birth = birthOf(facts, statement.object);
  return (facts.readers.get(memory) ?? []).every((reader) => precedes(facts.paths.get(reader)!, path, birth));
}

function isDead(facts: Facts, statement: Writing): boolean {
  const { paths, definitions, readers, aliases } = facts;
  const { object, key } = statement;
  const path = paths.get(statement)!;
  const cleared = clearedLater(object, path);
  const memory = cleared ? aliases.classOf(object) : ownMemory(facts, object);
  if (!memory) return false;
  if (key.kind !== "index" || elementType(object.type)?.kind !== "number") return false;
  if (object.type.kind === "array" && !isReadBefore(path, statement)) return false;
  const birth = cleared?.birth ?? birthOf(facts, object);
  const definitionOf = (value: Value): Statement | undefined => definitions.get(value);
  return (readers.get(memory) ?? []).every((reader) => {
    const later = paths.get(reader)!;
    if (precedes(later, path, birth)) return true;
    if (cleared && !isUpTo(cleared, later)) return true;
    return !mayMeetLater({ first: path, later, birth, integers: facts.integers(), definitionOf }, statement);
  });
}

/** A loop carries the array, and fills all of it further down in its body. */
interface Cleared {
  readonly body: Block;
  readonly at: number;
  /** Where the body begins. */
  readonly birth: readonly Step[];
}

function clearedLater(object: Value, path: readonly Step[]): Cleared | null {
  for (let depth = 1; depth < path.length; depth++) {
    const loop = statementAt(path.slice(0, depth));
    const { block, index } = path[depth]!;
    if (loop?.kind !== "loop" || block !== loop.body || !loop.parameters.includes(object)) continue;
    const at = block.statements.findIndex(
      (one, k) => k > index && one.kind === "fill" && one.object === object && !one.start && !one.end,
    );
    if (at >= 0) return { body: block, at, birth: [...path.slice(0, depth), { ...path[depth]!, index: 0 }] };
  }
  return null;
}

/** It stands in the same body, before all of the array is filled. */
function isUpTo({ body, at }: Cleared, path: readonly Step[]): boolean {
  const step = path.find(({ block }) => block === body);
  return step !== undefined && step.index < at;
}

/** The element is there: the store does not make the array longer. */
function isReadBefore(path: readonly Step[], { object, key }: Writing): boolean {
  const { block, index } = path.at(-1)!;
  return block.statements
    .slice(0, index)
    .some(
      (one) =>
        one.kind === "load" &&
        one.object === object &&
        one.key.kind === "index" &&
        key.kind === "index" &&
        one.key.index === key.index,
    );
}
