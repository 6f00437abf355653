/**
 * Places in memory that a loop reads or adds to again and again become locals while it runs: a local costs a fraction of
 * an element of an array (V8 reads and writes that each time).
 *
 * Needs: recall-free IR. Guarantees: the same values, bit for bit, in the same order of operations; what is not touched
 * where a loop does not run is not made longer.
 *
 * before: loop j {addTo a, i, f j}        after: s = load a, i; s' = loop j (s) {yield s + f j}; store a, i, s'
 */
import { aliasClasses, type AliasFacts, type MemoryClass } from "../3-analyse/aliases.js";
import { reachedBy } from "../3-analyse/independence.js";
import { BlockBuilder, newValue, numberType } from "../ir/build.js";
import { accessesOf, keysMeet } from "../ir/effects.js";
import type {
  AddToStatement,
  Block,
  IrFunction,
  Key,
  LoadStatement,
  LoopStatement,
  Statement,
  StoreStatement,
  Value,
} from "../ir/ir.js";
import { isElsewhere, isSameKey } from "../ir/offsets.js";
import { fieldType } from "../ir/types.js";
import {
  blocksOf,
  definedIn,
  mapBlocks,
  operandsOf,
  resultsOf,
  substitute,
  visitStatements,
  withBody,
} from "../ir/walk.js";

type Touch = LoadStatement | StoreStatement | AddToStatement;

interface Facts {
  readonly aliases: AliasFacts;
  readonly definitions: ReadonlyMap<Value, Statement>;
}

/** One place, and what touches it in the loop's body. */
interface Place {
  readonly object: Value;
  readonly key: Key;
  readonly memory: MemoryClass;
  readonly touches: Touch[];
}

export function promoteMemory(fn: IrFunction): IrFunction {
  const definitions = new Map<Value, Statement>();
  visitStatements(fn.body, (statement) => resultsOf(statement).forEach((result) => definitions.set(result, statement)));
  const present = new Set<Value>(fn.parameters.map((parameter) => parameter.value));
  return withBody(fn, promoteInside({ aliases: aliasClasses(fn), definitions }, fn.body, present));
}

/** `outer` are the references that are surely there. */
function promoteInside(facts: Facts, block: Block, outer: ReadonlySet<Value>): Block {
  const present = new Set(outer);
  const builder = new BlockBuilder();
  for (const original of block.statements) {
    const statement = mapBlocks(original, (nested) => promoteInside(facts, nested, present));
    if (statement.kind === "loop") promote(facts, builder, statement, present);
    else builder.add(statement);
    if (isMade(statement)) resultsOf(statement).forEach((result) => present.add(result));
    if (isTouch(statement) || statement.kind === "length") present.add(statement.object);
  }
  const { statements } = builder;
  const isSame = statements.length === block.statements.length && statements.every((s, k) => s === block.statements[k]);
  return isSame ? block : { ...block, statements };
}

function isMade({ kind }: Statement): boolean {
  return kind === "allocate" || kind === "literal" || kind === "slice" || kind === "zerosLike" || kind === "view";
}

function isTouch(statement: Statement): statement is Touch {
  return statement.kind === "load" || statement.kind === "store" || statement.kind === "addTo";
}

function promote(facts: Facts, builder: BlockBuilder, loop: LoopStatement, present: ReadonlySet<Value>): void {
  const inside = definedIn(loop);
  const moved = new Set<Statement>();
  const places = placesIn(facts, builder, loop, inside, moved, present);
  if (places.length === 0) {
    builder.add(loop);
    return;
  }
  loop.body.statements.filter((statement) => moved.has(statement)).forEach((statement) => builder.add(statement));
  const names = new Map<Value, Value>();
  const current = new Map<Place, Value>();
  const carried: { place: Place; initial: Value; parameter: Value; result: Value }[] = [];
  for (const place of places) {
    const label = { role: place.object.role, span: place.touches[0]!.span };
    const initial = newValue(numberType, label);
    const key = place.key;
    builder.add({ kind: "load", result: initial, object: place.object, key, span: label.span });
    if (place.touches.every((touch) => touch.kind === "load")) current.set(place, initial);
    else {
      const one = { place, initial, parameter: newValue(numberType, label), result: newValue(numberType, label) };
      carried.push(one);
      current.set(place, one.parameter);
    }
  }
  const placeOf = new Map<Statement, Place>(places.flatMap((place) => place.touches.map((touch) => [touch, place])));
  const body = new BlockBuilder();
  for (const statement of loop.body.statements) {
    if (moved.has(statement)) continue;
    const place = placeOf.get(statement);
    if (!place) body.add(statement);
    else if (statement.kind === "load") names.set(statement.result, current.get(place)!);
    else if (statement.kind === "store") current.set(place, statement.value);
    else if (statement.kind === "addTo") {
      body.span = statement.span;
      current.set(
        place,
        body.apply("add", [current.get(place)!, statement.value], numberType, { role: place.object.role }),
      );
    }
  }
  const rewritten: LoopStatement = {
    ...loop,
    parameters: [...loop.parameters, ...carried.map((one) => one.parameter)],
    initial: [...loop.initial, ...carried.map((one) => one.initial)],
    results: [...loop.results, ...carried.map((one) => one.result)],
    body: {
      ...loop.body,
      statements: body.statements,
      yields: [...loop.body.yields, ...carried.map((one) => current.get(one.place)!)],
    },
  };
  const resolve = (value: Value): Value => {
    const target = names.get(value);
    return target ? resolve(target) : value;
  };
  const [renamed] = substitute({ ...loop.body, statements: [rewritten], yields: [] }, resolve).statements;
  builder.add(renamed!);
  for (const { place, result } of carried)
    builder.add({ kind: "store", object: place.object, key: place.key, value: result, span: place.touches[0]!.span });
}

