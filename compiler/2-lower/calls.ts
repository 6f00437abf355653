/** Calls: which function is meant, with what arguments, and who lowers it. */
import { Node, SyntaxKind } from "ts-morph";
import { adjointName, importedName, runtimeFunction } from "../1-parse/importedNames.js";
import { numberType } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { elementType, isReference } from "../ir/types.js";
import { isArrayPrimitive } from "../rules/index.js";
import { elementAt, loadField } from "./access.js";
import { derivativeValue, isInnerVerb } from "./innerMarkers.js";
import { keepsType, lowerArrayMethod, writesItsArray } from "./arrayMethods.js";
import { lowerBuiltin } from "./builtins.js";
import { lowerSuperCall, memberOf, superMethod } from "./classes.js";
import { type Hint, lowerExpression, narrow, noHint } from "./expressions.js";
import { callKnown, functionOf, functionValue, knownFunction, staticFunction } from "./functionValues.js";
import { lowerHook } from "./hooks.js";
import { followList, itemsOfList, keepInstead, lowerListMethod } from "./knownLists.js";
import { lowerKeyedCall } from "./keyed.js";
import { makeLiteral, wantedType } from "./literals.js";
import { type FunctionValue, type Lowering, nullish, refuse, spanOf } from "./lowering.js";
import { allocate } from "./newObjects.js";
import { extremumOf, lowerArrayPrimitive } from "./numericCalls.js";
import { identityOf, isNative } from "./liveClasses.js";
import { refuseStateIn } from "./packageState.js";
import { isLiveFunction, liveFunction, propertyOf } from "./liveValues.js";
import { callNatively, lowerOwnMethod, nativeMethod } from "./natives.js";
import { pushArguments } from "./resizingMethods.js";
import { callUnknown } from "./ruleCalls.js";
import { stopped } from "./stop.js";
import { isOfPackage } from "./packageReader.js";
import { parametersOf, unwrap } from "./syntax.js";
import { asArray } from "./tuples.js";
import { refuseUnknown, refuseUnknownMethod } from "./unknownCalls.js";
import { type Call, lowerArguments, lowerSpreadArguments } from "./callArguments.js";
import { globalPath, isGlobalName, lowerGlobalCall } from "./globalCalls.js";

/** The result of a call; null for one that returns nothing, where `isStatement` allows that. */
export function lowerCall(lowering: Lowering, node: Call, hint: Hint, isStatement: boolean): Value | null {
  const callee = node.getExpression();
  const global = globalPath(lowering, callee);
  const ofLanguage = global && lowerGlobalCall(lowering, node, global, hint);
  if (ofLanguage !== null) return ofLanguage.value;
  const own = adjointName(callee);
  if (own !== null) return lowerOwnFunction(lowering, node, own, hint);
  const ofRuntime = runtimeFunction(callee);
  if (ofRuntime !== null && isArrayPrimitive(ofRuntime)) return lowerArrayPrimitive(lowering, node, ofRuntime, hint);
  if (ofRuntime !== null && isStatement && ofRuntime.startsWith("check")) return lowerCheck(lowering, node, ofRuntime);
  const storage = ofRuntime && lowerStorage(lowering, node, ofRuntime, hint);
  if (storage) return storage.value;
  return lowerFunctionCall(lowering, node, hint, isStatement);
}

/** A test that generated code makes of what it is given: it throws, or does nothing. */
function lowerCheck(lowering: Lowering, node: Call, name: string): null {
  const args = lowerArguments(lowering, node);
  lowering.builder.add({ kind: "runtimeCall", result: null, name, arguments: args, writes: [], span: spanOf(node) });
  return null;
}

/** Storage that generated code borrows is made there, as far as its derivative is concerned. */
function lowerStorage(
  lowering: Lowering,
  node: Call,
  name: string,
  hint: Hint,
): { readonly value: Value | null } | null {
  if (name === "giveBack") return { value: null };
  if (!name.startsWith("borrow")) return null;
  const made = name.endsWith("Bytes") ? "Uint8Array" : "Float64Array";
  const [length] = lowerArguments(lowering, node);
  return { value: allocate(lowering, { kind: "typedArray", name: made }, length!, null, hint) };
}

/** A function that the package `adjoint` exports. */
function lowerOwnFunction(lowering: Lowering, node: Call, name: string, hint: Hint): Value {
  if (isArrayPrimitive(name)) return lowerArrayPrimitive(lowering, node, name, hint);
  const args = (): Value[] => lowerArguments(lowering, node);
  if (name === "stopGradient") {
    const value = stoppedCall(lowering, node.getArguments()[0]) ?? args()[0];
    return stopped(lowering, value ?? nullish(lowering, undefined), hint.name);
  }
  if (name === "hookCotangent") return lowerHook(lowering, node, hint.name);
  if (isInnerVerb(name)) return derivativeValue(lowering, node, name);
  return refuse(
    node,
    "unsupportedCall",
    `${name} of adjoint cannot be called inside a differentiated function.`,
    "Call it outside.",
  );
}

