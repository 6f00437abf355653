/** The numbers that a request differentiates with respect to, where every argument has the same ones. */
import { BlockBuilder, newValue } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import type { Request } from "../requests.js";
import { partsOfType } from "./rows.js";
import { type Differentiated, tupleType } from "./verbShapes.js";

/** A number among the inputs. */
export interface Input {
  readonly part: number;
  /** Within the part. */
  readonly path: readonly string[];
}

export function inputsOf(parts: readonly Differentiated[]): readonly Input[] {
  return parts.flatMap(({ type }, part) => numbersOf(type).map((path): Input => ({ part, path })));
}

/** The paths to the numbers in every value of a type of one shape. */
function numbersOf(type: Type): readonly (readonly string[])[] {
  if (type.kind === "number") return [[]];
  return partsOfType(type).flatMap(([name, of]) => numbersOf(of).map((path) => [name, ...path]));
}

/** A gradient of the numbers, one for each input. */
export function gradientOfNumbers(
  builder: BlockBuilder,
  request: Request,
  parts: readonly Differentiated[],
  numbers: readonly Value[],
): Value {
  return overInputs(builder, request, parts, (_, k) => numbers[k]!);
}

/** The structure of the gradient, with what `make` gives for each input. */
export function overInputs(
  builder: BlockBuilder,
  request: Request,
  parts: readonly Differentiated[],
  make: (inside: BlockBuilder, input: number) => Value,
): Value {
  let next = 0;
  const assembled = parts.map(({ type }) => assemble(builder, type, () => make(builder, next++)));
  if (request.isBare) return assembled[0]!;
  const type: Type = { ...tupleType(parts), elements: assembled.map((part) => part.type) };
  const result = newValue(type, { role: "adjoint" });
  builder.add({ kind: "literal", result, elements: assembled, fields: null, span: null });
  return result;
}

/** A value of the structure of the type, what `make` gives in place of its numbers. */
export function assemble(builder: BlockBuilder, type: Type, make: () => Value): Value {
  if (type.kind === "number") return make();
  if (!isReference(type)) {
    const nothing = newValue(type, { role: "adjoint" });
    builder.add({ kind: "constant", result: nothing, value: undefined, text: null, span: null });
    return nothing;
  }
  const elements = partsOfType(type).map(([, of]) => assemble(builder, of, make));
  const types = elements.map((element) => element.type);
  const assembled: Type =
    type.kind === "record"
      ? { ...type, fields: type.fields.map((field, k) => ({ ...field, type: types[k]! })) }
      : { ...(type as Type & { kind: "tuple" }), elements: types };
  const result = newValue(assembled, { role: "adjoint" });
  const fields = type.kind === "record" ? type.fields.map(({ name }) => name) : null;
  builder.add({ kind: "literal", result, elements, fields, span: null });
  return result;
}
