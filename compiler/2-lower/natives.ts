/** Functions of the language under other names: `var isArray = Array.isArray`, `Array.prototype.slice.call(arguments, 1)`. */
import { Node } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { elementType, isAnyList } from "../ir/types.js";
import { lowerArrayMethod } from "./arrayMethods.js";
import type { Hint } from "./expressions.js";
import { makeTuple } from "./literals.js";
import { isLiveFunction, liveOf } from "./liveValues.js";
import { constant, type Lowering, refuse, spanOf } from "./lowering.js";
import { isOfPackage, type LiveFunction } from "./packageReader.js";
import { loadField } from "./access.js";
import { unwrap } from "./syntax.js";
import { asArray } from "./tuples.js";
import { hasField } from "./typeTests.js";
import { type Call, lowerArguments } from "./callArguments.js";

/** A function of the language by its place: `Math.max`, `isNaN`. */
export interface GlobalPath {
  readonly owner: string | null;
  readonly name: string;
}

const owners: Readonly<Record<string, object>> = { Math, Number, Array, Object };
const paths = new Map<unknown, GlobalPath>();
for (const [owner, object] of Object.entries(owners))
  for (const name of Object.getOwnPropertyNames(object))
    if (name !== "prototype") paths.set(Reflect.get(object, name), { owner, name });
for (const fn of [Number, parseFloat, Boolean, isNaN, isFinite, Array, structuredClone])
  paths.set(fn, { owner: null, name: fn.name });

export function pathOfNative(fn: LiveFunction): GlobalPath | null {
  return paths.get(fn) ?? null;
}

const methodOwners = [Array.prototype, Object.prototype, Function.prototype];

/** The name of a method of arrays or objects that an expression stands for by itself: `[].slice`, `hasOwnProperty`. */
export function nativeMethod(lowering: Lowering, callee: Node): string | null {
  const node = unwrap(callee);
  if (!isOfPackage(node)) return null;
  if (
    Node.isPropertyAccessExpression(node) &&
    /^(\[\]|\{\}|(Array|Object)\.prototype)$/.test(unwrap(node.getExpression()).getText())
  )
    return node.getName();
  const live = Node.isIdentifier(node) ? liveOf(lowering, node)?.value : undefined;
  const isMethod = isLiveFunction(live) && methodOwners.some((owner) => Reflect.get(owner, live.name) === live);
  return isMethod ? live.name : null;
}

/** `method.call(object, …)`. */
export function callNatively(
  lowering: Lowering,
  name: string,
  way: string,
  node: Call,
  hint: Hint,
  isStatement: boolean,
): Value | null {
  const [object, ...rest] = lowerArguments(lowering, node);
  if (object && name === "hasOwnProperty") return hasField(lowering, object, rest[0], node);
  if (object && name === "toString") return constant(lowering, tagOf(object, node));
  const part = object?.type.kind === "tuple" && name === "slice" ? tailOf(lowering, object, rest, node) : null;
  if (part) return part;
  const array = object && asArray(lowering, object, node);
  if (!array || !elementType(array.type) || way !== "call")
    refuse(node, "unsupportedCall", `What ${name} is called on is no array.`, "Call the method of an array.");
  return lowerArrayMethod(lowering, { node: withoutFirst(node), name, object: array, hint, isStatement });
}

/** What `Object.prototype.toString` says of a value. */
function tagOf({ type }: Value, node: Node): string {
  switch (type.kind) {
    case "array":
    case "tuple":
      return "[object Array]";
    case "typedArray":
      if (isAnyList(type)) break;
      return `[object ${type.name}]`;
    case "number":
    case "string":
    case "boolean":
      return `[object ${type.kind[0]!.toUpperCase()}${type.kind.slice(1)}]`;
    case "record":
      return "[object Object]";
    case "nullish":
      if (type.missing !== "null | undefined") return type.missing === "null" ? "[object Null]" : "[object Undefined]";
      break;
    default:
      if (type.kind === "opaque" && /^(Date|Function)$/.test(type.text)) return `[object ${type.text}]`;
  }
  return refuse(node, "unsupportedType", "What kind of value this is, is not known.", "Use values of one type.");
}

/** The rest of some arguments. */
function tailOf(lowering: Lowering, tuple: Value, [from]: readonly Value[], node: Node): Value | null {
  const start = from ? lowering.shared.literals.get(from) : 0;
  if (typeof start !== "number" || start < 0 || tuple.type.kind !== "tuple") return null;
  const items = tuple.type.elements.flatMap((_, k) =>
    k < start ? [] : [loadField(lowering, tuple, String(k), node, { name: null })],
  );
  return makeTuple(lowering, items, { name: null });
}

/** The call as if its first argument were in front of the method's name. */
function withoutFirst(node: Call): Call {
  return Object.create(node, { getArguments: { value: () => node.getArguments().slice(1) } }) as Call;
}

/** Methods that values of some kinds have, where types do not say so. */
export function lowerOwnMethod(lowering: Lowering, node: Call, object: Value, name: string): Value | null {
  if (!isOfPackage(node)) return null;
  const args = lowerArguments(lowering, node);
  const live = lowering.shared.liveObjects.get(object);
  const key = args[0] && lowering.shared.literals.get(args[0]);
  if (name === "hasOwnProperty" && live && typeof key === "string")
    return constant(lowering, Object.prototype.hasOwnProperty.call(live, key));
  if (name === "hasOwnProperty" && object.type.kind === "record") return hasField(lowering, object, args[0], node);
  if (name === "valueOf" && object.type.kind === "number") return object;
  const type = resultOf(object.type, name);
  if (!type || args.some(({ type: { kind } }) => kind !== "number" && kind !== "string")) return null;
  const { literals } = lowering.shared;
  if (object.type.kind === "string" && [object, ...args].every((value) => literals.has(value))) {
    const method: unknown = Reflect.get(String.prototype, name);
    const result: unknown = Reflect.apply(
      method as (...all: unknown[]) => unknown,
      literals.get(object),
      args.map((value) => literals.get(value)),
    );
    return constant(lowering, result as string);
  }
  const span = spanOf(node);
  const result = newValue(type, { span });
  const pieces = [object, `.${name}(`, ...args.flatMap((value, k) => (k === 0 ? [value] : [", ", value])), ")"];
  lowering.builder.add({ kind: "evaluate", result, pieces, isPure: object.type.kind !== "opaque", span });
  return result;
}

function resultOf(type: Type, name: string): Type | null {
  if (type.kind === "opaque" && type.text === "Date")
    return name === "valueOf" || /^get\w+$/.test(name) ? { kind: "number" } : null;
  if (type.kind === "number") return /^to(Fixed|Precision|Exponential|String)$/.test(name) ? { kind: "string" } : null;
  if (type.kind !== "string") return null;
  if (/^(toLowerCase|toUpperCase|trim|charAt|slice|substring|substr|repeat|padStart|padEnd|toString)$/.test(name))
    return { kind: "string" };
  if (/^(indexOf|lastIndexOf|charCodeAt|localeCompare|search)$/.test(name)) return { kind: "number" };
  return /^(startsWith|endsWith|includes)$/.test(name) ? { kind: "boolean" } : null;
}
