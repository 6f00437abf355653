/** Comparisons: what is known of them while lowering, and what cannot be compared. */
import type { Node } from "ts-morph";
import type { Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { isCertainObject } from "./knownFields.js";
import { identityOf } from "./liveClasses.js";
import { type Lowering, refuse } from "./lowering.js";

/** Comparisons with what is known to be missing, or of two literals that are equal or not. */
export function compareKnown(lowering: Lowering, comparison: string, left: Value, right: Value): boolean | null {
  const { functions, literals } = lowering.shared;
  const [isLeft, isRight] = [left, right].map((value) => functions.has(value) || isCertainObject(lowering, value)) as [
    boolean,
    boolean,
  ];
  const [one, other] = [functions.get(left), functions.get(right)].map((fn) => fn && identityOf(fn));
  if (one && other && comparison.toLowerCase().endsWith("equal") && !/^(less|greater)/.test(comparison))
    return (one === other) !== comparison.endsWith("otEqual");
  if (isLeft !== isRight && (isMissing(literals, left) || isMissing(literals, right)))
    return comparison.endsWith("otEqual");
  if (!literals.has(left) || !literals.has(right)) return null;
  const [a, b] = [literals.get(left), literals.get(right)];
  switch (comparison) {
    case "equal":
      return a === b;
    case "notEqual":
      return a !== b;
    case "looseEqual":
      return a == null || b == null || typeof a === typeof b ? a == b : null;
    case "looseNotEqual":
      return a == null || b == null || typeof a === typeof b ? a != b : null;
    default:
      return typeof a === "number" && typeof b === "number" ? compareNumbers(comparison, a, b) : null;
  }
}

function compareNumbers(comparison: string, a: number, b: number): boolean {
  if (comparison === "less") return a < b;
  if (comparison === "lessEqual") return a <= b;
  return comparison === "greater" ? a > b : a >= b;
}

function isMissing(literals: Lowering["shared"]["literals"], value: Value): boolean {
  return literals.has(value) && literals.get(value) == null;
}

export function refuseMixedComparison(left: Value, right: Value, comparison: string, node: Node): void {
  const isOrder =
    !comparison.toLowerCase().includes("equal") || comparison === "lessEqual" || comparison === "greaterEqual";
  const kinds = [left.type.kind, right.type.kind];
  if (/^(equal|notEqual)$/.test(comparison) && kinds.includes("boolean") && kinds.includes("number"))
    refuse(
      node,
      "notANumber",
      "A number is compared with a truth value, which it never is.",
      "Compare it with a number, or test whether it is zero.",
    );
  if (isOrder && (isReference(left.type) || isReference(right.type)))
    refuse(node, "notANumber", "Arrays and records cannot be ordered.", "Compare numbers.");
}
