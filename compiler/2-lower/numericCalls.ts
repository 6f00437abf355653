/** Calls of the functions of Math and Number, of clocks and the like, and of the array primitives. */
import { Node } from "ts-morph";
import { booleanType, newValue, numberType } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { isPrimitive } from "../ir/primitives.js";
import { elementType, isReference } from "../ir/types.js";
import { arrayRule } from "../rules/index.js";
import { lowerBuiltin } from "./builtins.js";
import type { Hint } from "./expressions.js";
import { makeLiteral } from "./literals.js";
import { loadElement, lowerIndexed } from "./indexedLoops.js";
import { constant, type Invented, type Lowering, refuse, spanOf } from "./lowering.js";
import { applyMath } from "./mathCalls.js";
import { isOfPackage } from "./packageReader.js";
import { applyPrimitive, toNumber } from "./operators.js";
import { pushArguments } from "./resizingMethods.js";
import { sourcePieces } from "./sourceText.js";
import {
  type Call,
  lowerArguments,
  lowerSpreadArguments,
  type SpreadArgument,
  withoutSpread,
} from "./callArguments.js";

export function lowerMath(lowering: Lowering, node: Call, name: string, hint: Hint): Value {
  if (name === "random") return lowerImpure(lowering, node, numberType)!;
  if (name === "max" || name === "min") return lowerExtremum(lowering, node, name, hint);
  const args = lowerSpreadArguments(lowering, node);
  if (name === "hypot" && args.some((argument) => argument.isSpread)) return lowerHypot(lowering, node, args, hint);
  return applyMath(lowering, name, withoutSpread(args), node, hint.name);
}

/** `Math.max(a, ...xs)`: numbers as they are, arrays by a running extremum. */
function lowerExtremum(lowering: Lowering, node: Call, name: "max" | "min", hint: Hint): Value {
  const numbers: Value[] = [];
  for (const { value, isSpread, node: argument } of lowerSpreadArguments(lowering, node))
    numbers.push(isSpread ? extremumOf(lowering, value, name, argument) : toNumber(lowering, value, argument));
  if (numbers.length === 0) return constant(lowering, name === "max" ? -Infinity : Infinity);
  if (numbers.length === 1) return numbers[0]!;
  return applyPrimitive(lowering, name, numbers, hint.name);
}

/** `Math.hypot(a, ...xs)` of an array of all of them. */
function lowerHypot(lowering: Lowering, node: Call, args: readonly SpreadArgument[], hint: Hint): Value {
  const only = args.length === 1 && args[0]!.isSpread ? args[0]!.value : null;
  const array = only ?? makeLiteral(lowering, { kind: "array", element: numberType }, [], null, { name: null });
  if (!only) pushArguments(lowering, array, args);
  return arrayPrimitive(lowering, node, "hypotOf", [array], hint);
}

export function extremumOf(lowering: Lowering, array: Value, name: "max" | "min", node: Node): Value {
  const running: Invented = { kind: "carried", name: name === "max" ? "largest" : "smallest" };
  const start = constant(lowering, name === "max" ? -Infinity : Infinity);
  lowering.variables.set(running, start);
  lowerIndexed(lowering, {
    node,
    label: null,
    array,
    sources: [],
    alsoCarried: [running],
    isLive: false,
    bind: (inside, index) => {
      const item = toNumber(inside, loadElement(inside, array, index, node), node);
      inside.variables.set(running, applyPrimitive(inside, name, [inside.variables.get(running)!, item], running.name));
    },
    body: () => "normal",
  });
  const result = lowering.variables.get(running)!;
  lowering.variables.delete(running);
  return result;
}

export function lowerNumberTest(lowering: Lowering, node: Call, name: string): Value {
  const plain = isPrimitive(name) ? null : lowerBuiltin(lowering, node);
  if (plain) return plain;
  if (!isPrimitive(name) || !name.startsWith("is"))
    refuse(node, "unsupportedCall", `Number.${name} is not supported.`, "Convert outside of the function.");
  const args = lowerArguments(lowering, node);
  const isNever = args.some(({ type }) => isReference(type) || type.kind === "string" || type.kind === "nullish");
  if (isNever && isOfPackage(node)) return constant(lowering, false);
  return lowering.builder.apply(name, args, booleanType);
}

/** Evaluated exactly once, in the primal's order; no derivative. */
export function lowerImpure(lowering: Lowering, node: Call, type: Type | null): Value | null {
  const result = type && newValue(type, { span: spanOf(node) });
  lowering.builder.add({
    kind: "evaluate",
    result,
    pieces: sourcePieces(lowering, node),
    isPure: false,
    span: spanOf(node),
  });
  return result;
}

export function lowerArrayPrimitive(lowering: Lowering, node: Call, name: string, hint: Hint): Value {
  return arrayPrimitive(lowering, node, name, lowerArguments(lowering, node), hint);
}

function arrayPrimitive(lowering: Lowering, node: Call, name: string, args: readonly Value[], hint: Hint): Value {
  const wanted = arrayRule(name).pullbacks.length;
  if (args.length !== wanted || args.some(({ type }) => type.kind !== "number" && elementType(type)?.kind !== "number"))
    refuse(
      node,
      "unsupportedCall",
      `${name} takes ${wanted} arguments, which are numbers and flat arrays of numbers.`,
      "Pass what its documentation says.",
    );
  const result = newValue(arrayPrimitiveType(name, args), { name: hint.name, span: spanOf(node) });
  lowering.builder.add({ kind: "arrayPrimitive", result, primitive: name, arguments: args, span: spanOf(node) });
  return result;
}

/** An array is ordinary only when all array operands are. */
function arrayPrimitiveType(name: string, args: readonly Value[]): Type {
  if (arrayRule(name).result === "number") return numberType;
  const isTyped = args.some((argument) => argument.type.kind === "typedArray");
  return isTyped ? { kind: "typedArray", name: "Float64Array" } : { kind: "array", element: numberType };
}
