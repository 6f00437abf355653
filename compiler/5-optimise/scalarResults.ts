/**
 * Records and tuples that are only given back at the end: until then their slots are values of their own, and the object
 * is made where it is given back. So the gradient of a record is summed in locals.
 *
 * Needs: any verified function without recalls. Guarantees: the same values; identities that somebody could see stay.
 *
 * before: pBar = { a: 0 }; loop { pBar.a += x }; yield pBar        after: a = loop { a + x }; yield { a }
 */
import { BlockBuilder, newValue, numberType } from "../ir/build.js";
import type { IrFunction, LiteralStatement, Statement, Type, Value, ZerosLikeStatement } from "../ir/ir.js";
import { typeAt } from "../ir/place.js";
import { isReference } from "../ir/types.js";
import { blocksOf, freeValues, mapOperands, operandsOf, resultsOf, withBody, constantsIn } from "../ir/walk.js";
import { findCandidates } from "./scalarCandidates.js";
import { scalarReplace } from "./scalarReplace.js";

/** Every round opens one level of nesting. */
const deepest = 8;

export function scalarResults(fn: IrFunction): IrFunction {
  const opened = new Set<Value>();
  const result = replaced(openZeros(fn, opened, new Set()));
  // What stays an object is better made at once.
  const kept = new Set(result.body.statements.flatMap(resultsOf).filter((value) => opened.has(value)));
  return kept.size === 0 ? result : replaced(openZeros(fn, opened, kept));
}

function replaced(fn: IrFunction): IrFunction {
  let current = scalarReplace(fn);
  for (let round = 0; round < deepest; round++) {
    const gathered = gather(current);
    if (gathered === current) return current;
    current = scalarReplace(gathered);
  }
  return current;
}

/** Copies of objects that are changed stand where they are given back, if then nothing but slots is asked of them. */
function gather(fn: IrFunction): IrFunction {
  const { statements } = fn.body;
  const made = new Map<Value, LiteralStatement>();
  const positions = new Map<Value, number>();
  statements.forEach((statement, k) => {
    if (!isOpenLiteral(statement)) return;
    made.set(statement.result, statement);
    positions.set(statement.result, k);
  });
  const changed = changedObjects(fn);
  /** What is given back, and by which statement; at the cut or the end by the function itself. */
  const wanted = new Map<Value, number>();
  const cut = statements.findIndex((statement) => statement.kind === "receive");
  /** What is made before the function is cut in two is given back there. */
  const isBeforeCut = (value: Value): boolean => cut >= 0 && positions.get(value)! < cut;
  const want = (value: Value, k: number): void => {
    if (!made.has(value) || !changed.has(value) || (isBeforeCut(value) && k > cut)) return;
    if (isLastUse(fn, value, k)) wanted.set(value, k);
  };
  statements.forEach((statement, k) => {
    if (statement.kind === "literal") statement.elements.forEach((element) => want(element, k));
  });
  for (const value of fn.body.yields) if (made.has(value)) want(value, isBeforeCut(value) ? cut : statements.length);
  const candidate = withCopies(fn, made, wanted);
  const survivors = findCandidates(candidate, constantsIn(candidate.body));
  const lost = [...wanted.keys()].filter((value) => !survivors.has(value));
  if (lost.length === wanted.size) return fn;
  lost.forEach((value) => wanted.delete(value));
  return lost.length > 0 ? withCopies(fn, made, wanted) : candidate;
}

function isOpenLiteral(statement: Statement): statement is LiteralStatement {
  if (statement.kind !== "literal") return false;
  const { type } = statement.result;
  return type.kind === "tuple" || (type.kind === "record" && statement.fields!.length === type.fields.length);
}

/** What is stored into, directly. */
function changedObjects(fn: IrFunction): ReadonlySet<Value> {
  const found = new Set<Value>();
  const enter = (statements: readonly Statement[]): void => {
    for (const statement of statements) {
      if (statement.kind === "store" || statement.kind === "addTo") found.add(statement.object);
      blocksOf(statement).forEach((block) => enter(block.statements));
    }
  };
  enter(fn.body.statements);
  return found;
}

/** The statement at position `k` of the body, or the yield there, is the last to mention the value. */
function isLastUse(fn: IrFunction, value: Value, k: number): boolean {
  const { statements, yields } = fn.body;
  const isYield = k === statements.length || statements[k]!.kind === "receive";
  const mentions = (statement: Statement): boolean =>
    operandsOf(statement).includes(value) || blocksOf(statement).some((block) => freeValues(block).includes(value));
  if (!isYield && yields.includes(value)) return false;
  const times = isYield ? yields : operandsOf(statements[k]!);
  return times.filter((one) => one === value).length === 1 && !statements.slice(k + 1).some(mentions);
}

