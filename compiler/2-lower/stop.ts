/** What carries no derivative on purpose: `stopGradient(x)`, and parameters and fields marked `@constant`. */
import { type Node, ts } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { canCarryDerivative, isReference, isScalar } from "../ir/types.js";
import { applyPrimitive } from "./operators.js";
import type { Lowering } from "./lowering.js";

/** The value itself, through which no derivative flows. */
export function stopped(lowering: Lowering, value: Value, name: string | null): Value {
  const { builder } = lowering;
  if (value.type.kind === "number") return applyPrimitive(lowering, "stopGradient", [value], name);
  const options = { name, span: builder.span };
  if (isScalar(value.type)) return builder.apply("stopGradient", [value], value.type, options);
  if (!isReference(value.type) || !canCarryDerivative(value.type)) return value;
  const result = newValue(value.type, options);
  builder.add({ kind: "stop", result, object: value, span: builder.span });
  return result;
}

/** The declaration of a parameter or a field has the tag `@constant`. */
export function isMarkedConstant(declaration: Node): boolean {
  if (ts.getJSDocTags(declaration.compilerNode).some((tag) => tag.tagName.text === "constant")) return true;
  // A comment behind another field, on the same line, is none of TypeScript's documentation.
  const before = declaration.getFullText().slice(0, declaration.getStart() - declaration.getFullStart());
  return /\/\*\*(?:(?!\*\/)[^])*@constant\b(?:(?!\*\/)[^])*\*\/[ \t]*$/.test(before);
}
