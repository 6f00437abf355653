/**
 * Environments: what functions, and values with functions in them, become in memory. All that go to the same array are of
 * one type of record; where they are of several kinds, a field says which a record is, and what the others need is missing.
 */
import type { Node } from "ts-morph";
import { numberType } from "../ir/build.js";
import type { RecordField, Type, Value } from "../ir/ir.js";
import { missingOf, optionalType, sameType } from "../ir/types.js";
import type { Given, GivenFunction, Surroundings } from "./given.js";
import type { Closure } from "./lifting.js";
import type { Lessons } from "./lessons.js";
import { makeLiteral } from "./literals.js";
import { constant, type Lowering, newScope, nullish, refuse, type Scope } from "./lowering.js";

export interface Environment {
  readonly number: number;
  /** Where something was first kept. */
  readonly keptAt: Node;
  /** Of all records that stand for one; there may come more. */
  readonly fields: RecordField[];
  /** What each of the records may stand for. */
  readonly cases: Case[];
  /** The records that were made. */
  readonly made: Made[];
  /** It was asked what a record stands for: no more cases may come. */
  isClosed: boolean;
}

/** A function or a value with functions in it, but for what it has captured. */
export interface Case extends Surroundings {
  readonly key: string;
  readonly given: Given;
  /** Where something of the kind was first kept. */
  readonly keptAt: Node;
  /** The fields that hold what is passed. */
  readonly names: readonly string[];
  /** Pieces of syntax that may run, each where its free variables are. */
  readonly closures: readonly Closure[];
}

interface Made {
  readonly elements: Value[];
  readonly names: string[];
  /** Which case it is, and what stands where it has nothing. */
  readonly which: Value;
  readonly zero: Value;
  readonly nothing: Value;
}

/** The environments of a file. */
export class Environments {
  private readonly known = new Map<string, Environment>();
  readonly all: Environment[] = [];

  constructor(private readonly lessons: Lessons) {}

  /** That of a record's type. */
  ofType(type: Type | null): Environment | null {
    if (type?.kind !== "record" || type.environment === undefined) return null;
    return this.all[type.environment] ?? null;
  }

  /** A function is lowered again: what was found out of the environments it made is not true of those to come. */
  beginAgain(): void {
    this.known.clear();
  }

  /** That of the first thing of its kind that is kept at a place of the source; of places that go together, one. */
  of(keptAt: Node, key: string): Environment {
    const group = this.lessons.keptTogether.findIndex((nodes) => nodes.has(keptAt));
    const place =
      group >= 0 ? `together ${group}` : `${keptAt.getSourceFile().getFilePath()} ${keptAt.getPos()} ${key}`;
    const found = this.known.get(place);
    if (found) return found;
    const made: Environment = { number: this.all.length, keptAt, fields: [], cases: [], made: [], isClosed: false };
    this.known.set(place, made);
    this.all.push(made);
    return made;
  }
}

/** The field that says which of several cases a record is. */
export const caseField = "case";

export function caseOf(
  environment: Environment,
  { key, given, keptAt }: Pick<Case, "key" | "given" | "keptAt">,
  surroundings: Surroundings,
): Case {
  const known = environment.cases.find((one) => one.key === key);
  if (known) return known;
  const { cases, fields } = environment;
  const { scopes, passed } = surroundings;
  const names = namesFor(environment, surroundings);
  const added: Case = { key, given, keptAt, scopes, passed, names, closures: closuresOf(given, surroundings) };
  if (environment.isClosed || (cases.length > 0 && !isAlike(cases[0]!, added)))
    refuse(
      keptAt,
      "functionValue",
      environment.isClosed
        ? "An array of functions gets another kind of function after some of them were called."
        : "An array holds values that have different functions.",
      "Write one function that tests which case it is.",
    );
  cases.push(added);
  if (cases.length === 2) addField(environment, { name: caseField, type: numberType, isOptional: false });
  names.forEach((name, k) => {
    const isNew = fields.every((field) => field.name !== name);
    if (isNew) addField(environment, { name, type: passed[k]!.type, isOptional: false });
  });
  allowMissing(environment);
  return added;
}

