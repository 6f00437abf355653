/** Positions in arrays as JavaScript counts them: from the end when negative, never outside. */
import { booleanType, newValue, numberType } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { joinBranches, openBranch } from "./branches.js";
import { applyPrimitive } from "./operators.js";
import { type Completion, constant, type Invented, type Lowering, type Source, spanOf } from "./lowering.js";
import { lowerLoop } from "./loops.js";

type Node = import("ts-morph").Node;

function knownNumber(lowering: Lowering, value: Value): number | null {
  const known = lowering.shared.literals.get(value);
  return typeof known === "number" ? known : null;
}

function whole(lowering: Lowering, value: Value): Value {
  return lowering.shared.integers.has(value) ? value : applyPrimitive(lowering, "trunc", [value], null);
}

export function sum(lowering: Lowering, a: Value, b: Value): Value {
  if (knownNumber(lowering, a) === 0) return b;
  return knownNumber(lowering, b) === 0 ? a : applyPrimitive(lowering, "add", [a, b], null);
}

export function difference(lowering: Lowering, a: Value, b: Value): Value {
  return knownNumber(lowering, b) === 0 ? a : applyPrimitive(lowering, "subtract", [a, b], null);
}

/** `value < 0 ? length + value : value`, not clamped. */
export function fromEitherEnd(lowering: Lowering, at: Value, length: Value, node: Node): Value {
  const known = knownNumber(lowering, at);
  if (known !== null && Number.isInteger(known))
    return known >= 0 ? at : difference(lowering, length, constant(lowering, -known));
  const position = whole(lowering, at);
  const isNegative = lowering.builder.apply("less", [position, constant(lowering, 0)], booleanType);
  const fromEnd = openBranch(lowering);
  fromEnd.value = sum(fromEnd.lowering, length, position);
  const fromStart = openBranch(lowering);
  fromStart.value = position;
  return joinBranches(lowering, isNegative, fromEnd, fromStart, node).value!;
}

/** Where `slice`, `splice` and the like begin or end: within 0 and the length. */
export function clampedPosition(lowering: Lowering, at: Value, length: Value, node: Node): Value {
  const known = knownNumber(lowering, at);
  const zero = constant(lowering, 0);
  if (known === 0 || known === -Infinity) return zero;
  if (known === Infinity) return length;
  if (known !== null && known > 0) return applyPrimitive(lowering, "min", [whole(lowering, at), length], null);
  if (known !== null) return applyPrimitive(lowering, "max", [fromEitherEnd(lowering, at, length, node), zero], null);
  const position = whole(lowering, at);
  const isNegative = lowering.builder.apply("less", [position, zero], booleanType);
  const fromEnd = openBranch(lowering);
  const counted = sum(fromEnd.lowering, length, position);
  fromEnd.value = applyPrimitive(fromEnd.lowering, "max", [counted, constant(fromEnd.lowering, 0)], null);
  const fromStart = openBranch(lowering);
  fromStart.value = applyPrimitive(fromStart.lowering, "min", [position, length], null);
  return joinBranches(lowering, isNegative, fromEnd, fromStart, node).value!;
}

/** A count of elements, none where it is negative. */
export function atLeastNone(lowering: Lowering, count: Value): Value {
  const known = knownNumber(lowering, count);
  if (known !== null && known <= 0) return constant(lowering, 0);
  if (known !== null) return whole(lowering, count);
  return applyPrimitive(lowering, "max", [whole(lowering, count), constant(lowering, 0)], null);
}

export interface Range {
  readonly node: Node;
  readonly from: Value;
  /** The first position that is not visited; counting down, the last that is. */
  readonly to: Value;
  readonly isBackwards?: boolean;
  readonly name?: string | null;
  readonly sources?: readonly Source[];
  readonly alsoCarried?: readonly Invented[];
  readonly body: (inside: Lowering, index: Value) => Completion | void;
}

/** A loop over positions, one by one. */
export function lowerRange(lowering: Lowering, range: Range): void {
  const { node, from, to, isBackwards = false, name = null } = range;
  const counter = newValue(numberType, { span: spanOf(node), name });
  lowering.shared.integers.add(counter);
  lowerLoop(lowering, {
    node,
    label: null,
    sources: range.sources ?? [],
    alsoCarried: range.alsoCarried ?? [],
    counting: {
      counter,
      lower: from,
      upper: to,
      comparison: isBackwards ? ">=" : "<",
      step: isBackwards ? -1 : 1,
    },
    test: null,
    body: (inside) => range.body(inside, counter) ?? "normal",
    update: null,
    neverEndsByItself: false,
  });
}

/** Ends the loop whose body this is. */
export function leaveLoop(lowering: Lowering): void {
  lowering.variables.set(lowering.jumpTargets.at(-1)!.breakFlag, constant(lowering, true));
}
