/**
 * Gradients of single precision arrays are summed in double precision and rounded once, at the end.
 *
 * before: xsBar: Float64Array, for a parameter xs: Float32Array        after: Float32Array.from(xsBar)
 */
import { type BlockBuilder, newValue, type ValueOptions } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { sameType } from "../ir/types.js";

/** `shadow` as a value of type `wanted`; itself where nothing is single. */
export function roundSingles(builder: BlockBuilder, shadow: Value, wanted: Type, options: ValueOptions): Value {
  if (sameType(shadow.type, wanted)) return shadow;
  const result = newValue(wanted, options);
  const [before, after] = roundedText(wanted, "\u0000", 0).split("\u0000") as [string, string];
  const pieces = [before, shadow, after].filter((piece) => piece !== "");
  if (wanted.kind === "typedArray")
    builder.add({ kind: "slice", result, object: shadow, start: null, end: null, span: null });
  else builder.add({ kind: "evaluate", result, pieces, isPure: true, span: null });
  return result;
}

/** A copy of what `text` names, its single precision arrays rounded; `text` stands in it once. */
function roundedText(type: Type, text: string, depth: number): string {
  const name = depth === 0 ? "part" : `part${depth + 1}`;
  switch (type.kind) {
    case "typedArray":
      return type.name === "Float32Array" ? `Float32Array.from(${text})` : text;
    case "array":
      return `${text}.map((${name}) => (${roundedText(type.element, name, depth + 1)}))`;
    case "tuple":
    case "record": {
      const parts =
        type.kind === "tuple"
          ? `[${type.elements.map((element, k) => roundedText(element, `${name}[${k}]`, depth + 1)).join(", ")}]`
          : `({ ${type.fields.map((field) => `${field.name}: ${roundedText(field.type, `${name}.${field.name}`, depth + 1)}`).join(", ")} })`;
      return `[${text}].map((${name}) => ${parts})[0]!`;
    }
    default:
      return text;
  }
}
