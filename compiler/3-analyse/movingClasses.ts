/**
 * Which classes of references move: a reference to them is carried, chosen or stored, so that at the end of the function
 * it is not known which object a name meant.
 *
 * Needs: alias classes. Guarantees: classes connected by containment, or named together, decide together; one that moves
 * decides for all.
 *
 * before: r = { a: p }; c = test ? r : s        moving: the class of r and s, and that of p, which r holds
 */
import type { Value } from "../ir/ir.js";
import type { AliasFacts, MemoryClass } from "./aliases.js";

export function movingClasses(
  aliases: AliasFacts,
  references: readonly Value[],
  alsoMoving: readonly MemoryClass[],
  together: readonly (readonly Value[])[],
): ReadonlySet<MemoryClass> {
  const neighbours = new Map<MemoryClass, Set<MemoryClass>>();
  const connect = (a: MemoryClass, b: MemoryClass): void => {
    if (!neighbours.has(a)) neighbours.set(a, new Set());
    neighbours.get(a)!.add(b);
  };
  const enter = (memory: MemoryClass): void => {
    if (neighbours.has(memory)) return;
    neighbours.set(memory, new Set());
    for (const key of aliases.keysOf(memory)) {
      const inside = aliases.contentsOf(memory, key);
      if (!inside) continue;
      enter(inside);
      connect(memory, inside);
      connect(inside, memory);
    }
  };
  for (const reference of references) enter(aliases.classOf(reference)!);
  for (const group of together)
    for (const reference of group.slice(1)) {
      const [first, other] = [aliases.classOf(group[0]!)!, aliases.classOf(reference)!];
      connect(first, other);
      connect(other, first);
    }
  const moving = new Set<MemoryClass>();
  const spread = (memory: MemoryClass): void => {
    if (moving.has(memory)) return;
    moving.add(memory);
    neighbours.get(memory)?.forEach(spread);
  };
  for (const memory of neighbours.keys())
    if (memory.moves || memory.referencesAreWritten || alsoMoving.includes(memory)) spread(memory);
  return moving;
}
