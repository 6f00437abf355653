/** `structuredClone`: a copy of a value and of everything in it. */
import type { Node } from "ts-morph";
import { booleanType } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { readable } from "../ir/references.js";
import { isReference, missingOf } from "../ir/types.js";
import { loadField } from "./access.js";
import { joinBranches, openBranch } from "./branches.js";
import { narrow } from "./expressions.js";
import { lengthOf, loadElement } from "./indexedLoops.js";
import { refuseKeyed } from "./keyed.js";
import { makeLiteral } from "./literals.js";
import { constant, type Lowering, nullish, refuse } from "./lowering.js";
import { allocate, copyOf } from "./newObjects.js";
import { lowerRange } from "./positions.js";
import { freshType } from "./reordering.js";
import { storeElement } from "./items.js";

/** A copy of a value and of everything in it. */
export function lowerClone(lowering: Lowering, value: Value, node: Node, name: string | null): Value {
  const { type } = value;
  switch (type.kind) {
    case "number":
    case "boolean":
    case "string":
    case "nullish":
      return value;
    case "typedArray":
      return copyOf(lowering, value, type, { name });
    case "optional":
      return cloneOptional(lowering, value, node, name);
    case "array":
      return cloneArray(lowering, value, type.element, node, name);
    case "tuple":
    case "record": {
      const names = type.kind === "tuple" ? type.elements.map((_, k) => String(k)) : type.fields.map((one) => one.name);
      const parts = names.map((key) => {
        const part = loadField(lowering, value, key, node, { name: null });
        return lowerClone(lowering, part, node, null);
      });
      return makeLiteral(lowering, type, parts, type.kind === "tuple" ? null : names, { name });
    }
    case "opaque":
      if (type.keyed) refuseKeyed(node, type.keyed, "walk");
      return refuse(
        node,
        "unsupportedType",
        `The type ${readable(type.text)} cannot be copied here.`,
        "Copy what is numeric.",
      );
  }
}

function cloneArray(lowering: Lowering, array: Value, element: Type, node: Node, name: string | null): Value {
  if (!isReference(element)) return copyOf(lowering, array, freshType(array), { name });
  const length = lengthOf(lowering, array);
  const result = allocate(lowering, freshType(array), length, null, { name });
  lowerRange(lowering, {
    node,
    from: constant(lowering, 0),
    to: length,
    body: (inside, index) =>
      storeElement(inside, result, index, lowerClone(inside, loadElement(inside, array, index, node), node, null)),
  });
  return result;
}

function cloneOptional(lowering: Lowering, value: Value, node: Node, name: string | null): Value {
  if (!isReference(value.type)) return value;
  if (missingOf(value.type) !== "undefined")
    refuse(node, "unsupportedType", "A copy of data that may be null is not made here.", "Copy what is there.");
  const isMissing = lowering.builder.apply("isUndefined", [value], booleanType);
  const missing = openBranch(lowering);
  missing.value = nullish(missing.lowering, undefined);
  const present = openBranch(lowering);
  present.value = lowerClone(present.lowering, narrow(present.lowering, value), node, null);
  return joinBranches(lowering, isMissing, missing, present, node, name).value!;
}
