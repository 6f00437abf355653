/**
 * Entangled parameters: those that may reach one object that is written. A caller may pass one array twice, two views
 * of one buffer, or a matrix with one row twice; then derivatives flow between them, and their shadows must be one, too.
 *
 * Needs: alias classes. Guarantees: parameters that are in no group can be shadowed each by itself.
 *
 * before: a, b: Float64Array; store a, 0, 1        after: one group of a and b
 */
import type { Type, Value } from "../ir/ir.js";
import { elementType, fieldType, typesWithin } from "../ir/types.js";
import { type AliasFacts, type MemoryClass, memoryType } from "./aliases.js";

export interface EntangledGroup {
  readonly parameters: readonly Value[];
  /** References inside are replaced by others: the structure at the end is not that at entry. */
  readonly isRewritten: boolean;
  /** Elements come or go, or numbers that may be missing: the shape at the end is not that at entry. */
  readonly isReshaped: boolean;
}

/** The groups among `parameters` (references only), each in the order given. */
export function entangledGroups(aliases: AliasFacts, parameters: readonly Value[]): readonly EntangledGroup[] {
  const reached = new Map(parameters.map((parameter) => [parameter, reachableFrom(aliases, parameter)]));
  const groups: Value[][] = [];
  for (const parameter of parameters) {
    const own = reached.get(parameter)!;
    if (![...own].some((memory) => memory.isWrittenThrough)) continue;
    const isLinked = (group: readonly Value[]): boolean =>
      group.some((other) => [...reached.get(other)!].some((memory) => own.has(memory)));
    const linked = groups.filter(isLinked);
    for (const group of linked) groups.splice(groups.indexOf(group), 1);
    groups.push([...linked.flat(), parameter]);
  }
  return groups
    .filter((group) => group.length > 1 || holdsReferences(aliases, group[0]!))
    .map((group) => ({
      parameters: parameters.filter((parameter) => group.includes(parameter)),
      isRewritten: group.some((parameter) =>
        [...reached.get(parameter)!].some((memory) => memory.referencesAreWritten),
      ),
      isReshaped: group.some((parameter) => [...reached.get(parameter)!].some((memory) => memory.isReshaped)),
    }));
}

/** Named by the program, or taken away by it. */
function holdsReferences(aliases: AliasFacts, parameter: Value): boolean {
  const memory = aliases.classOf(parameter)!;
  return memory.referencesAreWritten || aliases.keysOf(memory).length > 0;
}

/** The classes that a reference leads to, its own included. */
export function reachableFrom(aliases: AliasFacts, reference: Value): ReadonlySet<MemoryClass> {
  return classesBelow(aliases, aliases.classOf(reference));
}

/** A class and all that can be reached from it. */
export function classesBelow(aliases: AliasFacts, top: MemoryClass | null): ReadonlySet<MemoryClass> {
  const seen = new Set<MemoryClass>();
  const enter = (memory: MemoryClass | null): void => {
    if (!memory || seen.has(memory)) return;
    seen.add(memory);
    for (const key of aliases.keysOf(memory)) enter(aliases.contentsOf(memory, key));
  };
  enter(top);
  return seen;
}

/**
 * Whether something that passes the test can be reached from the parameter: by itself, or where it is one object with a
 * part of another parameter that the function says nothing of.
 */
export function mayReach(
  aliases: AliasFacts,
  parameters: readonly Value[],
  isMeant: (memory: MemoryClass) => boolean,
): (parameter: Value) => boolean {
  const found = new Set<string>();
  const seen = new Set<MemoryClass>();
  const enter = (memory: MemoryClass | null, type: Type): void => {
    if (!memory || seen.has(memory)) return;
    seen.add(memory);
    if (isMeant(memory)) found.add(memoryType(type));
    const whole = type.kind === "optional" ? type.of : type;
    for (const key of aliases.keysOf(memory)) {
      const inside = elementType(whole) ?? fieldType(whole, key);
      if (inside) enter(aliases.contentsOf(memory, key), inside);
    }
  };
  for (const parameter of parameters) enter(aliases.classOf(parameter), parameter.type);
  return ({ type }) => [...typesWithin(type)].some((inside) => found.has(memoryType(inside)));
}
