/**
 * The adjoints of operations on memory. For a store: take the shadow element, clear it, then accumulate; that stays
 * right when two indices are one element (CORE, table of operations).
 */
import { contentsKey } from "../3-analyse/aliasKeys.js";
import { BlockBuilder, newBlock, newValue, numberType, type ValueOptions } from "../ir/build.js";
import type { Key, Span, Statement, Value } from "../ir/ir.js";
import { shadowType } from "../ir/gradientType.js";
import { rangeLoop } from "../ir/loops.js";
import { isReference, isScalar, storesReference } from "../ir/types.js";
import { unreachable } from "../ir/walk.js";
import { zeroUnless } from "./presence.js";
import { accumulate, adjointOptions, newAdjoint, recall, type Reverse, shadowOf } from "./adjointContext.js";

function recallKey(reverse: Reverse, key: Key): Key {
  return key.kind === "index" ? { kind: "index", index: recall(reverse.context, key.index) } : key;
}

function isActiveAt(reverse: Reverse, object: Value, key: string): boolean {
  const memory = reverse.context.aliases.classOf(object);
  return memory !== null && reverse.context.activity.isActiveAt(memory, key);
}

/** Runs the body for j = from, from + 1, … below `to`. */
export function forEachIndex(
  builder: BlockBuilder,
  from: Value,
  to: Value,
  carried: Value | null,
  span: Span | null,
  body: (inside: BlockBuilder, index: Value, carried: Value | null) => Value | null,
): Value | null {
  const before = builder.span;
  builder.span = span;
  const range = { lower: from, upper: to, step: 1 };
  const labels = ({ name }: Value): ValueOptions => ({ name, role: "adjoint" });
  const [result] = rangeLoop(builder, range, carried ? [carried] : [], labels, (inside, index, [one]) => {
    const next = body(inside, index, one ?? null);
    return next ? [next] : [];
  });
  builder.span = before;
  return result ?? null;
}

/** Where `slice`, `fill` and the like begin or end: negative counts from the end, clamped, as JavaScript does it. */
function position(reverse: Reverse, at: Value | null, length: Value, fallback: "start" | "end"): Value {
  const { context, builder } = reverse;
  if (!at) return fallback === "start" ? builder.constant(0) : length;
  const zero = builder.constant(0);
  const known = context.constantOf(at);
  if (known === 0) return zero;
  if (Number.isInteger(known))
    return known! > 0
      ? builder.apply("min", [builder.constant(known!), length])
      : builder.apply("max", [builder.apply("subtract", [length, builder.constant(-known!)]), zero]);
  const whole = context.integers.isInteger(at) ? recall(context, at) : builder.apply("trunc", [recall(context, at)]);
  const isNegative = builder.apply("less", [whole, zero], { kind: "boolean" });
  const fromEnd = builder.apply("max", [builder.apply("add", [length, whole]), zero]);
  const fromStart = builder.apply("min", [whole, length]);
  const result = newValue(numberType);
  builder.add({
    kind: "if",
    condition: isNegative,
    then: newBlock([], [fromEnd]),
    else: newBlock([], [fromStart]),
    results: [result],
    span: null,
  });
  return result;
}

export function lengthOf(builder: BlockBuilder, object: Value): Value {
  const result = newValue(numberType);
  builder.add({ kind: "length", result, object, span: null });
  return result;
}

function load(builder: BlockBuilder, object: Value, key: Key, like: Value): Value {
  const result = newAdjoint(like);
  builder.add({ kind: "load", result, object, key, span: like.span });
  return result;
}

