/**
 * Values that a loop carries and that each iteration leaves alone or replaces by one other value, and what of the iteration
 * that other value needs.
 *
 * Needs: a primal. Guarantees: the statements that are found give, run once more behind the loop for the iteration that
 * replaced the value last, the value that it has there.
 *
 * before: loop c {d = …c…; n' = min n, d}        after: n is replaced by d, which needs …c…
 */
import { hasDerivative } from "../rules/index.js";
import { type AliasFacts, madeIn } from "./aliases.js";
import { type Touch, touchesOf } from "./touches.js";
import type { ApplyStatement, Block, IfStatement, LoopStatement, Statement, Value } from "../ir/ir.js";
import {
  blocksOf,
  countUses,
  freeValues,
  operandsOf,
  resultsOf,
  visitStatements,
  endsInThrow,
  definedIn,
  scopedValuesOf,
} from "../ir/walk.js";

/** How an iteration comes to the next value. */
export type Choice =
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

// -------------------------------------------------------------------------------------------------------- the shape

export interface Shape {
  readonly loop: LoopStatement;
  /** Among what the loop carries. */
  readonly position: number;
  readonly choice: Choice;
  /** The only value that may replace what is carried. */
  readonly replacement: Choice & { kind: "new" };
  readonly isExtremum: boolean;
}

export function shapeOf(loop: LoopStatement, position: number): Shape | null {
  const parameter = loop.parameters[position]!;
  if (parameter.type.kind !== "number" || endsInThrow(loop.body)) return null;
  const choice = choiceOf(parameter, loop.body.yields[position]!, [loop.body]);
  const replacements = replacementsOf(choice);
  if (choice.kind === "new" || replacements.length !== 1 || replacements[0]!.value === loop.counter) return null;
  return { loop, position, choice, replacement: replacements[0]!, isExtremum: hasExtremum(choice) };
}

export function choiceOf(carried: Value, value: Value, path: readonly Block[]): Choice {
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
export class Uses {
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
export function neededFor({ loop, replacement }: Shape, aliases: AliasFacts): readonly Statement[] | null {
  const { path, value } = replacement;
  const candidates = statementsAlong(path);
  const defining = new Map(candidates.flatMap((one) => resultsOf(one).map((result) => [result, one])));
  const inside = definedIn(loop);
  const touches = touchesOf(aliases, loop.body.statements);
  if (!touches) return null;
  const made = madeIn(loop.body);
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
    const touched = touchesOf(aliases, [statement]);
    const values = [...operandsOf(statement), ...blocksOf(statement).flatMap((block) => freeValues(block, statement))];
    const own = new Set(scopedValuesOf(statement));
    return (
      touched !== null && touched.every(needMemory) && values.every((operand) => own.has(operand) || needValue(operand))
    );
  };
  return needValue(value) ? candidates.filter((one) => needed.has(one)) : null;
}

/** The statements of the blocks, in the order in which they run; of what leads from one block into the next only the next. */
export function statementsAlong([block, ...rest]: readonly Block[]): readonly Statement[] {
  return block!.statements.flatMap((statement) =>
    blocksOf(statement).some((inside) => inside === rest[0]) ? statementsAlong(rest) : [statement],
  );
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

// --------------------------------------------------------------------------------------------------- two of them

/** Two choices in one iteration go the same way. */
export function isByTheSame(choice: Choice, other: Choice & { kind: "branch" }, body: Block): boolean {
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
export function staysWhere({ statement, isFirst }: Choice & { kind: "extremum" }): {
  readonly comparison: string;
  readonly kept: Value;
  readonly replacing: Value;
} {
  const [kept, replacing] = isFirst ? statement.arguments : [...statement.arguments].reverse();
  const comparison = (statement.primitive === "max" ? "greater" : "less") + (isFirst ? "Equal" : "");
  return { comparison, kept: kept!, replacing: replacing! };
}

/** One branch replaces both, and nothing else decides. */
export function isInOneBranch({ loop, choice }: Shape, other: Shape): boolean {
  return (
    loop === other.loop &&
    choice.kind === "branch" &&
    other.choice.kind === "branch" &&
    !isDeep(other.choice) &&
    isByTheSame(choice, other.choice, loop.body)
  );
}

export function isDeep(choice: Choice & { kind: "branch" }): boolean {
  const isFlat = (one: Choice): boolean => one.kind === "new" || one.kind === "same";
  return !isFlat(choice.then) || !isFlat(choice.else);
}
