/**
 * Data under keys that only run time knows: maps, sets, records with an index signature. Where they come from outside, as
 * a parameter of the annotated function or a constant of a module, numbers, texts and truth values are read from them as
 * constants: nothing in the function can have put them there, since writing is refused. So is all else.
 */
import { type BinaryExpression, type CallExpression, Node, type Type as SourceType } from "ts-morph";
import { newBlock, newValue } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { missingOf, optionalType } from "../ir/types.js";
import { type Lowering, refuse, spanOf, typeAt } from "./lowering.js";
import { attempt } from "./recovery.js";
import { writesOutside } from "./writtenOutside.js";
import { lowerArguments } from "./callArguments.js";

export type Keyed = NonNullable<(Type & { kind: "opaque" })["keyed"]>;

const maps = /^(Readonly|Weak)?Map$/;
const sets = /^(Readonly|Weak)?Set$/;

/** What of the kind a type of the source is; null for all else. */
export function keyedKind(type: SourceType): Keyed | null {
  const symbol = type.getSymbol();
  const isOfLanguage = symbol?.getDeclarations().some((one) => one.getSourceFile().isDeclarationFile()) ?? false;
  if (isOfLanguage && maps.test(symbol!.getName())) return "map";
  if (isOfLanguage && sets.test(symbol!.getName())) return "set";
  const isList = type.isArray() || type.isReadonlyArray() || type.isTuple() || /Array$/.test(symbol?.getName() ?? "");
  const isIndexed = type.isObject() && (type.getStringIndexType() ?? type.getNumberIndexType()) !== undefined;
  return isIndexed && !isList ? "record" : null;
}

const nouns: Readonly<Record<Keyed, string>> = {
  map: "a Map",
  set: "a Set",
  record: "a record whose keys only run time knows",
};

type Use = "make" | "write" | "walk";

const reasons: Readonly<Record<Use, string>> = {
  make: "is made here, and derivatives of what it holds could not be followed",
  write: "is written here, and derivatives of what is written could not be followed",
  walk: "is walked over or copied as a whole, and what it holds is not known",
};

const advice: Readonly<Record<Use, string>> = {
  make: "Use a record where the keys are known, else an array, with the place of each key found outside of the function.",
  write: "Write into an array or a record of known keys, or fill it outside of the function.",
  walk: "Pass what it holds as an array, as in `[...map.values()]` or `Object.values(record)` outside of the function.",
};

export function refuseKeyed(node: Node, kind: Keyed, use: Use): never {
  const noun = nouns[kind];
  return refuse(node, "keyedData", `${noun[0]!.toUpperCase()}${noun.slice(1)} ${reasons[use]}.`, advice[use]);
}

/** Refuses where what is used is of the kind, be it by the type that it is declared with. */
export function refuseIfKeyed(node: Node, value: Value | null, owner: Node, use: Use): void {
  const kind = (value && kindOf(value.type)) ?? keyedKind(owner.getType().getNonNullableType());
  if (kind) refuseKeyed(node, kind, use);
}

export function kindOf(type: Type): Keyed | null {
  return type.kind === "opaque" ? (type.keyed ?? null) : null;
}

const reading: Readonly<Record<Keyed, readonly string[]>> = { map: ["get", "has"], set: ["has"], record: [] };
const writing: readonly string[] = ["set", "add", "delete", "clear"];

/** `map.get(key)`, `set.has(item)`; null for a call of anything else. */
export function lowerKeyedCall(lowering: Lowering, node: CallExpression, name: string, object: Value): Value | null {
  const kind = kindOf(object.type);
  if (!kind) return null;
  if (writing.includes(name)) refuseKeyed(node, kind, "write");
  if (!reading[kind].includes(name)) refuseKeyed(node, kind, "walk");
  const [key] = lowerArguments(lowering, node);
  if (!key) return refuseKeyed(node, kind, "walk");
  return lookUp(lowering, node, kind, object, [`.${name}(`, keyOf(node, kind, key), ")"]);
}

/** `map.size`, `record[key]`, `record.key`; null for a part of anything else. */
export function lowerKeyedPart(lowering: Lowering, node: Node, object: Value, key: string | Value): Value | null {
  const kind = kindOf(object.type);
  if (!kind) return null;
  if (typeof key !== "string") return lookUp(lowering, node, kind, object, ["[", keyOf(node, kind, key), "]"]);
  if (kind === "record") return lookUp(lowering, node, kind, object, [`[${JSON.stringify(key)}]`]);
  return key === "size" ? lookUp(lowering, node, kind, object, [".size"]) : null;
}

/** `key in record`; null for anything else. */
export function lowerKeyedIn(lowering: Lowering, node: BinaryExpression, key: Value, object: Value): Value | null {
  const kind = kindOf(object.type);
  return kind && lookUp(lowering, node, kind, keyOf(node, kind, key), [" in ", object], object);
}

function keyOf(node: Node, kind: Keyed, key: Value): Value {
  if (isPlain(key.type)) return key;
  return refuse(
    node,
    "keyedData",
    `Whether ${nouns[kind]} has an object is asked by its identity, which generated code need not keep.`,
    "Ask by a number or a text.",
  );
}

function lookUp(
  lowering: Lowering,
  node: Node,
  kind: Keyed,
  first: Value,
  rest: readonly (string | Value)[],
  object: Value = first,
): Value {
  const { globals, outside, integers } = lowering.shared;
  if (!globals.has(object) && !outside.has(object))
    refuse(
      node,
      "keyedData",
      `What ${nouns[kind]} holds is a constant only where it comes from outside as it is.`,
      "Make it a parameter of the annotated function, or a constant of a module, and read it by that name.",
    );
  const declared = typeAt(lowering, node);
  const present = declared.kind === "optional" ? declared.of : declared;
  if (!isPlain(present) || missingOf(declared)?.includes("null"))
    refuse(
      node,
      "keyedData",
      `What is read here from ${nouns[kind]} is neither a number nor a text nor a truth value.`,
      "Pass what is needed of it as a parameter.",
    );
  // TypeScript may be told that every key is there.
  const isPart = kind === "record" && first === object;
  const type = isPart ? optionalType(present, "undefined") : declared;
  if (kind === "record" && outside.has(object)) lowering.shared.keyedReads.push(node);
  const result = newValue(type, { span: spanOf(node) });
  lowering.builder.add({ kind: "evaluate", result, pieces: [first, ...rest], isPure: true, span: spanOf(node) });
  if (rest[0] === ".size") integers.add(result);
  return result;
}

/** A record that is read as a constant may be the very object that is written under the name of another parameter. */
export function refuseRewritten(lowering: Lowering, parameters: readonly Value[], fn: Node): void {
  const [read] = lowering.shared.keyedReads;
  if (!read || !writesOutside(newBlock(lowering.builder.statements), parameters)) return;
  attempt(
    lowering,
    fn,
    () =>
      refuse(
        read,
        "keyedData",
        "What is read here may be written, since another parameter may be the same object.",
        "Write into a copy, as in `xs.slice()` or `{ ...record }`, or pass what is read here as a parameter.",
      ),
    () => {},
  );
}

function isPlain(type: Type): boolean {
  return type.kind === "number" || type.kind === "string" || type.kind === "boolean";
}
