/**
 * Loops over the few places of a small array are written out, where nothing but such loops and fixed places touch the
 * array: then each place can be a local.
 *
 * Needs: a primal. Guarantees: the same operations in the same order.
 *
 * before: t = allocate 3; loop i < 3 {store t[i], a * x[i]}; c = load t[2]        after: …; store t[0], a * x[0]; …; c = load t[2]
 */
import { newValue, numberType } from "../ir/build.js";
import { copyBlock } from "../ir/copyBlock.js";
import type { Block, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import { blocksOf, constantsIn, mapBlocks, operandsOf, substitute, visitStatements, withBody } from "../ir/walk.js";

/** Places of an array. */
const longest = 4;
/** Statements that a loop may become. */
const mostStatements = 64;

export function unrollLoops(fn: IrFunction): IrFunction {
  const constants = knownNumbers(fn.body);
  const loops = chosenLoops(fn, constants);
  if (loops.size === 0) return fn;
  const names = new Map<Value, Value>();
  const body = unrolled(fn.body, { loops, constants, names });
  const resolve = (value: Value): Value => {
    let known = value;
    for (let next = names.get(known); next; next = names.get(known)) known = next;
    return known;
  };
  return withBody(fn, substitute(body, resolve));
}

/** Constants, and lengths of typed arrays that are made with a constant one. */
function knownNumbers(body: Block): ReadonlyMap<Value, number> {
  const known = new Map(constantsIn(body));
  const lengths = new Map<Value, number | undefined>();
  visitStatements(body, (statement) => {
    if (statement.kind === "allocate" && statement.result.type.kind === "typedArray")
      lengths.set(statement.result, known.get(statement.length));
    const length = statement.kind === "length" ? lengths.get(statement.object) : undefined;
    if (statement.kind === "length" && length !== undefined) known.set(statement.result, length);
  });
  return known;
}

/** How often a loop runs that can be written out, or null. */
function tripsOf(loop: LoopStatement, constants: ReadonlyMap<Value, number>): number | null {
  const [lower, upper] = [constants.get(loop.lower), loop.upper && constants.get(loop.upper)];
  if (lower === undefined || typeof upper !== "number" || loop.test || loop.exit || loop.trips || loop.checkpoint)
    return null;
  if (loop.limit || loop.step !== 1 || !loop.comparison.startsWith("<") || lower < 0) return null;
  const trips = Math.max(0, loop.comparison === "<" ? Math.ceil(upper - lower) : Math.floor(upper - lower) + 1);
  let size = 0;
  let isFlat = true;
  visitStatements(loop.body, (statement) => {
    if (statement.kind !== "constant") size++;
    if (statement.kind === "loop" || statement.kind === "throw") isFlat = false;
  });
  return isFlat && trips <= longest && trips * size <= mostStatements ? trips : null;
}

/** For each small array the loops that index it, where these are all that does but fixed places. */
function chosenLoops(fn: IrFunction, constants: ReadonlyMap<Value, number>): ReadonlySet<LoopStatement> {
  const lengths = new Map<Value, number>();
  const byCounter = new Map<Value, LoopStatement>();
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "loop" && tripsOf(statement, constants) !== null)
      byCounter.set(statement.counter, statement);
    if (statement.kind !== "allocate" || elementType(statement.result.type)?.kind !== "number") return;
    const length = constants.get(statement.length);
    if (length !== undefined && Number.isInteger(length) && length > 0 && length <= longest)
      lengths.set(statement.result, length);
  });
  const indexing = new Map<Value, Set<LoopStatement>>();
  const enter = (block: Block): void => {
    for (const statement of block.statements) {
      for (const array of operandsOf(statement)) {
        const length = lengths.get(array);
        if (length === undefined) continue;
        const by = indexedBy(statement, array, length);
        if (by === "unknown") lengths.delete(array);
        else if (by) indexing.set(array, (indexing.get(array) ?? new Set()).add(by));
      }
      blocksOf(statement).forEach(enter);
    }
    for (const value of block.yields) lengths.delete(value);
  };
  const indexedBy = (statement: Statement, array: Value, length: number): LoopStatement | "unknown" | null => {
    if (statement.kind === "length") return null;
    if (statement.kind === "fill")
      return statement.start || statement.end || statement.value === array ? "unknown" : null;
    const isAccess = statement.kind === "load" || statement.kind === "store" || statement.kind === "addTo";
    if (!isAccess || statement.object !== array || statement.key.kind !== "index") return "unknown";
    const place = constants.get(statement.key.index);
    if (place !== undefined) return Number.isInteger(place) && place >= 0 && place < length ? null : "unknown";
    const loop = byCounter.get(statement.key.index);
    return loop && constants.get(loop.lower)! + tripsOf(loop, constants)! <= length ? loop : "unknown";
  };
  enter(fn.body);
  return new Set([...indexing].flatMap(([array, loops]) => (lengths.has(array) ? [...loops] : [])));
}

interface Unrolling {
  readonly loops: ReadonlySet<LoopStatement>;
  readonly constants: ReadonlyMap<Value, number>;
  /** What the results of the loops are. */
  readonly names: Map<Value, Value>;
}

function unrolled(block: Block, unrolling: Unrolling): Block {
  const statements = block.statements.flatMap((statement): readonly Statement[] => {
    if (statement.kind === "loop" && unrolling.loops.has(statement)) return writtenOut(statement, unrolling);
    return [mapBlocks(statement, (nested) => unrolled(nested, unrolling))];
  });
  return { ...block, statements };
}

function writtenOut(loop: LoopStatement, { constants, names }: Unrolling): readonly Statement[] {
  const first = constants.get(loop.lower)!;
  let carried = loop.initial;
  const statements = Array.from({ length: tripsOf(loop, constants)! }, (_, k): readonly Statement[] => {
    const counter = newValue(numberType, { span: loop.span });
    const known = new Map<Value, Value>([[loop.counter, counter]]);
    loop.parameters.forEach((parameter, position) => known.set(parameter, carried[position]!));
    const { block } = copyBlock(loop.body, known);
    const here = first + k === 0 ? withoutZero(block, counter) : block;
    carried = here.yields;
    return [{ kind: "constant", result: counter, value: first + k, text: null, span: loop.span }, ...here.statements];
  });
  loop.results.forEach((result, position) => names.set(result, carried[position]!));
  return statements.flat();
}

/** Places `x + 0` are x, be it -0 or 0. */
function withoutZero(block: Block, zero: Value): Block {
  const sums = new Map<Value, Value>();
  visitStatements(block, (statement) => {
    if (statement.kind !== "apply" || statement.primitive !== "add" || !statement.arguments.includes(zero)) return;
    const other = statement.arguments.find((argument) => argument !== zero);
    if (other) sums.set(statement.result, other);
  });
  const enter = (outer: Block): Block => {
    const statements = outer.statements.map((statement): Statement => {
      const inside = mapBlocks(statement, enter);
      if (!("key" in inside) || inside.key.kind !== "index") return inside;
      const index = sums.get(inside.key.index);
      return index ? { ...inside, key: { kind: "index", index } } : inside;
    });
    return { ...outer, statements };
  };
  return enter(block);
}