/** The places that become locals; `moved` gets the statements that compute where they are. */
function placesIn(
  facts: Facts,
  builder: BlockBuilder,
  loop: LoopStatement,
  inside: ReadonlySet<Value>,
  moved: Set<Statement>,
  present: ReadonlySet<Value>,
): readonly Place[] {
  const own = new Map<Value, Statement>();
  for (const statement of loop.body.statements)
    if (statement.kind === "apply" || statement.kind === "constant") own.set(statement.result, statement);
  const isInvariant = (value: Value): boolean => {
    if (!inside.has(value)) return true;
    const statement = own.get(value);
    return statement !== undefined && operandsOf(statement).every(isInvariant);
  };
  const places: Place[] = [];
  const others: { readonly memory: MemoryClass; readonly key: string; readonly touch: Touch | null }[] = [];
  let isOpaque = false;
  const visit = (statement: Statement, isDirect: boolean): void => {
    if (isOpaque || statement.kind === "throw") {
      isOpaque = true;
      return;
    }
    const memory = isDirect && isTouch(statement) ? placeable(facts, statement, inside, present) : null;
    const touch = memory && isTouch(statement) ? statement : null;
    if (memory && touch && (touch.key.kind === "field" || isInvariant(touch.key.index))) {
      const known = places.find(
        (place) => place.object === touch.object && isSameKey(facts.definitions, place.key, touch.key),
      );
      if (known) known.touches.push(touch);
      else places.push({ object: touch.object, key: touch.key, memory, touches: [touch] });
    } else {
      const accesses = accessesOf(statement);
      if (accesses === "all") isOpaque = true;
      else
        for (const access of accesses)
          for (const reached of reachedBy(facts.aliases, access))
            others.push({ memory: reached, key: access.key, touch: isTouch(statement) ? statement : null });
    }
    for (const block of blocksOf(statement)) block.statements.forEach((one) => visit(one, false));
  };
  for (const block of blocksOf(loop)) block.statements.forEach((one) => visit(one, block === loop.body));
  if (isOpaque) return [];
  const isWritten = ({ touches }: Place): boolean => touches.some((touch) => touch.kind !== "load");
  const isAlone = (place: Place): boolean =>
    others.every(
      (other) =>
        other.memory !== place.memory ||
        !keysMeet(other.key, nameOf(place.key)) ||
        (!isWritten(place) && other.touch?.kind === "load"),
    ) &&
    places.every(
      (other) =>
        other === place ||
        other.memory !== place.memory ||
        !keysMeet(nameOf(other.key), nameOf(place.key)) ||
        (!isWritten(place) && !isWritten(other)) ||
        isElsewhere(facts.definitions, place.key, other.key),
    );
  const wanted = places.filter((place) => isAlone(place) && (!isWritten(place) || isThere(facts, builder, place)));
  const move = (value: Value): void => {
    const statement = own.get(value);
    if (!statement || moved.has(statement) || !inside.has(value)) return;
    moved.add(statement);
    operandsOf(statement).forEach(move);
  };
  for (const { key } of wanted) if (key.kind === "index") move(key.index);
  return wanted;
}

/** The memory of a number that is there before the loop, and holds what is stored as it is. */
function placeable(
  { aliases }: Facts,
  { object, key }: Touch,
  inside: ReadonlySet<Value>,
  present: ReadonlySet<Value>,
): MemoryClass | null {
  if (inside.has(object) || !present.has(object)) return null;
  const { type } = object;
  const isNumber =
    key.kind === "field"
      ? type.kind === "record" && fieldType(type, key.name)?.kind === "number" && !isOptionalIn(type, key.name)
      : (type.kind === "typedArray" && type.name === "Float64Array") ||
        (type.kind === "array" && type.element.kind === "number");
  return isNumber ? aliases.classOf(object) : null;
}

function isOptionalIn(type: Value["type"] & { kind: "record" }, name: string): boolean {
  return type.isUnion === true || type.fields.some((field) => field.name === name && field.isOptional);
}

/** Writing it back where the loop did not run changes nothing: no array of any length gets longer. */
function isThere({ definitions }: Facts, builder: BlockBuilder, { object, key }: Place): boolean {
  if (object.type.kind !== "array") return true;
  return builder.statements.some(
    (before) =>
      isTouch(before) && before.object === object && before.kind !== "load" && isSameKey(definitions, before.key, key),
  );
}

const nameOf = (key: Key): string => (key.kind === "field" ? key.name : "[]");
