/**
 * Functions that cannot be lowered in place and do not stand by themselves, since they read what is around them, take
 * functions, or say nothing of their types: each is lowered once for every kind of call (`lifting.ts` says what differs).
 *
 * before: y = fact(n), which calls itself        after: y = call fact(n), and fact for numbers among the unit's functions
 */
import { Node } from "ts-morph";
import { newValue } from "../ir/build.js";
import { nothingKnown } from "../ir/effects.js";
import type { Type, Value } from "../ir/ir.js";
import { printType } from "../ir/print.js";
import { optionalType, typesWithin } from "../ir/types.js";
import { loadField } from "./access.js";
import { restOfArguments } from "./inlineCall.js";
import type { Given, GivenFunction, Lifted, Surroundings } from "./given.js";
import { type Argument, type Closure, lift } from "./lifting.js";
import { makeLiteral } from "./literals.js";
import { type CallableNode, type Cell, type FunctionValue, type Lowering, nullish, spanOf } from "./lowering.js";
import { isOfPackage } from "./packageReader.js";
import { refuseCaught, resultType } from "./recursion.js";
import { isFunctionLike, parametersOf } from "./syntax.js";
import { givenType } from "./types.js";
import { unknownType } from "./unknownTypes.js";

/** A function, what it is lowered for, and what it returns; null for nothing. */
export interface Specialisation {
  readonly lifted: Lifted;
  readonly fn: CallableNode;
  readonly result: Type | null;
}

export function callSpecialised(lowering: Lowering, fn: Closure, args: readonly Value[], node: Node): Value | null {
  refuseCaught(lowering, fn.node, node);
  const { lifted, values, shared } = lift(lowering, fn, argumentsOf(lowering, fn, args), node);
  const callee = lowering.unit.requireSpecialised({ lifted, fn: fn.node, result: resultOf(lowering, fn.node, node) });
  const result = callee.result && newValue(callee.result, { span: spanOf(node) });
  const passed = values.map((value, k) => {
    const cell = shared.get(k);
    return cell ? boxOf(lowering, cell, lifted.passed[k]!.type, value, node) : value;
  });
  const span = spanOf(node);
  const effects = nothingKnown;
  lowering.builder.add({ kind: "call", result, callee: callee.key, arguments: passed, effects, span });
  for (const [k, cell] of shared)
    lowering.variables.set(cell, loadField(lowering, passed[k]!, "value", node, { name: cell.name }));
  return result;
}

/** One for each parameter, as that is declared. */
export function argumentsOf(lowering: Lowering, fn: Closure, args: readonly Value[]): readonly Argument[] {
  return parametersOf(fn.node).map((parameter, k): Argument => {
    const isRest = parameter.isRestParameter();
    const name = Node.isIdentifier(parameter.getNameNode()) ? parameter.getName() : null;
    const value = isRest ? restOfArguments(lowering, parameter, args.slice(k)) : args[k];
    return { value: value ?? nullish(lowering, undefined), name, type: declaredType(lowering, parameter) };
  });
}

/** The record that a variable is shared in: the one that this function shares it in itself, or a new one. */
export function boxOf(lowering: Lowering, cell: Cell, type: Type, value: Value, node: Node): Value {
  const known = lowering.shared.boxes.get(cell);
  if (!known) return makeLiteral(lowering, type, [value], ["value"], { name: cell.name });
  const key = { kind: "field", name: "value" } as const;
  lowering.builder.add({ kind: "store", object: known, key, value, span: spanOf(node) });
  return known;
}

/** What a parameter is declared to be, where that says what it holds. */
function declaredType(lowering: Lowering, parameter: import("ts-morph").ParameterDeclaration): Type | null {
  const source = parameter.getType();
  if (isOfPackage(parameter) || source.getNonNullableType().getCallSignatures().length > 0) return null;
  const type = lowering.unit.typeOf(source, parameter);
  // Any list of numbers: which, the call knows.
  if (givenType(type, source) !== type) return null;
  if ([...typesWithin(type)].some((inside) => inside.kind === "opaque" && !inside.keyed)) return null;
  return parameter.isOptional() && !parameter.isRestParameter() ? optionalType(type, "undefined") : type;
}

