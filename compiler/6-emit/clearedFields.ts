/** Fields that a function sets to nothing: TypeScript believes so even where another name has filled them since. */
import type { IrFunction, LoadStatement } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";

const known = new WeakMap<IrFunction, ReadonlySet<string>>();

function clearedFields(fn: IrFunction): ReadonlySet<string> {
  const before = known.get(fn);
  if (before) return before;
  const found = new Set<string>();
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "store" && statement.key.kind === "field" && statement.value.type.kind === "nullish")
      found.add(statement.key.name);
  });
  known.set(fn, found);
  return found;
}

/** What is read may be of a type that TypeScript has narrowed too far. */
export function isNarrowedAway(fn: IrFunction, { key, result }: LoadStatement): boolean {
  const { type } = result;
  return type.kind === "optional" && isReference(type.of) && key.kind === "field" && clearedFields(fn).has(key.name);
}
