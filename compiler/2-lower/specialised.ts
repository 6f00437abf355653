/**
 * Functions without types, called instead of lowered in place: lowered once for each kind of arguments that they get.
 *
 * before: y = fact(n), which calls itself        after: y = call fact(n), and fact for numbers among the unit's functions
 */
import { Node } from "ts-morph";
import { newValue } from "../ir/build.js";
import { nothingKnown } from "../ir/effects.js";
import type { Type, Value } from "../ir/ir.js";
import { printType } from "../ir/print.js";
import { closuresIn } from "./functionValues.js";
import { restOfArguments } from "./inlineCall.js";
import { type FunctionValue, type Lowering, refuse, spanOf } from "./lowering.js";
import { isFunctionLike, parametersOf } from "./syntax.js";

export type Closure = FunctionValue & { readonly kind: "closure" };

/** What a parameter is in a function that is lowered for some kind of arguments. */
export type Given =
  | { readonly kind: "passed"; readonly type: Type }
  /** The same in every call. */
  | { readonly kind: "constant"; readonly value: string | boolean | null | undefined }
  | { readonly kind: "function"; readonly fn: FunctionValue };

/** A function, and what it is lowered for. */
export interface Specialisation {
  readonly fn: Closure;
  readonly self: Type | null;
  readonly given: readonly Given[];
  readonly returns: boolean;
}

/** Nothing that the function names belongs to a call that is being lowered. */
export function canSpecialise(fn: FunctionValue): fn is Closure {
  return fn.kind === "closure" && fn.scope?.live !== undefined && fn.scope.cells.size === 0;
}

export function callSpecialised(lowering: Lowering, fn: Closure, args: readonly Value[], node: Node): Value | null {
  const all = parametersOf(fn.node).map((parameter, k) =>
    parameter.isRestParameter() ? restOfArguments(lowering, parameter, args.slice(k)) : args[k],
  );
  const given = all.map((value): Given => givenFor(lowering, value, node));
  const { self = null } = fn;
  const callee = lowering.unit.requireSpecialised({ fn, self: self && self.type, given, returns: returnsValue(fn) });
  const result = callee.result && newValue(callee.result, { span: spanOf(node) });
  const passed = all.filter((value, k): value is Value => value !== undefined && given[k]!.kind === "passed");
  lowering.builder.add({
    kind: "call",
    result,
    callee: callee.key,
    arguments: self ? [self, ...passed] : passed,
    effects: nothingKnown,
    span: spanOf(node),
  });
  return result;
}

function givenFor(lowering: Lowering, value: Value | undefined, node: Node): Given {
  if (!value) return { kind: "constant", value: undefined };
  const { functions, literals } = lowering.shared;
  const fn = functions.get(value);
  if (fn) {
    if (fn.kind !== "math" && !(closuresIn(fn).length === 1 && canSpecialise(fn)))
      refuse(
        node,
        "recursion",
        "A function that calls itself takes another one.",
        "Call the other function by its name.",
      );
    return { kind: "function", fn };
  }
  const literal = literals.has(value) ? literals.get(value) : 0;
  if (typeof literal !== "number") return { kind: "constant", value: literal };
  return { kind: "passed", type: value.type };
}

function returnsValue({ node }: Closure): boolean {
  const body = node.getBody();
  if (!body || !Node.isBlock(body)) return true;
  let returns = false;
  body.forEachDescendant((inner, traversal) => {
    if (isFunctionLike(inner)) return traversal.skip();
    if (Node.isReturnStatement(inner) && inner.getExpression()) returns = true;
  });
  return returns;
}

const numbers = new WeakMap<object, number>();
let count = 0;

function numberOf(object: object): number {
  let number = numbers.get(object);
  if (number === undefined) numbers.set(object, (number = count++));
  return number;
}

/** Two calls with the same key can share one lowered function. */
export function keyOf({ fn, self, given }: Specialisation): string {
  const of = (one: Given): string => {
    if (one.kind === "passed") return printType(one.type);
    if (one.kind === "constant") return JSON.stringify(one.value ?? String(one.value));
    return one.fn.kind === "math" ? one.fn.name : `function ${numberOf((one.fn as Closure).scope!.live!)}`;
  };
  return `${numberOf(fn.scope!.live!)} ${numberOf(fn.node)}(${[self ? printType(self) : "", ...given.map(of)].join(", ")})`;
}
