/** Between parameters as a model likes them (numbers in arrays and records) and the flat vector an optimiser likes. */

/** All numbers of a structure, in order. */
export function flatten(structure: unknown): Float64Array {
  return Float64Array.from(numbersIn(structure));
}

function* numbersIn(structure: unknown): Generator<number> {
  if (typeof structure === "number") yield structure;
  else if (structure instanceof Float64Array) yield* structure;
  else for (const part of Object.values(structure as object)) yield* numbersIn(part);
}

/** A structure like the template, with the numbers of the vector. */
export function restore<T>(template: T, flat: Float64Array): T {
  let next = 0;
  const fill = (part: unknown): unknown => {
    if (typeof part === "number") return flat[next++];
    if (part instanceof Float64Array) return flat.slice(next, (next += part.length));
    if (Array.isArray(part)) return part.map(fill);
    return Object.fromEntries(Object.entries(part as object).map(([name, value]) => [name, fill(value)]));
  };
  return fill(template) as T;
}
