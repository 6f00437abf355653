/** New arrays, typed arrays and instances. */
import { type Expression, Node } from "ts-morph";
import { newValue, numberType } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import { lowerBuiltin } from "./builtins.js";
import { classNamed, lowerInstance } from "./classes.js";
import { type Hint, lowerExpression } from "./expressions.js";
import { constructorOf, isNative, lowerLiveInstance } from "./liveClasses.js";
import { tellCaller } from "./packageCalls.js";
import { refuseIfKeyed } from "./keyed.js";
import { makeLiteral, wantedType } from "./literals.js";
import { constant, FollowUpError, isLost, type Lowering, placeOf, refuse } from "./lowering.js";
import { unwrap } from "./syntax.js";
import { typedArrayName } from "./types.js";
import { type Call, lowerArguments } from "./callArguments.js";
import { isGlobalName } from "./globalCalls.js";

export function copyOf(lowering: Lowering, source: Value, type: Type, hint: Hint): Value {
  const { span } = lowering.builder;
  const result = newValue(type, { name: hint.name, span });
  lowering.builder.add({ kind: "slice", result, object: source, start: null, end: null, span });
  return result;
}

export function allocate(lowering: Lowering, type: Type, length: Value, fill: Value | null, hint: Hint): Value {
  const { span } = lowering.builder;
  const result = newValue(type, { name: hint.name, span });
  lowering.builder.add({ kind: "allocate", result, length, fill, span });
  lowering.shared.madeIn.set(result, placeOf(lowering));
  lowering.shared.openLists.add(result);
  return result;
}

/** Longer ones are better read as lists. */
const mostElements = 64;

/** A typed array of numbers that are written out: made of zeros, and written element by element. */
export function typedOf(lowering: Lowering, type: Type, values: readonly Value[], hint: Hint): Value {
  if (values.length > mostElements || values.some((value) => value.type.kind !== "number")) {
    const list = makeLiteral(lowering, { kind: "array", element: numberType }, values, null, { name: null });
    return copyOf(lowering, list, type, hint);
  }
  const array = allocate(lowering, type, constant(lowering, values.length), null, hint);
  const { span } = lowering.builder;
  values.forEach((value, k) => {
    if (Object.is(lowering.shared.literals.get(value), 0)) return;
    const index = constant(lowering, k);
    lowering.builder.add({ kind: "store", object: array, key: { kind: "index", index }, value, span });
  });
  return array;
}

/** The elements of a list that is written out, without spreads; null for anything else. */
export function writtenElements(node: Node | undefined): readonly Expression[] | null {
  const list = node && unwrap(node);
  if (!Node.isArrayLiteralExpression(list)) return null;
  const elements = list.getElements();
  const isPlain = elements.every((one) => !Node.isSpreadElement(one) && !Node.isOmittedExpression(one));
  return isPlain ? elements : null;
}

/** `new Array(n)`, `new Float64Array(n)`, `new Float64Array(xs)`. */
export function lowerNew(lowering: Lowering, node: Call | import("ts-morph").NewExpression, hint: Hint): Value {
  const callee = node.getExpression();
  const name = callee.getText();
  if (isLost(lowering, callee)) throw new FollowUpError();
  const kind = isGlobalName(lowering, callee, name) ? typedArrayName(name) : null;
  const elements = kind && node.getArguments().length === 1 ? writtenElements(node.getArguments()[0]) : null;
  if (kind && elements) {
    const values = elements.map((element) => lowerExpression(lowering, element));
    return typedOf(lowering, { kind: "typedArray", name: kind }, values, hint);
  }
  const args = lowerArguments(lowering, node);
  const first = args[0];
  if (isGlobalName(lowering, callee, "Array")) {
    const type = wantedType(lowering, node, hint);
    if (args.length > 1 && type.kind === "array") return makeLiteral(lowering, type, args, null, hint);
    if (args.length === 0 && type.kind === "array") return allocate(lowering, type, constant(lowering, 0), null, hint);
    if (args.length !== 1 || first!.type.kind !== "number" || type.kind !== "array")
      refuse(node, "unsupportedCall", "Only new Array(length) is supported.", "Write an array literal.");
    return allocate(lowering, type, first!, null, hint);
  }
  const constructor = constructorOf(lowering, callee);
  if (constructor && !isNative(constructor)) {
    const source = lowering.unit.packages.nodeOf(constructor);
    const make = (): Value => lowerLiveInstance(lowering, constructor, args, node, hint);
    return source ? tellCaller(node, source, make) : make();
  }
  const declaration = classNamed(callee);
  if (declaration) return lowerInstance(lowering, declaration, lowering.unit.typeOfNew(node), args, node, hint);
  const ofLanguage = isGlobalName(lowering, callee, name) ? name : constructor?.name;
  const typed = ofLanguage === undefined ? null : typedArrayName(ofLanguage);
  if (typed) {
    const type: Type = { kind: "typedArray", name: typed };
    if (!first) return allocate(lowering, type, constant(lowering, 0), null, hint);
    if (first.type.kind === "number") return allocate(lowering, type, first, null, hint);
    if (args.length === 1 && elementType(first.type)?.kind === "number") return copyOf(lowering, first, type, hint);
  }
  const plain = Node.isNewExpression(node) ? lowerBuiltin(lowering, node) : null;
  if (plain) return plain;
  refuseIfKeyed(node, null, node, "make");
  return refuse(node, "unsupportedCall", `new ${name} is not supported here.`, "Use arrays, typed arrays and records.");
}
