import type { Block, IrFunction, Key, Statement, Value } from "./ir.js";

/**
 * Generic access to statements, so that a pass names only the kinds it cares about. A new kind of statement is added
 * to `operandsOf`, `resultsOf` and `mapOperands` (the `never` checks lead there) and to the passes that must know it.
 */

function operandsOfKey(key: Key): readonly Value[] {
  return key.kind === "index" ? [key.index] : [];
}

const present = (values: readonly (Value | null)[]): Value[] =>
  values.filter((value): value is Value => value !== null);

/** The values a statement reads itself, not counting what its nested blocks read (their yields included). */
export function operandsOf(statement: Statement): readonly Value[] {
  switch (statement.kind) {
    case "constant":
    case "placeholder":
    case "global":
    case "note":
    case "receive":
      return [];
    case "apply":
    case "arrayPrimitive":
    case "runtimeCall":
    case "call":
    case "closure":
    case "externalCall":
      return statement.arguments;
    case "evaluate":
    case "throw":
      return statement.pieces.filter((piece): piece is Value => typeof piece !== "string");
    case "length":
    case "pop":
    case "zerosLike":
    case "stop":
      return [statement.object];
    case "load":
      return [statement.object, ...operandsOfKey(statement.key)];
    case "store":
    case "addTo":
      return [statement.object, ...operandsOfKey(statement.key), statement.value];
    case "allocate":
      return present([statement.length, statement.fill]);
    case "literal":
      return statement.elements;
    case "view":
    case "slice":
      return present([statement.object, statement.start, statement.end]);
    case "fill":
      return present([statement.object, statement.value, statement.start, statement.end]);
    case "copy":
      return [statement.object, statement.source, statement.offset];
    case "push":
      return [statement.object, statement.value];
    case "ensure":
      return [statement.object, statement.capacity];
    case "narrow":
    case "recall":
      return [statement.value];
    case "if":
      return [statement.condition];
    case "loop":
      return present([
        statement.lower,
        statement.upper,
        ...statement.initial,
        ...(statement.forwards ? [statement.forwards.lower, statement.forwards.upper] : []),
      ]);
    default:
      return unreachable(statement);
  }
}

/** The values a statement defines in the block it stands in. */
export function resultsOf(statement: Statement): readonly Value[] {
  switch (statement.kind) {
    case "constant":
    case "placeholder":
    case "global":
    case "apply":
    case "arrayPrimitive":
    case "externalCall":
    case "length":
    case "load":
    case "allocate":
    case "literal":
    case "zerosLike":
    case "view":
    case "slice":
    case "pop":
    case "ensure":
    case "narrow":
    case "stop":
    case "recall":
    case "closure":
      return [statement.result];
    case "runtimeCall":
    case "evaluate":
    case "call":
      return present([statement.result]);
    case "throw":
    case "store":
    case "addTo":
    case "fill":
    case "copy":
    case "push":
    case "note":
      return [];
    case "if":
    case "receive":
      return statement.results;
    case "loop":
      return present([...statement.results, statement.trips]);
    default:
      return unreachable(statement);
  }
}

/** The blocks directly inside a statement. */
export function blocksOf(statement: Statement): readonly Block[] {
  if (statement.kind === "if") return [statement.then, statement.else];
  if (statement.kind === "loop") return statement.test ? [statement.test, statement.body] : [statement.body];
  return [];
}

/** The values that a statement defines inside its nested blocks' scope: a loop's counter and parameters. */
export function scopedValuesOf(statement: Statement): readonly Value[] {
  return statement.kind === "loop" ? [statement.counter, ...statement.parameters] : [];
}

/** The values that the end of a block reads on behalf of its owner: yields and, for a loop's body, the exit. */
export function usesAtEnd(owner: Statement | null, block: Block): readonly Value[] {
  return owner?.kind === "loop" && owner.exit && block === owner.body ? [...block.yields, owner.exit] : block.yields;
}

function mapKey(key: Key, map: (value: Value) => Value): Key {
  return key.kind === "index" ? { kind: "index", index: map(key.index) } : key;
}

/**
 * The same statement with every operand replaced; nested blocks are left alone (`mapBlock` them beside it). Same
 * object back when nothing changed.
 */
export function mapOperands(statement: Statement, map: (value: Value) => Value): Statement {
  if (operandsOf(statement).every((operand) => map(operand) === operand)) return statement;
  const each = (values: readonly Value[]): Value[] => values.map(map);
  const maybe = (value: Value | null): Value | null => value && map(value);
  const mapPieces = (pieces: readonly (string | Value)[]) =>
    pieces.map((piece) => (typeof piece === "string" ? piece : map(piece)));
  switch (statement.kind) {
    case "constant":
    case "placeholder":
    case "global":
    case "note":
    case "receive":
      return statement;
    case "apply":
    case "arrayPrimitive":
    case "runtimeCall":
    case "call":
    case "closure":
    case "externalCall":
      return { ...statement, arguments: each(statement.arguments) };
    case "evaluate":
    case "throw":
      return { ...statement, pieces: mapPieces(statement.pieces) };
    case "length":
    case "pop":
    case "zerosLike":
    case "stop":
      return { ...statement, object: map(statement.object) };
    case "load":
      return { ...statement, object: map(statement.object), key: mapKey(statement.key, map) };
    case "store":
    case "addTo":
      return {
        ...statement,
        object: map(statement.object),
        key: mapKey(statement.key, map),
        value: map(statement.value),
      };
    case "allocate":
      return { ...statement, length: map(statement.length), fill: maybe(statement.fill) };
    case "literal":
      return { ...statement, elements: each(statement.elements) };
    case "view":
      return {
        ...statement,
        object: map(statement.object),
        start: map(statement.start),
        end: maybe(statement.end),
      };
    case "slice":
      return {
        ...statement,
        object: map(statement.object),
        start: maybe(statement.start),
        end: maybe(statement.end),
      };
    case "fill":
      return {
        ...statement,
        object: map(statement.object),
        value: map(statement.value),
        start: maybe(statement.start),
        end: maybe(statement.end),
      };
    case "copy":
      return {
        ...statement,
        object: map(statement.object),
        source: map(statement.source),
        offset: map(statement.offset),
      };
    case "push":
      return { ...statement, object: map(statement.object), value: map(statement.value) };
    case "ensure":
      return { ...statement, object: map(statement.object), capacity: map(statement.capacity) };
    case "narrow":
    case "recall":
      return { ...statement, value: map(statement.value) };
    case "if":
      return { ...statement, condition: map(statement.condition) };
    case "loop":
      return {
        ...statement,
        lower: map(statement.lower),
        upper: maybe(statement.upper),
        initial: each(statement.initial),
        forwards: statement.forwards && {
          ...statement.forwards,
          lower: map(statement.forwards.lower),
          upper: map(statement.forwards.upper),
        },
      };
    default:
      return unreachable(statement);
  }
}