/** What the function returns, as its callers know it before it is lowered; null for nothing. */
function resultOf(lowering: Lowering, fn: CallableNode, node: Node): Type | null {
  if (isOfPackage(fn)) return returnsValue(fn) ? unknownType() : null;
  if (Node.isConstructorDeclaration(fn)) return null;
  const isOpen = isFunctionLike(fn) && fn.getTypeParameters().length > 0 && Node.isCallExpression(node);
  return resultType(lowering.unit, isOpen ? node.getType() : fn.getReturnType(), fn);
}

function returnsValue(node: CallableNode): boolean {
  const body = node.getBody();
  if (!body || !Node.isBlock(body)) return true;
  let returns = false;
  body.forEachDescendant((inner, traversal) => {
    if (isFunctionLike(inner)) {
      traversal.skip();
      return;
    }
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

function ofFixed(fn: FunctionValue): string {
  if (fn.kind === "math") return fn.name;
  if (fn.kind === "native") return `native ${numberOf(fn.fn)}`;
  return fn.kind === "rule" ? `rule ${numberOf(fn.rule)}` : fn.kind;
}

/** Two calls with the same key can share one lowered function, if what they pass is of the same types. */
export function keyOf({ fn, args, ...around }: Lifted): string {
  return keyOfGiven([{ kind: "function", fn }, ...args], around);
}

/** What was lifted, as far as it is the same for all that differ only in what they pass. */
export function keyOfGiven(all: readonly Given[], { scopes, passed }: Surroundings): string {
  const of = (given: Given | null | undefined): string => {
    switch (given?.kind) {
      case undefined:
        return String(given);
      case "passed":
        return `#${given.index}`;
      case "constant":
        return JSON.stringify(given.value ?? String(given.value));
      case "function":
        return ofFunction(given.fn);
      case "record":
        return `${of(given.data)}{${[...given.functions].map(([name, one]) => `${name}: ${of(one)}`).join(", ")}}`;
      case "list":
        return `[${given.items.map(of).join(", ")}]`;
      case "live":
        return `live ${numberOf(given.object)}`;
      case "there":
        return `there ${numberOf(given.value)}`;
    }
  };
  const ofFunction = (one: GivenFunction): string => {
    if (one.kind === "closure") return `${numberOf(one.node)}@${one.scope}(${of(one.self)})`;
    if (one.kind === "kept") return `kept ${one.environment.number} ${of(one.object)} ${one.part}(${of(one.self)})`;
    if (one.kind === "choice")
      return `${of(one.condition)} ? ${ofFunction(one.whenTrue)} : ${ofFunction(one.whenFalse)}`;
    if (one.kind === "pullback")
      return `pullback ${one.derivative.of} ${one.derivative.wrt.join()} ${one.derivative.isBare}(${one.given.map(of).join(", ")})`;
    if (one.kind === "derivative") return `${one.verb}[${one.wrt.join()} ${one.isBare}](${ofFunction(one.fn)})`;
    if (one.kind === "partial") return `${ofFunction(one.fn)}(${one.first.map(of).join(", ")}, …)`;
    return ofFixed(one.fn);
  };
  const around = scopes.map(({ outer, live, self, cells, classes }) =>
    [
      outer,
      live && numberOf(live),
      of(self),
      ...cells.map(
        (cell) =>
          `${numberOf(cell.symbol)}${cell.isShared ? "*" : ""}: ${cell.there ? numberOf(cell.there) : of(cell.given)}`,
      ),
      ...classes.map(numberOf),
    ].join(" "),
  );
  const types = passed.map(({ type }) => printType(type));
  return [all.map(of).join(", "), ...around, types.join(", ")].join("; ");
}
