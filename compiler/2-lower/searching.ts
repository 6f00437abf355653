/**
 * Methods that look for something and stop when they have it: the callback is not called after a hit. What is found
 * carries a derivative, the search itself does not.
 */
import { booleanType, newValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { elementType, isReference, optionalType } from "../ir/types.js";
import type { MethodCall } from "./arrayMethods.js";
import { joinBranches, openBranch } from "./branches.js";
import { requireCallback, verdict, walk, type Walk } from "./callbacks.js";
import { applyPrimitive } from "./operators.js";
import { lengthOf, loadElement } from "./indexedLoops.js";
import { type Completion, constant, type Invented, type Lowering, nullish, refuse } from "./lowering.js";
import { clampedPosition, difference, fromEitherEnd, leaveLoop, lowerRange } from "./positions.js";
import { mayShrinkArrays } from "./resizing.js";
import { isAsserted, writesMemory } from "./syntax.js";
import { lowerArguments } from "./callArguments.js";

/** When the condition holds, sets the outcome and leaves the loop. */
function leaveWith(
  inside: Lowering,
  condition: Value,
  outcome: Invented,
  value: (hit: Lowering) => Value,
  node: MethodCall["node"],
): Completion {
  const hit = openBranch(inside);
  hit.lowering.variables.set(outcome, value(hit.lowering));
  leaveLoop(hit.lowering);
  hit.completion = "abrupt";
  return joinBranches(inside, condition, hit, openBranch(inside), node).completion;
}

/** Runs the search from an outcome that holds when nothing is found. */
function search(lowering: Lowering, name: string, otherwise: Value, run: (outcome: Invented) => void): Value {
  const outcome: Invented = { kind: "carried", name };
  lowering.variables.set(outcome, otherwise);
  run(outcome);
  const result = lowering.variables.get(outcome)!;
  lowering.variables.delete(outcome);
  return result;
}

export function lowerSomeOrEvery(lowering: Lowering, call: MethodCall): Value {
  const { node, object: array, name } = call;
  const fn = requireCallback(lowering, node.getArguments()[0], node);
  const isSome = name === "some";
  return search(lowering, call.hint.name ?? (isSome ? "isAny" : "isEvery"), constant(lowering, !isSome), (outcome) => {
    const plan: Walk = {
      node,
      array,
      fn,
      alsoCarried: [outcome],
      body: (inside, item, index) => {
        const holds = verdict(inside, plan, item, index);
        const isHit = isSome ? holds : inside.builder.apply("not", [holds], booleanType);
        return leaveWith(inside, isHit, outcome, (hit) => constant(hit, isSome), node);
      },
    };
    walk(lowering, plan);
  });
}

/** `find`, `findIndex`, `findLast`, `findLastIndex`. */
export function lowerFind(lowering: Lowering, call: MethodCall): Value {
  const { node, object: array, name } = call;
  const fn = requireCallback(lowering, node.getArguments()[0], node);
  // An item that is gone would be passed to the callback as undefined.
  if (array.type.kind === "array" && mayShrinkArrays(lowering, fn.nodes))
    refuse(node, "unsupportedMethod", `The callback of ${name} may shorten an array.`, "Write it as a loop.");
  const wantsIndex = name.endsWith("Index");
  // What the callback leaves alone can be read when the place is known; else the item is what it was when it was seen.
  const isReadLater = wantsIndex || !fn.nodes.some((source) => writesMemory(source));
  const element = elementType(array.type)!;
  const seek = (outcome: Invented, value: (inside: Lowering, item: Value, index: Value) => Value): void => {
    const plan: Walk = {
      node,
      array,
      fn,
      isBackwards: name.startsWith("findLast"),
      alsoCarried: [outcome],
      body: (inside, item, index) =>
        leaveWith(inside, verdict(inside, plan, item, index), outcome, (hit) => value(hit, item, index), node),
    };
    walk(lowering, plan);
  };
  if (!isReadLater) {
    const outcome = call.hint.name ?? fn.nameOf(0) ?? "found";
    return search(lowering, outcome, nullish(lowering, undefined), (found) => {
      lowering.shared.declaredTypes.set(found, optionalType(element, "undefined"));
      seek(found, (_, item) => item);
    });
  }
  const indexName = wantsIndex ? (call.hint.name ?? "index") : `${call.hint.name ?? fn.nameOf(0) ?? "item"}Index`;
  const index = search(lowering, indexName, constant(lowering, -1), (found) => seek(found, (_, __, index) => index));
  lowering.shared.integers.add(index);
  return wantsIndex ? index : loadMaybe(lowering, call, index);
}

/** The element at a place where there may be none. */
function loadMaybe(lowering: Lowering, { node, object: array, hint }: MethodCall, index: Value): Value {
  if (isAsserted(node)) return loadElement(lowering, array, index, node, hint.name);
  const { span } = lowering.builder;
  const type = optionalType(elementType(array.type)!, "undefined");
  const result = newValue(type, { name: hint.name, span });
  lowering.builder.add({ kind: "load", result, object: array, key: { kind: "index", index }, span });
  return result;
}

export function lowerAt(lowering: Lowering, call: MethodCall): Value {
  const [at] = lowerArguments(lowering, call.node);
  if (!at) refuse(call.node, "unsupportedCall", "at needs a position.", "Pass one.");
  return loadMaybe(lowering, call, fromEitherEnd(lowering, at, lengthOf(lowering, call.object), call.node));
}

/** `indexOf`, `lastIndexOf`, `includes`: comparisons, without a derivative. */
export function lowerIndexOf(lowering: Lowering, call: MethodCall): Value {
  const { node, object: array, name } = call;
  const [wanted, from] = lowerArguments(lowering, node);
  const isReferred = isReference(elementType(array.type)!);
  if (!wanted || isReferred)
    refuse(
      node,
      "unsupportedMethod",
      `${name} compares ${isReferred ? "objects by identity" : "with nothing"} here.`,
      "Look for a number with findIndex.",
    );
  const isBackwards = name === "lastIndexOf";
  const isTest = name === "includes";
  const length = lengthOf(lowering, array);
  const zero = constant(lowering, 0);
  const last = (): Value => difference(lowering, length, constant(lowering, 1));
  const start = !from
    ? isBackwards
      ? last()
      : zero
    : isBackwards
      ? lastStart(lowering, from, length, last(), node)
      : clampedPosition(lowering, from, length, node);
  const otherwise = isTest ? constant(lowering, false) : constant(lowering, -1);
  const outcomeName = call.hint.name ?? (isTest ? "isIncluded" : "index");
  const result = search(lowering, outcomeName, otherwise, (outcome) =>
    lowerRange(lowering, {
      node,
      from: start,
      to: isBackwards ? zero : length,
      isBackwards,
      alsoCarried: [outcome],
      body: (inside, index) => {
        const item = loadElement(inside, array, index, node);
        const isHit = isTest ? isSameValue(inside, item, wanted, node) : equal(inside, item, wanted);
        return leaveWith(inside, isHit, outcome, (hit) => (isTest ? constant(hit, true) : index), node);
      },
    }),
  );
  if (!isTest) lowering.shared.integers.add(result);
  return result;
}

function lastStart(lowering: Lowering, from: Value, length: Value, last: Value, node: MethodCall["node"]): Value {
  const position = fromEitherEnd(lowering, from, length, node);
  if (Number(lowering.shared.literals.get(from)) < 0) return position;
  return applyPrimitive(lowering, "min", [position, last], null);
}

function equal(lowering: Lowering, a: Value, b: Value): Value {
  if (Number.isNaN(lowering.shared.literals.get(b))) return constant(lowering, false);
  return lowering.builder.apply("equal", [a, b], booleanType);
}

/** `includes` finds NaN, too. */
function isSameValue(lowering: Lowering, item: Value, wanted: Value, node: MethodCall["node"]): Value {
  const known = lowering.shared.literals.get(wanted);
  if (Number.isNaN(known)) return lowering.builder.apply("isNaN", [item], booleanType);
  const isEqual = equal(lowering, item, wanted);
  const isNumber = item.type.kind === "number" && wanted.type.kind === "number";
  if (!isNumber || known !== undefined) return isEqual;
  const yes = openBranch(lowering);
  yes.value = constant(yes.lowering, true);
  const no = openBranch(lowering);
  const isNaN = no.lowering.builder.apply("isNaN", [item], booleanType);
  const both = openBranch(no.lowering);
  both.value = both.lowering.builder.apply("isNaN", [wanted], booleanType);
  const neither = openBranch(no.lowering);
  neither.value = constant(neither.lowering, false);
  no.value = joinBranches(no.lowering, isNaN, both, neither, node).value;
  return joinBranches(lowering, isEqual, yes, no, node).value!;
}
