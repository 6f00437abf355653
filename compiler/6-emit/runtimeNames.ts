/** The runtime functions that generated functions call, under names that no name of the user's hides. */
import { gradientType } from "../ir/gradientType.js";
import type { IrFunction, PlaceholderStatement, Statement, Value, ZerosLikeStatement } from "../ir/ir.js";
import { isRecursiveType, sameType } from "../ir/types.js";
import { resultsOf, scopedValuesOf, visitStatements } from "../ir/walk.js";

/** The runtime function that a statement calls when it is printed, or null. */
export function runtimeNameOf(statement: Statement): string | null {
  switch (statement.kind) {
    case "runtimeCall":
      return statement.name;
    case "arrayPrimitive":
      return statement.primitive;
    case "ensure":
      return "ensure";
    case "placeholder":
      return emptyStorage(statement);
    case "externalCall":
      return statement.callee.kind === "hook" ? "applyHook" : null;
    case "zerosLike":
      return zerosFunction(statement);
    default:
      return null;
  }
}

/** What stands for storage of kept values where none is needed: made once, since a leaf of a recursion may want it often. */
function emptyStorage({ result }: PlaceholderStatement): string | null {
  if (result.role !== "kept" || result.type.kind !== "typedArray") return null;
  if (result.type.name === "Float64Array") return "noNumbers";
  return result.type.name === "Uint8Array" ? "noBytes" : null;
}

/** The function that makes zeros of a structure that cannot be written out; null where the zeros are written out. */
export function zerosFunction({ keepsIdentity, result, object }: ZerosLikeStatement): string | null {
  if (keepsIdentity) return "shadowsOf";
  if (!isRecursiveType(result.type)) return null;
  return sameType(result.type, gradientType(object.type)) ? "zerosLike" : "shadowLike";
}

/** From the names of the runtime to those under which the file imports them, in alphabetical order. */
export function importedNames(
  functions: readonly IrFunction[],
  others: readonly string[],
): ReadonlyMap<string, string> {
  const used = new Set<string>();
  const taken = new Set(others);
  const see = (value: Value): void => {
    if (value.name !== null && value.role === "primal") taken.add(value.name);
  };
  for (const fn of functions) {
    fn.parameters.forEach((parameter) => taken.add(parameter.name));
    visitStatements(fn.body, (statement) => {
      [...resultsOf(statement), ...scopedValuesOf(statement)].forEach(see);
      const name = runtimeNameOf(statement);
      if (name !== null) used.add(name);
    });
  }
  const aliases = new Map<string, string>();
  for (const name of [...used].sort()) {
    let alias = name;
    for (let k = 2; taken.has(alias); k++) alias = `${name}${k}`;
    aliases.set(name, alias);
  }
  return aliases;
}
