/** Calls of functions that are not known: what is the reason, and what to do. */
import { Node, type PropertyAccessExpression, type VariableDeclaration } from "ts-morph";
import { refuseModuleState } from "./bindings.js";
import type { Call } from "./callArguments.js";
import { cellOf, type Lowering, refuse } from "./lowering.js";
import { isOfPackage } from "./packageReader.js";
import { originalSymbol } from "./mentions.js";
import { rootOf } from "./moduleState.js";
import { refuseUnresolved } from "./moduleValues.js";
import { unwrap } from "./syntax.js";

export function refuseUnknown(lowering: Lowering, node: Call): never {
  const callee = unwrap(node.getExpression());
  const declaration = Node.isIdentifier(callee) ? callee.getSymbol()?.getDeclarations()[0] : undefined;
  if (Node.isParameterDeclaration(declaration))
    refuse(
      node,
      "functionParameter",
      `Which function ${callee.getText()} is, is known only at run time.`,
      lowering.shared.capturing
        ? "Ask for the derivative where the function is known, and pass it on beside the function."
        : "Annotate a function that calls this one with a function that is known.",
    );
  refuseUnlessMadeAgain(lowering, callee, node);
  refuseUnresolved(callee, node);
  const original = originalSymbol(callee)?.getDeclarations()[0];
  if (Node.isVariableDeclaration(original)) refuseMadeOfState(original, callee, node);
  const isNamed = lowering.unit.referTo(callee) !== null;
  return refuse(
    node,
    "unsupportedCall",
    `The body of ${callee.getText()} is not known to the compiler.`,
    isNamed
      ? `Say with defineRule what its derivative is, write stopGradient(${callee.getText()}(…)) where it has none, or pass the result in as a parameter.`
      : "Call a function of the project, or pass the result in as a parameter.",
  );
}

/** A variable that is assigned, or a function that a module makes of what is not the same later on. */
function refuseMadeOfState(declaration: VariableDeclaration, callee: Node, node: Node): void {
  refuseModuleState(declaration, callee.getText(), node);
  if (!Node.isCallExpression(declaration.getInitializer())) return;
  refuse(
    node,
    "moduleState",
    `What ${callee.getText()} does cannot be told here: how the module makes it has a state, or reads what is written somewhere.`,
    "Make it of constants that nothing writes, or write the function out.",
  );
}

/** A function around a marker's, or one that something there holds. */
function refuseUnlessMadeAgain(lowering: Lowering, callee: Node, node: Node): void {
  const root = rootOf(callee);
  const isCaptured = lowering.shared.capturing !== null && Node.isIdentifier(root) && cellOf(lowering, root) !== null;
  const [declaration] = (isCaptured && root.getSymbol()?.getDeclarations()) || [];
  if (!Node.isVariableDeclaration(declaration) && !Node.isBindingElement(declaration)) return;
  refuse(
    node,
    "capturedFunction",
    `What ${callee.getText()} does cannot be told here: how ${root.getText()} is made may give something else when it is made again.`,
    `Write the function in place, or read what ${root.getText()} is made from into constants before it is made.`,
  );
}

export function refuseUnknownMethod(lowering: Lowering, node: Call, callee: PropertyAccessExpression): never {
  refuseUnlessMadeAgain(lowering, callee, node);
  const field = callee.getNameNode().getSymbol()?.getDeclarations()[0];
  if ((Node.isPropertyDeclaration(field) || Node.isPropertySignature(field)) && !isOfPackage(field))
    refuse(
      node,
      "unsupportedMethod",
      `Which function ${callee.getText()} is, is known only at run time.`,
      "Let the object be made where the compiler sees its functions, and assign none of them again; or choose between functions that are known.",
    );
  return refuse(
    node,
    "unsupportedMethod",
    `The method ${callee.getName()} is not supported on this value.`,
    "Write it as a function, or as a loop.",
  );
}
