/** Array, tuple and record literals, with spreads. */
import { Node } from "ts-morph";
import { newValue } from "../ir/build.js";
import { booleanType } from "../ir/build.js";
import type { RecordField, Type, Value } from "../ir/ir.js";
import { canCarryDerivative, elementType, sameType } from "../ir/types.js";
import { joinBranches, openBranch } from "./branches.js";
import { type Hint, lowerExpression, narrow } from "./expressions.js";
import { kindOf, refuseKeyed } from "./keyed.js";
import { loadField } from "./access.js";
import { lowerIterable, makesArray } from "./iterables.js";
import { loadItem, lowerIndexed } from "./indexedLoops.js";
import { pushItem } from "./items.js";
import { isListOfFunctions, keptList, rememberList } from "./knownLists.js";
import { rememberFields } from "./knownFields.js";
import { type Lowering, placeOf, refuse, typeAt } from "./lowering.js";
import { makeOpenRecord } from "./openRecords.js";
import { isOfPackage } from "./packageReader.js";
import { closureOf, functionValue } from "./functionValues.js";
import { getterKey } from "./syntax.js";
import { isFunctionType, unknownFunction, unknownType } from "./unknownTypes.js";
import { knownPresence } from "./conditions.js";

/** The type a literal should have: what is declared, what the context asks for, or its own. */
export function literalType(lowering: Lowering, node: import("ts-morph").Expression, hint: Hint): Type {
  const declared = hint.declared ? typeAt(lowering, hint.declared) : null;
  if (declared && declared.kind !== "opaque" && declared.kind !== "optional") return settled(declared);
  const contextual = node.getContextualType();
  const wanted = contextual ? lowering.unit.typeOf(contextual, node) : null;
  if (wanted && wanted.kind !== "opaque" && wanted.kind !== "optional") return settled(wanted);
  return settled(typeAt(lowering, node));
}

function isAny(type: Type): boolean {
  return type.kind === "opaque" && type.text === "any";
}

/** What arrays of unknown elements hold is found out by what is stored into them. */
export function settled(type: Type): Type {
  if (type.kind !== "array") return type;
  if (type.element.kind === "array") return { ...type, element: settled(type.element) };
  const isUnknown = type.element.kind === "opaque" && /^(any|never|unknown)$/.test(type.element.text);
  if (isFunctionType(type.element)) return { ...type, element: unknownFunction() };
  return isUnknown || isOfDeclaredClass(type.element) ? { ...type, element: unknownType() } : type;
}

