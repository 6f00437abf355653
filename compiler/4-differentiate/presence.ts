/** Numbers that may be missing: tests of whether they are there, and adjoints that are there exactly when they are. */
import { type BlockBuilder, newBlock, newValue, numberType } from "../ir/build.js";
import { shadowType } from "../ir/gradientType.js";
import type { ApplyStatement, Key, RecordField, Type, Value } from "../ir/ir.js";
import { optionalType, typesWithin } from "../ir/types.js";

export function testsPresence({ primitive, arguments: args }: ApplyStatement): boolean {
  if (primitive === "isNullish" || primitive === "isUndefined" || primitive === "not") return true;
  return primitive.toLowerCase().endsWith("equal") && args.some((argument) => argument.type.kind === "nullish");
}

/** A field whose shadow is left out while the number is missing. */
export function isOptionalNumber(object: Type, key: Key): boolean {
  const shadow = shadowType(object);
  if (key.kind !== "field" || shadow.kind !== "record") return false;
  return shadow.fields.some((field) => field.name === key.name && isOptionalField(field));
}

export function holdsOptionalNumbers(type: Type): boolean {
  const records = [...typesWithin(shadowType(type))].filter((inside) => inside.kind === "record");
  return records.some((record) => record.fields.some(isOptionalField));
}

function isOptionalField(field: RecordField): boolean {
  return field.isOptional && field.type.kind === "number";
}

/** Zero, or nothing where the number is missing. */
export function zeroUnless(builder: BlockBuilder, isMissing: Value): Value {
  const result = newValue(optionalType(numberType, "undefined"), { role: "adjoint" });
  const nothing = newValue({ kind: "nullish", missing: "undefined" });
  builder.add({ kind: "constant", result: nothing, value: undefined, text: null, span: null });
  const zero = builder.constant(0);
  const [then, otherwise] = [newBlock([], [nothing]), newBlock([], [zero])];
  builder.add({ kind: "if", condition: isMissing, then, else: otherwise, results: [result], span: null });
  return result;
}
