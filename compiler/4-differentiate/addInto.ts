/**
 * Adds what a pullback or a hook gave for an argument into the argument's shadow, number by number; or one shadow of an
 * object into another.
 *
 * before: part of type { x: number, ys: number[] }        after: shadow.x += part.x; addCotangent(shadow.ys, part.ys)
 */
import type { ActivityFacts } from "../3-analyse/activity.js";
import type { AliasFacts, MemoryClass } from "../3-analyse/aliases.js";
import { contentsKey } from "../3-analyse/aliasKeys.js";
import { BlockBuilder, newBlock, newValue } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import type { Key, Span, Type, Value } from "../ir/ir.js";
import { canCarryDerivative, elementType } from "../ir/types.js";
import { forEachIndex, lengthOf } from "./adjointMemory.js";

/** shadow += part, for all numbers of something of type `type`. */
export function addInto(builder: BlockBuilder, shadow: Value, part: Value, type: Type, span: Span | null): void {
  addAll(builder, { shadow, part, isMoved: false, within: null }, type, span);
}

/** Where two shadows of an object differ: in what is active. All else may stand for its own shadow. */
export interface ActiveParts {
  readonly aliases: AliasFacts;
  readonly activity: ActivityFacts;
}

/** For two shadows of `object`: shadow += part. */
export function addShadow(builder: BlockBuilder, shadow: Value, part: Value, object: Value, facts: ActiveParts): void {
  const within = { facts, memory: facts.aliases.classOf(object) };
  addAll(builder, { shadow, part, isMoved: false, within }, object.type, object.span);
}

/** For two shadows of `object`: shadow += part; part = 0. What stands in several places of a part is added once. */
export function moveShadow(builder: BlockBuilder, shadow: Value, part: Value, object: Value, facts: ActiveParts): void {
  const within = { facts, memory: facts.aliases.classOf(object) };
  addAll(builder, { shadow, part, isMoved: true, within }, object.type, object.span);
}

interface Addition {
  readonly shadow: Value;
  readonly part: Value;
  readonly isMoved: boolean;
  /** What the two are shadows of; null where all is added. */
  readonly within: Within | null;
}

interface Within {
  readonly facts: ActiveParts;
  readonly memory: MemoryClass | null;
}

/** What is in a place of the object; "inactive" where no derivative flows. */
function partAt(within: Within | null, key: Key, type: Type): Within | "inactive" | null {
  if (!within?.memory) return null;
  const { aliases, activity } = within.facts;
  const memory = aliases.contentsOf(within.memory, contentsKey(key));
  if ((type.kind === "optional" ? type.of : type).kind === "number")
    return activity.isActiveAt(within.memory, contentsKey(key)) ? null : "inactive";
  return memory && !activity.hasShadowAt(memory) ? "inactive" : { ...within, memory };
}

function addAll(builder: BlockBuilder, addition: Addition, type: Type, span: Span | null): void {
  const { shadow, part, isMoved } = addition;
  const of = type.kind === "optional" ? type.of : type;
  if (elementType(of)?.kind === "number") {
    const args = [shadow, part];
    builder.add({ kind: "runtimeCall", result: null, name: "addCotangent", arguments: args, writes: [0], span });
    if (isMoved) builder.add({ kind: "fill", object: part, value: builder.constant(0), start: null, end: null, span });
    return;
  }
  if (of.kind === "array") {
    forEachIndex(builder, builder.constant(0), lengthOf(builder, shadow), null, span, (inside, index) => {
      addAt(inside, addition, { kind: "index", index }, of.element, span);
      return null;
    });
    return;
  }
  const fields =
    of.kind === "record"
      ? of.fields
      : of.kind === "tuple"
        ? of.elements.map((element, k) => ({ name: String(k), type: element }))
        : [];
  for (const field of fields)
    if (canCarryDerivative(field.type)) addAt(builder, addition, { kind: "field", name: field.name }, field.type, span);
}

/** shadow[key] += part[key]; nothing where the part is missing. */
function addAt(builder: BlockBuilder, addition: Addition, key: Key, type: Type, span: Span | null): void {
  const { shadow, part, isMoved } = addition;
  const within = partAt(addition.within, key, type);
  if (within === "inactive") return;
  const load = (inside: BlockBuilder, object: Value, of: Type): Value => {
    const result = newValue(of, { role: "adjoint", span });
    inside.add({ kind: "load", result, object, key, span });
    return result;
  };
  const add = (inside: BlockBuilder, value: Value, of: Type): void => {
    if (of.kind !== "number")
      return addAll(inside, { shadow: load(inside, shadow, gradientType(of)), part: value, isMoved, within }, of, span);
    inside.add({ kind: "addTo", object: shadow, key, value, span });
    if (isMoved) inside.add({ kind: "store", object: part, key, value: inside.constant(0), span });
  };
  if (type.kind !== "optional") return add(builder, load(builder, part, gradientType(type)), type);
  const found = load(builder, part, { ...type, of: gradientType(type.of) });
  const isMissing = builder.apply("isNullish", [found], { kind: "boolean" });
  const inside = new BlockBuilder(span);
  const present = newValue(gradientType(type.of), { role: "adjoint", span });
  inside.add({ kind: "narrow", result: present, value: found, span });
  add(inside, present, type.of);
  builder.add({
    kind: "if",
    condition: isMissing,
    then: newBlock([]),
    else: newBlock(inside.statements),
    results: [],
    span,
  });
}
