/**
 * Functions that are kept in memory, in arrays that are filled in loops: each has captured values of its own. What it has
 * captured becomes a record, its environment; which function it is, the type of the record says. Variables that functions
 * assign are boxes in it; what is there wherever the array is, stays where it is.
 *
 * before: push fs, (v) => v * m        after: push fs, { m }; a call of an item computes v * m with the item's m
 */
import type { Node } from "ts-morph";
import type { RecordField, Type, Value } from "../ir/ir.js";
import { loadAt } from "./access.js";
import { laterMention } from "./captures.js";
import { callKnown, functionValue } from "./functionValues.js";
import { holdsFunctions, rememberList } from "./knownLists.js";
import { type Closure, type Given, type GivenFunction, Lifter, type Surroundings } from "./lifting.js";
import { boxKey, Restoring } from "./lifted.js";
import { makeLiteral } from "./literals.js";
import { type Cell, type FunctionValue, type Lowering, newScope, type Place, refuse, type Scope } from "./lowering.js";
import { boxOf, keyOfGiven } from "./specialised.js";

/** What a function, or a value with functions in it, becomes in memory, but for what it has captured. */
export interface Environment extends Surroundings {
  readonly number: number;
  readonly given: Given;
  /** Under which what is passed is kept. */
  readonly names: readonly string[];
  /** Pieces of syntax that may run, each where its free variables are. */
  readonly closures: readonly Closure[];
}

/** The environments of a file, by what they are the same in. */
export class Environments {
  private readonly known = new Map<string, Environment>();
  readonly all: Environment[] = [];

  add(given: Given, surroundings: Surroundings, closures: () => readonly Closure[]): Environment {
    const key = keyOfGiven([given], surroundings);
    const found = this.known.get(key);
    if (found) return found;
    const names = namesFor(surroundings);
    const made: Environment = { ...surroundings, number: this.all.length, given, names, closures: closures() };
    this.known.set(key, made);
    this.all.push(made);
    return made;
  }
}

function namesFor({ passed }: Surroundings): readonly string[] {
  const names: string[] = [];
  for (const { name } of passed) {
    const stem = name && /^[A-Za-z_$][\w$]*$/.test(name) ? name : "captured";
    let unique = stem;
    for (let k = 2; names.includes(unique); k++) unique = `${stem}${k}`;
    names.push(unique);
  }
  return names;
}

