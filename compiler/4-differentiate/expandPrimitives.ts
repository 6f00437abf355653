/**
 * Array primitives as loops, in functions that are differentiated more than once: the runtime has pullbacks and
 * pushforwards of the primitives, but no derivatives of those.
 *
 * Needs: recall-free IR. Guarantees: no array primitive remains; what they compute, but for the order of additions.
 *
 * before: s = dot x, y        after: s = 0; loop i: s = s + x[i] * y[i]
 */
import { invariant } from "../diagnostics.js";
import { BlockBuilder, booleanType, newBlock, newValue, numberType } from "../ir/build.js";
import type { ArrayPrimitiveStatement, Block, IrFunction, Statement, Value } from "../ir/ir.js";
import { countedLoop } from "../ir/loops.js";
import { mapBlocks } from "../ir/walk.js";

export function expandPrimitives(fn: IrFunction): IrFunction {
  const body = expandBlock(fn.body);
  return body === fn.body ? fn : { ...fn, body };
}

function expandBlock(block: Block): Block {
  let hasChanged = false;
  const statements = block.statements.flatMap((statement): readonly Statement[] => {
    if (statement.kind === "arrayPrimitive") {
      hasChanged = true;
      return expanded(statement);
    }
    const inside = mapBlocks(statement, expandBlock);
    hasChanged ||= inside !== statement;
    return [inside];
  });
  return hasChanged ? { ...block, statements } : block;
}

function expanded(statement: ArrayPrimitiveStatement): readonly Statement[] {
  const builder = new BlockBuilder(statement.span);
  const expansion = expansions[statement.primitive];
  invariant(expansion, `the array primitive ${statement.primitive} has no expansion`);
  expansion(builder, statement.arguments, statement.result);
  return builder.statements;
}

/** Computes the primitive of the arguments; its last statement defines the result. */
type Expansion = (builder: BlockBuilder, args: readonly Value[], result: Value) => void;

const expansions: Readonly<Record<string, Expansion>> = {
  dot: (builder, [x, y], result) => {
    requireLength(builder, "dot", y!, lengthOf(builder, x!));
    define(
      builder,
      result,
      sumOf(builder, lengthOf(builder, x!), (inside, i) => times(inside, at(inside, x!, i), at(inside, y!, i))),
    );
  },
  sum: (builder, [x], result) => define(builder, result, total(builder, x!)),
  mean: (builder, [x], result) => define(builder, result, divide(builder, total(builder, x!), lengthOf(builder, x!))),
  norm: (builder, [x], result) => define(builder, result, length(builder, x!)),
  hypotOf: (builder, [x], result) => define(builder, result, length(builder, x!)),
  axpy: (builder, [alpha, x, y], result) => {
    const count = lengthOf(builder, x!);
    requireLength(builder, "axpy", y!, count);
    fill(builder, result, count, (inside, i) =>
      plus(inside, times(inside, alpha!, at(inside, x!, i)), at(inside, y!, i)),
    );
  },
  matvec: (builder, [a, x, rows, columns], result) => {
    requireLength(builder, "matvec", a!, times(builder, rows!, columns!));
    requireLength(builder, "matvec", x!, columns!);
    fill(builder, result, rows!, (inside, i) => {
      const row = times(inside, i, columns!);
      return sumOf(inside, columns!, (here, j) => times(here, at(here, a!, plus(here, row, j)), at(here, x!, j)));
    });
  },
  matmul: (builder, [a, b, rows, inner, columns], result) => {
    requireLength(builder, "matmul", a!, times(builder, rows!, inner!));
    requireLength(builder, "matmul", b!, times(builder, inner!, columns!));
    allocate(builder, result, times(builder, rows!, columns!));
    countedLoop(builder, rows!, [], (inside, i) => {
      countedLoop(inside, columns!, [], (here, j) => {
        const product = sumOf(here, inner!, (deep, k) => {
          const left = at(deep, a!, plus(deep, times(deep, i, inner!), k));
          return times(deep, left, at(deep, b!, plus(deep, times(deep, k, columns!), j)));
        });
        store(here, result, plus(here, times(here, i, columns!), j), product);
        return [];
      });
      return [];
    });
  },
  transpose: (builder, [a, rows, columns], result) => {
    const count = times(builder, rows!, columns!);
    requireLength(builder, "transpose", a!, count);
    allocate(builder, result, count);
    countedLoop(builder, rows!, [], (inside, i) => {
      countedLoop(inside, columns!, [], (here, j) => {
        const item = at(here, a!, plus(here, times(here, i, columns!), j));
        store(here, result, plus(here, times(here, j, rows!), i), item);
        return [];
      });
      return [];
    });
  },
  logSumExp: (builder, [x], result) => {
    const most = largest(builder, x!);
    const terms = sumOf(builder, lengthOf(builder, x!), (inside, i) =>
      apply(inside, "exp", apply(inside, "subtract", at(inside, x!, i), most)),
    );
    define(builder, result, plus(builder, most, apply(builder, "log", terms)));
  },
  softmax: (builder, [x], result) => {
    const most = largest(builder, x!);
    const count = lengthOf(builder, x!);
    const term = (inside: BlockBuilder, i: Value): Value =>
      apply(inside, "exp", apply(inside, "subtract", at(inside, x!, i), most));
    const terms = sumOf(builder, count, term);
    fill(builder, result, count, (inside, i) => divide(inside, term(inside, i), terms));
  },
};

