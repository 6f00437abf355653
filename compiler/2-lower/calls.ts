/** Calls: Math, array methods, functions with known bodies, array primitives; everything else is refused. */
import { Node } from "ts-morph";
import { booleanType, newValue, numberType } from "../ir/build.js";
import { isPrimitive, mathFunctions } from "../ir/primitives.js";
import type { Type, Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import { arrayRule, isArrayPrimitive } from "../rules/index.js";
import { lowerArrayMethod } from "./arrayMethods.js";
import { lowerFilter, lowerForEach, lowerFromLength, lowerMap, lowerReduce, requireCallback } from "./callbacks.js";
import { applyPrimitive, type Hint, loadField, lowerExpression, toNumber } from "./expressions.js";
import { inlineFunction, resolveFunction } from "./inlineCall.js";
import { wantedType } from "./literals.js";
import { loadElement, lowerIndexed } from "./loops.js";
import { constant, type Invented, type Lowering, nullish, refuse, spanOf, symbolOf } from "./lowering.js";
import { callFunction, isSplit } from "./splitCall.js";
import { refuseUnlessAlone } from "./recursion.js";
import { sourcePieces } from "./statements.js";
import { typedArrayName } from "./types.js";
import { unwrap } from "./syntax.js";
import { asArray } from "./tuples.js";

type Call = import("ts-morph").CallExpression;

/** The arguments, tuples spread out; the spread of an array, whose length is not known, is refused. */
export function lowerArguments(lowering: Lowering, node: Call | import("ts-morph").NewExpression): Value[] {
  return lowerSpreadArguments(lowering, node).map((argument) => {
    if (!argument.isSpread) return argument.value;
    return refuse(
      argument.node,
      "spreadArguments",
      "The length of this array is not known, so it cannot be spread into arguments here.",
      "Loop over the array, or pass a tuple.",
    );
  });
}

export interface SpreadArgument {
  readonly value: Value;
  /** The value is an array whose elements are the arguments. */
  readonly isSpread: boolean;
  readonly node: Node;
}

/** The arguments in order, tuples spread out, arrays left to the caller. */
export function lowerSpreadArguments(
  lowering: Lowering,
  node: Call | import("ts-morph").NewExpression,
): readonly SpreadArgument[] {
  return node.getArguments().flatMap((argument): SpreadArgument[] => {
    if (!Node.isSpreadElement(argument))
      return [{ value: lowerExpression(lowering, argument), isSpread: false, node: argument }];
    const source = lowerExpression(lowering, argument.getExpression());
    if (source.type.kind !== "tuple") return [{ value: source, isSpread: true, node: argument }];
    return source.type.elements.map((_, k) => ({
      value: loadField(lowering, source, String(k), argument, { name: null }),
      isSpread: false,
      node: argument,
    }));
  });
}

/** A name that stands for the global of that name, not for something of the program. */
function isGlobalName(lowering: Lowering, node: Node, name: string): boolean {
  if (!Node.isIdentifier(node) || node.getText() !== name) return false;
  const symbol = symbolOf(node);
  if (symbol && lowering.variables.has(symbol)) return false;
  const declarations = node.getSymbol()?.getDeclarations() ?? [];
  return declarations.every((declaration) => declaration.getSourceFile().isDeclarationFile());
}

/** The result of a call; null for one that returns nothing, where `isStatement` allows that. */
export function lowerCall(lowering: Lowering, node: Call, hint: Hint, isStatement: boolean): Value | null {
  const callee = node.getExpression();
  if (node.hasQuestionDotToken())
    refuse(node, "optionalChaining", "Optional calls are not supported.", "Call the function directly.");
  if (Node.isPropertyAccessExpression(callee)) {
    const owner = callee.getExpression();
    const name = callee.getName();
    if (isGlobalName(lowering, owner, "Math")) return lowerMath(lowering, node, name, hint);
    if (isGlobalName(lowering, owner, "Number")) return lowerNumberTest(lowering, node, name);
    if (isGlobalName(lowering, owner, "console")) return lowerImpure(lowering, node, null);
    if (isGlobalName(lowering, owner, "Date") || isGlobalName(lowering, owner, "performance"))
      if (name === "now") return lowerImpure(lowering, node, numberType);
    if (isGlobalName(lowering, owner, "Array")) return lowerArrayStatic(lowering, node, name, hint);
    const typed =
      Node.isIdentifier(owner) && isGlobalName(lowering, owner, owner.getText())
        ? typedArrayName(owner.getText())
        : null;
    if (typed) return lowerTypedStatic(lowering, node, name, { kind: "typedArray", name: typed }, hint);
  } else if (Node.isIdentifier(callee)) {
    const name = callee.getText();
    const args = (): Value[] => lowerArguments(lowering, node);
    if (isGlobalName(lowering, callee, "Number")) return toNumber(lowering, args()[0] ?? constant(lowering, 0), node);
    if (isGlobalName(lowering, callee, "isNaN")) return lowering.builder.apply("isNaN", args(), booleanType);
    if (isGlobalName(lowering, callee, "isFinite")) return lowering.builder.apply("isFinite", args(), booleanType);
    if (isGlobalName(lowering, callee, "Array")) return lowerNew(lowering, node, hint);
    if (isArrayPrimitive(importedName(callee) ?? ""))
      return lowerArrayPrimitive(lowering, node, importedName(callee)!, hint);
    if (importedName(callee) !== null)
      refuse(
        node,
        "unsupportedCall",
        `${name} of adjoint cannot be called inside a differentiated function.`,
        "Call it outside.",
      );
  }
  return lowerFunctionCall(lowering, node, hint, isStatement);
}

/** The name under which the package `adjoint` exports what this identifier imports, or null. */
function importedName(callee: import("ts-morph").Identifier): string | null {
  const specifier = callee.getSymbol()?.getDeclarations()[0];
  if (!specifier || !Node.isImportSpecifier(specifier)) return null;
  return specifier.getImportDeclaration().getModuleSpecifierValue() === "adjoint" ? specifier.getName() : null;
}

function lowerFunctionCall(lowering: Lowering, node: Call, hint: Hint, isStatement: boolean): Value | null {
  const callee = node.getExpression();
  const fn = resolveFunction(lowering, callee);
  if (fn) {
    refuseUnlessAlone(fn, node);
    const args = lowerArguments(lowering, node);
    const result = isSplit(lowering, fn, args)
      ? callFunction(lowering, fn, args, node)
      : inlineFunction(lowering, fn, args, node);
    if (!result && !isStatement) return nullish(lowering, undefined);
    return result;
  }
  if (Node.isPropertyAccessExpression(callee)) {
    const filled = lowerFilledArray(lowering, node, callee, hint);
    if (filled) return filled;
    const object = lowerExpression(lowering, callee.getExpression(), { name: null, declared: hint.declared });
    return lowerMethod(lowering, node, callee, object, hint);
  }
  return refuse(
    node,
    "unsupportedCall",
    `The body of ${callee.getText()} is not known to the compiler.`,
    "Call a function of the project, or pass the result in as a parameter.",
  );
}

/** `new Array(n).fill(v)` is one allocation. */
function lowerFilledArray(
  lowering: Lowering,
  node: Call,
  callee: import("ts-morph").PropertyAccessExpression,
  hint: Hint,
): Value | null {
  const made = unwrap(callee.getExpression());
  const isArray =
    (Node.isNewExpression(made) || Node.isCallExpression(made)) &&
    isGlobalName(lowering, made.getExpression(), "Array");
  if (callee.getName() !== "fill" || !isArray) return null;
  const [length] = made.getArguments();
  const [item] = node.getArguments();
  if (made.getArguments().length !== 1 || node.getArguments().length !== 1 || !length || !item) return null;
  const count = lowerExpression(lowering, length);
  const fill = lowerExpression(lowering, item);
  return allocate(lowering, { kind: "array", element: fill.type }, count, fill, hint);
}

/** Methods that a copy cannot stand in for. */
const writingMethods: ReadonlySet<string> = new Set(["fill", "set", "push", "pop", "reverse", "sort", "copyWithin"]);

function lowerMethod(
  lowering: Lowering,
  node: Call,
  callee: import("ts-morph").PropertyAccessExpression,
  object: Value,
  hint: Hint,
): Value | null {
  const name = callee.getName();
  const array = writingMethods.has(name) ? object : asArray(lowering, object, node);
  if (array !== object) return lowerMethod(lowering, node, callee, array, hint);
  if (elementType(object.type)) {
    const callback = node.getArguments()[0];
    switch (name) {
      case "map":
        return lowerMap(lowering, node, object, requireCallback(lowering, callback, node), hint);
      case "forEach":
        lowerForEach(lowering, node, object, requireCallback(lowering, callback, node));
        return null;
      case "reduce":
        return lowerReduce(lowering, node, object, requireCallback(lowering, callback, node));
      case "filter":
        return lowerFilter(lowering, node, object, requireCallback(lowering, callback, node), hint);
    }
    return lowerArrayMethod(lowering, node, name, object, hint);
  }
  return refuse(
    node,
    "unsupportedMethod",
    `The method ${name} is not supported on this value.`,
    "Write it as a function, or as a loop.",
  );
}

// ------------------------------------------------------------------------------------------------- Math and Number

function lowerMath(lowering: Lowering, node: Call, name: string, hint: Hint): Value {
  if (name === "random") return lowerImpure(lowering, node, numberType)!;
  if (name === "max" || name === "min") return lowerExtremum(lowering, node, name, hint);
  const values = lowerArguments(lowering, node).map((value) => toNumber(lowering, value, node));
  if (name === "pow") return applyPrimitive(lowering, "power", pad(lowering, values, 2), hint.name);
  if (!Object.hasOwn(mathFunctions, name))
    refuse(node, "unsupportedCall", `Math.${name} is not known.`, "Use the functions of ES2023.");
  const arity = name === "hypot" ? values.length : name === "atan2" || name === "imul" ? 2 : 1;
  return applyPrimitive(lowering, name, pad(lowering, values, arity), hint.name);
}

/** `Math.max(a, ...xs)`: numbers as they are, arrays by a running extremum. */
function lowerExtremum(lowering: Lowering, node: Call, name: "max" | "min", hint: Hint): Value {
  const numbers: Value[] = [];
  for (const { value, isSpread, node: argument } of lowerSpreadArguments(lowering, node))
    numbers.push(isSpread ? extremumOf(lowering, value, name, argument) : toNumber(lowering, value, argument));
  if (numbers.length === 0) return constant(lowering, name === "max" ? -Infinity : Infinity);
  if (numbers.length === 1) return numbers[0]!;
  return applyPrimitive(lowering, name, numbers, hint.name);
}

function extremumOf(lowering: Lowering, array: Value, name: "max" | "min", node: Node): Value {
  const running: Invented = { kind: "carried", name: name === "max" ? "largest" : "smallest" };
  const start = constant(lowering, name === "max" ? -Infinity : Infinity);
  lowering.variables.set(running, start);
  lowerIndexed(lowering, {
    node,
    label: null,
    array,
    sources: [],
    alsoCarried: [running],
    isLive: false,
    bind: (inside, index) => {
      const item = toNumber(inside, loadElement(inside, array, index, node), node);
      inside.variables.set(running, applyPrimitive(inside, name, [inside.variables.get(running)!, item], running.name));
    },
    body: () => "normal",
  });
  const result = lowering.variables.get(running)!;
  lowering.variables.delete(running);
  return result;
}

/** Missing arguments are NaN, as in JavaScript; surplus ones are dropped. */
function pad(lowering: Lowering, values: readonly Value[], count: number): Value[] {
  return Array.from({ length: count }, (_, k) => values[k] ?? constant(lowering, NaN));
}

function lowerNumberTest(lowering: Lowering, node: Call, name: string): Value {
  if (!isPrimitive(name) || !name.startsWith("is"))
    refuse(node, "unsupportedCall", `Number.${name} is not supported.`, "Convert outside of the function.");
  return lowering.builder.apply(name, lowerArguments(lowering, node), booleanType);
}

/** Evaluated exactly once, in the primal's order; no derivative. */
function lowerImpure(lowering: Lowering, node: Call, type: Type | null): Value | null {
  const result = type && newValue(type, { span: spanOf(node) });
  lowering.builder.add({
    kind: "evaluate",
    result,
    pieces: sourcePieces(lowering, node),
    isPure: false,
    span: spanOf(node),
  });
  return result;
}

function lowerArrayPrimitive(lowering: Lowering, node: Call, name: string, hint: Hint): Value {
  const args = lowerArguments(lowering, node);
  const result = newValue(arrayPrimitiveType(name, args), { name: hint.name, span: spanOf(node) });
  lowering.builder.add({ kind: "arrayPrimitive", result, primitive: name, arguments: args, span: spanOf(node) });
  return result;
}

/** An array is ordinary only when all array operands are. */
function arrayPrimitiveType(name: string, args: readonly Value[]): Type {
  if (arrayRule(name).result === "number") return numberType;
  const isTyped = args.some((argument) => argument.type.kind === "typedArray");
  return isTyped ? { kind: "typedArray", name: "Float64Array" } : { kind: "array", element: numberType };
}

// ------------------------------------------------------------------------------------------------- making arrays

export function copyOf(lowering: Lowering, source: Value, type: Type, hint: Hint): Value {
  const { span } = lowering.builder;
  const result = newValue(type, { name: hint.name, span });
  lowering.builder.add({ kind: "slice", result, object: source, start: null, end: null, span });
  return result;
}

export function allocate(lowering: Lowering, type: Type, length: Value, fill: Value | null, hint: Hint): Value {
  const { span } = lowering.builder;
  const result = newValue(type, { name: hint.name, span });
  lowering.builder.add({ kind: "allocate", result, length, fill, span });
  return result;
}

/** `new Array(n)`, `new Float64Array(n)`, `new Float64Array(xs)`. */
export function lowerNew(lowering: Lowering, node: Call | import("ts-morph").NewExpression, hint: Hint): Value {
  const callee = node.getExpression();
  const name = callee.getText();
  const args = lowerArguments(lowering, node);
  const first = args[0];
  if (isGlobalName(lowering, callee, "Array")) {
    const type = wantedType(lowering, node, hint);
    if (args.length === 0 && type.kind === "array") return allocate(lowering, type, constant(lowering, 0), null, hint);
    if (args.length !== 1 || first!.type.kind !== "number" || type.kind !== "array")
      refuse(node, "unsupportedCall", "Only new Array(length) is supported.", "Write an array literal.");
    return allocate(lowering, type, first!, null, hint);
  }
  const typed = isGlobalName(lowering, callee, name) ? typedArrayName(name) : null;
  if (typed) {
    const type: Type = { kind: "typedArray", name: typed };
    if (!first) return allocate(lowering, type, constant(lowering, 0), null, hint);
    if (first.type.kind === "number") return allocate(lowering, type, first, null, hint);
    if (args.length === 1 && elementType(first.type)?.kind === "number") return copyOf(lowering, first, type, hint);
  }
  return refuse(node, "unsupportedCall", `new ${name} is not supported here.`, "Use arrays, typed arrays and records.");
}

function lowerArrayStatic(lowering: Lowering, node: Call, name: string, hint: Hint): Value {
  if (name === "from") return lowerFrom(lowering, node, null, hint);
  return refuse(node, "unsupportedCall", `Array.${name} is not supported.`, "Write an array literal or a loop.");
}

function lowerTypedStatic(lowering: Lowering, node: Call, name: string, type: Type, hint: Hint): Value {
  if (name === "from") return lowerFrom(lowering, node, type, hint);
  if (name === "of") {
    const { span } = lowering.builder;
    const list = newValue({ kind: "array", element: numberType }, { span });
    lowering.builder.add({
      kind: "literal",
      result: list,
      elements: lowerArguments(lowering, node),
      fields: null,
      span,
    });
    return copyOf(lowering, list, type, hint);
  }
  return refuse(node, "unsupportedCall", `This call of ${name} is not supported.`, "Use new and a loop.");
}

/** `Array.from(xs)`, `Array.from(xs, f)`, `Array.from({ length }, f)` and their typed counterparts. */
function lowerFrom(lowering: Lowering, node: Call, typed: Type | null, hint: Hint): Value {
  const [source, callback] = node.getArguments();
  const type = typed ?? wantedType(lowering, node, hint);
  const literal = source && unwrap(source);
  const length =
    literal && Node.isObjectLiteralExpression(literal) && literal.getProperties().length === 1
      ? literal.getProperty("length")
      : undefined;
  if (length && Node.isPropertyAssignment(length))
    return finishFromLength(lowerExpression(lowering, length.getInitializerOrThrow()));
  if (length && Node.isShorthandPropertyAssignment(length))
    return finishFromLength(lowerExpression(lowering, length.getNameNode()));
  if (!source) refuse(node, "unsupportedCall", "from needs an array.", "Pass one.");
  const array = lowerExpression(lowering, source);
  if (!elementType(array.type))
    refuse(node, "unsupportedCall", "from needs an array.", "Pass an array, or { length }.");
  if (callback) return lowerMap(lowering, node, array, requireCallback(lowering, callback, node), hint, type);
  return copyOf(lowering, array, type, hint);

  function finishFromLength(count: Value): Value {
    if (!callback) {
      if (type.kind === "typedArray") return allocate(lowering, type, count, null, hint);
      refuse(node, "unsupportedCall", "Array.from({ length }) needs a function.", "Write `(_, i) => …`.");
    }
    return lowerFromLength(lowering, node, count, requireCallback(lowering, callback, node), type, hint);
  }
}
