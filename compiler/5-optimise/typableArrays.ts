/**
 * Which arrays of numbers can be typed arrays: nobody else sees them, every store is proved to be within the length, what is
 * read was written before, and `undefined` that is put in is not told from NaN. They are found by their alias classes.
 *
 * before: t = []; loop i < n {push t, x}; c = load t[j]        after: t, and the loop that fills it
 */
import { aliasClasses, type AliasFacts, type MemoryClass } from "../3-analyse/aliases.js";
import { isFilledFirst, touches } from "../3-analyse/covering.js";
import { type Extent, staysWithin } from "../3-analyse/dependence.js";
import { type IntegerFacts, integers } from "../3-analyse/integers.js";
import { holdsMissing } from "../3-analyse/maybeMissing.js";
import type {
  AllocateStatement,
  Block,
  IrFunction,
  LiteralStatement,
  LoopStatement,
  PushStatement,
  Statement,
  Type,
  Value,
} from "../ir/ir.js";
import { blocksOf, operandsOf, resultsOf, scopedValuesOf, visitStatements } from "../ir/walk.js";

/** Shorter ones of known length are made faster as literals. */
const leastLength = 8;

export function isNumberArray(type: Type): boolean {
  if (type.kind === "optional") return isNumberArray(type.of);
  return type.kind === "array" && type.element.kind === "number";
}

/** A loop that pushes once in each iteration, and from nothing. */
export interface Filling {
  readonly literal: LiteralStatement;
  readonly loop: LoopStatement;
  readonly push: PushStatement;
}

type Making = AllocateStatement | LiteralStatement;

/** What touches the arrays of one class. */
interface Members {
  readonly values: Value[];
  readonly makings: { readonly statement: Making; readonly block: Block }[];
  readonly pushes: { readonly statement: PushStatement; readonly loops: readonly LoopStatement[] }[];
  readonly stores: {
    readonly statement: Statement & { kind: "store" | "addTo" };
    readonly loops: readonly LoopStatement[];
  }[];
}

export class TypableArrays {
  readonly aliases: AliasFacts;
  readonly integers: IntegerFacts;
  private readonly members = new Map<MemoryClass, Members>();
  private readonly spoiled = new Set<MemoryClass>();
  private readonly definitions = new Map<Value, Statement>();
  private readonly lengths = new Map<Value, Value[]>();
  /** Copies and what they are of: both are typed, or none is. */
  private readonly copies: (readonly [MemoryClass, MemoryClass])[] = [];
  readonly fillings = new Map<MemoryClass, Filling>();

  constructor(private readonly fn: IrFunction) {
    this.aliases = aliasClasses(fn);
    this.integers = integers(fn);
  }

  definitionOf(value: Value): Statement | undefined {
    return this.definitions.get(value);
  }

  find(): ReadonlySet<MemoryClass> {
    visitStatements(this.fn.body, (statement) => {
      for (const value of [...resultsOf(statement), ...scopedValuesOf(statement)]) {
        this.definitions.set(value, statement);
        const memory = this.aliases.classOf(value);
        if (memory) this.membersOf(memory).values.push(value);
      }
      if (statement.kind === "length")
        this.lengths.set(statement.object, [...(this.lengths.get(statement.object) ?? []), statement.result]);
    });
    this.collect(this.fn.body, []);
    const typed = new Set([...this.members.keys()].filter((memory) => this.canBeTyped(memory)));
    if (typed.size > 0) holdsMissing(this.fn, this.aliases, typed).forEach((memory) => typed.delete(memory));
    let before: number;
    do {
      before = typed.size;
      for (const pair of this.copies)
        if (!pair.every((memory) => typed.has(memory))) pair.forEach((memory) => typed.delete(memory));
      for (const [memory, { values }] of this.members)
        for (const value of values) this.untypeInNamed(value.type, memory, typed);
    } while (typed.size < before);
    return typed;
  }

  private membersOf(memory: MemoryClass): Members {
    let found = this.members.get(memory);
    if (!found) this.members.set(memory, (found = { values: [], makings: [], pushes: [], stores: [] }));
    return found;
  }

  private spoil(value: Value): void {
    const enter = (memory: MemoryClass | null): void => {
      if (!memory || this.spoiled.has(memory)) return;
      this.spoiled.add(memory);
      for (const key of this.aliases.keysOf(memory)) enter(this.aliases.contentsOf(memory, key));
    };
    enter(this.aliases.classOf(value));
  }

  private collect(block: Block, loops: readonly LoopStatement[]): void {
    for (const statement of block.statements) {
      this.see(statement, block, loops);
      const inside = statement.kind === "loop" ? [...loops, statement] : loops;
      for (const nested of blocksOf(statement)) this.collect(nested, inside);
    }
  }

  private see(statement: Statement, block: Block, loops: readonly LoopStatement[]): void {
    switch (statement.kind) {
      case "allocate":
      case "literal":
        if (isNumberArray(statement.result.type))
          this.membersOf(this.aliases.classOf(statement.result)!).makings.push({ statement, block });
        return;
      case "push":
        if (!isNumberArray(statement.object.type)) return;
        if (statement.atStart) return this.spoil(statement.object);
        this.membersOf(this.aliases.classOf(statement.object)!).pushes.push({ statement, loops });
        return;
      case "store":
      case "addTo":
        if (isNumberArray(statement.object.type))
          this.membersOf(this.aliases.classOf(statement.object)!).stores.push({ statement, loops });
        return;
      case "slice": {
        const pair = [statement.object, statement.result].map((value) => this.aliases.classOf(value));
        if (isNumberArray(statement.result.type) && isNumberArray(statement.object.type))
          this.copies.push(pair as [MemoryClass, MemoryClass]);
        else [statement.object, statement.result].forEach((value) => this.spoil(value));
        return;
      }
      case "load":
      case "length":
      case "placeholder":
      case "narrow":
      case "fill":
      // It asks whether there is one, or which one it is.
      case "apply":
      case "if":
      case "loop":
        return;
      default:
        [...operandsOf(statement), ...resultsOf(statement)].forEach((value) => this.spoil(value));
    }
  }

