/** Parts by a name or an index that only run time knows, where it is known which there are: each becomes a branch. */
import type { Node } from "ts-morph";
import { booleanType } from "../ir/build.js";
import type { RecordType, Type, Value } from "../ir/ir.js";
import { loadAt } from "./access.js";
import { joinBranches, openBranch } from "./branches.js";
import { noHint } from "./expressions.js";
import { functionValue } from "./functionValues.js";
import { constant, type FunctionValue, type Lowering, nullish } from "./lowering.js";

/** One of the functions that a record or an array holds, by a name or an index known only at run time. */
export function chosenFunction(
  lowering: Lowering,
  object: Value,
  key: Value,
  items: readonly Value[] | null,
  index: Node,
): Value | null {
  const { functions, functionFields, literals } = lowering.shared;
  if (literals.has(key)) return null;
  const possible = literalsOf(index);
  const isPossible = (name: string): boolean => possible?.includes(name) ?? true;
  const fields = [...(functionFields.get(object) ?? [])].filter(([name]) => isPossible(name));
  const held: readonly (readonly [string | number, Value])[] = items ? items.map((one, k) => [k, one]) : fields;
  const keyType = items ? "number" : "string";
  const isOfFunctions = held.length > 0 && held.every(([, one]) => functions.has(one));
  if (!isOfFunctions || key.type.kind !== keyType || (!items && hasData(object.type))) return null;
  const [last, ...others] = held.toReversed().map(([name, one]) => ({ name, fn: functions.get(one)! }));
  const chosen = others.reduce((whenFalse, { name, fn }): FunctionValue => {
    const condition = lowering.builder.apply("equal", [key, constant(lowering, name)], booleanType);
    return { kind: "choice", condition, whenTrue: fn, whenFalse };
  }, last!.fn);
  return functionValue(lowering, chosen);
}

/** All that an expression can be, where its type is a union of literals. */
function literalsOf(expression: Node): readonly unknown[] | null {
  const type = expression.getType();
  const found = (type.isUnion() ? type.getUnionTypes() : [type]).map((one) => one.getLiteralValue());
  return found.includes(undefined) ? null : found;
}

function hasData(type: Type): boolean {
  return type.kind === "record" && type.fields.length > 0;
}

/** A field of a record by a name known only at run time: whichever it is, or nothing. */
export function loadByName(
  lowering: Lowering,
  object: Value,
  type: RecordType,
  name: Value,
  node: import("ts-morph").ElementAccessExpression,
): Value {
  const possible = literalsOf(node.getArgumentExpression()!);
  const fields = possible ? type.fields.filter((field) => possible.includes(field.name)) : type.fields;
  const areAll = possible?.every((one) => fields.some((field) => field.name === one)) ?? false;
  const from = (inside: Lowering, k: number): Value => {
    const field = fields[k];
    if (!field) return nullish(inside, undefined);
    // The type of the key says that it is one of these.
    if (areAll && k === fields.length - 1) return loadAt(inside, object, { kind: "field", name: field.name }, noHint);
    const isThis = inside.builder.apply("equal", [name, constant(inside, field.name)], booleanType);
    const [found, other] = [openBranch(inside), openBranch(inside)];
    found.value = loadAt(found.lowering, object, { kind: "field", name: field.name }, noHint);
    other.value = from(other.lowering, k + 1);
    return joinBranches(inside, isThis, found, other, node).value!;
  };
  return from(lowering, 0);
}
