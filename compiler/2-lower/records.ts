/**
 * Records of known shape taken by their fields: `Object.keys`, `values`, `entries`, `assign`, `for…in`.
 * The fields are those of the record's type, in the order in which JavaScript lists them when the record is built in the
 * order of its type.
 */
import { Node, type Symbol as SourceSymbol } from "ts-morph";
import { booleanType } from "../ir/build.js";
import type { RecordField, Type, Value } from "../ir/ir.js";
import { sameType } from "../ir/types.js";
import { joinBranches, openBranch } from "./branches.js";
import { assignTo, bindPattern } from "./destructuring.js";
import { lowerExpression, narrow } from "./expressions.js";
import { kindOf, refuseIfKeyed, refuseKeyed } from "./keyed.js";
import { loadField } from "./access.js";
import { makeLiteral, spreadField } from "./literals.js";
import { type Completion, constant, type Invented, type JumpTarget, type Lowering, refuse } from "./lowering.js";
import { lowerCreated } from "./liveClasses.js";
import { liveOf } from "./liveValues.js";
import { isClass, storeField } from "./classes.js";
import { rememberList } from "./knownLists.js";
import { openRecordOf } from "./openRecords.js";
import { isOfPackage } from "./packageReader.js";
import { lowerGuarded, lowerStatement, settle } from "./statements.js";
import { unwrap, withoutGetter } from "./syntax.js";

type Call = import("ts-morph").CallExpression;

function fieldsOf(record: Value, node: Node): readonly RecordField[] {
  const kind = kindOf(record.type);
  if (kind) refuseKeyed(node, kind, "walk");
  if (record.type.kind !== "record")
    refuse(node, "unsupportedType", "The fields of this value are not known.", "Use a record of known shape.");
  const { fields } = record.type;
  const optional = fields.find((field) => field.isOptional);
  if (optional)
    refuse(
      node,
      "unsupportedType",
      `Whether the field ${optional.name} is there is not known.`,
      "Name the fields, or give each a value.",
    );
  const isIndex = ({ name }: RecordField): boolean => /^(0|[1-9]\d*)$/.test(name);
  const indices = fields.filter(isIndex).sort((a, b) => Number(a.name) - Number(b.name));
  return [...indices, ...fields.filter((field) => !isIndex(field))];
}

/** The names under which a record holds data and functions, in their order. */
function ownNames(lowering: Lowering, record: Value, source: Node, node: Node): readonly string[] {
  const data = fieldsOf(record, node).map(({ name }) => name);
  const functions = [...(lowering.shared.functionFields.get(record)?.keys() ?? [])].map(withoutGetter);
  const held = functions.filter((name) => !data.includes(name));
  const declared = isOfPackage(source) ? [] : source.getType().getNonNullableType().getProperties().filter(isOwn);
  const order = declared.map((property) => property.getName());
  const isFunction = (property: SourceSymbol): boolean =>
    property.getTypeAtLocation(source).getNonNullableType().getCallSignatures().length > 0;
  const unknown = declared.find((property) => isFunction(property) && !held.includes(property.getName()));
  if (unknown)
    refuse(
      node,
      "functionValue",
      `Which function ${unknown.getName()} holds is known only at run time.`,
      "Name the fields that hold data.",
    );
  if (held.length === 0) return data;
  const names = [...data, ...held];
  if (data.length > 0 && names.some((name) => !order.includes(name)))
    refuse(
      node,
      "unsupportedType",
      "In which order this record holds data and functions is not known.",
      "Name the fields.",
    );
  return data.length === 0 ? held : order.filter((name) => names.includes(name));
}

/** A property of the object itself, and not of its class. */
function isOwn(property: SourceSymbol): boolean {
  return !property.getDeclarations().some((one) => {
    const isOfClass = isClass(one.getParent());
    const isField = Node.isPropertyDeclaration(one) || Node.isParameterDeclaration(one);
    return isOfClass && !isField;
  });
}

type Part = "keys" | "values" | "entries";

interface FieldPart {
  readonly key: Value;
  readonly value: Value;
  /** The key, the value, or the pair. */
  readonly whole: Value;
}

