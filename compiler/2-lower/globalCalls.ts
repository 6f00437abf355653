/** Calls of functions of the language: `Math.max`, `isNaN`, `Object.keys`, under whatever name. */
import { Node } from "ts-morph";
import { booleanType, newValue, numberType } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { type Call, lowerArguments } from "./callArguments.js";
import type { Hint } from "./expressions.js";
import { lowerArrayStatic } from "./fromIterables.js";
import { isLiveFunction, liveOf } from "./liveValues.js";
import { cellOf, constant, type Lowering, nullish, refuse, spanOf } from "./lowering.js";
import { type GlobalPath, pathOfNative } from "./natives.js";
import { lowerNew } from "./newObjects.js";
import { lowerImpure, lowerMath, lowerNumberTest } from "./numericCalls.js";
import { applyPrimitive, toNumber } from "./operators.js";
import { isOfPackage } from "./packageReader.js";
import { lowerClone } from "./deepCopies.js";
import { lowerObjectStatic } from "./records.js";
import { typedArrayName } from "./types.js";
import { truth } from "./conditions.js";

/** A name that stands for the global of that name, not for something of the program. */
export function isGlobalName(lowering: Lowering, node: Node, name: string): boolean {
  if (!Node.isIdentifier(node) || node.getText() !== name) return false;
  if (cellOf(lowering, node)) return false;
  const declarations = node.getSymbol()?.getDeclarations() ?? [];
  return declarations.every((declaration) => declaration.getSourceFile().isDeclarationFile());
}

/** `Math.max` or `isNaN`, where these are the language's own, under whatever name; null for anything else. */
export function globalPath(lowering: Lowering, callee: Node): GlobalPath | null {
  if (Node.isPropertyAccessExpression(callee)) {
    const owner = callee.getExpression();
    if (Node.isIdentifier(owner) && isGlobalName(lowering, owner, owner.getText()))
      return { owner: owner.getText(), name: callee.getName() };
  } else if (Node.isIdentifier(callee) && isGlobalName(lowering, callee, callee.getText()))
    return { owner: null, name: callee.getText() };
  const live = isOfPackage(callee) ? liveOf(lowering, callee) : null;
  return live && isLiveFunction(live.value) ? pathOfNative(live.value) : null;
}

/** A call of a function of the language; null where it must be known in another way. */
export function lowerGlobalCall(
  lowering: Lowering,
  node: Call,
  { owner, name }: GlobalPath,
  hint: Hint,
): { readonly value: Value | null } | null {
  const gives = (value: Value | null): { readonly value: Value | null } => ({ value });
  const args = (): Value[] => lowerArguments(lowering, node);
  const { builder } = lowering;
  switch (owner) {
    case "Math":
      return gives(lowerMath(lowering, node, name, hint));
    case "Number":
      return gives(lowerNumberTest(lowering, node, name));
    case "console":
      return gives(lowerImpure(lowering, node, null));
    case "Date":
    case "performance":
      return name === "now" ? gives(lowerImpure(lowering, node, numberType)) : null;
    case "Array":
      return gives(lowerArrayStatic(lowering, node, name, null, hint));
    case "Object":
      return gives(lowerObjectStatic(lowering, node, name, hint));
    case null:
      break;
    default: {
      const typed = typedArrayName(owner);
      return typed && gives(lowerArrayStatic(lowering, node, name, { kind: "typedArray", name: typed }, hint));
    }
  }
  switch (name) {
    case "parseFloat":
      return isOfPackage(node) ? gives(parsedFloat(lowering, args()[0], node)) : null;
    case "Number":
      return gives(numberFrom(lowering, args()[0], node));
    case "Boolean":
      return gives(truth(lowering, args()[0] ?? constant(lowering, false)));
    case "isNaN":
    case "isFinite":
      return gives(builder.apply(name, args(), booleanType));
    case "Array":
      return gives(lowerNew(lowering, node, hint));
    case "structuredClone":
      return gives(lowerStructuredClone(lowering, node, hint));
    default:
      return null;
  }
}

/** `parseFloat(value)` where nothing says of what type the value is. */
function parsedFloat(lowering: Lowering, value: Value | undefined, node: Node): Value {
  if (value?.type.kind !== "string") {
    const number = toNumber(lowering, value ?? nullish(lowering, undefined), node);
    // The text of -0 is "0".
    return applyPrimitive(lowering, "add", [number, constant(lowering, 0)], null);
  }
  const literal = lowering.shared.literals.get(value);
  if (typeof literal === "string") return constant(lowering, parseFloat(literal));
  const result = newValue(numberType, { span: spanOf(node) });
  const pieces = ["parseFloat(", value, ")"];
  lowering.builder.add({ kind: "evaluate", result, pieces, isPure: true, span: spanOf(node) });
  return result;
}

function lowerStructuredClone(lowering: Lowering, node: Call, hint: Hint): Value {
  const [value] = lowerArguments(lowering, node);
  if (!value) refuse(node, "unsupportedCall", "structuredClone needs a value.", "Pass one.");
  return lowerClone(lowering, value, node, hint.name);
}

/** `Number(value)`, of text, too. */
function numberFrom(lowering: Lowering, value: Value | undefined, node: Node): Value {
  if (value?.type.kind === "string") return lowering.builder.apply("toNumber", [value]);
  return toNumber(lowering, value ?? constant(lowering, 0), node);
}
