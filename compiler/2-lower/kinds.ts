/**
 * Whether values keep their kinds where ways meet. A variable that holds a number here and an array there would carry a
 * derivative that nobody follows.
 *
 * Needs: a lowered body. Guarantees: what is used of the result of an `if` or a loop can hold whatever is handed to it.
 */
import type { Block, Statement, Type, Value } from "../ir/ir.js";
import { canCarryDerivative, elementType, fieldType, isReference, isScalar } from "../ir/types.js";
import { blocksOf, operandsOf, visitStatements } from "../ir/walk.js";

/** A value that is handed to one of another kind. */
export interface Mismatch {
  readonly from: Value;
  readonly to: Value;
}

type Flow = readonly [from: Value, to: Value];

export function mismatchIn(body: Block): Mismatch | null {
  const flows: Flow[] = [];
  const used = new Set<Value>(body.yields);
  visitStatements(body, (statement) => {
    flows.push(...flowsOf(statement));
    if (statement.kind !== "loop") operandsOf(statement).forEach((value) => used.add(value));
    else [statement.lower, statement.upper, statement.exit].forEach((value) => value && used.add(value));
    if (statement.kind === "loop" && statement.test) used.add(statement.test.yields[0]!);
  });
  let wasUsed = -1;
  while (wasUsed < used.size) {
    wasUsed = used.size;
    for (const [from, to] of flows) if (used.has(to)) used.add(from);
  }
  // Of tuples the length alone may have been used, which leaves no trace.
  const wrong = flows.find(
    ([from, to]) => (used.has(to) && !canHold(to.type, from.type)) || differInLength(to.type, from.type),
  );
  return wrong ? { from: wrong[0], to: wrong[1] } : null;
}

function flowsOf(statement: Statement): readonly Flow[] {
  const into = (targets: readonly Value[], values: readonly Value[]): Flow[] =>
    targets.flatMap((target, k) => (values[k] ? [[values[k], target] as const] : []));
  if (statement.kind === "if")
    return blocksOf(statement).flatMap((block) =>
      block.statements.at(-1)?.kind === "throw" ? [] : into(statement.results, block.yields),
    );
  if (statement.kind !== "loop") return [];
  const { parameters, results, initial, body } = statement;
  return [
    ...into(parameters, initial),
    ...into(parameters, body.yields),
    ...into(results, body.yields),
    ...into(results, initial),
  ];
}

/** Nothing that carries a derivative is lost. */
function canHold(to: Type, from: Type): boolean {
  if (isScalar(from)) return isScalar(to);
  // A tuple of a length that is not known, like [number, number?].
  if (from.kind === "opaque" && to.kind === "tuple") return false;
  if (!isReference(from) || !canCarryDerivative(from)) return true;
  const [wanted, given] = [to, from].map((type) => (type.kind === "optional" ? type.of : type)) as [Type, Type];
  return wanted.kind === given.kind && canCarryDerivative(wanted) && !differInLength(wanted, given);
}

/** Tuples in one place of both, one of which has elements that the other has not. */
function differInLength(one: Type, other: Type): boolean {
  if (one === other) return false;
  if (one.kind === "tuple" && other.kind === "tuple") {
    if (one.elements.length !== other.elements.length) return true;
    return one.elements.some((element, k) => differInLength(element, other.elements[k]!));
  }
  const [a, b] = [elementType(one), elementType(other)];
  return a !== null && b !== null && differInLength(a, b);
}

/** An instance that is put where only instances of other classes are expected. */
export function strayInstance(body: Block, { parametersOf, passesFor }: ClassFacts): Stray | null {
  let found: Stray | null = null;
  visitStatements(body, (statement) => {
    const wrong = puts(statement, parametersOf).find(
      ([value, place]) => place && !isOfFamily(place, value.type, passesFor),
    );
    if (wrong) found ??= { value: wrong[0], place: wrong[1]!, statement };
  });
  return found;
}

export interface ClassFacts {
  readonly parametersOf: (callee: string) => readonly Type[];
  /** Whether an instance of the one class, by its brand, does what one of the other does. */
  readonly passesFor: (given: string, expected: string) => boolean;
}

export interface Stray {
  readonly value: Value;
  readonly place: Type;
  readonly statement: Statement;
}

/** What is put into memory, or handed to a function, and the type of its place. */
function puts(
  statement: Statement,
  parametersOf: (callee: string) => readonly Type[],
): readonly (readonly [Value, Type | null])[] {
  switch (statement.kind) {
    case "store": {
      const { key, object, value } = statement;
      return [[value, key.kind === "field" ? fieldType(object.type, key.name) : elementType(object.type)]];
    }
    case "push":
    case "fill":
      return [[statement.value, elementType(statement.object.type)]];
    case "allocate":
      return statement.fill ? [[statement.fill, elementType(statement.result.type)]] : [];
    case "literal": {
      const { fields, result, elements } = statement;
      return elements.map((value, k) => [
        value,
        elementType(result.type) ?? fieldType(result.type, fields?.[k] ?? String(k)),
      ]);
    }
    case "call": {
      const types = parametersOf(statement.callee);
      return statement.arguments.map((value, k) => [value, types[k] ?? null]);
    }
    default:
      return flowsOf(statement).map(([from, to]) => [from, to.type]);
  }
}

/** Whatever the value is an instance of is known where it goes. */
function isOfFamily(place: Type, given: Type, passesFor: ClassFacts["passesFor"]): boolean {
  const fits = (one: Type, other: Type): boolean => isOfFamily(one, other, passesFor);
  if (place.kind === "optional") return fits(place.of, given);
  if (given.kind === "optional") return fits(place, given.of);
  if (place.kind === "array" && given.kind === "array") return fits(place.element, given.element);
  if (given.kind === "nullish") return true;
  if (place.kind === "record" && place.environment !== undefined && given.kind !== "record") return false;
  if (place.kind !== "record" || given.kind !== "record") return true;
  if (place.environment !== given.environment) return false;
  if (!place.brands) return true;
  if (place.isUnion) return given.brands?.every((brand) => place.brands!.includes(brand)) ?? false;
  return given.brands?.every((brand) => place.brands!.some((expected) => passesFor(brand, expected))) ?? true;
}
