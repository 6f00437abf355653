/** Indices as sums of a value and a constant: which name one element, and which never do. */
import type { ApplyStatement, Key, Statement, Value } from "./ir.js";

type Definitions = ReadonlyMap<Value, Statement>;

/** Two keys that are always the same. */
export function isSameKey(definitions: Definitions, one: Key, other: Key): boolean {
  if (one.kind === "field" || other.kind === "field")
    return one.kind === "field" && other.kind === "field" && one.name === other.name;
  const [a, b] = [offsetOf(definitions, one.index), offsetOf(definitions, other.index)];
  return one.index === other.index || (a.base === b.base && a.offset === b.offset);
}

/** Two elements that are never the same. */
export function isElsewhere(definitions: Definitions, one: Key, other: Key): boolean {
  if (one.kind === "field" || other.kind === "field")
    return one.kind !== "field" || other.kind !== "field" || one.name !== other.name;
  const [a, b] = [offsetOf(definitions, one.index), offsetOf(definitions, other.index)];
  return a.base === b.base && a.offset !== b.offset;
}

/** `base + offset`; a constant has no base. */
function offsetOf(definitions: Definitions, value: Value): { base: Value | null; offset: number } {
  const statement = definitions.get(value);
  if (statement?.kind === "constant" && typeof statement.value === "number")
    return { base: null, offset: statement.value };
  if (statement?.kind !== "apply" || (statement.primitive !== "add" && statement.primitive !== "subtract"))
    return { base: value, offset: 0 };
  const [first, second] = statement.arguments as ApplyStatement["arguments"] & [Value, Value];
  const [a, b] = [offsetOf(definitions, first), offsetOf(definitions, second)];
  const sign = statement.primitive === "add" ? 1 : -1;
  if (b.base === null) return { base: a.base, offset: a.offset + sign * b.offset };
  return a.base === null && sign === 1 ? { base: b.base, offset: a.offset + b.offset } : { base: value, offset: 0 };
}