function lowerFunctionCall(lowering: Lowering, node: Call, hint: Hint, isStatement: boolean): Value | null {
  const callee = unwrap(node.getExpression());
  const call = (fn: FunctionValue): Value | null => {
    const result = callKnown(lowering, fn, argumentsFor(lowering, fn, node), node, hint.name);
    return result || isStatement ? result : nullish(lowering, undefined);
  };
  if (callee.getKind() === SyntaxKind.SuperKeyword) {
    lowerSuperCall(lowering, lowerArguments(lowering, node), node);
    return null;
  }
  refuseStateIn(lowering, callee);
  const unknown = lowering.shared.isRule ? lowerInRule(lowering, node) : null;
  if (unknown) return unknown;
  if (Node.isElementAccessExpression(callee) && isOfPackage(callee)) {
    const fn = functionAt(lowering, callee);
    return fn ? call(fn) : (lowerBuiltin(lowering, node) ?? refuseUnknown(lowering, node));
  }
  if (!Node.isPropertyAccessExpression(callee)) {
    const fn = knownFunction(lowering, callee);
    return fn ? call(fn) : (lowerBuiltin(lowering, node) ?? refuseUnknown(lowering, node));
  }
  const fn = staticFunction(lowering, callee);
  if (fn) return call(fn);
  const name = callee.getName();
  const owner = callee.getExpression();
  if (owner.getKind() === SyntaxKind.SuperKeyword) {
    const method = superMethod(lowering, name, node);
    return method ? call(method) : refuseUnknown(lowering, node);
  }
  if (/^(call|apply|bind)$/.test(name)) {
    const native = nativeMethod(lowering, owner);
    if (native && name !== "bind") return callNatively(lowering, native, name, node, hint, isStatement);
    const called = staticFunction(lowering, owner) ?? (isCallable(owner) ? knownFunction(lowering, owner) : null);
    if (called) return callIndirectly(lowering, called, name, node, isStatement);
  }
  const filled = lowerFilledArray(lowering, node, callee, hint);
  if (filled) return filled;
  // What is declared of the result holds for the array, too, where the method gives one of its kind.
  const declared = keepsType(name) ? hint.declared : undefined;
  const object = narrow(lowering, lowerExpression(lowering, owner, { name: null, declared }));
  const held = functionIn(lowering, object, name, node);
  return held ? call(held) : lowerMethod(lowering, node, callee, object, hint, isStatement);
}

/** The arguments; arrays that are spread into a rest parameter become one array, which stands for all the rest. */
function argumentsFor(lowering: Lowering, fn: FunctionValue, node: Call): readonly Value[] {
  const rest = fn.kind === "closure" ? parametersOf(fn.node).findIndex((one) => one.isRestParameter()) : -1;
  const all = rest < 0 ? [] : node.getArguments();
  if (!all.slice(rest).some((one) => Node.isSpreadElement(one))) return lowerArguments(lowering, node);
  const given = lowerSpreadArguments(lowering, node);
  const early = given.slice(0, rest).find((one) => one.isSpread);
  if (early) return lowerArguments(lowering, node);
  const tail = given.slice(rest);
  if (tail.every((one) => !one.isSpread)) return given.map((one) => one.value);
  const element = elementType(tail.find((one) => one.isSpread)!.value.type) ?? numberType;
  const whole = makeLiteral(lowering, { kind: "array", element }, [], null, { name: null });
  pushArguments(lowering, whole, tail);
  lowering.shared.restArrays.add(whole);
  return [...given.slice(0, rest).map((one) => one.value), whole];
}

function isCallable(node: Node): boolean {
  const type = node.getType();
  return type.isAny() || type.getCallSignatures().length > 0;
}

/** `f.call(self, …)`, `f.apply(self, […])`, `f.bind(self, …)`. */
function callIndirectly(
  lowering: Lowering,
  fn: FunctionValue,
  way: string,
  node: Call,
  isStatement: boolean,
): Value | null {
  const [self = null, ...rest] = lowerArguments(lowering, node);
  const bound: FunctionValue =
    fn.kind === "closure" && !Node.isArrowFunction(fn.node)
      ? { ...fn, self: self && isReference(self.type) ? self : null }
      : fn;
  if (way === "bind")
    return functionValue(lowering, rest.length === 0 ? bound : { kind: "partial", fn: bound, first: rest });
  const all = way === "apply" && fn.kind === "math" && /^(max|min)$/.test(fn.name) ? rest[0] : undefined;
  if (all && elementType(all.type)) return extremumOf(lowering, all, (fn as { name: "max" | "min" }).name, node);
  const args = way === "call" ? rest : rest.flatMap((list) => itemsOf(lowering, list, node));
  const result = callKnown(lowering, bound, args, node);
  return result || isStatement ? result : nullish(lowering, undefined);
}