/** The adjoint of one statement on memory. */
export function reverseMemory(reverse: Reverse, statement: Statement): void {
  const { context, builder, adjoints } = reverse;
  const span = statement.span;
  const shadow = (reference: Value): Value => shadowOf(context, reference);
  const taken = (value: Value): Value | null => (isScalar(value.type) ? adjoints.get(value) : null);
  switch (statement.kind) {
    case "load": {
      const value = taken(statement.result);
      if (!value || !isActiveAt(reverse, statement.object, contentsKey(statement.key))) return;
      const key = recallKey(reverse, statement.key);
      const add: Statement = { kind: "addTo", object: shadow(statement.object), key, value, span };
      const isMissing = context.missing.get(statement.result);
      if (isMissing) addUnless(reverse, recall(context, isMissing), add);
      else builder.add(add);
      return;
    }
    case "store": {
      if (storesReference(statement.object.type, statement.key, statement.value.type)) return;
      const isMissing = context.missingBefore.get(statement);
      const isActivePlace = isActiveAt(reverse, statement.object, contentsKey(statement.key));
      if (!isActivePlace && !isMissing) return;
      const object = shadow(statement.object);
      const key = recallKey(reverse, statement.key);
      const isActive = isActivePlace && context.activity.isActive(statement.value);
      const value = isActive ? load(builder, object, key, statement.value) : null;
      const cleared = isMissing ? zeroUnless(builder, recall(context, isMissing)) : builder.constant(0);
      builder.add({ kind: "store", object, key, value: cleared, span });
      if (value) accumulate(reverse, statement.value, value);
      return;
    }
    case "addTo": {
      if (!context.activity.isActive(statement.value)) return;
      if (!isActiveAt(reverse, statement.object, contentsKey(statement.key))) return;
      const key = recallKey(reverse, statement.key);
      accumulate(reverse, statement.value, load(builder, shadow(statement.object), key, statement.value));
      return;
    }
    case "allocate":
      if (statement.fill && isScalar(statement.fill.type))
        reverseFill(reverse, statement, statement.result, null, null);
      return;
    case "fill":
      if (!storesReference(statement.object.type, null, statement.value.type))
        reverseFill(reverse, statement, statement.object, statement.start, statement.end);
      return;
    case "literal":
      statement.elements.forEach((element, k) => {
        if (!context.activity.isActive(element)) return;
        const isField = statement.fields !== null || statement.result.type.kind === "tuple";
        if (!isActiveAt(reverse, statement.result, statement.fields?.[k] ?? (isField ? String(k) : "[]"))) return;
        const key: Key = isField
          ? { kind: "field", name: statement.fields?.[k] ?? String(k) }
          : { kind: "index", index: builder.constant(k) };
        accumulate(reverse, element, load(builder, shadow(statement.result), key, element));
      });
      return;
    case "push": {
      if (storesReference(statement.object.type, null, statement.value.type)) return;
      if (!isActiveAt(reverse, statement.object, "[]")) return;
      const result = newAdjoint(statement.value);
      const { atStart } = statement;
      builder.add({ kind: "pop", result, object: shadow(statement.object), atStart, span });
      accumulate(reverse, statement.value, result);
      return;
    }
    case "pop": {
      if (isReference(statement.result.type) || !isActiveAt(reverse, statement.object, "[]")) return;
      const value = taken(statement.result) ?? builder.constant(0);
      const { atStart } = statement;
      builder.add({ kind: "push", object: shadow(statement.object), value, atStart, span });
      return;
    }
    case "slice":
      return reverseSlice(reverse, statement);
    case "copy":
      return reverseCopy(reverse, statement);
    // Of the rest none moves numbers through memory.
    case "constant":
    case "placeholder":
    case "global":
    case "apply":
    case "arrayPrimitive":
    case "runtimeCall":
    case "evaluate":
    case "throw":
    case "length":
    case "zerosLike":
    case "view":
    case "ensure":
    case "narrow":
    case "stop":
    case "recall":
    case "call":
    case "externalCall":
    case "receive":
    case "closure":
    case "note":
    case "if":
    case "loop":
      return;
    default:
      return unreachable(statement);
  }
}

/** What was missing has no adjoint. */
function addUnless({ builder }: Reverse, isMissing: Value, add: Statement): void {
  const then = newBlock([]);
  builder.add({ kind: "if", condition: isMissing, then, else: newBlock([add]), results: [], span: add.span });
}

