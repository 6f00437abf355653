/** What modules hold, by its name: constants, what namespaces export, data of files. */
import { type ModuleDeclaration, Node, type PropertyDeclaration, SyntaxKind } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { refuseModuleState } from "./bindings.js";
import { capturedState } from "./capturedLate.js";
import { type ClassNode, isClass } from "./classes.js";
import { type Hint, numberOf } from "./expressions.js";
import { moduleFunctions, moduleItems } from "./functionValues.js";
import { type Lowering, refuse, spanOf, typeAt } from "./lowering.js";
import { blockAround, isOfJson, originalSymbol } from "./mentions.js";
import { isChangedAnywhere, isHandedOn, writeOf } from "./moduleState.js";
import { isFieldAssigned } from "./fieldState.js";
import { boundMathConstant, isMathRenamed, mathObject } from "./mathObject.js";
import { failModuleWrite } from "./packageState.js";
import { commonType } from "./tuples.js";

/** A table that never changes is an array, also where TypeScript knows its length. */
function constantType(type: Type): Type {
  const element = commonType(type);
  return element ? { kind: "array", element: constantType(element), isReadonly: true } : type;
}

export function lowerGlobal(lowering: Lowering, node: Node, hint: Hint): Value {
  const declaration = originalSymbol(node)?.getDeclarations()[0];
  if (!declaration) refuseUnresolved(node, node);
  if (isMathRenamed(node) && declaration?.getSourceFile().isDeclarationFile()) return mathObject(lowering, hint);
  const bound = Node.isBindingElement(declaration) ? boundMathConstant(lowering, declaration) : null;
  if (bound) return bound;
  if (!declaration || declaration.getSourceFile().isDeclarationFile())
    refuse(
      node,
      "unknownGlobal",
      `${node.getText()} is not known to the compiler.`,
      "Pass it as a parameter, or define it in a module.",
    );
  refuseOfAnotherCall(declaration, node);
  if (isOfJson(declaration)) return lowerData(lowering, node, hint);
  if (Node.isModuleDeclaration(declaration)) return blockOf(lowering, declaration, typeAt(lowering, node), node);
  const write = writeOf(node);
  if (write && isClass(declaration))
    refuse(
      write,
      "moduleStateWrite",
      `A static field of ${node.getText()} is written.`,
      "Return the value, or keep it in an instance.",
    );
  if (!Node.isVariableDeclaration(declaration) && !Node.isBindingElement(declaration))
    refuse(
      node,
      "functionValue",
      `${node.getText()} is used as a value here.`,
      "Call it directly, or pass its result.",
    );
  if (write) failModuleWrite(write);
  const state = capturedState(lowering, declaration, node);
  if (state) return state;
  const block = blockAround(declaration);
  if (block) return lowerFromBlock(lowering, declaration, block, node);
  const binding = lowering.unit.requireBinding(declaration, node);
  const result = newValue(constantType(typeAt(lowering, declaration)), {
    name: hint.name ? null : node.getText(),
    span: spanOf(node),
  });
  const initializer = Node.isVariableDeclaration(declaration) ? declaration.getInitializer() : undefined;
  const literal = initializer && Node.isNumericLiteral(initializer) ? numberOf(initializer) : undefined;
  lowering.builder.add({ kind: "global", result, binding, literal, span: spanOf(node) });
  lowering.shared.globals.add(result);
  if (initializer) knowContents(lowering, result, declaration, initializer);
  return result;
}

/** A variable of a function that is not being lowered: of what a class or a function has captured that came from there. */
function refuseOfAnotherCall(declaration: Node, node: Node): void {
  const isVariable =
    Node.isParameterDeclaration(declaration) ||
    Node.isVariableDeclaration(declaration) ||
    Node.isBindingElement(declaration);
  if (!isVariable || !declaration.getFirstAncestor(Node.isFunctionLikeDeclaration)) return;
  refuse(
    node,
    "capturedHidden",
    `${node.getText()} belongs to another function's call, which generated code cannot look into.`,
    "Keep it in a field of the object that uses it, or pass it as a parameter.",
  );
}