/** The items of a tuple or of an array just written, one by one. */
export function itemsOf(lowering: Lowering, list: Value, node: Node): readonly Value[] {
  if (list.type.kind === "tuple")
    return list.type.elements.map((_, k) => loadField(lowering, list, String(k), node, { name: null }));
  const made = lowering.builder.statements.find((one) => "result" in one && one.result === list);
  if (made?.kind === "literal") return made.elements;
  return refuse(
    node,
    "spreadArguments",
    "The length of this array is not known, so it cannot be spread into arguments here.",
    "Loop over the array, or pass a tuple.",
  );
}

/** `object["method"]` or `list[0]`, where it is known. */
function functionAt(lowering: Lowering, callee: import("ts-morph").ElementAccessExpression): FunctionValue | null {
  const found = staticFunction(lowering, callee);
  if (found) return found;
  const object = narrow(lowering, lowerExpression(lowering, callee.getExpression()));
  const key = lowerExpression(lowering, callee.getArgumentExpression()!);
  const word = lowering.shared.literals.get(key);
  const member = typeof word === "string" ? functionIn(lowering, object, word, callee) : null;
  return member ?? functionOf(lowering, elementAt(lowering, callee, object, key, noHint));
}

/** The function as a method of an object. */
function asMethod(fn: FunctionValue, object: Value): FunctionValue {
  if (fn.kind === "choice")
    return { ...fn, whenTrue: asMethod(fn.whenTrue, object), whenFalse: asMethod(fn.whenFalse, object) };
  return (fn.kind === "closure" || fn.kind === "kept") && fn.self === null ? { ...fn, self: object } : fn;
}

/** The function that a field of a record holds, or the method of an instance. */
export function functionIn(lowering: Lowering, object: Value, name: string, node: Node): FunctionValue | null {
  const { functionFields, functions } = lowering.shared;
  const held = functionFields.get(object)?.get(name);
  const fn = held && functions.get(held);
  if (fn) return asMethod(fn, object);
  const ownFunction = functions.get(object);
  const owner = lowering.shared.liveObjects.get(object) ?? (ownFunction && identityOf(ownFunction));
  const live = owner && propertyOf(owner, name)?.value;
  if (isLiveFunction(live) && !isNative(live)) {
    const found = liveFunction(lowering, live);
    return found.kind === "closure" && found.self === null ? { ...found, self: object } : found;
  }
  return memberOf(lowering, object, name, "method", node);
}

/** In a rule, which is not differentiated, a function whose body is not known is called. */
function lowerInRule(lowering: Lowering, node: Call): Value | null {
  const callee = unwrap(node.getExpression());
  const isKnown = !isOfOutside(callee) && staticFunction(lowering, callee) !== null;
  const key = isKnown ? null : lowering.unit.referTo(callee);
  if (key === null) return null;
  return callUnknown(lowering, key, lowerArguments(lowering, node), node, { name: calledName(callee), isPure: true });
}

/** A function of a package need not be read where nothing is differentiated. */
function isOfOutside(callee: Node): boolean {
  const name = Node.isPropertyAccessExpression(callee) ? callee.getExpression() : callee;
  const imported = importedName(name);
  return imported !== null && imported.module !== "adjoint";
}

/** A call that no derivative flows through, of a function whose body is not known: it stays a call. */
function stoppedCall(lowering: Lowering, argument: Node | undefined): Value | null {
  const call = argument && unwrap(argument);
  if (!Node.isCallExpression(call)) return null;
  const callee = call.getExpression();
  const isKnown = adjointName(callee) !== null || (!isOfOutside(callee) && staticFunction(lowering, callee) !== null);
  const key = isKnown ? null : lowering.unit.referTo(callee);
  if (key === null) return null;
  return callUnknown(lowering, key, lowerArguments(lowering, call), call, { name: calledName(callee), isPure: false });
}

function calledName(callee: Node): string {
  return Node.isPropertyAccessExpression(callee) ? callee.getName() : callee.getText();
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
  const wanted = wantedType(lowering, node, hint);
  // What the items are at first does not say what they may become.
  const isWider = wanted.kind === "array" && wanted.element.kind === "optional" && fill.type.kind !== "optional";
  return allocate(lowering, isWider ? wanted : { kind: "array", element: fill.type }, count, fill, hint);
}

function lowerMethod(
  lowering: Lowering,
  node: Call,
  callee: import("ts-morph").PropertyAccessExpression,
  receiver: Value,
  hint: Hint,
  isStatement: boolean,
): Value | null {
  const name = callee.getName();
  const items = itemsOfList(lowering, receiver);
  const written = items && lowerListMethod(lowering, node, name, receiver, items);
  if (items && written !== undefined) return written;
  const object = writesItsArray(name) ? receiver : asArray(lowering, receiver, node);
  const run = (): Value | null => lowerArrayMethod(lowering, { node, name, object, hint, isStatement });
  if (items && (writesItsArray(name) || name === "slice")) return followList(lowering, node, name, receiver, run);
  if (items) keepInstead(lowering, receiver);
  if (elementType(object.type)) return run();
  return (
    lowerKeyedCall(lowering, node, name, object) ??
    lowerBuiltin(lowering, node) ??
    lowerOwnMethod(lowering, node, object, name) ??
    refuseUnknownMethod(lowering, node, callee)
  );
}
