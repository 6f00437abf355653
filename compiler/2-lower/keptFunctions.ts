/**
 * Functions that are kept in memory, in arrays that are filled in loops: each has captured values of its own. What it has
 * captured becomes a record, its environment; which function it is, the type of the record says. Variables that functions
 * assign are boxes in it; what is there wherever the array is, stays where it is.
 *
 * before: push fs, (v) => v * m        after: push fs, { m }; a call of an item computes v * m with the item's m
 */
import type { Node } from "ts-morph";
import { booleanType } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { elementType, missingOf } from "../ir/types.js";
import { loadAt } from "./access.js";
import { joinBranches, openBranch } from "./branches.js";
import { laterMention } from "./captures.js";
import { type Case, caseField, caseOf, type Environment, makeRecord } from "./environments.js";
import { narrow } from "./expressions.js";
import { callKnown, functionValue } from "./functionValues.js";
import { storedAs } from "./items.js";
import { holdsFunctions, rememberList } from "./knownLists.js";
import { learnOfFunction } from "./lessons.js";
import { boxKey, Restoring } from "./lifted.js";
import type { Given } from "./given.js";
import { type Closure, Lifter } from "./lifting.js";
import { makeLiteral } from "./literals.js";
import { type Cell, constant, type FunctionValue, type Lowering, refuse } from "./lowering.js";
import { boxOf, keyOfGiven } from "./specialised.js";
import { isUnknown } from "./unknownTypes.js";

/** The value as it can be kept in an array where more than one of its kind may go. */
export function keepFunctions(lowering: Lowering, value: Value, array: Value, node: Node): Value {
  const { keptAs, lists, madeIn } = lowering.shared;
  const { environments, lessons } = lowering.unit;
  const known = keptAs.get(value);
  if (known) return known;
  if (!holdsFunctions(lowering, value) && !lists.has(value)) return value;
  const lifter = new Lifter(lowering, node, lessons.escaping.has(node) ? null : (madeIn.get(array) ?? null));
  const given = lifter.value(value, "data", null);
  lifter.finish();
  refuseChanging(lifter);
  const key = keyOfGiven([given], lifter);
  const environment = environments.ofType(elementType(array.type)) ?? environments.of(node, key);
  const own = caseOf(environment, { key, given, keptAt: node }, lifter);
  const values = lifter.values.map((one, k) => {
    const cell = lifter.shared.get(k);
    return cell ? boxOf(lowering, cell, own.passed[k]!.type, one, node) : one;
  });
  return makeRecord(lowering, environment, own, values);
}

function refuseChanging({ scopes, entered }: Lifter): void {
  for (const { symbol, isShared, there } of scopes.flatMap(({ cells }) => cells)) {
    const mention = there ? null : laterMention(symbol, isShared, [...entered.keys()]);
    if (mention)
      refuse(
        mention,
        "functionValue",
        `${symbol.name} is captured by functions that an array holds, and changes where they or others do not see it.`,
        "Keep what changes in a record or an array that all of them refer to.",
      );
  }
}

/** The function that a record from memory stands for. */
export function functionKept(lowering: Lowering, object: Value): FunctionValue | null {
  const environment = lowering.unit.environments.ofType(object.type);
  if (environment?.cases[0]!.given.kind !== "function") return null;
  return { kind: "kept", environment, object, part: null, self: null };
}

/** The values as memory has them, where ways meet: what all of them stand for is asked afterwards. */
export function asKept(lowering: Lowering, values: readonly Value[]): readonly Value[] {
  const kept = values.map((value) => storedAs(lowering, value));
  const types = kept
    .map(({ type }) => (type.kind === "optional" ? type.of : type))
    .filter((type) => type.kind !== "nullish" && !isUnknown(type));
  const [first] = types.map((type) => lowering.unit.environments.ofType(type));
  return first && types.every((type) => lowering.unit.environments.ofType(type) === first) ? kept : values;
}

/** What was kept, where a record was read from memory that stands for more than a function. */
export function readKept(lowering: Lowering, object: Value): Value {
  const environment = lowering.unit.environments.ofType(object.type);
  const first = environment?.cases[0];
  if (!environment || !first || first.given.kind === "function") return object;
  environment.isClosed = true;
  const value = restored(lowering, object, environment, first.given);
  lowering.shared.keptAs.set(value, object);
  return value;
}