  private canBeTyped(memory: MemoryClass): boolean {
    if (memory.isParameter || memory.isGlobal || memory.escapes || this.spoiled.has(memory)) return false;
    const { values, makings, pushes, stores } = this.membersOf(memory);
    if (!values.every((value) => isNumberArray(value.type))) return false;
    if (pushes.length > 0) {
      const filling = this.fillingOf(memory);
      if (!filling) return false;
      this.fillings.set(memory, filling);
      const extent = { value: filling.loop.upper!, isLastIndex: filling.loop.comparison === "<=" };
      return stores.every((one) => this.isWithin(one, [extent]));
    }
    if (!makings.every(({ statement, block }) => statement.kind === "allocate" && this.isWhole(statement, block)))
      return false;
    return stores.every((one) => this.isWithin(one, this.extentsOf(memory, one.statement.object)));
  }

  /** It has a length that is known to be an integer, and nothing is read that was not stored. */
  private isWhole(statement: AllocateStatement, block: Block): boolean {
    const { length, fill } = statement;
    const known = this.constantOf(length);
    if (known === null ? !this.integers.isInteger(length) : !Number.isInteger(known) || known < leastLength)
      return false;
    if (fill) return fill.type.kind === "number";
    return isFilledFirst(statement, block, (value) => this.constantOf(value));
  }

  private constantOf(value: Value): number | null {
    const definition = this.definitions.get(value);
    return definition?.kind === "constant" && typeof definition.value === "number" ? definition.value : null;
  }

  /** What is known to be the length of an array: how it was made, and what it was asked for. */
  private extentsOf(memory: MemoryClass, array: Value): readonly Extent[] {
    const made = this.definitions.get(array);
    const found = [...(this.lengths.get(array) ?? [])];
    if (made?.kind === "allocate") found.push(made.length);
    else {
      const all = new Set(
        this.membersOf(memory).makings.map(({ statement }) => (statement as AllocateStatement).length),
      );
      const [only] = all;
      // In one iteration it may be another number than in the next.
      if (all.size === 1 && this.fn.body.statements.includes(this.definitions.get(only!)!)) found.push(only!);
    }
    return found.map((value) => ({ value, isLastIndex: false }));
  }

  private isWithin({ statement, loops }: Members["stores"][number], extents: readonly Extent[]): boolean {
    const { integers } = this;
    const definitionOf = (value: Value): Statement | undefined => this.definitions.get(value);
    return extents.some((extent) => staysWithin({ visit: { statement, loops }, integers, definitionOf }, extent));
  }

  /** From an empty list, one push in each iteration of a loop, which does nothing else with the list. */
  private fillingOf(memory: MemoryClass): Filling | null {
    const { makings, pushes } = this.membersOf(memory);
    const [making, push] = [makings[0], pushes[0]];
    if (makings.length !== 1 || pushes.length !== 1 || !making || !push) return null;
    const { statement: literal, block } = making;
    if (literal.kind !== "literal" || literal.elements.length > 0) return null;
    const loop = push.loops.at(-1);
    const first = block.statements.find((one) => touches(one, literal.result));
    const isPlain =
      loop && loop.upper && !loop.test && !loop.exit && loop.step === 1 && this.constantOf(loop.lower) === 0;
    if (!isPlain || first !== loop || push.statement.object !== literal.result) return null;
    const touching = loop.body.statements.filter((one) => touches(one, literal.result));
    if (touching.length !== 1 || touching[0] !== push.statement || loop.initial.includes(literal.result)) return null;
    return { literal, loop, push: push.statement };
  }

  /** What others have given a name keeps its type. */
  private untypeInNamed(type: Type, memory: MemoryClass, typed: Set<MemoryClass>, isNamed = false): void {
    if (type.kind === "optional") return this.untypeInNamed(type.of, memory, typed, isNamed);
    if (isNamed && isNumberArray(type)) typed.delete(memory);
    for (const [key, inside] of partsOf(type)) {
      const held = this.aliases.contentsOf(memory, key);
      if (held && (type.kind !== "record" || !type.text))
        this.untypeInNamed(inside, held, typed, isNamed || (type.kind === "record" && !isAnonymous(type)));
      else if (held) this.untypeAll(held, typed, new Set());
    }
  }

  private untypeAll(memory: MemoryClass, typed: Set<MemoryClass>, seen: Set<MemoryClass>): void {
    if (seen.has(memory)) return;
    seen.add(memory);
    typed.delete(memory);
    for (const key of this.aliases.keysOf(memory)) {
      const held = this.aliases.contentsOf(memory, key);
      if (held) this.untypeAll(held, typed, seen);
    }
  }
}

export function isAnonymous(type: Type & { kind: "record" }): boolean {
  return type.name === null && !type.text && !type.brands && !type.isDeclared && type.environment === undefined;
}

/** What an object of the type holds, by the key that alias classes have for it. */
function partsOf(type: Type): readonly (readonly [string, Type])[] {
  if (type.kind === "array") return [["[]", type.element]];
  if (type.kind === "tuple") return type.elements.map((element, k) => [String(k), element]);
  if (type.kind === "record") return type.fields.map((field) => [field.name, field.type]);
  return [];
}