/** The value as it can be kept where more than one of its kind may go; `place` is where the memory was made. */
export function keepFunctions(lowering: Lowering, value: Value, place: Place | null, node: Node): Value {
  if (!holdsFunctions(lowering, value) && !lowering.shared.lists.has(value)) return value;
  const lifter = new Lifter(lowering, node, place);
  const given = lifter.value(value, "data", null);
  lifter.finish();
  const environment = lowering.unit.environments.add(given, lifter, () => closuresOfPattern(given, lifter));
  const { names, passed } = environment;
  refuseChanging(lifter);
  const values = lifter.values.map((one, k) => {
    const cell = lifter.shared.get(k);
    return cell ? boxOf(lowering, cell, passed[k]!.type, one, node) : one;
  });
  const fields = lifter.passed.map(({ type }, k): RecordField => ({ name: names[k]!, type, isOptional: false }));
  const type: Type = { kind: "record", name: null, fields, environment: environment.number };
  return makeLiteral(lowering, type, values, names, { name: null });
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

/** The value that was kept, where a record was read from memory that stands for one. */
export function readKept(lowering: Lowering, object: Value): Value {
  const environment = environmentOf(lowering, object);
  return environment ? restored(lowering, object, environment, environment.given) : object;
}

function environmentOf(lowering: Lowering, { type }: Value): Environment | null {
  if (type.kind !== "record" || type.environment === undefined) return null;
  return lowering.unit.environments.all[type.environment] ?? null;
}

/** The function that a record from memory stands for. */
export function functionKept(lowering: Lowering, object: Value): FunctionValue | null {
  const environment = environmentOf(lowering, object);
  if (environment?.given.kind !== "function") return null;
  return { kind: "kept", environment, object, fn: environment.given.fn, self: null };
}

function restored(lowering: Lowering, object: Value, environment: Environment, given: Given): Value {
  const inside = (one: Given): Value => restored(lowering, object, environment, one);
  switch (given.kind) {
    case "function":
      // The record itself, where it is nothing else.
      if (given === environment.given) return object;
      return functionValue(lowering, { kind: "kept", environment, object, fn: given.fn, self: null });
    case "passed":
      return loadAt(lowering, object, { kind: "field", name: environment.names[given.index]! }, { name: null });
    case "record": {
      const data = inside(given.data);
      const members = [...given.functions].map(([name, one]): [string, Value] => [name, inside(one)]);
      lowering.shared.functionFields.set(data, new Map(members));
      return data;
    }
    case "list": {
      const items = given.items.map(inside);
      const list = makeLiteral(lowering, given.type, items, null, { name: null });
      rememberList(lowering, list, items);
      lowering.shared.madeIn.delete(list);
      return list;
    }
    default:
      return new Restoring(lowering, environment, []).value(given);
  }
}

/** Calls a function with what it has captured; variables that it shares with others are left as they are then. */
export function callKept(
  lowering: Lowering,
  { environment, object, fn, self }: FunctionValue & { kind: "kept" },
  args: readonly Value[],
  node: Node,
  name: string | null,
): Value | null {
  const { variables, shared } = lowering;
  const leave = (boxes: ReadonlyMap<Cell, Value>): void => {
    for (const [cell, box] of boxes) {
      const value = variables.get(cell);
      if (value) lowering.builder.add({ kind: "store", object: box, key: boxKey, value, span: lowering.builder.span });
    }
  };
  refuseGone(lowering, environment, node);
  const before = new Map(shared.openBoxes);
  leave(before);
  const passed = environment.names.map((one) => loadAt(lowering, object, { kind: "field", name: one }, { name: one }));
  const restoring = new Restoring(lowering, environment, passed);
  const boxes = new Map<Cell, Value>();
  restoring.fillScopes(boxes);
  for (const [cell, box] of boxes) shared.openBoxes.set(cell, box);
  const called = restoring.fn(fn);
  const isMethod = called.kind === "closure" && called.self === null;
  const result = callKnown(lowering, isMethod ? { ...called, self } : called, args, node, name);
  leave(boxes);
  for (const cell of boxes.keys()) {
    shared.openBoxes.delete(cell);
    variables.delete(cell);
  }
  for (const [cell, box] of before)
    variables.set(cell, loadAt(lowering, box, boxKey, { name: cell.name }));
  return result;
}

/** What was there where the functions were made must be so where they are called. */
function refuseGone(lowering: Lowering, { scopes }: Environment, node: Node): void {
  for (const { there } of scopes.flatMap(({ cells }) => cells))
    if (there && !lowering.variables.has(there) && !lowering.shared.lost.has(there))
      refuse(
        node,
        "functionValue",
        `The function that is called here has captured ${there.name}, which is not at hand here.`,
        "Call it in the function that has made it, or pass it what it needs.",
      );
}

/** Every function that may run when this one does. */
export function closuresOfKept({ environment }: FunctionValue & { kind: "kept" }): readonly Closure[] {
  return environment.closures;
}

/** The closures of a lifted value, with scopes in which only what is there wherever they are called can be found. */
function closuresOfPattern(given: Given, { scopes }: Surroundings): readonly Closure[] {
  const patterns = new Map<number, Scope>();
  const scopeAt = (position: number | null): Scope | null => {
    if (position === null) return null;
    const known = patterns.get(position);
    if (known) return known;
    const { outer, cells } = scopes[position]!;
    const scope = newScope(scopeAt(outer), undefined);
    patterns.set(position, scope);
    for (const { symbol, name, there } of cells) scope.cells.set(symbol, there ?? { kind: "cell", name });
    return scope;
  };
  const found: Closure[] = [];
  const enter = (one: Given | null): void => {
    if (one?.kind === "function") enterFunction(one.fn);
    if (one?.kind === "record") [one.data, ...one.functions.values()].forEach(enter);
    if (one?.kind === "list") one.items.forEach(enter);
  };
  const enterFunction = (fn: GivenFunction): void => {
    if (fn.kind === "closure") found.push({ kind: "closure", node: fn.node, scope: scopeAt(fn.scope), self: null });
    if (fn.kind === "partial") [fn.fn].forEach(enterFunction);
    if (fn.kind === "choice") [fn.whenTrue, fn.whenFalse].forEach(enterFunction);
  };
  enter(given);
  for (const { cells } of scopes) cells.forEach((cell) => enter(cell.given));
  return found;
}
