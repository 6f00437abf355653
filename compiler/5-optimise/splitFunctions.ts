/**
 * Functions that are too large for the engine are split: V8 does not optimise what is above 61,440 bytes of its own code.
 * Runs of statements become functions; the numbers that one part computes and another reads travel in one array.
 *
 * Needs: a finished function, which no pass sees any more. Guarantees: the same statements in the same order; no function
 * above the limit, unless a single expression is.
 *
 * before: f(x) {a = sin x; …; z = a * y}        after: f(x) {between = array; fPart1(x, between); z = fPart2(between)}
 */
import { callEffects } from "../3-analyse/callEffects.js";
import { maybeMissing } from "../3-analyse/maybeMissing.js";
import { BlockBuilder, newBlock, newParameter, newValue } from "../ir/build.js";
import { describeValue } from "../ir/describe.js";
import { writtenObjects } from "../ir/effects.js";
import type {
  Block,
  CallStatement,
  ConstantStatement,
  GlobalStatement,
  IrFunction,
  Parameter,
  Statement,
  Type,
  Value,
} from "../ir/ir.js";
import {
  blocksOf,
  freeValues,
  mapBlocks,
  mapOperands,
  operandsOf,
  resultsOf,
  substitute,
  visitStatements,
  withBody,
} from "../ir/walk.js";
import { tupleOf } from "../4-differentiate/parameterShadows.js";
import { type Piece, piecesOf, sizeOf, sizeOfBlock } from "./functionParts.js";

/** Of parts, by estimate; functions of twice the size are split. V8 has taken up to 1.6 times the estimate. */
const partSize = 15_000;

export interface SplitFunctions {
  readonly functions: readonly IrFunction[];
  /** With the parts, by key. */
  readonly helpers: ReadonlyMap<string, IrFunction>;
}

/** `names` are taken, besides those of the functions. */
export function splitFunctions(
  functions: readonly IrFunction[],
  helpers: ReadonlyMap<string, IrFunction>,
  names: ReadonlySet<string>,
  target = partSize,
): SplitFunctions {
  const taken = new Set([...names, ...functions.map(({ name }) => name)]);
  const nameFor = (stem: string): string => {
    let k = 1;
    while (taken.has(`${stem}${k}`)) k++;
    taken.add(`${stem}${k}`);
    return `${stem}${k}`;
  };
  const all = new Map<string, IrFunction>();
  const split = (fn: IrFunction): IrFunction => {
    if (sizeOfBlock(fn.body) <= 2 * target) return fn;
    const splitting = new Splitting(fn, nameFor, target);
    const body = splitting.withArray(splitting.split(fn.body, null));
    for (const part of splitting.parts) all.set(part.name, part);
    return withBody(fn, body);
  };
  const shortened = functions.map(split);
  for (const [key, fn] of helpers) all.set(key, split(fn));
  return { functions: shortened, helpers: all };
}

class Splitting {
  readonly parts: IrFunction[] = [];
  private readonly between = newValue({ kind: "typedArray", name: "Float64Array" }, { name: "between" });
  private readonly slots = new Map<Value, number>();
  private readonly definitions = new Map<Value, Statement>();
  /** What ends loops whose bodies were split. */
  private readonly exits = new Map<Statement, Value>();
  private readonly maybeMissing: ReadonlySet<Value>;

  constructor(
    private readonly fn: IrFunction,
    private readonly nameFor: (stem: string) => string,
    private readonly target: number,
  ) {
    visitStatements(fn.body, (statement) => {
      for (const result of resultsOf(statement)) this.definitions.set(result, statement);
    });
    this.maybeMissing = maybeMissing(fn.body);
  }

  private travelsInArray(value: Value): boolean {
    return (value.type.kind === "number" || value.type.kind === "boolean") && !this.maybeMissing.has(value);
  }

  /** The body with the array that numbers travel in, where any do. */
  withArray(body: Block): Block {
    if (this.slots.size === 0) return body;
    const builder = new BlockBuilder();
    const length = builder.constant(this.slots.size);
    builder.add({ kind: "allocate", result: this.between, length, fill: null, span: null });
    return { ...body, statements: [...builder.statements, ...body.statements] };
  }

  /** Splits a block that is too large; blocks inside of it first. */
  split(block: Block, owner: Statement | null): Block {
    const statements = block.statements.map((statement) => {
      if (sizeOf(statement) <= this.target) return statement;
      const parts = mapBlocks(statement, (nested) =>
        sizeOfBlock(nested) > this.target ? this.split(nested, statement) : nested,
      );
      const exit = this.exits.get(statement);
      return exit && parts.kind === "loop" ? { ...parts, exit } : parts;
    });
    const inside = { ...block, statements };
    return sizeOfBlock(inside) <= this.target ? inside : this.splitHere(inside, owner);
  }

