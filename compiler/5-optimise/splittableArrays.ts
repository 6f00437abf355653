/**
 * Which arrays of records can be split: nobody else sees the array or what is in it; what is stored is just made and
 * never written, moved or compared, so that its fields are as good; every element that is read was stored before.
 *
 * before: t = allocate n; loop i < n {store t[i], p}; loop j < length t {q = load t[j]; …}        after: t, by fields
 */
import { type AliasFacts, aliasClasses, type MemoryClass } from "../3-analyse/aliases.js";
import { isFilledFirst } from "../3-analyse/covering.js";
import type { Block, IrFunction, Key, LoopStatement, Statement, Type, Value } from "../ir/ir.js";
import { elementType, fieldType, isRecursiveType } from "../ir/types.js";
import { operandsOf, resultsOf, scopedValuesOf, visitStatements } from "../ir/walk.js";

/** The fields of the objects in each array. */
export type Splittable = ReadonlyMap<Value, readonly string[]>;

/** `lengthsFrom` says of some arrays which other has their length, always. */
export function findSplittable(fn: IrFunction, lengthsFrom: ReadonlyMap<Value, Value>): Splittable {
  const search = new Search(aliasClasses(fn), lengthsFrom);
  fn.parameters.forEach(({ value }) => search.see(value));
  search.collect(fn.body);
  return search.result();
}

class Search {
  private readonly members = new Map<MemoryClass, Value[]>();
  private readonly spoiled = new Set<MemoryClass>();
  private readonly definitions = new Map<Value, Statement>();
  private readonly loops = new Map<Value, LoopStatement>();

  constructor(
    private readonly aliases: AliasFacts,
    private readonly lengthsFrom: ReadonlyMap<Value, Value>,
  ) {}

  see(value: Value): void {
    const memory = this.aliases.classOf(value);
    if (memory) this.members.set(memory, [...(this.members.get(memory) ?? []), value]);
  }

  result(): Splittable {
    const found = new Map<Value, readonly string[]>();
    for (const [memory, values] of this.members) {
      const fields = this.fieldsOf(memory, values);
      if (fields) values.forEach((value) => found.set(value, fields));
    }
    return found;
  }

  collect(body: Block): void {
    visitStatements(body, (statement) => {
      resultsOf(statement).forEach((result) => this.definitions.set(result, statement));
      if (statement.kind === "loop") this.loops.set(statement.counter, statement);
      [...resultsOf(statement), ...scopedValuesOf(statement)].forEach((value) => this.see(value));
    });
    visitStatements(body, (statement, block) => this.statement(statement, block));
  }

  private spoil(value: Value): void {
    const memory = this.aliases.classOf(value);
    if (memory) this.spoiled.add(memory);
  }

  private statement(statement: Statement, block: Block): void {
    switch (statement.kind) {
      case "allocate":
        if (statement.fill || !isFilledFirst(statement, block, (value) => this.constantOf(value)))
          this.spoil(statement.result);
        return;
      case "load":
        if (!this.isThere(statement.object, statement.key)) this.spoil(statement.object);
        // What holds arrays would have to be split, too.
        return this.spoilArray(statement.result);
      case "store":
        if (!this.isThere(statement.object, statement.key)) this.spoil(statement.object);
        return this.put(statement.object, statement.value);
      case "push":
        return this.put(statement.object, statement.value);
      case "literal":
        return statement.elements.forEach((element) => this.put(statement.result, element));
      case "length":
      case "placeholder":
      case "if":
      case "loop":
        return;
      default:
        // Whatever else may be done to an array, or to an object in one, takes it as a whole.
        return [...operandsOf(statement), ...resultsOf(statement)].forEach((value) => this.spoil(value));
    }
  }

  /** An object that is moved, not made, stays one: its fields would have to be copied each time. */
  private put(object: Value, value: Value): void {
    if (elementType(object.type) !== null && this.definitions.get(value)?.kind !== "literal") this.spoil(object);
    this.spoilArray(value);
  }

  private spoilArray(value: Value): void {
    if (elementType(value.type) !== null) this.spoil(value);
  }

  /** The fields, where every object in the arrays of the class has them and no other name for one matters. */
  private fieldsOf(memory: MemoryClass, arrays: readonly Value[]): readonly string[] | null {
    const inside = this.aliases.contentsOf(memory, "[]");
    if (!inside || !this.isOurs(memory) || !this.isOurs(inside) || inside.isWritten) return null;
    const fields = recordFields(arrays[0]!.type);
    if (!fields || fields.length === 0) return null;
    if (!arrays.every((array) => recordFields(array.type)?.join() === fields.join())) return null;
    const objects = this.members.get(inside) ?? [];
    const hasAll = objects.every((object) => fields.every((field) => fieldType(object.type, field) !== null));
    return hasAll ? fields : null;
  }

  private isOurs(memory: MemoryClass): boolean {
    return !memory.isParameter && !memory.isGlobal && !memory.escapes && !this.spoiled.has(memory);
  }

  /** The place is an element: a counter that starts at or after 0 and stays below the array's length. */
  private isThere(array: Value, key: Key): boolean {
    if (key.kind === "field") return true;
    const loop = this.loops.get(key.index);
    if (!loop?.upper || loop.comparison !== "<" || loop.step < 0) return false;
    const from = this.constantOf(loop.lower);
    return from !== null && from >= 0 && this.isLengthOf(loop.upper, array);
  }

  private constantOf(value: Value): number | null {
    const definition = this.definitions.get(value);
    return definition?.kind === "constant" && typeof definition.value === "number" ? definition.value : null;
  }

  private isLengthOf(count: Value, array: Value): boolean {
    const definition = this.definitions.get(count);
    const measured = this.lengthsFrom.get(array) ?? array;
    if (definition?.kind === "length" && (definition.object === array || definition.object === measured)) return true;
    const made = this.definitions.get(array);
    if (made?.kind !== "allocate") return false;
    if (made.length === count) return true;
    const other = this.definitions.get(made.length);
    return (
      definition?.kind === "length" &&
      other?.kind === "length" &&
      definition.object === other.object &&
      !this.aliases.classOf(other.object)?.isResized
    );
  }
}

function recordFields(type: Type): readonly string[] | null {
  const element = type.kind === "array" ? type.element : null;
  if (element?.kind === "tuple") return element.elements.map((_, k) => String(k));
  if (element?.kind !== "record" || element.isUnion || isRecursiveType(element)) return null;
  return element.fields.some((field) => field.isOptional) ? null : element.fields.map((field) => field.name);
}
