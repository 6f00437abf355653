/** Calls of the functions of `Math`, with as many arguments as each takes. */
import type { Node } from "ts-morph";
import { mathFunctions } from "../ir/primitives.js";
import type { Value } from "../ir/ir.js";
import { applyPrimitive, toNumber } from "./operators.js";
import { constant, type Lowering, refuse } from "./lowering.js";

/** Functions that a callback's index and array would be arguments of, too. */
export function takesSeveral(name: string): boolean {
  return /^(max|min|hypot|atan2|imul|pow)$/.test(name);
}

/** Missing arguments are NaN, as in JavaScript; surplus ones are dropped. */
export function applyMath(
  lowering: Lowering,
  name: string,
  args: readonly Value[],
  node: Node,
  resultName: string | null,
): Value {
  const isOpen = name === "max" || name === "min" || name === "hypot";
  const arity = isOpen ? args.length : takesSeveral(name) ? 2 : 1;
  const values = args.slice(0, arity).map((value) => toNumber(lowering, value, node));
  if (name === "pow") return applyPrimitive(lowering, "power", pad(lowering, values, 2), resultName);
  if (!Object.hasOwn(mathFunctions, name))
    refuse(node, "unsupportedCall", `Math.${name} is not known.`, "Use the functions of ES2023.");
  if (name === "max" || name === "min") {
    if (values.length === 0) return constant(lowering, name === "max" ? -Infinity : Infinity);
    return values.length === 1 ? values[0]! : applyPrimitive(lowering, name, values, resultName);
  }
  return applyPrimitive(lowering, name, pad(lowering, values, arity), resultName);
}

function pad(lowering: Lowering, values: readonly Value[], count: number): Value[] {
  return Array.from({ length: count }, (_, k) => values[k] ?? constant(lowering, NaN));
}