function reverseFill(
  reverse: Reverse,
  statement: Statement & { kind: "allocate" | "fill" },
  object: Value,
  start: Value | null,
  end: Value | null,
): void {
  const { context, builder } = reverse;
  if (!isActiveAt(reverse, object, "[]")) return;
  const filled = statement.kind === "allocate" ? statement.fill! : statement.value;
  const shadow = shadowOf(context, object);
  if (context.activity.isActive(filled)) {
    const length = lengthOf(builder, shadow);
    const from = position(reverse, start, length, "start");
    const to = position(reverse, end, length, "end");
    const zero = builder.constant(0);
    const initial = reverse.adjoints.get(filled) ?? zero;
    const total = forEachIndex(builder, from, to, initial, statement.span, (inside, index, carried) => {
      const element = load(inside, shadow, { kind: "index", index }, filled);
      return inside.apply("add", [carried!, element], numberType, adjointOptions(filled, statement.span));
    });
    reverse.adjoints.set(filled, total!);
  }
  if (statement.kind === "fill") {
    const at = (value: Value | null): Value | null => value && recall(context, value);
    const zero = builder.constant(0);
    builder.add({ kind: "fill", object: shadow, value: zero, start: at(start), end: at(end), span: statement.span });
  }
}

function reverseSlice(reverse: Reverse, statement: Statement & { kind: "slice" }): void {
  const { context, builder } = reverse;
  const type = statement.result.type;
  if (type.kind === "array" && isReference(type.element)) return;
  if (!isActiveAt(reverse, statement.result, "[]") || !isActiveAt(reverse, statement.object, "[]")) return;
  const source = shadowOf(context, statement.object);
  const target = shadowOf(context, statement.result);
  const zero = builder.constant(0);
  // The copy may have grown or shrunk since; only what came from the source goes back to it.
  const length = lengthOf(builder, source);
  const isFromStart = !statement.start || context.constantOf(statement.start) === 0;
  const start = isFromStart ? null : position(reverse, statement.start, length, "start");
  const stop = position(reverse, statement.end, length, "end");
  const count = start ? builder.apply("subtract", [stop, start]) : stop;
  forEachIndex(builder, zero, count, null, statement.span, (inside, index) => {
    const value = newValue(numberType, { role: "adjoint", span: statement.span });
    inside.add({ kind: "load", result: value, object: target, key: { kind: "index", index }, span: statement.span });
    const key: Key = { kind: "index", index: start ? inside.apply("add", [start, index]) : index };
    inside.add({ kind: "addTo", object: source, key, value, span: statement.span });
    return null;
  });
}

function reverseCopy(reverse: Reverse, statement: Statement & { kind: "copy" }): void {
  const { context, builder } = reverse;
  const type = statement.object.type;
  if (type.kind === "array" && isReference(type.element)) return;
  if (!isActiveAt(reverse, statement.object, "[]")) return;
  const span = statement.span;
  const target = shadowOf(context, statement.object);
  const offset = recall(context, statement.offset);
  const isSourceActive = isActiveAt(reverse, statement.source, "[]");
  const count = lengthOf(
    builder,
    isSourceActive ? shadowOf(context, statement.source) : recall(context, statement.source),
  );
  const end = context.constantOf(statement.offset) === 0 ? count : builder.apply("add", [offset, count]);
  // Source and target may overlap: take, clear, then add.
  const taken = newValue(shadowType(type), { role: "adjoint", span });
  if (isSourceActive) builder.add({ kind: "slice", result: taken, object: target, start: offset, end, span });
  builder.add({ kind: "fill", object: target, value: builder.constant(0), start: offset, end, span });
  if (!isSourceActive) return;
  const source = shadowOf(context, statement.source);
  forEachIndex(builder, builder.constant(0), count, null, span, (inside, index) => {
    const value = newValue(numberType, { role: "adjoint", span });
    inside.add({ kind: "load", result: value, object: taken, key: { kind: "index", index }, span });
    inside.add({ kind: "addTo", object: source, key: { kind: "index", index }, value, span });
    return null;
  });
}
