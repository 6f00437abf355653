/**
 * Points-to sets: which objects each reference may point to, by inclusion (Andersen 1994). An object is what a
 * parameter holds at some path, or whatever one statement makes.
 *
 * Needs: a verified function. Guarantees: whatever a reference may point to when the function runs is in its set. Two
 * parameters, or two paths of one, count as different objects here; whether a caller makes them one is asked elsewhere.
 *
 * before: p = loop (b) {s = allocate; store s, 0, 1; yield s}        the write reaches what the loop makes, not b's object
 */
import type { CallStatement, IrFunction, Statement, Type, Value } from "../ir/ir.js";
import { elementType, fieldType, isReference } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";
import { contentsKey } from "./aliasKeys.js";

/** An object that a parameter holds when the function is entered. */
export interface EntryObject {
  readonly type: Type;
  /** The objects on the way to it from its parameter. One whose type is among theirs is not another: recursive types end. */
  readonly way: readonly EntryObject[];
  /** What it holds under each key that the function reads. */
  readonly inside: Map<string, EntryObject>;
  /** A constant of a module, or something in one: no parameter holds it. */
  readonly isGlobal: boolean;
  isWritten: boolean;
}

interface AbstractObject {
  readonly origin: EntryObject | Statement;
  readonly contents: Map<string, Set<AbstractObject>>;
}

/** What each parameter holds when the function is entered, and what of that the function may write. */
export function entryObjects(fn: IrFunction): ReadonlyMap<Value, EntryObject> {
  const solver = new Solver();
  const entries = new Map<Value, EntryObject>();
  for (const { value } of fn.parameters) {
    if (!isReference(value.type)) continue;
    const entry = newEntry(value.type, false);
    entries.set(value, entry);
    solver.point(value, solver.objectOf(entry));
  }
  solver.solve(fn);
  for (const { origin } of solver.written.keys()) if ("way" in origin) origin.isWritten = true;
  return entries;
}

/** Statements that may write a constant of a module, or something in one, under whatever name: the first for each object. */
export function globalWrites(fn: IrFunction): readonly Statement[] {
  const solver = new Solver();
  solver.solve(fn);
  return [...solver.written].flatMap(([{ origin }, by]) => ("way" in origin && origin.isGlobal ? [by] : []));
}

const newEntry = (type: Type, isGlobal: boolean): EntryObject => ({
  type: withoutMissing(type),
  way: [],
  inside: new Map(),
  isGlobal,
  isWritten: false,
});

function withoutMissing(type: Type): Type {
  return type.kind === "optional" ? type.of : type;
}

class Solver {
  private changed = false;
  /** What may be written, and by which statement first. */
  readonly written = new Map<AbstractObject, Statement>();
  private readonly globals = new Map<string, EntryObject>();
  private readonly sets = new Map<Value, Set<AbstractObject>>();
  private readonly made = new Map<AbstractObject["origin"], AbstractObject>();
  private readonly ofCalls = new Map<CallStatement, readonly AbstractObject[]>();

  solve(fn: IrFunction): void {
    do {
      this.changed = false;
      visitStatements(fn.body, (statement) => this.visit(statement));
    } while (this.changed);
  }

  objectOf(origin: AbstractObject["origin"]): AbstractObject {
    let found = this.made.get(origin);
    if (!found) this.made.set(origin, (found = { origin, contents: new Map() }));
    return found;
  }

  private setOf(value: Value): Set<AbstractObject> {
    let found = this.sets.get(value);
    if (!found) this.sets.set(value, (found = new Set()));
    return found;
  }

  private grow(set: Set<AbstractObject>, objects: Iterable<AbstractObject>): void {
    for (const object of [...objects]) {
      if (set.has(object)) continue;
      set.add(object);
      this.changed = true;
    }
  }

  point(value: Value, object: AbstractObject): void {
    this.grow(this.setOf(value), [object]);
  }

  private flow(from: Value | undefined, to: Value): void {
    if (from && isReference(to.type)) this.grow(this.setOf(to), this.setOf(from));
  }

  private contentsOf(object: AbstractObject, key: string): Set<AbstractObject> {
    let found = object.contents.get(key);
    if (!found) {
      object.contents.set(key, (found = new Set()));
      const { origin } = object;
      if ("way" in origin) found.add(this.objectOf(this.heldAtEntry(origin, key)));
    }
    return found;
  }

  private heldAtEntry(object: EntryObject, key: string): EntryObject {
    const inside = (key === "[]" && elementType(object.type)) || fieldType(object.type, key === "[]" ? "0" : key);
    // A key that the type does not have is one of a type that it is narrowed to: what is there is not told apart.
    const type = inside ? withoutMissing(inside) : object.type;
    const way = [...object.way, object];
    const { isGlobal } = object;
    const found = way.find((above) => above.type === type) ?? { ...newEntry(type, isGlobal), way };
    object.inside.set(key, found);
    return found;
  }

