/**
 * What a loop carries and each iteration either leaves alone or replaces (`nearest = Math.min(nearest, d)`, `if (d < best)
 * best = d`) is, after the loop, what the iteration computed that replaced it last: the loop counts which that was, and the
 * derivative runs through that iteration alone.
 *
 * Needs: a primal. Guarantees: the same values. What replaces the value depends on the counter and on what the loop does
 * not change.
 *
 * before: loop c {d = …c…; n' = min n, d}        after: loop c {d = …c…; n' = min n, d; at' = n <= d ? at : c}; e = at >= 0 ? …at… : n0; r = extremum n', e
 */
import { aliasClasses, type AliasFacts } from "../3-analyse/aliases.js";
import {
  type Choice,
  choiceOf,
  isByTheSame,
  isDeep,
  isInOneBranch,
  neededFor,
  type Shape,
  shapeOf,
  statementsAlong,
  staysWhere,
  Uses,
} from "../3-analyse/replacedValues.js";
import { BlockBuilder, booleanType, newBlock, newValue, numberType } from "../ir/build.js";
import { copyBlock } from "../ir/copyBlock.js";
import { Edits } from "../ir/edit.js";
import type { Block, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import { mapBlocks, visitStatements, withBody, constantsIn } from "../ir/walk.js";

export function lastChoices(fn: IrFunction): IrFunction {
  for (let current = fn; ;) {
    const change = findChange(current);
    if (!change) return current;
    current = withBody(current, change);
  }
}

function findChange(fn: IrFunction): Block | null {
  const loops: LoopStatement[] = [];
  visitStatements(fn.body, (statement) => statement.kind === "loop" && loops.push(statement));
  const shaped = loops.flatMap((loop) =>
    loop.checkpoint ? [] : loop.parameters.flatMap((_, position) => shapeOf(loop, position) ?? []),
  );
  if (shaped.length === 0) return null;
  const uses = new Uses(fn.body);
  let aliases: AliasFacts | null = null;
  const neededOf = (shape: Shape): readonly Statement[] | null => {
    if (!uses.isPassive(shape) || !uses.isWanted(shape.loop.results[shape.position]!)) return null;
    return neededFor(shape, (aliases ??= aliasClasses(fn)));
  };
  for (const [k, shape] of shaped.entries()) {
    const needed = neededOf(shape);
    if (!needed) continue;
    const together = [shape];
    const all = new Set(needed);
    for (const other of shaped.slice(k + 1)) {
      const own = isInOneBranch(shape, other) ? neededOf(other) : null;
      if (own) together.push(other);
      own?.forEach((one) => all.add(one));
    }
    const inOrder = statementsAlong(shape.replacement.path).filter((one) => all.has(one));
    return changed(fn.body, together, inOrder);
  }
  return null;
}

/** For what one condition replaces: all of it comes from one iteration. */
function changed(body: Block, shapes: readonly Shape[], needed: readonly Statement[]): Block {
  const { loop, position, choice } = shapes[0]!;
  const { span } = loop;
  const label = { name: `${loop.parameters[position]!.name ?? describe(choice)}At`, span };
  const edits = new Edits();

  const known = loop.results[countedAlready(shapes[0]!, body)];
  const last = known ?? newValue(numberType, label);
  if (!known) {
    const before = new BlockBuilder(span);
    const none = startOf(before, loop, body);
    const carried = newValue(numberType, label);
    edits.beforeStatement(loop, before.statements);
    edits.carry(loop, carried, none, last);
    edits.yieldAlso(loop.body, iterationOf(edits, choice, { carried, counter: loop.counter, label }));
  }

  const after = new BlockBuilder(span);
  const isFound = after.apply(loop.step > 0 ? "greaterEqual" : "lessEqual", [last, loop.lower], booleanType);
  const values = shapes.map(({ replacement }) => replacement.value);
  const iteration = copyBlock(newBlock(needed, values), new Map([[loop.counter, last]])).block;
  const initial = shapes.map((shape) => loop.initial[shape.position]!);
  const sources = shapes.map((shape) => {
    const [result, parameter] = [loop.results[shape.position]!, loop.parameters[shape.position]!];
    return newValue(numberType, { name: result.name ?? parameter.name, span });
  });
  after.add({ kind: "if", condition: isFound, then: iteration, else: newBlock([], initial), results: sources, span });
  const inLoop = new Map<Value, Value>();
  shapes.forEach((shape, k) => {
    const result = loop.results[shape.position]!;
    const own = newValue(numberType, { name: result.name, span: result.span });
    inLoop.set(result, own);
    const primitive = shape.isExtremum ? "extremum" : "selected";
    after.add({ kind: "apply", result, primitive, arguments: [own, sources[k]!], span });
  });
  edits.afterDefinition(loop.results.at(-1)!, after.statements);

  const rename = (block: Block): Block => ({
    ...block,
    statements: block.statements.map((statement): Statement => {
      const inside = mapBlocks(statement, rename);
      if (inside.kind !== "loop" || inside.counter !== loop.counter) return inside;
      return { ...inside, results: inside.results.map((one) => inLoop.get(one) ?? one) };
    }),
  });
  return rename(edits.apply(body));
}

/** What the counter is never. */
function startOf(builder: BlockBuilder, { lower, step }: LoopStatement, body: Block): Value {
  const known = constantsIn(body).get(lower);
  if (known !== undefined) return builder.constant(known - step);
  const [primitive, size] = step > 0 ? ["subtract", step] : ["add", -step];
  return builder.apply(primitive, [lower, builder.constant(size)]);
}

/** What counts the same already, where the program does or another choice by the same condition: its position. */
function countedAlready({ loop, position, choice }: Shape, body: Block): number {
  const numbers = constantsIn(body);
  const lower = numbers.get(loop.lower);
  return loop.parameters.findIndex((parameter, k) => {
    if (k === position || lower === undefined || numbers.get(loop.initial[k]!) !== lower - loop.step) return false;
    const other = choiceOf(parameter, loop.body.yields[k]!, [loop.body]);
    if (other.kind !== "branch" || isDeep(other)) return false;
    const counted = other.then.kind === "new" ? other.then : other.else;
    return counted.kind === "new" && counted.value === loop.counter && isByTheSame(choice, other, loop.body);
  });
}

function describe(choice: Choice): string {
  if (choice.kind !== "extremum") return "chosen";
  return choice.statement.primitive === "max" ? "largest" : "smallest";
}

interface Counting {
  readonly carried: Value;
  readonly counter: Value;
  readonly label: { readonly name: string | null };
}

/** The iteration that has replaced the value last, as this one leaves it. */
function iterationOf(edits: Edits, choice: Choice, counting: Counting): Value {
  const { carried, counter, label } = counting;
  switch (choice.kind) {
    case "same":
      return carried;
    case "new":
      return counter;
    case "extremum": {
      const { statement } = choice;
      const builder = new BlockBuilder(statement.span);
      const { comparison, kept, replacing } = staysWhere(choice);
      const stays = builder.apply(comparison, [kept, replacing], booleanType);
      const result = newValue(numberType, label);
      const [then, otherwise] = [newBlock([], [carried]), newBlock([], [counter])];
      builder.add({ kind: "if", condition: stays, then, else: otherwise, results: [result], span: statement.span });
      edits.beforeStatement(statement, builder.statements);
      return result;
    }
    case "branch": {
      const { statement } = choice;
      const result = newValue(numberType, label);
      edits.yieldAlso(statement.then, iterationOf(edits, choice.then, counting));
      edits.yieldAlso(statement.else, iterationOf(edits, choice.else, counting));
      edits.resultAlso(statement, result);
      return result;
    }
  }
}
