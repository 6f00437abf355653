/**
 * Independent loops: iterations share nothing but sums, so they may run in any order, or again.
 *
 * Needs: alias classes. Guarantees: for an independent loop, every carried number is a sum, and every class of memory
 * that the body writes is local to the body, only added to, or touched only at the counter.
 *
 * before: loop i {s' = s + xs[i]; ys[i] = xs[i]} is independent        loop i {x' = f x} is not
 */
import { type Access, accessesOf, keysMeet } from "../ir/effects.js";
import type { Block, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import {
  blocksOf,
  definedIn,
  operandsOf,
  resultsOf,
  scopedValuesOf,
  usesAtEnd,
  visitStatements,
  endsInThrow,
} from "../ir/walk.js";
import type { AliasFacts, MemoryClass } from "./aliases.js";

export interface IndependenceFacts {
  isIndependent(loop: LoopStatement): boolean;
  /** The class has no reference outside of the loop's body. */
  isLocalTo(loop: LoopStatement, memory: MemoryClass): boolean;
  /** What is carried at that position is a sum, of which nothing else in the loop knows. */
  isSum(loop: LoopStatement, position: number): boolean;
  /** What its iterations share besides sums; null for nothing. */
  whyDependent(loop: LoopStatement): Dependence | null;
}

export type Dependence =
  /** It may end before its last iteration. */
  | { readonly kind: "exit" }
  /** How often it runs is not known when it begins. */
  | { readonly kind: "trips" }
  | { readonly kind: "carried"; readonly value: Value }
  /** Other iterations read or write what one of them writes. */
  | { readonly kind: "written"; readonly object: Value }
  | { readonly kind: "opaque"; readonly statement: Statement };

export function independence(fn: IrFunction, aliases: AliasFacts): IndependenceFacts {
  const uses = new Map<Value, number>();
  const definitions = new Map<Value, Statement>();
  const collect = (block: Block, owner: Statement | null): void => {
    const use = (value: Value): void => void uses.set(value, (uses.get(value) ?? 0) + 1);
    for (const statement of block.statements) {
      operandsOf(statement).forEach(use);
      resultsOf(statement).forEach((result) => definitions.set(result, statement));
      blocksOf(statement).forEach((nested) => collect(nested, statement));
    }
    usesAtEnd(owner, block).forEach(use);
  };
  collect(fn.body, null);
  const references = allReferences(fn);

  const isLocalTo = (loop: LoopStatement, memory: MemoryClass): boolean => {
    if (memory.isParameter || memory.isGlobal || memory.escapes) return false;
    const inside = definedIn(loop);
    return references.every((value) => aliases.classOf(value) !== memory || inside.has(value));
  };
  const isSum = ({ parameters, body }: LoopStatement, k: number): boolean =>
    !isReference(parameters[k]!.type) && isSumForm({ uses, definitions }, parameters[k]!, body.yields[k]!);
  const whyDependent = (loop: LoopStatement): Dependence | null => {
    if (loop.exit) return { kind: "exit" };
    if (loop.test || !loop.upper) return { kind: "trips" };
    if (endsInThrow(loop.body)) return { kind: "exit" };
    const carried = loop.parameters.find((_, k) => !isSum(loop, k));
    if (carried) return { kind: "carried", value: carried };
    return sharedMemory(loop, aliases, (memory) => isLocalTo(loop, memory));
  };
  return {
    isLocalTo,
    isSum,
    isIndependent: (loop) => whyDependent(loop) === null,
    whyDependent,
  };
}

function allReferences(fn: IrFunction): readonly Value[] {
  const found: Value[] = fn.parameters.map((parameter) => parameter.value);
  visitStatements(fn.body, (statement) => found.push(...resultsOf(statement), ...scopedValuesOf(statement)));
  return found.filter((value) => isReference(value.type));
}

// ----------------------------------------------------------------------------------------------------------- sums

interface Uses {
  readonly uses: ReadonlyMap<Value, number>;
  readonly definitions: ReadonlyMap<Value, Statement>;
}

/** `last` is `parameter` plus and minus terms that do not read it, and nothing else reads it on the way. */
function isSumForm(facts: Uses, parameter: Value, last: Value): boolean {
  const chain = new Map<Value, number>();
  if (!follow(facts, parameter, last, chain)) return false;
  return [...chain].every(([value, count]) => facts.uses.get(value) === count);
}

/** Follows a sum back to the parameter, counting the uses on the way. */
function follow(facts: Uses, parameter: Value, value: Value, chain: Map<Value, number>): boolean {
  const seenBefore = chain.has(value);
  chain.set(value, (chain.get(value) ?? 0) + 1);
  if (value === parameter || seenBefore) return true;
  const statement = facts.definitions.get(value);
  switch (statement?.kind) {
    case "apply": {
      const [first, second] = statement.arguments as [Value, Value];
      if (statement.primitive === "add" && !leadsTo(facts, parameter, first))
        return leadsTo(facts, parameter, second) && follow(facts, parameter, second, chain);
      if (statement.primitive !== "add" && statement.primitive !== "subtract") return false;
      return leadsTo(facts, parameter, first) && follow(facts, parameter, first, chain);
    }
    case "if": {
      const k = statement.results.indexOf(value);
      return [statement.then, statement.else].every(
        (block) => endsInThrow(block) || follow(facts, parameter, block.yields[k]!, chain),
      );
    }
    case "loop": {
      const k = statement.results.indexOf(value);
      if (k < 0 || endsInThrow(statement.body)) return false;
      if (!isSumForm(facts, statement.parameters[k]!, statement.body.yields[k]!)) return false;
      return follow(facts, parameter, statement.initial[k]!, chain);
    }
    default:
      return false;
  }
}

/** The value's definition goes back to the parameter through sums, branches and loops. */
function leadsTo(facts: Uses, parameter: Value, value: Value): boolean {
  if (value === parameter) return true;
  const statement = facts.definitions.get(value);
  switch (statement?.kind) {
    case "apply":
      return (
        (statement.primitive === "add" || statement.primitive === "subtract") &&
        statement.arguments.some((argument) => leadsTo(facts, parameter, argument))
      );
    case "if": {
      const k = statement.results.indexOf(value);
      return [statement.then, statement.else].some(
        (block) => block.yields[k] !== undefined && leadsTo(facts, parameter, block.yields[k]),
      );
    }
    case "loop": {
      const k = statement.results.indexOf(value);
      return k >= 0 && leadsTo(facts, parameter, statement.initial[k]!);
    }
    default:
      return false;
  }
}

// --------------------------------------------------------------------------------------------------------- memory

interface Touch extends Access {
  readonly isAtCounter: boolean;
}

function sharedMemory(
  loop: LoopStatement,
  aliases: AliasFacts,
  isLocal: (memory: MemoryClass) => boolean,
): Dependence | null {
  const touches = new Map<MemoryClass, Touch[]>();
  const inside = definedIn(loop);
  let opaque: Statement | null = null;
  visitStatements(loop.body, (statement) => {
    const accesses = accessesOf(statement);
    if (accesses === "all") {
      opaque ??= statement;
      return;
    }
    const isAtCounter = "key" in statement && statement.key.kind === "index" && statement.key.index === loop.counter;
    for (const access of accesses)
      for (const memory of reachedBy(aliases, access)) {
        const list = touches.get(memory) ?? [];
        // An array that grows, each iteration by its own element, is as long in the end in whatever order that happens.
        const grows = isAtCounter && statement.kind === "store" && access.key === "length";
        list.push({ ...access, how: grows ? "add" : access.how, isAtCounter: isAtCounter && access.key === "[]" });
        touches.set(memory, list);
      }
  });
  if (opaque) return { kind: "opaque", statement: opaque };
  const isFine = (written: Touch, all: readonly Touch[]): boolean => {
    const meeting = all.filter((other) => keysMeet(other.key, written.key));
    if (meeting.every((other) => other.how === "add")) return true;
    return meeting.every((other) => other.isAtCounter && other.object === written.object && !inside.has(other.object));
  };
  for (const [memory, all] of touches) {
    const written = isLocal(memory) ? undefined : all.find((touch) => touch.how !== "read" && !isFine(touch, all));
    if (written) return { kind: "written", object: written.object };
  }
  return null;
}

/** The class of an object, with all that can be reached from it where the access says so. */
export function reachedBy(aliases: AliasFacts, { object, key }: Access): ReadonlySet<MemoryClass> {
  const found = new Set<MemoryClass>();
  const enter = (memory: MemoryClass | null): void => {
    if (!memory || found.has(memory)) return;
    found.add(memory);
    if (key === "*") for (const inside of aliases.keysOf(memory)) enter(aliases.contentsOf(memory, inside));
  };
  enter(aliases.classOf(object));
  return found;
}