  private splitHere(block: Block, owner: Statement | null): Block {
    const pieces = piecesOf(block.statements, this.target);
    const homes = new Map<Value, Piece>();
    for (const piece of pieces)
      if (piece.kind === "part") for (const result of piece.statements.flatMap(resultsOf)) homes.set(result, piece);
    const leaving = this.leavingValues(block, owner, pieces, homes);
    const out: Statement[] = [];
    for (const piece of pieces) {
      if (piece.kind === "part") out.push(...this.callOf(piece.statements, leaving));
      else out.push(...this.withReads(piece.statement));
    }
    const end = new BlockBuilder();
    const yields = block.yields.map((value) => this.read(end, value));
    if (owner?.kind === "loop" && owner.exit && block.id === owner.body.id)
      this.exits.set(owner, this.read(end, owner.exit));
    return { ...block, statements: [...out, ...end.statements], yields };
  }

  /** What parts define and others read; numbers get a slot. */
  private leavingValues(
    block: Block,
    owner: Statement | null,
    pieces: readonly Piece[],
    homes: ReadonlyMap<Value, Piece>,
  ): ReadonlySet<Value> {
    const leaving = new Set<Value>();
    const see = (value: Value, reader: Piece | null): void => {
      const home = homes.get(value);
      if (home && home !== reader && !this.isRepeated(value)) leaving.add(value);
    };
    for (const piece of pieces) {
      const statements = piece.kind === "part" ? piece.statements : [piece.statement];
      freeValues(newBlock(statements)).forEach((value) => see(value, piece));
    }
    [...block.yields, ...(owner?.kind === "loop" && owner.exit ? [owner.exit] : [])].forEach((value) =>
      see(value, null),
    );
    for (const value of leaving)
      if (this.travelsInArray(value) && !this.slots.has(value)) this.slots.set(value, this.slots.size);
    return leaving;
  }

  /** A function of its own for a run of statements, and its call. */
  private callOf(statements: readonly Statement[], leaving: ReadonlySet<Value>): readonly Statement[] {
    const own = statements.flatMap(resultsOf).filter((value) => leaving.has(value));
    const returned = own.filter((value) => !this.travelsInArray(value));
    const whole = newBlock(statements, returned);
    const free = freeValues(whole);
    const reads = free.filter((value) => this.slots.has(value) || this.isRepeated(value));
    const writes = own.filter((value) => this.travelsInArray(value));
    const usesArray = writes.length > 0 || reads.some((value) => this.slots.has(value));
    const passed = free.filter((value) => !reads.includes(value) && value !== this.between);
    const outside = usesArray || free.includes(this.between) ? [...passed, this.between] : passed;
    const written = writtenIn(whole);
    const inside = new Map(
      outside.map((value) => [
        value,
        newValue(written.has(value) ? writable(value.type) : value.type, { ...value, span: null }),
      ]),
    );
    const array = inside.get(this.between)!;

    const top = new BlockBuilder();
    const names = new Map(inside);
    for (const value of reads) names.set(value, this.read(top, value, array));
    const body = substitute(whole, (value) => names.get(value) ?? value);
    const stored = body.statements.flatMap((statement) => [
      statement,
      ...this.storesOf(
        array,
        resultsOf(statement).filter((value) => writes.includes(value)),
      ),
    ]);
    const end = new BlockBuilder();
    const given = body.yields.map((value) => this.asMade(end, value));
    // What is no number is given back: one alone as it is, several as a tuple.
    const result = given.length > 1 ? tupleOf(end, given) : given[0];
    const name = this.nameFor(`${this.fn.name}Part`);
    const taken = new Set<string>();
    const part: IrFunction = {
      ...this.fn,
      name,
      groups: null,
      returnTypeText: null,
      parameters: outside.map((value) => this.parameterFor(value, inside.get(value)!, taken)),
      body: newBlock([...top.statements, ...stored, ...end.statements], result ? [result] : []),
      span: null,
      documentation: [`A part of {@link ${this.fn.name}}.`],
    };
    this.parts.push(part);
    const call = new BlockBuilder();
    const made = returned.length > 1 ? newValue(result!.type) : (returned[0] ?? null);
    call.add({ kind: "call", result: made, callee: name, arguments: outside, effects: callEffects(part), span: null });
    if (returned.length > 1) partsOfTuple(call, made!, returned);
    return call.statements;
  }