function withCopies(
  fn: IrFunction,
  made: ReadonlyMap<Value, LiteralStatement>,
  wanted: ReadonlyMap<Value, number>,
): IrFunction {
  const builder = new BlockBuilder();
  const copyOf = (object: Value): Value => {
    const { fields, elements } = made.get(object)!;
    const parts = elements.map((_, k): Value => {
      const name = fields?.[k] ?? String(k);
      const result = newValue(typeAt(object.type, [name]) ?? numberType, { role: object.role });
      builder.add({ kind: "load", result, object, key: { kind: "field", name }, span: null });
      return result;
    });
    const result = newValue(object.type, object);
    builder.add({ kind: "literal", result, elements: parts, fields, span: null });
    return result;
  };
  const { statements } = fn.body;
  const given = new Map<Value, Value>();
  statements.forEach((statement, k) => {
    if (statement.kind === "receive")
      for (const value of fn.body.yields) if (wanted.get(value) === k) given.set(value, copyOf(value));
    builder.add(
      statement.kind === "literal"
        ? mapOnce(statement, (value) => (wanted.get(value) === k ? copyOf(value) : value))
        : statement,
    );
  });
  const atEnd = (value: Value): Value => (wanted.get(value) === statements.length ? copyOf(value) : value);
  const yields = fn.body.yields.map((value) => given.get(value) ?? atEnd(value));
  return withBody(fn, { ...fn.body, statements: builder.statements, yields });
}

function mapOnce(statement: Statement, map: (value: Value) => Value): Statement {
  const known = new Map<Value, Value>();
  return mapOperands(statement, (value) => {
    const next = known.get(value) ?? map(value);
    known.set(value, next);
    return next;
  });
}

/** Zeros of records and tuples, whose parts all are there, as literals of zeros. */
function openZeros(fn: IrFunction, opened: Set<Value>, kept: ReadonlySet<Value>): IrFunction {
  const builder = new BlockBuilder();
  for (const statement of fn.body.statements)
    if (statement.kind === "zerosLike" && !kept.has(statement.result) && openZero(builder, statement))
      opened.add(statement.result);
    else builder.add(statement);
  return builder.statements.length === fn.body.statements.length
    ? fn
    : withBody(fn, { ...fn.body, statements: builder.statements });
}

function openZero(builder: BlockBuilder, { result, object, keepsIdentity, span }: ZerosLikeStatement): boolean {
  const parts = keepsIdentity ? null : partsOf(result.type, object.type);
  if (!parts) return false;
  const elements = parts.map(({ name, type, from }): Value => {
    if (type.kind === "number") return builder.constant(0);
    const label = /^\d/.test(name) ? result.name : name;
    const part = newValue(type, { name: label, role: result.role, span });
    if (!isReference(type)) {
      builder.add({ kind: "constant", result: part, value: undefined, text: null, span });
      return part;
    }
    const source = newValue(from);
    builder.add({ kind: "load", result: source, object, key: { kind: "field", name }, span });
    const zeros: ZerosLikeStatement = { kind: "zerosLike", result: part, object: source, keepsIdentity, span };
    if (!openZero(builder, zeros)) builder.add(zeros);
    return part;
  });
  const fields = result.type.kind === "record" ? parts.map(({ name }) => name) : null;
  builder.add({ kind: "literal", result, elements, fields, span });
  return true;
}

interface Part {
  readonly name: string;
  /** Of the zeros, and of what they are zeros of. */
  readonly type: Type;
  readonly from: Type;
}

/** The parts of zeros of a type, or null where they cannot be written down one by one. */
function partsOf(type: Type, source: Type): readonly Part[] | null {
  const isTuple = type.kind === "tuple";
  if (!isTuple && (type.kind !== "record" || type.text !== undefined)) return null;
  if (source.kind === "record" && (source.isUnion || source.text !== undefined)) return null;
  const named = isTuple
    ? type.elements.map((element, k) => ({ name: String(k), type: element, isOptional: false }))
    : type.fields;
  const parts: Part[] = [];
  for (const { name, type: part, isOptional } of named) {
    const from = typeAt(source, [name]);
    const isKnown = part.kind === "number" || part.kind === "nullish" || isReference(part);
    if (isOptional || !from || !isKnown || from.kind === "optional" || part.kind === "optional") return null;
    parts.push({ name, type: part, from });
  }
  return parts;
}