function apply(builder: BlockBuilder, primitive: string, ...args: readonly Value[]): Value {
  return builder.apply(primitive, args);
}

const plus = (builder: BlockBuilder, a: Value, b: Value): Value => apply(builder, "add", a, b);
const times = (builder: BlockBuilder, a: Value, b: Value): Value => apply(builder, "multiply", a, b);
const divide = (builder: BlockBuilder, a: Value, b: Value): Value => apply(builder, "divide", a, b);

function at(builder: BlockBuilder, object: Value, index: Value): Value {
  const result = newValue(numberType, { span: builder.span });
  builder.add({ kind: "load", result, object, key: { kind: "index", index }, span: builder.span });
  return result;
}

function store(builder: BlockBuilder, object: Value, index: Value, value: Value): void {
  builder.add({ kind: "store", object, key: { kind: "index", index }, value, span: builder.span });
}

function lengthOf(builder: BlockBuilder, object: Value): Value {
  const result = newValue(numberType, { span: builder.span });
  builder.add({ kind: "length", result, object, span: builder.span });
  return result;
}

function allocate(builder: BlockBuilder, result: Value, count: Value): void {
  const fill = result.type.kind === "array" ? builder.constant(0) : null;
  builder.add({ kind: "allocate", result, length: count, fill, span: builder.span });
}

function fill(
  builder: BlockBuilder,
  result: Value,
  count: Value,
  item: (inside: BlockBuilder, index: Value) => Value,
): void {
  allocate(builder, result, count);
  countedLoop(builder, count, [], (inside, index) => {
    store(inside, result, index, item(inside, index));
    return [];
  });
}

/** The result is this value; a multiplication by one leaves every number as it is. */
function define(builder: BlockBuilder, result: Value, value: Value): void {
  const args = [value, builder.constant(1)];
  builder.add({ kind: "apply", result, primitive: "multiply", arguments: args, span: builder.span });
}

function sumOf(builder: BlockBuilder, count: Value, term: (inside: BlockBuilder, index: Value) => Value): Value {
  const [sum] = countedLoop(builder, count, [builder.constant(0)], (inside, index, [before]) => [
    plus(inside, before!, term(inside, index)),
  ]);
  return sum!;
}

function total(builder: BlockBuilder, x: Value): Value {
  return sumOf(builder, lengthOf(builder, x), (inside, i) => at(inside, x, i));
}

/** The largest element; its derivatives cancel in what it is taken from and added to again. */
function largest(builder: BlockBuilder, x: Value): Value {
  const [most] = countedLoop(builder, lengthOf(builder, x), [builder.constant(-Infinity)], (inside, i, [before]) => [
    apply(inside, "max", before!, at(inside, x, i)),
  ]);
  return most!;
}

/** √Σ xᵢ², and 0 with derivative 0 at the zero vector. */
function length(builder: BlockBuilder, x: Value): Value {
  const squares = sumOf(builder, lengthOf(builder, x), (inside, i) => {
    const item = at(inside, x, i);
    return times(inside, item, item);
  });
  const isZero = builder.apply("equal", [squares, builder.constant(0)], booleanType);
  const [none, some] = [new BlockBuilder(builder.span), new BlockBuilder(builder.span)];
  const result = newValue(numberType, { span: builder.span });
  const then = newBlock(none.statements, [none.constant(0)]);
  const root = some.apply("sqrt", [squares]);
  builder.add({
    kind: "if",
    condition: isZero,
    then,
    else: newBlock(some.statements, [root]),
    results: [result],
    span: builder.span,
  });
  return result;
}

function requireLength(builder: BlockBuilder, name: string, x: Value, count: Value): void {
  const condition = builder.apply("notEqual", [lengthOf(builder, x), count], booleanType);
  const pieces = [`new RangeError("${name}: the arrays do not fit together.")`];
  const then = newBlock([{ kind: "throw", pieces, span: builder.span }]);
  builder.add({ kind: "if", condition, then, else: newBlock([]), results: [], span: builder.span });
}
