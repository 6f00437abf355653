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
import { aliasClasses, type AliasFacts, makesObject } from "../3-analyse/aliases.js";
import { type Touch, touchesOf } from "../3-analyse/touches.js";
import { BlockBuilder, booleanType, newBlock, newValue, numberType } from "../ir/build.js";
import { copyBlock } from "../ir/copyBlock.js";
import { Edits } from "../ir/edit.js";
import type { ApplyStatement, Block, IfStatement, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import {
  blocksOf,
  countUses,
  freeValues,
  mapBlocks,
  operandsOf,
  resultsOf,
  visitStatements,
  withBody,
} from "../ir/walk.js";
import { hasDerivative } from "../rules/index.js";

export function lastChoices(fn: IrFunction): IrFunction {
  for (let current = fn; ;) {
    const change = findChange(current);
    if (!change) return current;
    current = withBody(current, change);
  }
}

/** How an iteration comes to the next value. */
type Choice =
  | { readonly kind: "same" }
  /** `path`: the blocks around it, from the loop's body. */
  | { readonly kind: "new"; readonly value: Value; readonly path: readonly Block[] }
  | {
      readonly kind: "extremum";
      readonly statement: ApplyStatement;
      readonly isFirst: boolean;
      readonly path: readonly Block[];
    }
  | { readonly kind: "branch"; readonly statement: IfStatement; readonly then: Choice; readonly else: Choice };

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
    const together = shaped.slice(k + 1).filter((other) => isInOneBranch(shape, other) && neededOf(other));
    const all = new Set([...needed, ...together.flatMap((other) => neededOf(other)!)]);
    const inOrder = statementsAlong(shape.replacement.path).filter((one) => all.has(one));
    return changed(fn.body, [shape, ...together], inOrder);
  }
  return null;
}

// -------------------------------------------------------------------------------------------------------- the shape

interface Shape {
  readonly loop: LoopStatement;
  /** Among what the loop carries. */
  readonly position: number;
  readonly choice: Choice;
  /** The only value that may replace what is carried. */
  readonly replacement: Choice & { kind: "new" };
  readonly isExtremum: boolean;
}

function shapeOf(loop: LoopStatement, position: number): Shape | null {
  const parameter = loop.parameters[position]!;
  if (parameter.type.kind !== "number" || endsInThrow(loop.body)) return null;
  const choice = choiceOf(parameter, loop.body.yields[position]!, [loop.body]);
  const replacements = replacementsOf(choice);
  if (choice.kind === "new" || replacements.length !== 1 || replacements[0]!.value === loop.counter) return null;
  return { loop, position, choice, replacement: replacements[0]!, isExtremum: hasExtremum(choice) };
}

function endsInThrow(block: Block): boolean {
  return block.statements.at(-1)?.kind === "throw";
}

function choiceOf(carried: Value, value: Value, path: readonly Block[]): Choice {
  if (value === carried) return { kind: "same" };
  const asNew: Choice = { kind: "new", value, path };
  const statement = path.at(-1)!.statements.find((one) => resultsOf(one).includes(value));
  if (statement?.kind === "if") {
    const position = statement.results.indexOf(value);
    if (blocksOf(statement).some(endsInThrow)) return asNew;
    const [then, other] = [statement.then, statement.else].map((branch) =>
      choiceOf(carried, branch.yields[position]!, [...path, branch]),
    ) as [Choice, Choice];
    if (then.kind === "new" && other.kind === "new") return asNew;
    return { kind: "branch", statement, then, else: other };
  }
  if (statement?.kind !== "apply" || (statement.primitive !== "max" && statement.primitive !== "min")) return asNew;
  const [first, second] = statement.arguments;
  if (statement.arguments.length !== 2 || (first === carried) === (second === carried)) return asNew;
  return { kind: "extremum", statement, isFirst: first === carried, path };
}

function replacementsOf(choice: Choice): readonly (Choice & { kind: "new" })[] {
  if (choice.kind === "new") return [choice];
  if (choice.kind === "branch") return [...replacementsOf(choice.then), ...replacementsOf(choice.else)];
  if (choice.kind !== "extremum") return [];
  return [{ kind: "new", value: choice.statement.arguments[choice.isFirst ? 1 : 0]!, path: choice.path }];
}

function hasExtremum(choice: Choice): boolean {
  if (choice.kind === "branch") return hasExtremum(choice.then) || hasExtremum(choice.else);
  return choice.kind === "extremum";
}

