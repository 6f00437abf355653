/** What the function of a marker turns out to have captured while it is lowered: private fields of `this`, state of other modules. */
import { Node } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Parameter, Type, Value } from "../ir/ir.js";
import { meaningAt } from "./captured.js";
import { type Lowering, spanOf, typeAt } from "./lowering.js";
import { isAssignedAnywhere } from "./moduleState.js";

/** What more a function turns out to use of the code around its markers. */
export interface Capturing {
  readonly calls: readonly Node[];
  readonly self: Value | null;
  /** By the texts that stand for them. */
  readonly late: Map<string, Parameter>;
}

/** The value of `this.#x`, read where the derivative is called; null for anything else. */
export function capturedPrivate(lowering: Lowering, object: Value, name: string, node: Node): Value | null {
  const { capturing } = lowering.shared;
  if (!capturing || object !== capturing.self || !Node.isPropertyAccessExpression(node)) return null;
  const [declaration] = node.getNameNode().getSymbol()?.getDeclarations() ?? [];
  const owner = declaration?.getParent();
  const isSeen = owner !== undefined && capturing.calls.every((call) => call.getAncestors().includes(owner));
  return isSeen ? capturedLate(lowering, `this.${name}`, name.slice(1), typeAt(lowering, node), node) : null;
}

/** A variable of another module that is assigned there, as it is when the derivative is called; null where it is out of sight. */
export function capturedState(lowering: Lowering, declaration: Node, node: Node): Value | null {
  const { capturing } = lowering.shared;
  if (!capturing || !Node.isVariableDeclaration(declaration) || !isAssignedAnywhere(declaration)) return null;
  const name = node.getText();
  const symbol = declaration.getSymbol()?.compilerSymbol;
  const isSeen = capturing.calls.every((call) => meaningAt(call, name) === symbol);
  return isSeen ? capturedLate(lowering, name, name, typeAt(lowering, declaration), node) : null;
}

function capturedLate(lowering: Lowering, text: string, name: string, type: Type, node: Node): Value {
  const { late } = lowering.shared.capturing!;
  let found = late.get(text);
  if (!found) {
    const value = newValue(type, { name, span: spanOf(node) });
    found = { value, name, typeText: null, isOptional: false, isRest: false, capturedAs: text };
    late.set(text, found);
    lowering.shared.outside.add(value);
  }
  return found.value;
}