/** Instances of a class of which only the types are known: what they hold, the package's code says. */
function isOfDeclaredClass(type: Type): boolean {
  return type.kind === "record" && (type.brands?.some((brand) => /\.d\.[cm]?ts#\d+$/.test(brand)) ?? false);
}

/** What the place of an expression asks for, or else its own type. */
export function wantedType(lowering: Lowering, node: import("ts-morph").Expression, hint: Hint): Type {
  const declared = hint.declared ? typeAt(lowering, hint.declared) : null;
  if (declared?.kind === "array") return settled(declared);
  const contextual = node.getContextualType();
  const wanted = contextual ? lowering.unit.typeOf(contextual, node) : null;
  // What a call in an optional chain gives is there where it is made.
  const own = typeAt(lowering, node);
  const made = own.kind === "optional" ? own.of : own;
  const type = settled(wanted?.kind === "array" && isSettled(wanted) ? wanted : made);
  return isAny(type) ? { kind: "array", element: unknownType() } : type;
}

export function makeLiteral(
  lowering: Lowering,
  type: Type,
  elements: readonly Value[],
  fields: readonly string[] | null,
  hint: Hint,
): Value {
  const result = newValue(type, { name: hint.name, span: lowering.builder.span });
  lowering.builder.add({ kind: "literal", result, elements, fields, span: lowering.builder.span });
  lowering.shared.madeIn.set(result, placeOf(lowering));
  return result;
}

export function lowerArrayLiteral(
  lowering: Lowering,
  node: import("ts-morph").ArrayLiteralExpression,
  hint: Hint,
): Value {
  const wanted = literalType(lowering, node, hint);
  const elements = node.getElements();
  if (elements.some((element) => Node.isSpreadElement(element))) return lowerSpread(lowering, node, wanted, hint);
  const values = elements.map((element) => {
    if (Node.isOmittedExpression(element))
      refuse(node, "unsupportedSyntax", "Holes in arrays are not supported.", "Write the element.");
    return lowerExpression(lowering, element);
  });
  if (wanted.kind === "tuple") {
    const isKnown = isSettled(wanted) && wanted.elements.length === values.length;
    return makeTuple(lowering, values, hint, isKnown ? (own) => reconcile(wanted, own) : undefined);
  }
  const first = values[0];
  if (isAny(wanted) && values.some((value) => !sameType(value.type, first!.type)))
    return makeTuple(lowering, values, hint);
  const element = first?.type ?? unknownType();
  const own: Type = first || isAny(wanted) ? { kind: "array", element } : wanted;
  const type = wanted.kind === "array" ? reconcile(wanted, own) : own;
  if (type.kind !== "array")
    refuse(
      node,
      "unsupportedType",
      "The type of this array is not known.",
      "Annotate it, as in `const xs: number[] = []`.",
    );
  if (wanted.kind !== "array" || wanted.element.kind === "opaque") refuseMixed(values, node);
  const kept = keptList(lowering, values, node, hint);
  if (kept) return kept;
  const array = makeLiteral(lowering, type, values, null, hint);
  rememberList(lowering, array, values, node);
  return array;
}

/** Items of which some are numbers and others are not would be taken for what the first one is. */
function refuseMixed(values: readonly Value[], node: Node): void {
  const present = values.filter((value) => value.type.kind !== "nullish");
  const of = (value: Value): Type => (value.type.kind === "optional" ? value.type.of : value.type);
  const isMixed = present.some((value) => !sameType(of(value), of(present[0]!)));
  if (isMixed && present.some((value) => canCarryDerivative(value.type)))
    refuse(node, "unsupportedType", "The items of this array have no single type.", "Use a tuple or a record.");
}

/** `[...xs]` is a copy; anything longer is built by pushing. */
function lowerSpread(
  lowering: Lowering,
  node: import("ts-morph").ArrayLiteralExpression,
  wanted: Type,
  hint: Hint,
): Value {
  const elements = node.getElements();
  const only = elements.length === 1 ? elements[0]! : null;
  const { builder } = lowering;
  const own = wanted.kind === "array" ? wanted : settled(typeAt(lowering, node));
  const type: Type = isAny(own) ? { kind: "array", element: unknownType() } : own;
  if (type.kind === "tuple") return lowerTupleSpread(lowering, node, type, hint);
  if (type.kind !== "array") refuse(node, "unsupportedType", "The type of this array is not known.", "Annotate it.");
  if (only && Node.isSpreadElement(only)) {
    if (makesArray(only.getExpression())) return lowerIterable(lowering, only.getExpression(), hint);
    const source = lowerIterable(lowering, only.getExpression());
    const element = elementType(source.type);
    if (!element) return refuseSpread(source, only);
    const result = newValue({ kind: "array", element }, { name: hint.name, span: builder.span });
    builder.add({ kind: "slice", result, object: source, start: null, end: null, span: builder.span });
    const items = lowering.shared.lists.get(source) ?? [];
    const kept = keptList(lowering, items, node, hint);
    if (kept) return kept;
    rememberList(lowering, result, items, node);
    return result;
  }
  const result = makeLiteral(lowering, type, [], null, hint);
  const push = (inside: Lowering, value: Value): void => pushItem(inside, result, value, node);
  let known: readonly Value[] | null = [];
  for (const element of elements) {
    if (!Node.isSpreadElement(element)) {
      const value = lowerExpression(lowering, element);
      push(lowering, value);
      known = known && [...known, value];
      continue;
    }
    const source = lowerIterable(lowering, element.getExpression());
    const inside = lowering.shared.lists.get(source);
    known = known && inside ? [...known, ...inside] : null;
    if (source.type.kind === "tuple") {
      source.type.elements.forEach((_, k) =>
        push(lowering, loadField(lowering, source, String(k), element, { name: null })),
      );
      continue;
    }
    if (!elementType(source.type)) refuseSpread(source, element);
    lowerIndexed(lowering, {
      node: element,
      label: null,
      array: source,
      sources: [],
      isLive: false,
      bind: (inside, index) => push(inside, loadItem(inside, source, index, element)),
      body: () => "normal",
    });
  }
  const kept = known && keptList(lowering, known, node, hint);
  if (kept) return kept;
  if (known) rememberList(lowering, result, known, node);
  return result;
}

/** `[...pair, x]` where a tuple is wanted: what is spread must be tuples. */
function lowerTupleSpread(
  lowering: Lowering,
  node: import("ts-morph").ArrayLiteralExpression,
  type: Type & { kind: "tuple" },
  hint: Hint,
): Value {
  const values = node.getElements().flatMap((element): Value[] => {
    if (!Node.isSpreadElement(element)) return [lowerExpression(lowering, element)];
    const source = lowerExpression(lowering, element.getExpression());
    if (source.type.kind !== "tuple")
      refuse(element, "unsupportedType", "Only tuples can be spread into a tuple.", "Name its elements.");
    return source.type.elements.map((_, k) => loadField(lowering, source, String(k), element, { name: null }));
  });
  if (values.length !== type.elements.length)
    refuse(node, "unsupportedType", "The length of this tuple is not known.", "Name its elements.");
  return makeLiteral(lowering, type, values, null, hint);
}

function refuseSpread(
  { type }: Value,
  node: Node,
  message = "Only arrays, typed arrays and tuples can be spread here.",
  suggestion = "Copy the items one by one.",
): never {
  const kind = kindOf(type);
  return kind ? refuseKeyed(node, kind, "walk") : refuse(node, "unsupportedType", message, suggestion);
}

export function lowerObjectLiteral(
  lowering: Lowering,
  node: import("ts-morph").ObjectLiteralExpression,
  hint: Hint,
): Value {
  const fields = new Map<string, Value>();
  const functions = new Map<string, Value>();
  const put = (name: string, value: Value): void => {
    const isFunction = lowering.shared.functions.has(value);
    (isFunction ? functions : fields).set(name, value);
    (isFunction ? fields : functions).delete(name);
  };
  for (const property of node.getProperties()) {
    if (Node.isPropertyAssignment(property)) {
      const initializer = property.getInitializerOrThrow();
      const name = property.getNameNode();
      if (Node.isComputedPropertyName(name))
        refuse(property, "dynamicKey", "A field's name is computed.", "Write the name, or use an array.");
      put(unquote(name.getText()), lowerExpression(lowering, initializer));
    } else if (Node.isShorthandPropertyAssignment(property)) {
      put(property.getName(), lowerExpression(lowering, property.getNameNode()));
    } else if (Node.isMethodDeclaration(property)) {
      put(property.getName(), functionValue(lowering, closureOf(lowering.scope, property)));
    } else if (Node.isGetAccessorDeclaration(property)) {
      put(getterKey(property.getName()), functionValue(lowering, closureOf(lowering.scope, property)));
    } else if (Node.isSpreadAssignment(property)) {
      const source = lowerExpression(lowering, property.getExpression());
      if (source.type.kind !== "record")
        refuseSpread(source, property, "Only records of known shape can be spread.", "Name the fields.");
      for (const [name, fn] of lowering.shared.functionFields.get(source) ?? []) functions.set(name, fn);
      for (const field of source.type.fields)
        fields.set(field.name, spreadField(lowering, fields.get(field.name), source, field, property));
    } else refuseAccessor(property);
  }
  for (const [name, value] of fields)
    if (!isOfPackage(node) && isListOfFunctions(lowering, value)) functions.set(name, value);
  const wanted = literalType(lowering, node, hint);
  const names = [...fields.keys()];
  const own: Type = {
    kind: "record",
    name: null,
    fields: names.map((name) => ({ name, type: fields.get(name)!.type, isOptional: false })),
  };
  const fits =
    wanted.kind === "record" &&
    names.every((name) => wanted.fields.some((field) => field.name === name && isSettled(field.type)));
  const isOpen = isOfPackage(node);
  const record = isOpen
    ? makeOpenRecord(lowering, fields, { name: null, hint })
    : makeLiteral(lowering, fits ? reconcile(wanted, own) : own, [...fields.values()], names, hint);
  rememberFields(lowering, record, fields);
  lowering.shared.functionFields.set(record, functions);
  return record;
}

/**
 * A field as a spread leaves it. A field that the source may lack keeps what was there before it; whether a field that
 * is there may hold `undefined` cannot be told from its type, so that is taken as lacking, too.
 */
export function spreadField(
  lowering: Lowering,
  before: Value | undefined,
  source: Value,
  field: RecordField,
  node: Node,
): Value {
  const value = loadField(lowering, source, field.name, node, { name: null });
  if (!before || !field.isOptional) return value;
  const isThere = knownPresence(lowering, value);
  if (isThere !== null) return isThere ? narrow(lowering, value) : before;
  const isMissing = lowering.builder.apply("isUndefined", [value], booleanType);
  const kept = openBranch(lowering);
  kept.value = before;
  const taken = openBranch(lowering);
  taken.value = narrow(taken.lowering, value);
  return joinBranches(lowering, isMissing, kept, taken, node).value!;
}

/** What is asked for, with what is there in place of types that say nothing (type parameters, `unknown`). */
function reconcile(wanted: Type, own: Type): Type {
  if (wanted === own) return wanted;
  if (wanted.kind === "opaque") return own;
  if (wanted.kind === "array" && own.kind === "array")
    return { ...wanted, element: reconcile(wanted.element, own.element) };
  if (wanted.kind === "tuple" && own.kind === "tuple")
    return { ...wanted, elements: wanted.elements.map((type, k) => reconcile(type, own.elements[k] ?? type)) };
  if (wanted.kind === "record" && own.kind === "record") {
    const typeOf = (field: RecordField): Type => own.fields.find(({ name }) => name === field.name)?.type ?? field.type;
    return {
      ...wanted,
      fields: wanted.fields.map((field) => ({ ...field, type: reconcile(field.type, typeOf(field)) })),
    };
  }
  return wanted;
}

/** A tuple of the values, whose type is made of theirs. */
export function makeTuple(
  lowering: Lowering,
  values: readonly Value[],
  hint: Hint,
  typed: (own: Type) => Type = (own) => own,
): Value {
  const own: Type = { kind: "tuple", elements: values.map((value) => value.type), labels: null };
  const tuple = makeLiteral(lowering, typed(own), values, null, hint);
  rememberList(lowering, tuple, values);
  rememberFields(lowering, tuple, new Map(values.map((value, k) => [String(k), value])));
  return tuple;
}

/** A destructuring pattern gives its initializer a type whose fields are `any`. */
function isSettled(type: Type, seen: Set<Type> = new Set()): boolean {
  if (seen.has(type)) return true;
  seen.add(type);
  if (type.kind === "opaque") return type.text !== "any";
  if (type.kind === "record") return type.fields.every((field) => isSettled(field.type, seen));
  if (type.kind === "tuple") return type.elements.every((element) => isSettled(element, seen));
  return type.kind !== "array" || isSettled(type.element, seen);
}

function unquote(name: string): string {
  return /^["']/.test(name) ? name.slice(1, -1) : name;
}

function refuseAccessor(node: Node): never {
  return refuse(
    node,
    "functionValue",
    "A record with a setter is built here.",
    "Keep numbers, arrays, records and functions in it.",
  );
}
