/**
 * Marks on values and on what memory holds, by alias class and key: what one direction of the analysis of activity has found.
 *
 * Needs: alias classes. Guarantees: marks are only added, so that repeating a sweep ends.
 */
import type { Value } from "../ir/ir.js";
import { isScalar } from "../ir/types.js";
import type { AliasFacts, MemoryClass } from "./aliases.js";
import { classesBelow } from "./entangled.js";

/** One direction of the analysis: scalars, and numbers in memory by class and key. */
export class Marks {
  readonly scalars = new Set<Value>();
  readonly memory = new Map<MemoryClass, Set<string>>();
  changed = false;

  addScalar(value: Value): void {
    if (!isScalar(value.type) || this.scalars.has(value)) return;
    this.scalars.add(value);
    this.changed = true;
  }
  addMemory(memory: MemoryClass, key: string): void {
    let keys = this.memory.get(memory);
    if (!keys) this.memory.set(memory, (keys = new Set()));
    if (keys.has(key)) return;
    keys.add(key);
    this.changed = true;
  }
  hasMemory(memory: MemoryClass, key: string): boolean {
    return this.memory.get(memory)?.has(key) ?? false;
  }
}

export function fixedPoint(marks: Marks, sweep: () => void): void {
  do {
    marks.changed = false;
    sweep();
  } while (marks.changed);
}

/** Whether a class or any class reachable from it passes a test; memoised. */
export function reachability(
  aliases: AliasFacts,
  test: (memory: MemoryClass) => boolean,
): (memory: MemoryClass) => boolean {
  const memo = new Map<MemoryClass, boolean>();
  return (memory) => {
    const known = memo.get(memory);
    if (known !== undefined) return known;
    // Classes may reach one another in a circle.
    const seen = new Set<MemoryClass>();
    const enter = (inside: MemoryClass | null): boolean => {
      if (!inside || seen.has(inside)) return false;
      seen.add(inside);
      return test(inside) || aliases.keysOf(inside).some((key) => enter(aliases.contentsOf(inside, key)));
    };
    const answer = enter(memory);
    memo.set(memory, answer);
    return answer;
  };
}

/** Marks a scalar, or every number that can be reached from a reference. */
export function markReachable(aliases: AliasFacts, marks: Marks, value: Value): void {
  if (isScalar(value.type)) marks.addScalar(value);
  const memory = aliases.classOf(value);
  if (memory) markClass(aliases, marks, memory);
}

/** The same for what the fields lead to from an object of the class. */
export function markAt(aliases: AliasFacts, marks: Marks, memory: MemoryClass | null, path: readonly string[]): void {
  const [name, ...rest] = path;
  if (!memory || name === undefined) return;
  const inside = aliases.contentsOf(memory, name);
  if (rest.length > 0) markAt(aliases, marks, inside, rest);
  else if (inside) markClass(aliases, marks, inside);
  else marks.addMemory(memory, name);
}

/** Every number that can be reached from an object of the class; `*` stands for all keys. */
export function markClass(aliases: AliasFacts, marks: Marks, memory: MemoryClass): void {
  for (const inside of classesBelow(aliases, memory)) marks.addMemory(inside, "*");
}

/**
 * Where something has numbers that are marked, all memory that it leads to has: its shadow goes where nobody knows which
 * parts have none.
 */
export function markWhole(aliases: AliasFacts, marks: Marks, values: readonly Value[]): void {
  for (const value of values) {
    const memory = aliases.classOf(value);
    if (!memory || !isMarkedClass(aliases, marks, memory)) continue;
    for (const inside of classesBelow(aliases, memory)) if (!marks.memory.has(inside)) marks.addMemory(inside, "*");
  }
}

export function hasMark(marks: Marks, memory: MemoryClass, key: string): boolean {
  return marks.hasMemory(memory, key) || marks.hasMemory(memory, "*");
}

/** The scalar, or some number reachable from the reference, is marked. */
export function isMarked(aliases: AliasFacts, marks: Marks, value: Value): boolean {
  if (marks.scalars.has(value)) return true;
  const memory = aliases.classOf(value);
  return memory !== null && isMarkedClass(aliases, marks, memory);
}

export function isMarkedClass(aliases: AliasFacts, marks: Marks, memory: MemoryClass): boolean {
  return reachability(aliases, (inside) => (marks.memory.get(inside)?.size ?? 0) > 0)(memory);
}
