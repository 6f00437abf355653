/** `Math` itself, where it is taken apart or has another name: `const { sin, PI } = Math`. */
import { type BindingElement, Node } from "ts-morph";
import { numberType } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { mathFunctions } from "../ir/primitives.js";
import type { Hint } from "./expressions.js";
import { functionValue } from "./functionValues.js";
import { makeLiteral } from "./literals.js";
import { constant, type Lowering } from "./lowering.js";

const constants = ["PI", "E", "LN2", "LN10", "LOG2E", "LOG10E", "SQRT2", "SQRT1_2"] as const;

type MathConstant = (typeof constants)[number];

export function isMathConstant(name: string): name is MathConstant {
  return (constants as readonly string[]).includes(name);
}

export function mathConstant(lowering: Lowering, name: MathConstant): Value {
  return constant(lowering, Math[name], `Math.${name}`);
}

/** `Math` has other names from there on. Its fields are not enumerable: it is empty where it is copied or looped over. */
export function isMathRenamed(node: Node): boolean {
  const declaration = node.getParent();
  if (node.getText() !== "Math" || !Node.isVariableDeclaration(declaration)) return false;
  const names = declaration.getNameNode();
  return !Node.isObjectBindingPattern(names) || names.getElements().every((one) => !one.getDotDotDotToken());
}

/** A record of its constants, which holds its functions. */
export function mathObject(lowering: Lowering, hint: Hint): Value {
  const fields = constants.map((name) => ({ name, type: numberType, isOptional: false }));
  const values = constants.map((name) => mathConstant(lowering, name));
  const result = makeLiteral(lowering, { kind: "record", name: null, fields }, values, constants, hint);
  const names = [...Object.keys(mathFunctions), "pow"];
  const functions = names.map((name) => [name, functionValue(lowering, { kind: "math", name })] as const);
  lowering.shared.functionFields.set(result, new Map(functions));
  return result;
}

/** `PI` of `const { PI } = Math` in a module; null for any other. */
export function boundMathConstant(lowering: Lowering, element: BindingElement): Value | null {
  const owner = element.getParent().getParent();
  const name = element.getPropertyNameNode()?.getText() ?? element.getName();
  const isOfMath = Node.isVariableDeclaration(owner) && owner.getInitializer()?.getText() === "Math";
  return isOfMath && isMathConstant(name) ? mathConstant(lowering, name) : null;
}