  private put(object: Value, key: string, value: Value | null): void {
    if (!value || !isReference(value.type)) return;
    for (const target of this.setOf(object)) this.grow(this.contentsOf(target, key), this.setOf(value));
  }

  private take(object: Value, key: string, result: Value): void {
    if (!isReference(result.type)) return;
    for (const source of this.setOf(object)) this.grow(this.setOf(result), this.contentsOf(source, key));
  }

  private write(objects: Iterable<AbstractObject>, by: Statement): void {
    for (const object of [...objects]) {
      if (this.written.has(object)) continue;
      this.written.set(object, by);
      this.changed = true;
    }
  }

  private global(binding: string, type: Type): AbstractObject {
    let found = this.globals.get(binding);
    if (!found) this.globals.set(binding, (found = newEntry(type, true)));
    return this.objectOf(found);
  }

  private visit(statement: Statement): void {
    switch (statement.kind) {
      case "load":
        return this.take(statement.object, contentsKey(statement.key), statement.result);
      case "store":
      case "addTo":
        this.write(this.setOf(statement.object), statement);
        return this.put(statement.object, contentsKey(statement.key), statement.value);
      case "push":
      case "fill":
        this.write(this.setOf(statement.object), statement);
        return this.put(statement.object, "[]", statement.value);
      case "pop":
        this.write(this.setOf(statement.object), statement);
        return this.take(statement.object, "[]", statement.result);
      case "copy":
        this.write(this.setOf(statement.object), statement);
        return this.copyContents(statement.source, statement.object);
      case "allocate":
        this.point(statement.result, this.objectOf(statement));
        return this.put(statement.result, "[]", statement.fill);
      case "literal": {
        this.point(statement.result, this.objectOf(statement));
        const isTuple = statement.result.type.kind === "tuple";
        return statement.elements.forEach((element, k) =>
          this.put(statement.result, statement.fields?.[k] ?? (isTuple ? String(k) : "[]"), element),
        );
      }
      case "slice":
        this.point(statement.result, this.objectOf(statement));
        return this.copyContents(statement.object, statement.result);
      case "zerosLike":
      case "arrayPrimitive":
      case "externalCall":
        if (isReference(statement.result.type)) this.point(statement.result, this.objectOf(statement));
        return;
      case "global":
        if (isReference(statement.result.type))
          this.point(statement.result, this.global(statement.binding, statement.result.type));
        return;
      case "view":
      case "ensure":
      case "stop":
        return this.flow(statement.object, statement.result);
      case "narrow":
      case "recall":
        return this.flow(statement.value, statement.result);
      case "runtimeCall":
        return statement.writes.forEach((k) => this.write(this.setOf(statement.arguments[k]!), statement));
      case "call":
        return this.visitCall(statement);
      case "if":
        return statement.results.forEach((result, k) => {
          this.flow(statement.then.yields[k], result);
          this.flow(statement.else.yields[k], result);
        });
      case "loop":
        return statement.parameters.forEach((parameter, k) => {
          this.flow(statement.initial[k], parameter);
          this.flow(statement.body.yields[k], parameter);
          this.flow(parameter, statement.results[k]!);
        });
      default:
        return;
    }
  }

  private copyContents(from: Value, to: Value): void {
    for (const source of this.setOf(from))
      for (const target of this.setOf(to)) this.grow(this.contentsOf(target, "[]"), this.contentsOf(source, "[]"));
  }

  /** For each of the callee's classes what the call makes. */
  private madeIn(call: CallStatement): readonly AbstractObject[] {
    let found = this.ofCalls.get(call);
    if (!found) {
      found = call.effects.classes.map((): AbstractObject => ({ origin: call, contents: new Map() }));
      this.ofCalls.set(call, found);
    }
    return found;
  }

  /** The callee's classes say what it may write, which object may come to hold which, and what it may return. */
  private visitCall(call: CallStatement): void {
    const { classes, parameters, result } = call.effects;
    const made = this.madeIn(call);
    const members = made.map((object) => new Set([object]));
    const enter = (position: number, object: AbstractObject): void => {
      if (members[position]!.has(object)) return;
      members[position]!.add(object);
      for (const { key, memory } of classes[position]!.contents)
        for (const inside of this.contentsOf(object, key)) enter(memory, inside);
    };
    parameters.forEach((position, k) => {
      if (position !== null) for (const object of [...this.setOf(call.arguments[k]!)]) enter(position, object);
    });
    classes.forEach(({ isWritten, referencesAreWritten, contents }, position) => {
      if (isWritten) this.write(members[position]!, call);
      for (const object of members[position]!)
        for (const { key, memory } of contents)
          if (referencesAreWritten || object === made[position])
            this.grow(this.contentsOf(object, key), members[memory]!);
    });
    if (result !== null && call.result && isReference(call.result.type))
      this.grow(this.setOf(call.result), members[result]!);
  }
}