function restored(lowering: Lowering, object: Value, environment: Environment, given: Given, part = ""): Value {
  const names = environment.cases[0]!.names;
  switch (given.kind) {
    case "function":
      return functionValue(lowering, { kind: "kept", environment, object, part, self: null });
    case "passed":
      return loadAt(lowering, object, { kind: "field", name: names[given.index]! }, { name: null });
    case "record": {
      const data = restored(lowering, object, environment, given.data);
      const members = [...given.functions].map(([name, one]): [string, Value] => [
        name,
        restored(lowering, object, environment, one, name),
      ]);
      lowering.shared.functionFields.set(data, new Map(members));
      return data;
    }
    case "list": {
      const items = given.items.map((one, k) => restored(lowering, object, environment, one, String(k)));
      const list = makeLiteral(lowering, given.type, items, null, { name: null });
      rememberList(lowering, list, items);
      lowering.shared.madeIn.delete(list);
      return list;
    }
    default:
      return new Restoring(lowering, environment.cases[0]!, []).value(given);
  }
}

type Kept = FunctionValue & { readonly kind: "kept" };

/** The function of the kept value, or one that it holds. */
function partOf({ given }: Case, part: string | null): Given | null {
  if (part === null) return given;
  if (given.kind === "record") return given.functions.get(part) ?? null;
  return given.kind === "list" ? (given.items[Number(part)] ?? null) : null;
}

/** Calls a function that was kept: of several that it may be, the one that its record says. */
export function callKept(
  lowering: Lowering,
  fn: Kept,
  args: readonly Value[],
  node: Node,
  name: string | null,
): Value | null {
  const { environment, object } = fn;
  environment.isClosed = true;
  const { cases } = environment;
  if (cases.length === 1) return callCase(lowering, fn, cases[0]!, args, node, name);
  const which = loadAt(lowering, object, { kind: "field", name: caseField }, { name: caseField });
  const from = (inside: Lowering, k: number): Value | null => {
    if (k === cases.length - 1) return callCase(inside, fn, cases[k]!, args, node, name);
    const isThis = inside.builder.apply("equal", [which, constant(inside, k)], booleanType);
    const [taken, other] = [openBranch(inside), openBranch(inside)];
    taken.value = callCase(taken.lowering, fn, cases[k]!, args, node, name);
    other.value = from(other.lowering, k + 1);
    return joinBranches(inside, isThis, taken, other, node, name).value;
  };
  return from(lowering, 0);
}

/** A call with what the function has captured; variables that it shares with others are left as they are then. */
function callCase(
  lowering: Lowering,
  { object, part, self }: Kept,
  own: Case,
  args: readonly Value[],
  node: Node,
  name: string | null,
): Value | null {
  const { variables, shared } = lowering;
  requireSurroundings(lowering, own);
  const before = new Map(shared.openBoxes);
  leave(lowering, before);
  const passed = own.names.map((one, k) => {
    const loaded = loadAt(lowering, object, { kind: "field", name: one }, { name: one });
    return missingOf(own.passed[k]!.type) === null ? narrow(lowering, loaded) : loaded;
  });
  const restoring = new Restoring(lowering, own, passed);
  const boxes = new Map<Cell, Value>();
  restoring.fillScopes(boxes);
  for (const [cell, box] of boxes) shared.openBoxes.set(cell, box);
  const given = partOf(own, part);
  const called = restoring.fn((given as Given & { kind: "function" }).fn);
  const isMethod = called.kind === "closure" && called.self === null;
  const result = callKnown(lowering, isMethod ? { ...called, self } : called, args, node, name);
  leave(lowering, boxes);
  for (const cell of boxes.keys()) {
    shared.openBoxes.delete(cell);
    variables.delete(cell);
  }
  for (const [cell, box] of before) variables.set(cell, loadAt(lowering, box, boxKey, { name: cell.name }));
  return result;
}

function leave(lowering: Lowering, boxes: ReadonlyMap<Cell, Value>): void {
  for (const [cell, object] of boxes) {
    const value = lowering.variables.get(cell);
    if (value) lowering.builder.add({ kind: "store", object, key: boxKey, value, span: lowering.builder.span });
  }
}

/** What was there where the functions were made must be so where they are called, or they must capture it. */
function requireSurroundings(lowering: Lowering, { scopes, keptAt }: Case): void {
  const { variables, shared, unit } = lowering;
  for (const { there } of scopes.flatMap(({ cells }) => cells))
    if (there && !variables.has(there) && !shared.lost.has(there)) learnOfFunction(unit.lessons.escaping, keptAt);
}

/** Every function that may run when this one does. */
export function closuresOfKept({ environment }: Kept): readonly Closure[] {
  return environment.cases.flatMap(({ closures }) => closures);
}
