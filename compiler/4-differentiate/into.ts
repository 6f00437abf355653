/**
 * `into`: a finished derivative that writes its result into a buffer of the caller's. Arrays that it would make are
 * the buffer's own, cleared first; records and tuples are not made at all.
 *
 * Needs: a finished derivative. Guarantees: the same numbers; what the buffer must be like is checked where it is used.
 *
 * before: xBar = allocate n; loop { xBar[i] += … }; yield xBar        after: clear(out, n); loop { out[i] += … }
 */
import { aliasClasses, type AliasFacts } from "../3-analyse/aliases.js";
import { reachableFrom } from "../3-analyse/entangled.js";
import { invariant } from "../diagnostics.js";
import { BlockBuilder, newParameter, newValue } from "../ir/build.js";
import type { Block, CallStatement, IrFunction, Key, Statement, Type, Value } from "../ir/ir.js";
import { typeAtKey } from "../ir/place.js";
import { elementType, isReference, mayLackNumbers } from "../ir/types.js";
import { countUses, mapBlocks, operandsOf, resultsOf, substitute, visitStatements } from "../ir/walk.js";
import type { Verb } from "../requests.js";
import type { Callee, Program } from "./program.js";
import { enumerationsHint } from "./tangentParameters.js";

/** What verbs with a value give beside it is written; the value is given back. */
const valueVerbs: ReadonlySet<Verb> = new Set<Verb>(["valueAndGrad", "jvp"]);

/** Null where the result is one number or a function, which cannot be written into. */
export function intoFunction(fn: IrFunction, verb: Verb, program: Program): IrFunction | null {
  if (verb === "vjp") return null;
  const [result] = fn.body.yields as [Value];
  const whole = valueVerbs.has(verb) ? literalOf(fn.body, result) : null;
  invariant(whole || !valueVerbs.has(verb), `${fn.name} does not end in a record`);
  const target = whole ? whole.elements[1]! : result;
  if (!isReference(target.type)) return null;
  const made = writing(fn, target, program, whole);
  const [out, ...others] = made.parameters.map(({ value }) => value).filter(({ type }) => isReference(type));
  const builder = new BlockBuilder();
  const args = [out!, ...others];
  if (others.length > 0)
    builder.add({ kind: "runtimeCall", result: null, name: "checkApart", arguments: args, writes: [], span: null });
  return {
    ...made,
    name: `${fn.name}Into`,
    groups: fn.groups && [{ kind: "alone", count: 1 }, ...fn.groups],
    body: {
      ...made.body,
      statements: [...builder.statements, ...made.body.statements],
      yields: whole ? [whole.elements[0]!] : [],
    },
  };
}

/** The function with a first parameter into which `target` is written; `whole`, in which it is given back, is not made. */
function writing(fn: IrFunction, target: Value, program: Program, whole: Literal | null): IrFunction {
  const out = newValue(target.type, { name: "out" });
  const writer = new Writer(fn, program);
  if (whole) writer.drop(whole);
  writer.write(fn.body, target, out, null);
  return {
    ...fn,
    parameters: [newParameter(out, "out"), ...fn.parameters],
    body: { ...writer.applied(fn.body), yields: [] },
    documentation: [...fn.documentation.slice(0, -1), `${fn.documentation.at(-1)} Written into out.`],
  };
}

type Literal = Statement & { kind: "literal" };

function literalOf(block: Block, value: Value): Literal | null {
  const found = block.statements.find((statement) => statement.kind === "literal" && statement.result === value);
  return (found as Literal | undefined) ?? null;
}

/** Collects the changes of a function's blocks. */
class Writer {
  private readonly uses: ReadonlyMap<Value, number>;
  private readonly before = new Map<Statement, Statement[]>();
  private readonly dropped = new Set<Statement>();
  private readonly atTop = new Map<Block, Statement[]>();
  private readonly atEnd = new Map<Block, Statement[]>();
  private readonly replaced = new Map<Value, Value>();

  private readonly aliases: AliasFacts;
  /** By what they write the result of. */
  private readonly writingCallees = new Map<string, Callee>();

  constructor(
    private readonly fn: IrFunction,
    private readonly program: Program,
  ) {
    this.uses = countUses(fn.body);
    this.aliases = aliasClasses(fn);
  }

  drop(statement: Statement): void {
    this.dropped.add(statement);
  }

  /** Whatever `value`, made in `block`, would have been is written into `out`; at the statement `at`, or at the end. */
  write(block: Block, value: Value, out: Value, at: Statement | null): void {
    const made = block.statements.find((statement) => "result" in statement && statement.result === value);
    if (made?.kind === "literal" && this.uses.get(value) === 1) return this.literal(block, made, out, at);
    if (made?.kind === "call" && made.result === value && this.uses.get(value) === 1) return this.call(made, out);
    const isArray = made?.kind === "allocate" || made?.kind === "zerosLike";
    // What stands in two places is made in the first of them.
    const isFree = isArray && !this.replaced.has(value) && !this.changesShape(value);
    if (isFree && (made.kind !== "allocate" || this.isFilledByStores(made))) return this.array(block, made, out);
    this.copy(block, value, out, at);
  }

  /** The function that is called writes what it would have given. */
  private call(made: CallStatement, out: Value): void {
    const callee = this.writingCallees.get(made.callee) ?? this.writingCallee(made.callee);
    this.dropped.add(made);
    const args = [out, ...made.arguments];
    this.before.set(made, [
      ...(this.before.get(made) ?? []),
      { kind: "call", result: null, callee: callee.key, arguments: args, effects: callee.effects, span: made.span },
    ]);
  }

