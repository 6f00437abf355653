/**
 * Derivatives inside of what is differentiated: `grad(f)`, `jvp(f)` and the like are functions that are called. What they
 * differentiate becomes a function of the unit, for what it is called with; what it reads of the functions around it is
 * passed to it, so that the derivative with respect to its own parameters is all that is meant, and each order has
 * directions of its own. The derivative itself is made when all is lowered (`4-differentiate/innerDerivatives.ts`).
 *
 * before: du = grad((t) => u(w, t))(x)        after: u among the unit's functions; du = external grad u(x, w)
 */
import { Node } from "ts-morph";
import { newValue } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import { derivativeCall, derivativeType, gathered, recordOf } from "../ir/innerDerivatives.js";
import type { InnerDerivative, IrFunction, Type, Value } from "../ir/ir.js";
import { canCarryDerivative, hasClearNumbers, isReference, sameType } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";
import { itemsOf } from "./calls.js";
import { callKnown, functionValue } from "./functionValues.js";
import type { Given, Lifted } from "./given.js";
import { lowerClone } from "./deepCopies.js";
import { type Argument, lift } from "./lifting.js";
import { makeLiteral } from "./literals.js";
import { type FunctionValue, type Lowering, refuse, spanOf } from "./lowering.js";
import { argumentsOf } from "./specialised.js";
import type { LoweredCallee } from "./splitCall.js";
import { asArray, tupleOf } from "./tuples.js";

/** A function to be differentiated inside of another, and what it is lowered for. */
export interface Differentiation {
  readonly lifted: Lifted;
  readonly name: string;
  readonly at: Node;
}

type Derivative = FunctionValue & { readonly kind: "derivative" };
type Verb = InnerDerivative["verb"];

/** There is no derivative of what stands here. */
export function refuseHere(node: Node, message: string, suggestion: string): never {
  return refuse(node, "innerDerivative", message, suggestion);
}

/** Calls the derivative: `args` are what the derivative is called with. */
export function callDerivative(
  lowering: Lowering,
  derivative: Derivative,
  args: readonly Value[],
  node: Node,
  name: string | null,
): Value | null {
  const { verb, fn, wrt, isBare } = derivative;
  if (fn.kind === "choice") {
    const [whenTrue, whenFalse] = [fn.whenTrue, fn.whenFalse].map((one) => ({ ...derivative, fn: one }));
    return callKnown(lowering, { ...fn, whenTrue: whenTrue!, whenFalse: whenFalse! }, args, node, name);
  }
  const alongVectors = verb === "jvp" || verb === "hvp";
  if (alongVectors && args.length !== 2)
    refuseHere(node, `${verb} takes the arguments as one tuple, and then the vectors.`, `Write ${verb}(f)([x], v).`);
  const own = alongVectors ? itemsOf(lowering, args[0]!, node) : args;
  const vectors = alongVectors ? (isBare ? [args[1]!] : itemsOf(lowering, args[1]!, node)) : [];
  const { lifted, values } = liftedCall(lowering, fn, own, node);
  const callee = lowering.unit.requireDifferentiated({ lifted, name: nameOf(fn), at: node });
  const positions = wrt.map((position) => passedAt(lifted, position, node));
  const types = positions.map((k) => gradientType(lifted.passed[k]!.type));
  if (vectors.length !== (alongVectors ? wrt.length : 0))
    refuseHere(node, `${verb} takes one vector for each of wrt.`, "Give as many vectors.");
  const given = checkedResult(verb, callee, node);
  const isGradient = verb === "jacobian" && given.kind === "number";
  const inner: InnerDerivative = {
    verb: isGradient ? "grad" : verb,
    of: callee.key,
    wrt: positions,
    isBare,
    span: spanOf(node),
  };
  if (verb === "vjp") return pulledBack(lowering, fn, { inner, own, values, node, name });
  if ((inner.verb === "jacobian" || verb === "hessian") && !types.every(hasClearNumbers))
    refuseHere(node, `How many numbers ${verb} has to go through here is known only at run time.`, "Use jvp or hvp.");
  const along = vectors.map((vector, k) => fitted(lowering, vector, types[k]!, node));
  const result = newValue(derivativeType(inner, types, given), { name, span: spanOf(node) });
  callMade(lowering, inner, [...values, ...along], result, node);
  return result;
}

/** The call of the derivative, which is made later. */
function callMade(lowering: Lowering, inner: InnerDerivative, args: readonly Value[], result: Value, node: Node): void {
  args.forEach((argument) => refuseMissing(argument, node));
  const key = lowering.unit.requireDerivative(inner);
  const isPure = isQuiet(lowering.unit.functionOf(inner.of)!);
  const name = `${inner.verb} ${inner.of}`;
  lowering.builder.add(derivativeCall({ key, name, arguments: args, result, isPure, span: spanOf(node) }));
}

interface Pulled {
  readonly inner: InnerDerivative;
  /** What the function is called with. */
  readonly own: readonly Value[];
  /** The same, and what the function reads of others. */
  readonly values: readonly Value[];
  readonly node: Node;
  readonly name: string | null;
}

/** `vjp(f)(x)`: the value, and a pullback that sees the arguments as they are now. */
function pulledBack(lowering: Lowering, fn: FunctionValue, { inner, own, values, node, name }: Pulled): Value {
  const given = values.map((value) =>
    isReference(value.type) ? lowerClone(lowering, value, node, value.name) : value,
  );
  const value = callKnown(lowering, fn, own, node)!;
  const type = recordOf({ value: value.type });
  const record = makeLiteral(lowering, type, [value], ["value"], { name });
  const pullback = functionValue(lowering, { kind: "pullback", derivative: inner, given });
  lowering.shared.functionFields.set(record, new Map([["pullback", pullback]]));
  return record;
}