// ---------------------------------------------------------------------------------------------------------- its uses

/** Who reads a value, and whether a derivative passes there. */
class Uses {
  private readonly all: ReadonlyMap<Value, number>;
  private readonly passive = new Map<Value, number>();

  constructor(body: Block) {
    this.all = countUses(body);
    visitStatements(body, (statement) => {
      if (statement.kind !== "apply") return;
      statement.arguments.forEach((value, k) => {
        if (!hasDerivative(statement.primitive, k)) this.passive.set(value, (this.passive.get(value) ?? 0) + 1);
      });
    });
  }

  private activeUses(value: Value): number {
    return (this.all.get(value) ?? 0) - (this.passive.get(value) ?? 0);
  }

  /** A derivative may come to it. */
  isWanted(value: Value): boolean {
    return this.activeUses(value) > 0;
  }

  /** Inside the loop no derivative comes to what is carried, but by the way to the next iteration. */
  isPassive({ loop, position, choice }: Shape): boolean {
    const expected = new Map<Value, number>();
    const expect = (value: Value): void => void expected.set(value, (expected.get(value) ?? 0) + 1);
    const parameter = loop.parameters[position]!;
    const enter = (part: Choice, result: Value): void => {
      expect(result);
      if (part.kind === "extremum") expect(parameter);
      if (part.kind !== "branch") return;
      const at = part.statement.results.indexOf(result);
      enter(part.then, part.statement.then.yields[at]!);
      enter(part.else, part.statement.else.yields[at]!);
    };
    enter(choice, loop.body.yields[position]!);
    const replacement = replacementsOf(choice)[0]!.value;
    return [...expected].every(([value, count]) => value === replacement || this.activeUses(value) === count);
  }
}

// ------------------------------------------------------------------------------------------------- what it is made of

/** The statements of an iteration that the replacement needs, in order; null where they cannot run once more. */
function neededFor({ loop, replacement }: Shape, aliases: AliasFacts): readonly Statement[] | null {
  const { path, value } = replacement;
  const candidates = statementsAlong(path);
  const defining = new Map(candidates.flatMap((one) => resultsOf(one).map((result) => [result, one])));
  const inside = definedInside(loop);
  const touches = touchesOf(aliases, loop.body.statements);
  if (!touches) return null;
  const made = madeIn(loop);
  const writes = touches.filter(({ how }) => how !== "read");
  const needed = new Set<Statement>();
  /** What the iteration reads, it has made itself, or nobody writes it as long as the loop runs. */
  const needMemory = (touch: Touch): boolean => {
    const writers = writes.filter(({ memory }) => memory === touch.memory);
    if (writers.length === 0) return true;
    if (!made.has(touch.object) || !writers.every(({ object }) => made.has(object))) return false;
    const by = new Set(writers.map((writer) => writer.by));
    return candidates.filter((one) => holdsAny(one, by)).every(need);
  };
  const needValue = (one: Value): boolean => {
    const statement = defining.get(one);
    if (statement) return need(statement);
    return one === loop.counter || !inside.has(one);
  };
  const need = (statement: Statement): boolean => {
    if (needed.has(statement)) return true;
    if (!mayRunAgain(statement)) return false;
    needed.add(statement);
    const own = touchesOf(aliases, [statement]);
    const values = [...operandsOf(statement), ...blocksOf(statement).flatMap((block) => freeValues(block, statement))];
    const isInner = definedBelow(statement);
    return (
      own !== null && own.every(needMemory) && values.every((operand) => isInner.has(operand) || needValue(operand))
    );
  };
  return needValue(value) ? candidates.filter((one) => needed.has(one)) : null;
}

/** The statements of the blocks, in the order in which they run; of what leads from one block into the next only the next. */
function statementsAlong([block, ...rest]: readonly Block[]): readonly Statement[] {
  return block!.statements.flatMap((statement) =>
    blocksOf(statement).some((inside) => inside === rest[0]) ? statementsAlong(rest) : [statement],
  );
}

function definedInside(loop: LoopStatement): ReadonlySet<Value> {
  const found = new Set<Value>([...loop.parameters, loop.counter]);
  definedBelow(loop).forEach((value) => found.add(value));
  return found;
}