  private writingCallee(key: string): Callee {
    const fn = this.program.functionOf(key);
    const name = `${this.program.stemFor(fn.name, "Into")}Into`;
    const callee = this.program.add({ ...writing(fn, fn.body.yields[0]!, this.program, null), name });
    this.writingCallees.set(key, callee);
    return callee;
  }

  /** Flat, or made of rows that are stored one by one: what else is done to it only reads, or gives it back. */
  private isFilledByStores({ result, fill }: Statement & { kind: "allocate" }): boolean {
    if (elementType(result.type)?.kind === "number") return true;
    let others = fill === null ? 0 : Infinity;
    visitStatements(this.fn.body, (statement) => {
      if (!operandsOf(statement).includes(result)) return;
      const isRow = statement.kind === "store" && statement.object === result && statement.value !== result;
      if (!isRow && statement.kind !== "load" && statement.kind !== "length") others++;
    });
    return others <= 1;
  }

  /** Elements come or go before it has the shape of the result. */
  private changesShape(value: Value): boolean {
    return mayLackNumbers(value.type) || [...reachableFrom(this.aliases, value)].some((memory) => memory.isReshaped);
  }

  private copy(block: Block, value: Value, out: Value, at: Statement | null): void {
    const args = [out, value];
    this.add(block, at, {
      kind: "runtimeCall",
      result: null,
      name: "copyOut",
      arguments: args,
      writes: [0],
      span: null,
    });
  }

  applied(block: Block): Block {
    const enter = (inside: Block): Block => ({
      ...inside,
      statements: [
        ...(this.atTop.get(inside) ?? []),
        ...inside.statements.flatMap((statement): Statement[] => [
          ...(this.before.get(statement) ?? []),
          ...(this.dropped.has(statement) ? [] : [mapBlocks(statement, enter)]),
        ]),
        ...(this.atEnd.get(inside) ?? []),
      ],
    });
    return substitute(enter(block), (value) => this.replaced.get(value) ?? value);
  }

  private add(block: Block, at: Statement | null, statement: Statement): void {
    const [place, key] = at ? [this.before, at] : [this.atEnd, block];
    (place as Map<unknown, Statement[]>).set(key, [
      ...((place as Map<unknown, Statement[]>).get(key) ?? []),
      statement,
    ]);
  }

  private literal(block: Block, made: Literal, out: Value, at: Statement | null): void {
    this.dropped.add(made);
    made.elements.forEach((element, k) => {
      const key: Key = { kind: "field", name: made.fields?.[k] ?? String(k) };
      const type = typeAtKey(out.type, key) ?? out.type;
      if (element.type.kind === "number")
        return this.add(block, at, { kind: "store", object: out, key, value: element, span: made.span });
      if (isReference(type)) this.write(block, element, this.part(block, out, key, type, made), at);
    });
  }

  /** A part of a buffer, read before anything in the block. */
  private part(block: Block, out: Value, key: Key, type: Type, from: Statement): Value {
    const label = key.kind === "field" && !/^\d/.test(key.name) ? key.name : null;
    const result = newValue(type, { name: label, role: "adjoint" });
    const statement: Statement = { kind: "load", result, object: out, key, span: from.span };
    this.atTop.set(block, [...(this.atTop.get(block) ?? []), statement]);
    return result;
  }

  private array(block: Block, made: Statement & { kind: "allocate" | "zerosLike" }, out: Value): void {
    this.dropped.add(made);
    this.replaced.set(made.result, out);
    const element = elementType(out.type);
    const isFlat = element?.kind === "number";
    const builder = new BlockBuilder(made.span);
    const clear = (name: string, ...like: readonly Value[]): void => {
      const args = [out, ...like];
      builder.add({ kind: "runtimeCall", result: null, name, arguments: args, writes: [0], span: made.span });
      this.before.set(made, [...(this.before.get(made) ?? []), ...builder.statements]);
    };
    if (made.kind === "allocate" && isFlat) return clear("clearOut", made.length);
    if (made.kind === "zerosLike")
      return clear("clearOutLike", made.object, ...enumerationsHint(builder, made.object.type));
    // Rows that are made one by one are there already.
    clear("checkOutLength", (made as Statement & { kind: "allocate" }).length);
    this.rows(block, made.result, out);
  }

  /** What would be stored as an element of `array` is written into the element that is there. */
  private rows(block: Block, array: Value, out: Value): void {
    const enter = (inside: Block): void => {
      for (const statement of inside.statements) {
        if (statement.kind === "if") [statement.then, statement.else].forEach(enter);
        if (statement.kind === "loop") enter(statement.body);
        if (statement.kind !== "store" || statement.object !== array || !isReference(statement.value.type)) continue;
        const row = newValue(elementType(out.type)!, { name: "row", role: "adjoint" });
        const { key } = statement;
        this.dropped.add(statement);
        if (key.kind === "index" && inside.statements.some((one) => resultsOf(one).includes(key.index))) {
          this.add(inside, statement, { kind: "load", result: row, object: out, key, span: statement.span });
          this.copy(inside, statement.value, row, statement);
          continue;
        }
        this.atTop.set(inside, [
          ...(this.atTop.get(inside) ?? []),
          { kind: "load", result: row, object: out, key, span: statement.span },
        ]);
        this.write(inside, statement.value, row, statement);
      }
    };
    enter(block);
  }
}
