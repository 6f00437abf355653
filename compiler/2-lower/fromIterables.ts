/** `Array.from`, `Array.of`, `Array.isArray`, and what typed arrays have of them. */
import { Node } from "ts-morph";
import { booleanType, numberType } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { elementType, isAnyList } from "../ir/types.js";
import { type Callback, lowerFromLength, lowerMap, requireCallback } from "./callbacks.js";
import { allocate, copyOf, typedOf, writtenElements } from "./newObjects.js";
import { evaluated, type Hint, lowerExpression } from "./expressions.js";
import { iteratedPart, lowerIterable, makesArray, type Part, partOf } from "./iterables.js";
import { kindOf, refuseKeyed } from "./keyed.js";
import { makeLiteral, wantedType } from "./literals.js";
import { constant, type Lowering, refuse } from "./lowering.js";
import { pushArguments } from "./resizingMethods.js";
import { unwrap } from "./syntax.js";
import { asArray } from "./tuples.js";
import { lowerArguments, lowerSpreadArguments } from "./callArguments.js";

type Call = import("ts-morph").CallExpression;

/** A static method of `Array`, or of a typed array. */
export function lowerArrayStatic(lowering: Lowering, node: Call, name: string, typed: Type | null, hint: Hint): Value {
  if (name === "from") return lowerFrom(lowering, node, typed, hint);
  if (name === "of") return lowerOf(lowering, node, typed, hint);
  if (name === "isArray" && !typed) return lowerIsArray(lowering, node);
  return refuse(node, "unsupportedCall", `This call of ${name} is not supported.`, "Write an array literal or a loop.");
}

function lowerOf(lowering: Lowering, node: Call, typed: Type | null, hint: Hint): Value {
  const args = lowerSpreadArguments(lowering, node);
  if (typed && args.every((argument) => !argument.isSpread))
    return typedOf(
      lowering,
      typed,
      args.map((argument) => argument.value),
      hint,
    );
  const type: Type = typed ? { kind: "array", element: numberType } : wantedType(lowering, node, hint);
  const name = typed ? { name: null } : hint;
  const [only] = args;
  if (args.length === 1 && only?.isSpread) return copyOf(lowering, only.value, typed ?? type, hint);
  const isPlain = args.every((argument) => !argument.isSpread);
  const values = isPlain ? args.map((argument) => argument.value) : [];
  const list = makeLiteral(lowering, type, values, null, name);
  if (!isPlain) pushArguments(lowering, list, args);
  return typed ? copyOf(lowering, list, typed, hint) : list;
}

function lowerIsArray(lowering: Lowering, node: Call): Value {
  const [value] = lowerArguments(lowering, node);
  const type = value?.type;
  if (value && isAnyList(value.type)) return evaluated(lowering, booleanType, ["Array.isArray(", value, ")"], node);
  if (type?.kind === "opaque" || type?.kind === "optional")
    refuse(node, "unsupportedType", "Whether this is an array is not known.", "Use values of one type.");
  return constant(lowering, type?.kind === "array" || type?.kind === "tuple");
}

/** `Array.from(xs)`, `Array.from(xs, f)`, `Array.from({ length }, f)` and their typed counterparts. */
function lowerFrom(lowering: Lowering, node: Call, typed: Type | null, hint: Hint): Value {
  const [source, callback] = node.getArguments();
  const type = typed ?? wantedType(lowering, node, hint);
  const literal = source && unwrap(source);
  const length =
    literal && Node.isObjectLiteralExpression(literal) && literal.getProperties().length === 1
      ? literal.getProperty("length")
      : undefined;
  const elements = typed && !callback ? writtenElements(source) : null;
  if (elements) {
    const values = elements.map((element) => lowerExpression(lowering, element));
    return typedOf(lowering, typed!, values, hint);
  }
  if (length && Node.isPropertyAssignment(length))
    return finishFromLength(lowerExpression(lowering, length.getInitializerOrThrow()));
  if (length && Node.isShorthandPropertyAssignment(length))
    return finishFromLength(lowerExpression(lowering, length.getNameNode()));
  if (!source || !Node.isExpression(source)) refuse(node, "unsupportedCall", "from needs an array.", "Pass one.");
  const iterated = callback ? iteratedPart(source) : null;
  const isMade = !callback && makesArray(source) && !typed;
  const made = iterated
    ? lowerExpression(lowering, iterated.array)
    : lowerIterable(lowering, source, isMade ? hint : { name: null });
  const array = asArray(lowering, made, node);
  const kind = kindOf(array.type);
  if (kind) refuseKeyed(node, kind, "walk");
  if (!elementType(array.type))
    refuse(node, "unsupportedCall", "from needs an array.", "Pass an array, or { length }.");
  if (!callback) return isMade ? array : copyOf(lowering, array, type, hint);
  const fn = ofPart(requireCallback(lowering, callback, node), iterated?.part ?? "values");
  return lowerMap(lowering, node, array, fn, hint, type);

  function finishFromLength(count: Value): Value {
    if (!callback) {
      if (type.kind === "typedArray") return allocate(lowering, type, count, null, hint);
      refuse(node, "unsupportedCall", "Array.from({ length }) needs a function.", "Write `(_, i) => …`.");
    }
    return lowerFromLength(lowering, node, count, requireCallback(lowering, callback, node), type, hint);
  }
}

/** `from` calls its function with what is walked over and the index only. */
function ofPart(fn: Callback, part: Part): Callback {
  return {
    ...fn,
    nameOf: (position) => (part === "values" ? fn.nameOf(position) : null),
    call: (inside, [item, index], node) => fn.call(inside, [partOf(inside, part, index!, item!), index!], node),
  };
}