function partsOf(lowering: Lowering, record: Value, part: Part, source: Node, node: Node): readonly FieldPart[] {
  return ownNames(lowering, record, source, node).map((name) => {
    const key = constant(lowering, name);
    if (part === "keys") return { key, value: key, whole: key };
    const value = loadField(lowering, record, name, node, { name: null });
    if (part === "values") return { key, value, whole: value };
    const type: Type = { kind: "tuple", elements: [key.type, value.type], labels: null };
    const whole = makeLiteral(lowering, type, [key, value], null, { name: null });
    rememberList(lowering, whole, [key, value]);
    return { key, value, whole };
  });
}

/** An array where all parts have one type, else a tuple. */
function listOf(lowering: Lowering, parts: readonly Value[], name: string | null): Value {
  const [first] = parts;
  const isUniform = parts.every((part) => sameType(part.type, first!.type));
  const type: Type = isUniform
    ? { kind: "array", element: first?.type ?? { kind: "number" } }
    : { kind: "tuple", elements: parts.map((part) => part.type), labels: null };
  const list = makeLiteral(lowering, type, parts, null, { name });
  rememberList(lowering, list, parts);
  return list;
}

export function lowerObjectStatic(lowering: Lowering, node: Call, name: string, hint: { name: string | null }): Value {
  const [first] = node.getArguments();
  const prototype = name === "create" && first ? liveOf(lowering, first)?.value : undefined;
  if (typeof prototype === "object" && prototype !== null && node.getArguments().length === 1)
    return lowerCreated(lowering, prototype, hint);
  if (isOfPackage(node) && /^(freeze|seal|preventExtensions)$/.test(name) && first)
    return lowerExpression(lowering, first);
  if (name === "assign" && first) return lowerAssign(lowering, node, first);
  if (!isPart(name) || !first)
    refuse(node, "unsupportedCall", `Object.${name} is not supported.`, "Name the fields of the record.");
  const parts = partsOf(lowering, lowerExpression(lowering, first), name, first, node);
  return listOf(
    lowering,
    parts.map(({ whole }) => whole),
    hint.name,
  );
}

function isPart(name: string): name is Part {
  return name === "keys" || name === "values" || name === "entries";
}

/** Into a literal it makes a new record; else the fields are stored one by one. */
function lowerAssign(lowering: Lowering, node: Call, target: Node): Value {
  const record = lowerExpression(lowering, target);
  const sources = node
    .getArguments()
    .slice(1)
    .map((source) => lowerExpression(lowering, source));
  if (record.type.kind !== "record" || sources.some((source) => source.type.kind !== "record"))
    refuse(node, "unsupportedType", "Only records of known shape can be assigned.", "Name the fields.");
  if (Node.isObjectLiteralExpression(unwrap(target))) return mergeRecords(lowering, [record, ...sources], node);
  const known = new Set(record.type.fields.map((field) => field.name));
  for (const source of sources)
    for (const field of recordFields(source)) {
      if (!known.has(field.name) && !openRecordOf(lowering, record))
        refuse(node, "unsupportedType", `The target has no field ${field.name}.`, "Make a new record with a spread.");
      copyField(lowering, record, source, field, node);
    }
  for (const source of sources)
    for (const [name, fn] of lowering.shared.functionFields.get(source) ?? [])
      storeField(lowering, record, name, fn, node);
  return record;
}

function recordFields(record: Value): readonly RecordField[] {
  return record.type.kind === "record" ? record.type.fields : [];
}

function mergeRecords(lowering: Lowering, records: readonly Value[], node: Node): Value {
  const fields = new Map<string, Value>();
  for (const record of records)
    for (const field of recordFields(record))
      fields.set(field.name, spreadField(lowering, fields.get(field.name), record, field, node));
  const types = [...fields].map(([name, { type }]): RecordField => ({ name, type, isOptional: false }));
  const type: Type = { kind: "record", name: null, fields: types };
  const merged = makeLiteral(lowering, type, [...fields.values()], [...fields.keys()], { name: null });
  const held = records.flatMap((record) => [...(lowering.shared.functionFields.get(record) ?? [])]);
  lowering.shared.functionFields.set(merged, new Map(held));
  return merged;
}

