/** Calls of functions whose body is known: the body is lowered in place of the call. */
import { Node } from "ts-morph";
import type { Value } from "../ir/ir.js";
import { bindPattern, withDefault } from "./destructuring.js";
import { lowerExpression } from "./expressions.js";
import { makeLiteral } from "./literals.js";
import { type FunctionNode, type Invented, type Lowering, nullish, refuse, symbolOf, typeAt } from "./lowering.js";
import { declaredFunction, isRecursive, refuseUnlessAlone } from "./recursion.js";
import { callFunction, sizeOf } from "./splitCall.js";
import { lowerStatements } from "./statements.js";
import { isFunctionLike, unwrap } from "./syntax.js";

/** The function an expression names, when its body is known. */
export function resolveFunction(lowering: Lowering, expression: Node): FunctionNode | null {
  const node = unwrap(expression);
  if (isFunctionLike(node)) return node;
  const name = Node.isPropertyAccessExpression(node) ? node.getNameNode() : node;
  if (!Node.isIdentifier(name)) return null;
  const local = symbolOf(name) && lowering.shared.localFunctions.get(symbolOf(name)!);
  if (local) return local;
  return declaredFunction(name);
}

export function refuseUnlessPlain(fn: FunctionNode, node: Node): void {
  if (fn.isAsync())
    refuse(node, "asyncFunction", "An async function cannot be differentiated.", "Await the data before the call.");
  if (Node.isArrowFunction(fn)) return;
  if (fn.isGenerator()) refuse(node, "generator", "A generator cannot be differentiated.", "Return an array instead.");
}

function refuseRecursion(node: Node): never {
  return refuse(
    node,
    "recursion",
    "A function that is passed on as a value calls itself.",
    "Call it by the name it is declared with, or write the recursion as a loop.",
  );
}

/** Lowers the body of `fn` with its parameters bound to `args`, or a call of it where it calls itself; null when it returns nothing. */
export function inlineFunction(lowering: Lowering, fn: FunctionNode, args: readonly Value[], node: Node): Value | null {
  refuseUnlessPlain(fn, node);
  if (isRecursive(fn)) {
    refuseUnlessAlone(fn, node);
    return callFunction(lowering, fn, args, node);
  }
  if (lowering.inlining.includes(fn)) refuseRecursion(node);
  lowering.shared.inlined += sizeOf(fn);
  const before = new Set(lowering.variables.keys());
  const flag: Invented = { kind: "flag", name: "returned" };
  const result: Invented = { kind: "result", name: "result" };
  const inside: Lowering = {
    ...lowering,
    returnTarget: { flag, result, type: { kind: "nullish" } },
    jumpTargets: [],
    inlining: [...lowering.inlining, fn],
  };
  bindParameters(inside, fn, args);
  const body = fn.getBody();
  let value: Value | null = null;
  if (body && Node.isBlock(body)) {
    lowerStatements(inside, body.getStatements());
    value = lowering.variables.get(result) ?? null;
  } else if (body) value = lowerExpression(inside, body);
  for (const variable of [...lowering.variables.keys()]) if (!before.has(variable)) lowering.variables.delete(variable);
  return value;
}

function bindParameters(lowering: Lowering, fn: FunctionNode, args: readonly Value[]): void {
  fn.getParameters().forEach((parameter, k) => {
    const name = parameter.getNameNode();
    if (parameter.isRestParameter()) {
      const rest = makeLiteral(lowering, typeAt(lowering, parameter), args.slice(k), null, { name: null });
      return bindPattern(lowering, name, rest);
    }
    const given = args[k] ?? nullish(lowering, undefined);
    const initializer = parameter.getInitializer();
    const isOptional = given.type.kind === "optional" || given.type.kind === "nullish";
    let value = given;
    if (initializer && given.type.kind === "nullish") value = lowerExpression(lowering, initializer);
    else if (initializer && isOptional) value = withDefault(lowering, given, initializer, parameter);
    if (value.type.kind === "optional" || value.type.kind === "nullish")
      if (Node.isIdentifier(name)) lowering.shared.declaredTypes.set(symbolOf(name)!, typeAt(lowering, parameter));
    bindPattern(lowering, name, value);
  });
}