function definedBelow(statement: Statement): ReadonlySet<Value> {
  const found = new Set<Value>();
  for (const block of blocksOf(statement))
    visitStatements(block, (one) => {
      resultsOf(one).forEach((value) => found.add(value));
      if (one.kind === "loop") [one.counter, ...one.parameters].forEach((value) => found.add(value));
    });
  if (statement.kind === "loop") [statement.counter, ...statement.parameters].forEach((value) => found.add(value));
  return found;
}

/** Objects that each iteration makes for itself. */
function madeIn(loop: LoopStatement): ReadonlySet<Value> {
  const made = new Set<Value>();
  visitStatements(loop.body, (one) => {
    if (makesObject(one) && one.kind !== "view") made.add(one.result);
  });
  return made;
}

function holdsAny(statement: Statement, wanted: ReadonlySet<Statement>): boolean {
  return (
    wanted.has(statement) ||
    blocksOf(statement).some((block) => block.statements.some((inside) => holdsAny(inside, wanted)))
  );
}

/** Nobody sees that it runs once more. */
function mayRunAgain(statement: Statement): boolean {
  switch (statement.kind) {
    case "evaluate":
    case "externalCall":
      return statement.isPure;
    case "call":
    case "runtimeCall":
    case "receive":
    case "throw":
    case "closure":
      return false;
    default:
      return blocksOf(statement).every((block) => block.statements.every(mayRunAgain));
  }
}

// --------------------------------------------------------------------------------------------------------- the change

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
  const known = constantIn(body, lower);
  if (known !== null) return builder.constant(known - step);
  const [primitive, size] = step > 0 ? ["subtract", step] : ["add", -step];
  return builder.apply(primitive, [lower, builder.constant(size)]);
}

function constantIn(body: Block, value: Value): number | null {
  let known: number | null = null;
  visitStatements(body, (one) => {
    if (one.kind === "constant" && one.result === value && typeof one.value === "number") known = one.value;
  });
  return known;
}

/** What counts the same already, where the program does or another choice by the same condition: its position. */
function countedAlready({ loop, position, choice }: Shape, body: Block): number {
  const lower = constantIn(body, loop.lower);
  return loop.parameters.findIndex((parameter, k) => {
    if (k === position || lower === null || constantIn(body, loop.initial[k]!) !== lower - loop.step) return false;
    const other = choiceOf(parameter, loop.body.yields[k]!, [loop.body]);
    if (other.kind !== "branch" || isDeep(other)) return false;
    const counted = other.then.kind === "new" ? other.then : other.else;
    return counted.kind === "new" && counted.value === loop.counter && isByTheSame(choice, other, loop.body);
  });
}

/** Two choices in one iteration go the same way. */
function isByTheSame(choice: Choice, other: Choice & { kind: "branch" }, body: Block): boolean {
  if (choice.kind === "branch")
    return !isDeep(choice) && choice.statement === other.statement && choice.then.kind === other.then.kind;
  if (choice.kind !== "extremum" || other.then.kind !== "same") return false;
  const { comparison, kept, replacing } = staysWhere(choice);
  return body.statements.some(
    (one) =>
      one.kind === "apply" &&
      one.result === other.statement.condition &&
      one.primitive === comparison &&
      one.arguments[0] === kept &&
      one.arguments[1] === replacing,
  );
}

/** What is carried stays where it compares like this with what would replace it. */
function staysWhere({ statement, isFirst }: Choice & { kind: "extremum" }): {
  readonly comparison: string;
  readonly kept: Value;
  readonly replacing: Value;
} {
  const [kept, replacing] = isFirst ? statement.arguments : [...statement.arguments].reverse();
  const comparison = (statement.primitive === "max" ? "greater" : "less") + (isFirst ? "Equal" : "");
  return { comparison, kept: kept!, replacing: replacing! };
}

/** One branch replaces both, and nothing else decides. */
function isInOneBranch({ loop, choice }: Shape, other: Shape): boolean {
  return (
    loop === other.loop &&
    choice.kind === "branch" &&
    other.choice.kind === "branch" &&
    !isDeep(other.choice) &&
    isByTheSame(choice, other.choice, loop.body)
  );
}

function describe(choice: Choice): string {
  if (choice.kind !== "extremum") return "chosen";
  return choice.statement.primitive === "max" ? "largest" : "smallest";
}

function isDeep(choice: Choice & { kind: "branch" }): boolean {
  const isFlat = (one: Choice): boolean => one.kind === "new" || one.kind === "same";
  return !isFlat(choice.then) || !isFlat(choice.else);
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
