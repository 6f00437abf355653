/** Functions that call themselves, directly or through others: they are called, never lowered in place. */
import { Node, SyntaxKind } from "ts-morph";
import type { Type } from "../ir/ir.js";
import { type FunctionNode, refuse } from "./lowering.js";
import type { UnitContext } from "./unitContext.js";
import { originalSymbol } from "./mentions.js";
import { isFunctionLike, unwrap } from "./syntax.js";

/** The function that an expression stands for, when its body is known. */
export function declaredFunction(expression: Node): FunctionNode | null {
  const node = unwrap(expression);
  if (isFunctionLike(node)) return node;
  for (const declaration of originalSymbol(node)?.getDeclarations() ?? []) {
    if (Node.isFunctionDeclaration(declaration) && declaration.getBody()) return declaration;
    const initializer = Node.isVariableDeclaration(declaration)
      ? declaration.getInitializer()
      : Node.isExportAssignment(declaration) && declaration.getExpression();
    if (initializer && isFunctionLike(unwrap(initializer))) return unwrap(initializer) as FunctionNode;
  }
  return null;
}

const mentioned = new WeakMap<FunctionNode, readonly FunctionNode[]>();

/** The functions that a body names, whether it calls them or hands them on. */
function functionsNamedIn(fn: FunctionNode): readonly FunctionNode[] {
  const known = mentioned.get(fn);
  if (known) return known;
  const found = new Set<FunctionNode>();
  for (const name of fn.getBody()?.getDescendantsOfKind(SyntaxKind.Identifier) ?? []) {
    const named = declaredFunction(name);
    if (named) found.add(named);
  }
  const result = [...found];
  mentioned.set(fn, result);
  return result;
}

const recursive = new WeakMap<FunctionNode, boolean>();

/** Whether a call of the function may lead to another call of it. */
export function isRecursive(fn: FunctionNode): boolean {
  const known = recursive.get(fn);
  if (known !== undefined) return known;
  const reached = new Set<FunctionNode>();
  const enter = (named: FunctionNode): void => {
    if (reached.has(named)) return;
    reached.add(named);
    functionsNamedIn(named).forEach(enter);
  };
  functionsNamedIn(fn).forEach(enter);
  const result = reached.has(fn);
  recursive.set(fn, result);
  return result;
}

/** What a recursive function returns, as its callers know it before it is lowered; null for nothing. */
export function declaredResult(fn: FunctionNode, unit: UnitContext): Type | null {
  const type = fn.getReturnType();
  if (type.isAny())
    refuse(
      fn,
      "recursion",
      "What this function returns cannot be told, since it calls itself.",
      "Declare the type of its result.",
    );
  return type.isVoid() || type.isUndefined() || type.isNever() ? null : unit.typeOf(type, fn);
}

/** A recursive function must stand by itself. */
export function refuseUnlessAlone(fn: FunctionNode, at: Node): void {
  if (!isRecursive(fn)) return;
  const owner = Node.isFunctionDeclaration(fn) ? fn.getParent() : fn.getParent()?.getParent()?.getParent()?.getParent();
  if (!owner || !Node.isSourceFile(owner))
    refuse(
      at,
      "recursion",
      "A function that calls itself is declared inside of another one.",
      "Declare it at the top of the module, and pass what it reads of the other as arguments.",
    );
  if (fn.getTypeParameters().length > 0)
    refuse(
      at,
      "recursion",
      "A function that calls itself has type parameters.",
      "Declare its parameters with the types that it is called with.",
    );
  for (const parameter of fn.getParameters()) {
    const type = parameter.getType();
    if (!type.isAny() && type.getCallSignatures().length === 0) continue;
    refuse(
      at,
      "recursion",
      type.isAny()
        ? `A function that calls itself does not say what ${parameter.getName()} holds.`
        : `A function that calls itself takes another one, ${parameter.getName()}.`,
      type.isAny() ? "Declare the parameter's type." : "Call the other function by its name.",
    );
  }
}