/** `G.g`, by which generated code reads what a namespace exports, wherever that is named. */
function lowerFromBlock(lowering: Lowering, declaration: Node, block: ModuleDeclaration, node: Node): Value {
  const name = declaration.getSymbolOrThrow().getName();
  const isExported = block.getSymbolOrThrow().getExport(name) !== undefined;
  if (!isExported)
    refuse(
      node,
      "exportNeeded",
      `${name} is not exported by its namespace, so that generated code cannot name it.`,
      `Export it from ${block.getName()}.`,
    );
  // Where a marker stands, a derivative reads what it is when it is called, as the function does.
  if (!lowering.shared.capturing) refuseModuleState(declaration, name, node);
  const type = constantType(typeAt(lowering, declaration));
  return partOfBlock(lowering, block, name, type, node);
}

function partOfBlock(lowering: Lowering, block: ModuleDeclaration, name: string, type: Type, node: Node): Value {
  return partOf(lowering, (whole) => blockOf(lowering, block, whole, node), name, type, node);
}

/** `C.name`, as it is when it is read. */
export function fieldOfClass(lowering: Lowering, owner: ClassNode, property: PropertyDeclaration, node: Node): Value {
  const write = writeOf(node);
  if (write) failModuleWrite(write);
  const className = owner.getNameNode();
  const binding = className && lowering.unit.referTo(className);
  if (!binding)
    refuse(node, "moduleState", "A field of a class without a name is read, which is assigned.", "Name the class.");
  const type = constantType(typeAt(lowering, property));
  const whole = (seen: Type): Value => held(lowering, binding, seen, null, node);
  return partOf(lowering, whole, property.getName(), type, node);
}

function partOf(lowering: Lowering, whole: (type: Type) => Value, name: string, type: Type, node: Node): Value {
  const object = whole({ kind: "record", name: null, fields: [{ name, type, isOptional: false }] });
  const result = newValue(type, { name, span: spanOf(node) });
  lowering.builder.add({ kind: "load", result, object, key: { kind: "field", name }, span: spanOf(node) });
  lowering.shared.globals.add(result);
  return result;
}

/** A namespace, seen as a record of what is read of it. */
function blockOf(lowering: Lowering, block: ModuleDeclaration, type: Type, node: Node): Value {
  const outer = blockAround(block);
  if (outer) return partOfBlock(lowering, outer, block.getName(), type, node);
  return held(lowering, lowering.unit.requireBinding(block, block.getNameNode()), type, null, node);
}

/** What a binding stands for. */
function held(lowering: Lowering, binding: string, type: Type, name: string | null, node: Node): Value {
  const result = newValue(type, { name, span: spanOf(node) });
  lowering.builder.add({ kind: "global", result, binding, span: spanOf(node) });
  lowering.shared.globals.add(result);
  return result;
}

/** What a file of JSON holds. */
function lowerData(lowering: Lowering, node: Node, hint: Hint): Value {
  const write = writeOf(node);
  if (write) failModuleWrite(write);
  const binding = lowering.unit.referTo(node);
  if (binding === null)
    refuse(node, "unknownGlobal", `${node.getText()} is not imported by a name of its own.`, "Import it by its name.");
  return held(lowering, binding, constantType(typeAt(lowering, node)), hint.name ? null : node.getText(), node);
}

/** What comes from a module that is not there. */
export function refuseUnresolved(name: Node, node: Node): void {
  const [specifier] = name.getSymbol()?.getDeclarations() ?? [];
  const imported = specifier?.getFirstAncestorByKind(SyntaxKind.ImportDeclaration);
  if (!imported?.isModuleSpecifierRelative() || imported.getModuleSpecifierSourceFile()) return;
  refuse(
    node,
    "unknownGlobal",
    `${name.getText()} comes from "${imported.getModuleSpecifierValue()}", and there is no such file.`,
    "Correct the path of the import.",
  );
}

/** What a constant holds besides data: functions, in fields or in a list; or a whole number. */
function knowContents(lowering: Lowering, value: Value, declaration: Node, initializer: Node): void {
  const { functionFields, lists, integers } = lowering.shared;
  if (Node.isNumericLiteral(initializer) && Number.isInteger(numberOf(initializer))) integers.add(value);
  const members = moduleFunctions(lowering, initializer);
  const items = moduleItems(lowering, initializer);
  if ((!members && !items) || isChangedAnywhere(declaration)) return;
  const isSame = (name: string): boolean => !isFieldAssigned(name, declaration.getType(), declaration);
  if (members) functionFields.set(value, new Map([...members].filter(([name]) => isSame(name))));
  if (items && !isHandedOn(declaration)) lists.set(value, items);
}