  /** A parameter of the function itself is of the type that the user wrote. */
  private parameterFor(value: Value, inside: Value, taken: Set<string>): Parameter {
    const own = this.fn.parameters.find((parameter) => parameter.value === value);
    const name = this.nameOf(value, taken);
    if (!own) return newParameter(inside, name);
    return { ...newParameter(inside, name), typeText: own.isOptional || own.isRest ? null : own.typeText };
  }

  private nameOf(value: Value, taken: Set<string>): string {
    const suffix = { primal: "", tangent: "Dot", adjoint: "Bar", kept: "Kept" }[value.role];
    const described = describeValue(value, {
      definitionOf: (of) => this.definitions.get(of),
      nameOf: (index) => index.name,
    });
    const wanted = described.endsWith(suffix) ? described : `${described}${suffix}`;
    let name = wanted;
    for (let k = 2; taken.has(name); k++) name = `${wanted}${k}`;
    taken.add(name);
    return name;
  }

  /** A statement that stays, with what it reads of parts read before it. */
  private withReads(statement: Statement): readonly Statement[] {
    const top = new BlockBuilder();
    const names = new Map<Value, Value>();
    const free = [...operandsOf(statement), ...blocksOf(statement).flatMap((block) => freeValues(block, statement))];
    for (const value of free) {
      const read = names.has(value) ? value : this.read(top, value);
      if (read !== value) names.set(value, read);
    }
    if (names.size === 0) return [statement];
    const map = (value: Value): Value => names.get(value) ?? value;
    const mapped = mapBlocks(mapOperands(statement, map), (block) => substitute(block, map));
    return [...top.statements, mapped];
  }

  /** Constants, of modules as well, are repeated wherever they are read. */
  private isRepeated(value: Value): boolean {
    return isConstant(this.definitions.get(value));
  }

  private read(builder: BlockBuilder, value: Value, array = this.between): Value {
    if (this.slots.has(value)) return this.load(builder, array, value);
    const definition = this.definitions.get(value);
    if (!isConstant(definition)) return value;
    const result = newValue(value.type, value);
    builder.add({ ...definition, result });
    return result;
  }

  private load(builder: BlockBuilder, array: Value, value: Value): Value {
    const index = builder.constant(this.slots.get(value)!);
    const isBoolean = value.type.kind === "boolean";
    const result = newValue({ kind: "number" }, value);
    builder.add({ kind: "load", result, object: array, key: { kind: "index", index }, span: null });
    return isBoolean ? builder.apply("notEqual", [result, builder.constant(0)], value.type, value) : result;
  }

  private storesOf(array: Value, values: readonly Value[]): readonly Statement[] {
    const builder = new BlockBuilder();
    for (const value of values) {
      const index = builder.constant(this.slots.get(value)!);
      const stored = value.type.kind === "boolean" ? builder.apply("toNumber", [value]) : value;
      builder.add({ kind: "store", object: array, key: { kind: "index", index }, value: stored, span: null });
    }
    return builder.statements;
  }

  /** A copy of what may only be read may be written. */
  private asMade(builder: BlockBuilder, value: Value): Value {
    const definition = this.definitions.get(value);
    const isCopy = definition?.kind === "slice" || definition?.kind === "zerosLike" || definition?.kind === "allocate";
    if (!isCopy || value.type.kind !== "array" || !value.type.isReadonly) return value;
    const result = newValue(writable(value.type), value);
    builder.add({ kind: "narrow", result, value, span: null });
    return result;
  }
}

function partsOfTuple(builder: BlockBuilder, made: Value, values: readonly Value[]): void {
  values.forEach((result, k) =>
    builder.add({ kind: "load", result, object: made, key: { kind: "field", name: String(k) }, span: null }),
  );
}

/** The objects that statements below a block write, by these names. */
function writtenIn(block: Block): ReadonlySet<Value> {
  const found = new Set<Value>();
  visitStatements(block, (statement) => {
    const objects =
      statement.kind === "call"
        ? statement.arguments.filter((_, k) => writesArgument(statement, k))
        : writtenObjects(statement);
    if (objects !== "all") objects.forEach((object) => found.add(object));
  });
  return found;
}

function writesArgument({ effects }: CallStatement, k: number): boolean {
  const memory = effects.parameters[k];
  return memory != null && effects.classes[memory]!.isWritten;
}

/** What the function writes is its own, whatever it is a copy of. */
function writable(type: Type): Type {
  return type.kind === "array" ? { ...type, isReadonly: false } : type;
}

function isConstant(statement: Statement | undefined): statement is ConstantStatement | GlobalStatement {
  return statement?.kind === "constant" || statement?.kind === "global";
}
