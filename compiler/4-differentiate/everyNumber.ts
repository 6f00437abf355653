/**
 * Operations on every number of two values of one structure, by statements that have derivatives.
 *
 * before: add b to a, of type { x: number, ys: number[] }        after: a.x += b.x; loop i { a.ys[i] += b.ys[i] }
 */
import { BlockBuilder, booleanType, newBlock, newValue, numberType } from "../ir/build.js";
import type { Key, Type, Value } from "../ir/ir.js";
import { partsOfType } from "./rows.js";
import { countedLoop, countedLoopBackwards } from "../ir/loops.js";
import { typeAtKey } from "../ir/place.js";
import { canCarryDerivative, elementType, isReference, optionalType } from "../ir/types.js";

/** Stores every number of `from` into the same place of `into`, the last one first: where places are one, the first stays. */
export function storeNumbers(builder: BlockBuilder, into: Value, from: Value): void {
  everyNumber(builder, into, from, "store");
}

/** Adds every number of `from` to the one in the same place of `into`. */
export function addNumbers(builder: BlockBuilder, into: Value, from: Value): void {
  everyNumber(builder, into, from, "addTo");
}

/** The sum of the products of the numbers in the same places of both; every number of `b` is there in `a`. */
export function dotNumbers(builder: BlockBuilder, a: Value, b: Value): Value {
  const part = (inside: BlockBuilder, key: Key, of: Type): Value => {
    const [one, other] = [a, b].map((object) => {
      const result = newValue(typeAtKey(object.type, key) ?? of, { role: object.role });
      inside.add({ kind: "load", result, object, key, span: null });
      return result;
    });
    return dotNumbers(inside, one!, other!);
  };
  const { type } = b;
  if (type.kind === "number") return builder.apply("multiply", [a, b]);
  const element = elementType(type);
  if (element) {
    const length = newValue(numberType);
    builder.add({ kind: "length", result: length, object: b, span: null });
    const zero = builder.constant(0);
    return countedLoop(builder, length, [zero], (inside, index, [sum]) => [
      inside.apply("add", [sum!, part(inside, { kind: "index", index }, element)]),
    ])[0]!;
  }
  const parts = partsOfType(type).filter(([, of]) => canCarryDerivative(of));
  const products = parts.map(([name, of]) => part(builder, { kind: "field", name }, of));
  const [first, ...others] = products;
  return others.reduce((sum, one) => builder.apply("add", [sum, one]), first ?? builder.constant(0));
}

function everyNumber(builder: BlockBuilder, into: Value, from: Value, how: "store" | "addTo"): void {
  const { type } = into;
  const part = (inside: BlockBuilder, object: Value, key: Key, of: Type): Value => {
    const result = newValue(of, { role: object.role });
    inside.add({ kind: "load", result, object, key, span: null });
    return result;
  };
  const visit = (inside: BlockBuilder, key: Key, of: Type): void => {
    const value = part(inside, from, key, of);
    if (of.kind === "number") {
      inside.add({ kind: how, object: into, key, value, span: null });
      return;
    }
    if (isReference(of))
      whereThere(inside, value, (here, present) =>
        everyNumber(here, whole(here, part(here, into, key, of)), present, how),
      );
  };
  if (type.kind === "array" || type.kind === "typedArray") {
    const length = newValue(numberType);
    builder.add({ kind: "length", result: length, object: into, span: null });
    const visitAt = (inside: BlockBuilder, index: Value): void =>
      visit(inside, { kind: "index", index }, elementType(type)!);
    if (how === "store") countedLoopBackwards(builder, length, visitAt);
    else
      countedLoop(builder, length, [], (inside, index) => {
        visitAt(inside, index);
        return [];
      });
  }
  const inOrder = <T>(parts: readonly T[]): readonly T[] => (how === "store" ? parts.toReversed() : parts);
  const fields = type.kind === "record" ? type.fields : [];
  for (const { name, type: of, isOptional } of inOrder(fields)) {
    const key: Key = { kind: "field", name };
    if (!isOptional || of.kind !== "number") visit(builder, key, of);
    else {
      // What is stored may come where nothing was; nothing is added there.
      const asked = how === "store" ? [from] : [from, into];
      const maybe = optionalType(numberType, "undefined");
      const ask = (inside: BlockBuilder, [object, ...rest]: readonly Value[]): void =>
        object
          ? whereThere(inside, part(inside, object, key, maybe), (here) => ask(here, rest))
          : visit(inside, key, of);
      ask(builder, asked);
    }
  }
  if (type.kind === "tuple")
    for (const [k, of] of inOrder([...type.elements.entries()])) visit(builder, { kind: "field", name: String(k) }, of);
}

/** Runs the body where the value is there. */
function whereThere(builder: BlockBuilder, value: Value, body: (inside: BlockBuilder, present: Value) => void): void {
  if (value.type.kind !== "optional") return body(builder, value);
  const condition = builder.apply("isNullish", [value], booleanType);
  const inside = new BlockBuilder(null, builder);
  body(inside, whole(inside, value));
  builder.add({ kind: "if", condition, then: newBlock([]), else: inside.block(), results: [], span: null });
}

function whole(builder: BlockBuilder, value: Value): Value {
  if (value.type.kind !== "optional") return value;
  const result = newValue(value.type.of, value);
  builder.add({ kind: "narrow", result, value, span: null });
  return result;
}