/** A field that the source may lack is stored where it is there. */
function copyField(lowering: Lowering, target: Value, source: Value, field: RecordField, node: Node): void {
  const value = loadField(lowering, source, field.name, node, { name: null });
  const store = (inside: Lowering, stored: Value): void => storeField(inside, target, field.name, stored, node);
  if (!field.isOptional) return store(lowering, value);
  const isMissing = lowering.builder.apply("isUndefined", [value], booleanType);
  const present = openBranch(lowering);
  store(present.lowering, narrow(present.lowering, value));
  joinBranches(lowering, isMissing, openBranch(lowering), present, node);
}

// ------------------------------------------------------------------------------------------------- loops

/** The record and its part in `for (… of Object.entries(record))`. */
export function recordWalk(lowering: Lowering, iterated: Node): { readonly record: Node; readonly part: Part } | null {
  const call = unwrap(iterated);
  if (!Node.isCallExpression(call)) return null;
  const callee = call.getExpression();
  if (!Node.isPropertyAccessExpression(callee) || callee.getExpression().getText() !== "Object") return null;
  const [record] = call.getArguments();
  const name = callee.getName();
  if (!record || !isPart(name) || lowering.unit.typeOf(record.getType(), record).kind !== "record") return null;
  return { record, part: name };
}

export function lowerForIn(
  lowering: Lowering,
  node: import("ts-morph").ForInStatement,
  label: string | null,
): Completion {
  const record = node.getExpression();
  refuseIfKeyed(node, null, record, "walk");
  if (lowering.unit.typeOf(record.getType(), record).kind !== "record")
    refuse(node, "forIn", "for…in is differentiated over records of known shape only.", "Loop over an array.");
  return lowerFieldLoop(lowering, node, label, { record, part: "keys" });
}

/** What stands alone in a pattern stays known, so that comparisons with a key are decided here, and functions called. */
function bindPart(inside: Lowering, initializer: Node, { key, value, whole }: FieldPart): void {
  if (!Node.isVariableDeclarationList(initializer)) return assignTo(inside, initializer, whole);
  const target = initializer.getDeclarations()[0]!.getNameNode();
  bindPattern(inside, target, whole);
  const isPair = whole !== key && whole !== value && Node.isArrayBindingPattern(target);
  const elements = isPair ? target.getElements() : [];
  [key, value].forEach((part, k) => {
    const element = elements[k];
    const isAlone = Node.isBindingElement(element) && !element.getDotDotDotToken() && !element.getInitializer();
    if (isAlone) bindPattern(inside, element.getNameNode(), part);
  });
}

/** A loop over the fields of a record: its body once for each. */
export function lowerFieldLoop(
  lowering: Lowering,
  node: import("ts-morph").ForOfStatement | import("ts-morph").ForInStatement,
  label: string | null,
  { record, part }: { readonly record: Node; readonly part: Part },
): Completion {
  const parts = partsOf(lowering, lowerExpression(lowering, record), part, record, node);
  const initializer = node.getInitializer();
  const breakFlag: Invented = { kind: "flag", name: "broken" };
  const from = (inside: Lowering, k: number): Completion => {
    if (k === parts.length) return "normal";
    const continueFlag: Invented = { kind: "flag", name: "continued" };
    const target: JumpTarget = { node, label, breakFlag, continueFlag };
    bindPart(inside, initializer, parts[k]!);
    const jumpTargets = [...inside.jumpTargets, target];
    const ended = lowerStatement({ ...inside, jumpTargets }, node.getStatement());
    const completion = settle(inside, ended, continueFlag);
    if (completion === "abrupt") return "abrupt";
    const rest = (here: Lowering): Completion => from(here, k + 1);
    return completion === "maybe" ? lowerGuarded(inside, node, rest) : rest(inside);
  };
  return settle(lowering, from(lowering, 0), breakFlag);
}
