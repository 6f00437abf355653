/** The methods of arrays and typed arrays, by name. */
import { newValue } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { elementType, isAnyList } from "../ir/types.js";
import { type Callback, lowerFilter, lowerForEach, lowerMap, requireCallback } from "./callbacks.js";
import { lowerConcat, lowerFlat, lowerFlatMap, lowerJoin, lowerWith } from "./combining.js";
import type { Hint } from "./expressions.js";
import { keepUnlessKnown } from "./knownLists.js";
import { constant, type Lowering, refuse } from "./lowering.js";
import { refuseModuleWrite } from "./packageState.js";
import { lowerReduce } from "./reducing.js";
import { lowerCopyWithin, lowerReverse, lowerToReversed } from "./reordering.js";
import { lowerPop, lowerPush, lowerSplice, lowerToSpliced, lowerUnshift } from "./resizingMethods.js";
import { lowerAt, lowerFind, lowerIndexOf, lowerSomeOrEvery } from "./searching.js";
import { lowerSort, lowerToSorted } from "./sorting.js";
import { lowerArguments } from "./callArguments.js";

export interface MethodCall {
  readonly node: import("ts-morph").CallExpression;
  readonly name: string;
  /** The array. */
  readonly object: Value;
  readonly hint: Hint;
  /** Nobody reads the result. */
  readonly isStatement: boolean;
}

type Method = (lowering: Lowering, call: MethodCall) => Value | null;

function callbackOf(lowering: Lowering, { node }: MethodCall): Callback {
  return requireCallback(lowering, node.getArguments()[0], node);
}

/** Methods of both kinds of array. */
const common: Readonly<Record<string, Method>> = {
  map: (lowering, call) => lowerMap(lowering, call.node, call.object, callbackOf(lowering, call), call.hint),
  forEach: (lowering, call) => {
    lowerForEach(lowering, call.node, call.object, callbackOf(lowering, call));
    return null;
  },
  reduce: (lowering, call) => lowerReduce(lowering, call.node, call.object, callbackOf(lowering, call)),
  reduceRight: (lowering, call) => lowerReduce(lowering, call.node, call.object, callbackOf(lowering, call), true),
  filter: (lowering, call) => lowerFilter(lowering, call.node, call.object, callbackOf(lowering, call), call.hint),
  some: lowerSomeOrEvery,
  every: lowerSomeOrEvery,
  find: lowerFind,
  findIndex: lowerFind,
  findLast: lowerFind,
  findLastIndex: lowerFind,
  at: lowerAt,
  indexOf: lowerIndexOf,
  lastIndexOf: lowerIndexOf,
  includes: lowerIndexOf,
  join: lowerJoin,
  slice: lowerSlice,
  fill: lowerFill,
  with: lowerWith,
  reverse: lowerReverse,
  toReversed: lowerToReversed,
  copyWithin: lowerCopyWithin,
  sort: lowerSort,
  toSorted: lowerToSorted,
};

const ofPlainArrays: Readonly<Record<string, Method>> = {
  ...common,
  push: lowerPush,
  pop: lowerPop,
  shift: lowerPop,
  unshift: lowerUnshift,
  splice: lowerSplice,
  toSpliced: lowerToSpliced,
  concat: lowerConcat,
  flat: lowerFlat,
  flatMap: lowerFlatMap,
};

const ofTypedArrays: Readonly<Record<string, Method>> = { ...common, subarray: lowerSubarray, set: lowerSet };

/** What an array and every typed array do alike. */
const ofAnyList: Readonly<Record<string, Method>> = Object.fromEntries(
  [
    ...["forEach", "reduce", "reduceRight", "some", "every", "find", "findIndex", "findLast", "findLastIndex"],
    ...["at", "indexOf", "lastIndexOf", "includes", "join"],
  ].map((name) => [name, common[name]!]),
);

function methodsOf({ type }: Value): Readonly<Record<string, Method>> {
  if (type.kind === "array") return ofPlainArrays;
  return isAnyList(type) ? ofAnyList : ofTypedArrays;
}

/** What is supported, for the table of the language. */
export const methodNames: readonly string[] = Object.keys({ ...ofPlainArrays, ...ofTypedArrays });

const writing = ["push", "pop", "shift", "unshift", "splice", "fill", "set", "reverse", "copyWithin", "sort"];

/** The method changes the array itself, so that a copy cannot stand in for it. */
export function writesItsArray(name: string): boolean {
  return writing.includes(name);
}

const keepingType = ["slice", "fill", "filter", "reverse", "sort", "copyWithin", "with", "toReversed", "toSorted"];

/** The method gives an array of the same type, whatever its arguments are. */
export function keepsType(name: string): boolean {
  return keepingType.includes(name);
}

export function lowerArrayMethod(lowering: Lowering, call: MethodCall): Value | null {
  const { node, name, object } = call;
  const methods = methodsOf(object);
  if (!Object.hasOwn(methods, name))
    refuse(
      node,
      "unsupportedMethod",
      isAnyList(object.type)
        ? `What ${name} does depends on which kind of array this is.`
        : `The method ${name} is not supported on this array.`,
      isAnyList(object.type)
        ? "Copy it first, with Array.from or Float64Array.from, or declare it as one kind of array."
        : "Write it as a loop, or with the methods that read, copy, search, sort or resize arrays.",
    );
  if (writesItsArray(name)) refuseModuleWrite(lowering, object, node);
  return methods[name]!(lowering, call);
}

function lowerSlice(lowering: Lowering, { node, object, hint }: MethodCall): Value {
  const [start = null, end = null] = lowerArguments(lowering, node);
  const { span } = lowering.builder;
  const type: Type = object.type.kind === "array" ? { kind: "array", element: elementType(object.type)! } : object.type;
  const result = newValue(type, { name: hint.name, span });
  lowering.builder.add({ kind: "slice", result, object, start, end, span });
  return result;
}

function lowerSubarray(lowering: Lowering, { node, object, hint }: MethodCall): Value {
  const [start, end = null] = lowerArguments(lowering, node);
  const { span } = lowering.builder;
  const result = newValue(object.type, { name: hint.name, span });
  lowering.builder.add({ kind: "view", result, object, start: start ?? constant(lowering, 0), end, span });
  return result;
}

function lowerFill(lowering: Lowering, { node, object }: MethodCall): Value {
  const [value, start = null, end = null] = lowerArguments(lowering, node);
  if (!value) refuse(node, "unsupportedCall", "fill needs a value.", "Pass one.");
  const item = keepUnlessKnown(lowering, object, value, node);
  lowering.builder.add({ kind: "fill", object, value: item, start, end, span: lowering.builder.span });
  return object;
}

function lowerSet(lowering: Lowering, { node, object }: MethodCall): null {
  const [source, offset] = lowerArguments(lowering, node);
  if (!source || !elementType(source.type))
    refuse(node, "unsupportedMethod", "set needs an array.", "Pass an array or a typed array.");
  const at = offset ?? constant(lowering, 0);
  lowering.builder.add({ kind: "copy", object, source, offset: at, span: lowering.builder.span });
  return null;
}
