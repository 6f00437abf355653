/**
 * Arrays of numbers become typed arrays, where nobody can tell: they are made here, seen by no one else, and have the
 * length that they are made with, or are filled by one loop that pushes once in each iteration.
 *
 * Needs: a primal. Guarantees: the same values. Every store is proved to be within the length, since a typed array ignores
 * others; what is never stored is never read, since there it would be 0.
 *
 * before: t = []; loop i < n {push t, x}; c = load t[j]        after: t = allocate n; loop i < n {store t[i], x}; c = load t[j]
 */
import { aliasClasses, type AliasFacts, type MemoryClass } from "../3-analyse/aliases.js";
import { coversWhole, touches } from "../3-analyse/covering.js";
import { type Extent, staysWithin } from "../3-analyse/dependence.js";
import { type IntegerFacts, integers } from "../3-analyse/integers.js";
import { tripCount } from "../4-differentiate/keepSlots.js";
import { BlockBuilder, copyOfValue } from "../ir/build.js";
import { copyBlock } from "../ir/copyBlock.js";
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
import { blocksOf, mapBlocks, operandsOf, resultsOf, scopedValuesOf, visitStatements, withBody } from "../ir/walk.js";

export function typedArrays(fn: IrFunction): IrFunction {
  const search = new Search(fn);
  const typed = search.find();
  if (typed.size === 0) return fn;
  const body = sized(fn.body, search, typed);
  const retype = (value: Value): Value => {
    const type = typeIn(value.type, search.aliases.classOf(value), { typed, aliases: search.aliases });
    return type === value.type ? copyOfValue(value) : { ...copyOfValue(value), type };
  };
  return withBody(fn, copyBlock(body, new Map(), retype).block);
}

/** Shorter ones of known length are made faster as literals. */
const leastLength = 8;

const float64: Type = { kind: "typedArray", name: "Float64Array" };

function isNumberArray(type: Type): boolean {
  if (type.kind === "optional") return isNumberArray(type.of);
  return type.kind === "array" && type.element.kind === "number";
}

/** A loop that pushes once in each iteration, and from nothing. */
interface Filling {
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

class Search {
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
        if (!isNumberArray(statement.object.type) || statement.atStart) return;
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
  private isWhole({ result, length, fill }: AllocateStatement, block: Block): boolean {
    const known = this.constantOf(length);
    if (known === null ? !this.integers.isInteger(length) : !Number.isInteger(known) || known < leastLength)
      return false;
    if (fill) return fill.type.kind === "number";
    const first = block.statements.find((one) => one.kind !== "length" && touches(one, result));
    if (!first) return !block.yields.includes(result);
    const constantOf = (value: Value): number | null => this.constantOf(value);
    return first.kind === "loop" && coversWhole(first, { array: result, lengths: [length], constantOf });
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

function isAnonymous(type: Type & { kind: "record" }): boolean {
  return type.name === null && !type.text && !type.brands && !type.isDeclared && type.environment === undefined;
}

/** What an object of the type holds, by the key that alias classes have for it. */
function partsOf(type: Type): readonly (readonly [string, Type])[] {
  if (type.kind === "array") return [["[]", type.element]];
  if (type.kind === "tuple") return type.elements.map((element, k) => [String(k), element]);
  if (type.kind === "record") return type.fields.map((field) => [field.name, field.type]);
  return [];
}

interface Typing {
  readonly typed: ReadonlySet<MemoryClass>;
  readonly aliases: AliasFacts;
}

/** The type of a reference to memory of the class, or of what holds such references. */
function typeIn(type: Type, memory: MemoryClass | null, typing: Typing): Type {
  if (!memory) return type;
  const inside = (part: Type, key: string): Type => typeIn(part, typing.aliases.contentsOf(memory, key), typing);
  switch (type.kind) {
    case "optional": {
      const of = typeIn(type.of, memory, typing);
      return of === type.of ? type : { ...type, of };
    }
    case "array": {
      if (isNumberArray(type)) return typing.typed.has(memory) ? float64 : type;
      const element = inside(type.element, "[]");
      return element === type.element ? type : { ...type, element };
    }
    case "tuple": {
      const elements = type.elements.map((element, k) => inside(element, String(k)));
      return elements.every((element, k) => element === type.elements[k]) ? type : { ...type, elements };
    }
    case "record": {
      if (!isAnonymous(type)) return type;
      const fields = type.fields.map((field) => {
        const of = inside(field.type, field.name);
        return of === field.type ? field : { ...field, type: of };
      });
      return fields.every((field, k) => field === type.fields[k]) ? type : { ...type, fields };
    }
    default:
      return type;
  }
}

/** Arrays that are pushed to are made with their length, and others hold what they are filled with. */
function sized(block: Block, search: Search, typed: ReadonlySet<MemoryClass>): Block {
  const isTyped = (value: Value): boolean => isNumberArray(value.type) && typed.has(search.aliases.classOf(value)!);
  const fillings = [...search.fillings].filter(([memory]) => typed.has(memory)).map(([, filling]) => filling);
  const enter = (outer: Block): Block => {
    const statements = outer.statements.flatMap((statement): Statement[] => {
      if (statement.kind === "allocate" && statement.fill && isTyped(statement.result))
        return filled(statement, search);
      const filling = fillings.find(
        (one) => one.literal === statement || one.loop === statement || one.push === statement,
      );
      if (filling?.literal === statement) return [];
      if (filling?.push === statement) {
        const { object, value, span } = filling.push;
        return [{ kind: "store", object, key: { kind: "index", index: filling.loop.counter }, value, span }];
      }
      const inside = mapBlocks(statement, enter);
      const before = fillings.filter((one) => one.loop === statement).flatMap((one) => allocationFor(one, search));
      return [...before, inside];
    });
    return { ...outer, statements };
  };
  return enter(block);
}

function filled({ fill, ...allocation }: AllocateStatement, search: Search): Statement[] {
  const definition = search.definitionOf(fill!);
  const made: Statement = { ...allocation, fill: null };
  if (definition?.kind === "constant" && Object.is(definition.value, 0)) return [made];
  return [made, { kind: "fill", object: made.result, value: fill!, start: null, end: null, span: made.span }];
}

function allocationFor({ literal, loop }: Filling, search: Search): Statement[] {
  const builder = new BlockBuilder(literal.span);
  const length = tripCount(builder, loop, search);
  builder.add({ kind: "allocate", result: literal.result, length, fill: null, span: literal.span });
  return [...builder.statements];
}
