/** Gradients of arguments whose elements, or numbers that may be missing, come or go while the primal runs. */
import type { Fields } from "./structure.js";

/**
 * Fills `zeros`, which have the shape that an argument had at entry, with the numbers that `gradient` has in the same
 * places. What came later is left out, what is gone has the derivative zero.
 */
export function inShapeOf<T>(zeros: T, gradient: T): T {
  return filled(zeros, gradient) as T;
}

function filled(zeros: unknown, gradient: unknown): unknown {
  if (typeof zeros === "number") return typeof gradient === "number" ? gradient : 0;
  if (typeof zeros !== "object" || zeros === null || typeof gradient !== "object" || gradient === null) return zeros;
  const [places, found] = [zeros as Fields, gradient as Fields];
  for (const key of Object.keys(zeros)) places[key] = filled(places[key], found[key]);
  return zeros;
}