/** A field that another case has for the same of the same type serves both. */
function namesFor({ fields }: Environment, { passed }: Surroundings): readonly string[] {
  const taken = new Set<string>([caseField]);
  return passed.map(({ name, type }) => {
    const stem = name && /^[A-Za-z_$][\w$]*$/.test(name) ? name : "captured";
    const fits = (one: string): boolean => {
      const field = fields.find((other) => other.name === one);
      return !taken.has(one) && (!field || sameType(present(field.type), present(type)));
    };
    let unique = stem;
    for (let k = 2; !fits(unique); k++) unique = `${stem}${k}`;
    taken.add(unique);
    return unique;
  });
}

/** A function beside functions; a record beside records with the same data and functions of the same names. */
function isAlike(one: Case, other: Case): boolean {
  if (one.given.kind === "function") return other.given.kind === "function";
  if (one.given.kind !== "record" || other.given.kind !== "record") return false;
  const dataOf = ({ names }: Case, data: Given): string | null => (data.kind === "passed" ? names[data.index]! : null);
  const functions = [...one.given.functions.keys()];
  return (
    dataOf(one, one.given.data) === dataOf(other, other.given.data) &&
    functions.length === other.given.functions.size &&
    functions.every((name) => (other.given as Given & { kind: "record" }).functions.has(name))
  );
}

function present(type: Type): Type {
  return type.kind === "optional" ? type.of : type;
}

function addField({ fields, made }: Environment, field: RecordField): void {
  fields.push(field);
  for (const { elements, names, which, zero, nothing } of made) {
    names.push(field.name);
    elements.push(field.name === caseField ? which : field.type.kind === "number" ? zero : nothing);
  }
}

/** What not every case has may be missing, or what is missing in some; a number that a case does not have is zero. */
function allowMissing({ fields, cases }: Environment): void {
  fields.forEach((field, k) => {
    const types = cases.map(({ names, passed }) => passed[names.indexOf(field.name)]?.type ?? null);
    const missing = types.flatMap((type) => (type && missingOf(type)) ?? []);
    if (field.name === caseField) return;
    if (types.includes(null) && field.type.kind !== "number") missing.push("undefined");
    fields[k] = { ...field, type: missing.reduce(optionalType, field.type) };
  });
}

/** A record that stands for the case; `values` are what is passed. */
export function makeRecord(lowering: Lowering, environment: Environment, own: Case, values: readonly Value[]): Value {
  const { fields, number, cases, made } = environment;
  const which = constant(lowering, cases.indexOf(own));
  const [zero, nothing] = [constant(lowering, 0), nullish(lowering, undefined)];
  const names = fields.map(({ name }) => name);
  const elements = fields.map(({ name, type }) => {
    const k = own.names.indexOf(name);
    return k >= 0 ? values[k]! : name === caseField ? which : type.kind === "number" ? zero : nothing;
  });
  made.push({ elements, names, which, zero, nothing });
  const type: Type = { kind: "record", name: null, fields, environment: number };
  return makeLiteral(lowering, type, elements, names, { name: null });
}

/** The closures of a lifted value, with scopes in which only what is there wherever they are called can be found. */
function closuresOf(given: Given, { scopes }: Surroundings): readonly Closure[] {
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
    if (fn.kind === "kept") found.push(...fn.environment.cases.flatMap(({ closures }) => closures));
    if (fn.kind === "pullback") fn.given.forEach(enter);
    if (fn.kind === "partial" || fn.kind === "derivative") enterFunction(fn.fn);
    if (fn.kind === "choice") [fn.whenTrue, fn.whenFalse].forEach(enterFunction);
  };
  enter(given);
  for (const { cells } of scopes) cells.forEach((cell) => enter(cell.given));
  return found;
}