/** The same statement with its nested blocks replaced; same object back when nothing changed. */
export function mapBlocks(statement: Statement, map: (block: Block) => Block): Statement {
  if (statement.kind === "if") {
    const thenBlock = map(statement.then);
    const elseBlock = map(statement.else);
    if (thenBlock === statement.then && elseBlock === statement.else) return statement;
    return { ...statement, then: thenBlock, else: elseBlock };
  }
  if (statement.kind === "loop") {
    const test = statement.test && map(statement.test);
    const body = map(statement.body);
    return test === statement.test && body === statement.body ? statement : { ...statement, test, body };
  }
  return statement;
}

/** Replaces every use of a value, everywhere below `block` (yields and loop exits included). Definitions stay. */
export function substitute(block: Block, map: (value: Value) => Value): Block {
  const yields = block.yields.every((value) => map(value) === value) ? block.yields : block.yields.map(map);
  let changed = yields !== block.yields;
  const statements = block.statements.map((statement) => {
    let next = mapBlocks(mapOperands(statement, map), (nested) => substitute(nested, map));
    if (next.kind === "loop" && next.exit && map(next.exit) !== next.exit) next = { ...next, exit: map(next.exit) };
    changed ||= next !== statement;
    return next;
  });
  return changed ? { ...block, statements, yields } : block;
}

/** Visits every statement below a block, outer before inner, in order. */
export function visitStatements(
  block: Block,
  visit: (statement: Statement, block: Block, depth: number) => void,
  depth = 0,
): void {
  for (const statement of block.statements) {
    visit(statement, block, depth);
    for (const nested of blocksOf(statement)) visitStatements(nested, visit, depth + 1);
  }
}

/** Every value that a loop defines for its own body and test, or in them. */
export function definedIn(owner: Statement): ReadonlySet<Value> {
  const inside = new Set<Value>(scopedValuesOf(owner));
  for (const block of blocksOf(owner))
    visitStatements(block, (statement) => {
      for (const value of [...resultsOf(statement), ...scopedValuesOf(statement)]) inside.add(value);
    });
  return inside;
}

/** The block leaves the function: what it yields is nothing. */
export function endsInThrow(block: Block): boolean {
  return block.statements.at(-1)?.kind === "throw";
}

/** The numbers that constants below a block are. */
export function constantsIn(block: Block): ReadonlyMap<Value, number> {
  const numbers = new Map<Value, number>();
  visitStatements(block, (statement) => {
    if (statement.kind === "constant" && typeof statement.value === "number")
      numbers.set(statement.result, statement.value);
  });
  return numbers;
}

/** Every value that is read below a block and defined outside of it, in order of first use. */
export function freeValues(block: Block, owner: Statement | null = null): Value[] {
  const defined = new Set<Value>();
  const free = new Set<Value>();
  const use = (value: Value): void => {
    if (!defined.has(value)) free.add(value);
  };
  const enter = (inside: Block, insideOwner: Statement | null): void => {
    for (const statement of inside.statements) {
      operandsOf(statement).forEach(use);
      scopedValuesOf(statement).forEach((value) => defined.add(value));
      for (const nested of blocksOf(statement)) enter(nested, statement);
      resultsOf(statement).forEach((value) => defined.add(value));
    }
    usesAtEnd(insideOwner, inside).forEach(use);
  };
  enter(block, owner);
  return [...free];
}

/** How often each value is read below a block. */
export function countUses(block: Block): ReadonlyMap<Value, number> {
  const uses = new Map<Value, number>();
  const use = (value: Value): void => void uses.set(value, (uses.get(value) ?? 0) + 1);
  const enter = (inside: Block, owner: Statement | null): void => {
    for (const statement of inside.statements) {
      operandsOf(statement).forEach(use);
      for (const nested of blocksOf(statement)) enter(nested, statement);
    }
    usesAtEnd(owner, inside).forEach(use);
  };
  enter(block, null);
  return uses;
}

/** The same function with another body; same object back when it is the same body. */
export function withBody(fn: IrFunction, body: Block): IrFunction {
  return body === fn.body ? fn : { ...fn, body };
}

/** For the `default` of an exhaustive switch: a kind that nobody handled is a compile error. */
export function unreachable(value: never): never {
  throw new Error(`unhandled ${JSON.stringify(value)}`);
}