/** Calls a pullback with a seed. */
export function callPullback(
  lowering: Lowering,
  { derivative, given }: FunctionValue & { readonly kind: "pullback" },
  args: readonly Value[],
  node: Node,
  name: string | null,
): Value {
  const fn = lowering.unit.functionOf(derivative.of)!;
  const [seed] = args;
  if (!seed) return refuseHere(node, "A pullback is called with a seed.", "Give one, shaped as the result.");
  const fitting = fitted(lowering, seed, gradientType(fn.body.yields[0]!.type), node);
  const types = derivative.wrt.map((k) => gradientType(fn.parameters[k]!.value.type));
  const result = newValue(gathered(types, derivative.isBare), { name, span: spanOf(node) });
  callMade(lowering, derivative, [...given, fitting], result, node);
  return result;
}

/** The call, with what the function reads of others passed behind the arguments. */
function liftedCall(
  lowering: Lowering,
  fn: FunctionValue,
  args: readonly Value[],
  node: Node,
): { readonly lifted: Lifted; readonly values: readonly Value[] } {
  const given = fn.kind === "closure" ? argumentsOf(lowering, fn, args) : args.map(undeclared);
  const separate = given.map((argument): Argument => ({
    ...argument,
    value: asDeclared(lowering, argument, node),
    isSeparate: true,
  }));
  const { lifted, values, shared } = lift(lowering, fn, separate, node);
  const [assigned] = shared.values();
  if (assigned)
    refuseHere(
      node,
      `What is differentiated here assigns ${assigned.name}, which is declared outside of it.`,
      "Return the value instead.",
    );
  return { lifted, values };
}

function undeclared(value: Value): Argument {
  return { value, name: value.name, type: null };
}

function asDeclared(lowering: Lowering, { value, type }: Argument, node: Node): Value {
  return type?.kind === "array" && value.type.kind === "tuple" ? asArray(lowering, value, node) : value;
}

/** A vector as the gradient's type has it. */
function fitted(lowering: Lowering, vector: Value, type: Type, node: Node): Value {
  if (type.kind === "array" && vector.type.kind === "tuple") return asArray(lowering, vector, node);
  if (type.kind === "tuple" && vector.type.kind === "array") return tupleOf(lowering, vector, type, node);
  if (!sameType(gradientType(vector.type), type))
    refuseHere(
      node,
      "A vector is not of the kind of the argument that it goes with.",
      "Give a number for a number, an array for an array, a record with the same fields for a record.",
    );
  return vector;
}

/** Where an argument is among what is passed. */
function passedAt({ args }: Lifted, position: number, node: Node): number {
  const given: Given | undefined = args[position];
  if (given?.kind === "passed") return given.index;
  return refuseHere(
    node,
    given
      ? `Argument ${position + 1} is none that a derivative can be taken with respect to.`
      : `The function is called without its argument ${position + 1}, with respect to which it is differentiated.`,
    "Say with { wrt } which arguments are meant, and pass them.",
  );
}

function nameOf(fn: FunctionValue): string {
  switch (fn.kind) {
    case "closure":
      return nameOfClosure(fn.node);
    case "derivative":
      return `${nameOf(fn.fn)}Derivative`;
    case "partial":
      return nameOf(fn.fn);
    case "math":
      return fn.name;
    case "rule":
      return fn.rule.name;
    default:
      return "inner";
  }
}

function nameOfClosure(node: Node): string {
  const own = Node.hasName(node) ? node.getName() : undefined;
  if (own) return own;
  const parent = node.getParent();
  return Node.isVariableDeclaration(parent) || Node.isPropertyAssignment(parent) ? parent.getName() : "inner";
}

/** What the function that is differentiated gives. */
function checkedResult(verb: Verb, { result }: LoweredCallee, node: Node): Type {
  const takesAny = verb === "jvp" || verb === "vjp" || verb === "jacobian";
  if (!takesAny && result?.kind !== "number")
    refuseHere(node, `${verb} differentiates a function that gives one number.`, "Return a number, or use jvp.");
  if (!result || !canCarryDerivative(result))
    return refuseHere(
      node,
      `The function that ${verb} differentiates gives no number.`,
      "Return what is differentiated.",
    );
  const needsAll = verb === "vjp" || verb === "jacobian";
  if (needsAll && !hasClearNumbers(gradientType(result)))
    refuseHere(
      node,
      `Some numbers of what ${verb} differentiates may be missing.`,
      "Return what is there, or use jvp.",
    );
  return result;
}

/** Of what may be missing there is no derivative. */
function refuseMissing(argument: Value, node: Node): void {
  if (argument.type.kind === "optional" && canCarryDerivative(argument.type))
    refuseHere(
      node,
      `${argument.name ?? "A value"}, which the function that is differentiated here reads, may be missing.`,
      "Test outside of the function whether it is there.",
    );
}

/** It neither throws nor does anything else that is seen. */
function isQuiet(fn: IrFunction): boolean {
  let isSeen = false;
  visitStatements(fn.body, (statement) => {
    isSeen ||= statement.kind === "throw" || statement.kind === "call";
    isSeen ||= (statement.kind === "evaluate" || statement.kind === "externalCall") && !statement.isPure;
  });
  return !isSeen;
}
