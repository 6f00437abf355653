/** The arguments of calls, with what is spread among them. */
import { Node } from "ts-morph";
import type { Value } from "../ir/ir.js";
import { loadField } from "./access.js";
import { lowerExpression } from "./expressions.js";
import { lowerIterable } from "./iterables.js";
import { type Lowering, refuse } from "./lowering.js";

export type Call = import("ts-morph").CallExpression;

/** The arguments, tuples spread out; the spread of an array, whose length is not known, is refused. */
export function lowerArguments(lowering: Lowering, node: Call | import("ts-morph").NewExpression): Value[] {
  return withoutSpread(lowerSpreadArguments(lowering, node));
}

export function withoutSpread(args: readonly SpreadArgument[]): Value[] {
  return args.map((argument) => {
    if (!argument.isSpread) return argument.value;
    return refuse(
      argument.node,
      "spreadArguments",
      "The length of this array is not known, so it cannot be spread into arguments here.",
      "Loop over the array, or pass a tuple.",
    );
  });
}

export interface SpreadArgument {
  readonly value: Value;
  /** The value is an array whose elements are the arguments. */
  readonly isSpread: boolean;
  readonly node: Node;
}

/** The arguments in order, tuples spread out, arrays left to the caller. */
export function lowerSpreadArguments(
  lowering: Lowering,
  node: Call | import("ts-morph").NewExpression,
): readonly SpreadArgument[] {
  return node.getArguments().flatMap((argument): SpreadArgument[] => {
    if (!Node.isSpreadElement(argument))
      return [{ value: lowerExpression(lowering, argument), isSpread: false, node: argument }];
    const source = lowerIterable(lowering, argument.getExpression());
    if (source.type.kind !== "tuple") return [{ value: source, isSpread: true, node: argument }];
    return source.type.elements.map((_, k) => ({
      value: loadField(lowering, source, String(k), argument, { name: null }),
      isSpread: false,
      node: argument,
    }));
  });
}
