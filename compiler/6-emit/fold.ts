/**
 * Folding: which values are printed inside the expression that uses them instead of having a name of their own (R4).
 *
 * Needs: verified, recall-free IR. Guarantees: a folded value is used once, in its own block, and no write to memory
 * lies between its definition and the statement it is printed in; what the user named keeps its name.
 *
 * before: a = load xs, i; b = multiply a, a; s' = add s, b        after: s' = s + xs[i] * xs[i] (a is used twice: kept)
 */
import type { Block, IfStatement, IrFunction, LoadStatement, Statement, Type, Value } from "../ir/ir.js";
import { writesMemory } from "../ir/effects.js";
import { isRecursiveType, typesWithin } from "../ir/types.js";
import { blocksOf, operandsOf, usesAtEnd } from "../ir/walk.js";

export interface Folding {
  /** Printed where it is used. */
  isFolded(value: Value): boolean;
  /** The `if` prints as a conditional expression. */
  isExpression(statement: IfStatement): boolean;
  definitionOf(value: Value): Statement | undefined;
  usesOf(value: Value): number;
  /** The reads that take a tuple apart right where it is made, each field at most once, when nothing else uses it. */
  partsOf(statement: Statement): readonly LoadStatement[];
}

/** What an operand flows into: a statement's result, a loop's counter or carried value. */
function receiverOf(statement: Statement, operand: Value): Value | null {
  if (statement.kind === "loop") {
    const k = statement.initial.indexOf(operand);
    if (k >= 0) return statement.parameters[k]!;
    return operand === statement.lower ? statement.counter : null;
  }
  return "result" in statement ? (statement.result ?? null) : null;
}

/** Printed at every use, however often: they cost nothing and have no operands. */
function isFree(statement: Statement): boolean {
  return statement.kind === "constant" || statement.kind === "placeholder" || statement.kind === "global";
}

function isFoldable(statement: Statement): boolean {
  switch (statement.kind) {
    case "apply":
    case "length":
    case "load":
    case "literal":
    case "narrow":
    case "stop":
    case "externalCall":
    case "closure":
      return true;
    case "evaluate":
      return statement.isPure;
    case "runtimeCall":
      return statement.writes.length === 0;
    default:
      return false;
  }
}

function readsMemory(statement: Statement): boolean {
  switch (statement.kind) {
    case "load":
    case "length":
    case "evaluate":
    case "runtimeCall":
    case "externalCall":
      return true;
    default:
      return false;
  }
}

interface Use {
  /** The statement that reads the value, or null for the end of the block. */
  readonly statement: Statement | null;
  readonly block: Block;
  /** The result it flows into, for names. */
  readonly into: Value | null;
  readonly isBound: boolean;
}

/** In operands: of a branch printed as `c ? a : b`, and of what flows on under the user's name. */
const largestExpression = 14;
/** Of anything: beyond it an intermediate gets a name. */
const largestWhole = 120;

export function foldValues(fn: IrFunction): Folding {
  const definitions = new Map<Value, Statement>();
  const uses = new Map<Value, Use[]>();
  const addUse = (value: Value, use: Use): void => {
    const list = uses.get(value);
    if (list) list.push(use);
    else uses.set(value, [use]);
  };
  const collect = (block: Block, owner: Statement | null): void => {
    for (const statement of block.statements) {
      for (const operand of operandsOf(statement)) {
        const into = receiverOf(statement, operand);
        const isBound = statement.kind === "loop" && operand === statement.upper;
        addUse(operand, { statement, block, into, isBound });
      }
      if ("result" in statement && statement.result) definitions.set(statement.result, statement);
      if (statement.kind === "if" || statement.kind === "loop")
        for (const result of statement.results) definitions.set(result, statement);
      for (const nested of blocksOf(statement)) collect(nested, statement);
    }
    usesAtEnd(owner, block).forEach((value, k) => {
      const into =
        owner?.kind === "if"
          ? owner.results[k]
          : owner?.kind === "loop" && block === owner.body
            ? owner.parameters[k]
            : null;
      addUse(value, { statement: null, block, into: into ?? null, isBound: false });
    });
  };
  collect(fn.body, null);

  const usesOf = (value: Value): number => uses.get(value)?.length ?? 0;
  const folded = new Set<Value>();
  const parts = takenApart(fn.body, usesOf);
  const isPart = new Set<Statement>([...parts.values()].flat());
  const expressions = new Set<IfStatement>();
  const sizes = new Map<Value, number>();
  /** Printed in several places, or within loops and branches: what they read stands before them. */
  const scattered = new Set<Statement>();
  const settled = settledValues(fn);
  const isOffset = (statement: Statement): boolean => isCheapOffset(statement, settled, definitions);
  const sizeOf = (value: Value): number => (folded.has(value) ? (sizes.get(value) ?? 1) : 1);

  const isPrintedAnywhere = (statement: Statement): boolean => isOffset(statement) || isOtherName(statement);
  /** What `stopGradient` gives without a name of the user's is called as what it was given. */
  const isOtherName = (statement: Statement): boolean => {
    const given =
      statement.kind === "stop"
        ? statement.object
        : statement.kind === "apply" && statement.primitive === "stopGradient"
          ? statement.arguments[0]!
          : null;
    if (!given || resultOf(statement)!.name !== null || !settled(given)) return false;
    return given.name !== null || (uses.get(given)?.length ?? 0) > 1;
  };

  const decide = (block: Block): void => {
    const { statements } = block;
    for (const statement of statements) blocksOf(statement).forEach(decide);
    // How many statements before each position write memory.
    const writes: number[] = [0];
    for (const statement of statements) writes.push(writes.at(-1)! + (writesMemory(statement) ? 1 : 0));
    const final = new Map<Statement, number>();
    for (let k = statements.length - 1; k >= 0; k--) {
      const statement = statements[k]!;
      final.set(statement, k);
      const result = resultOf(statement);
      if (!result) continue;
      if (statement.kind === "if" && !becomesExpression(statement)) continue;
      if (isFree(statement)) {
        folded.add(result);
        continue;
      }
      if (isOtherName(statement)) {
        folded.add(result);
        continue;
      }
      const all = uses.get(result) ?? [];
      const use = all[0];
      if (isOffset(statement)) {
        folded.add(result);
        const isOneInPlace =
          all.length === 1 &&
          use?.block === block &&
          (!use.statement || blocksOf(use.statement).length === 0 || isPrintedFirst(use.statement, result));
        if (isOneInPlace) final.set(statement, use.statement ? final.get(use.statement)! : statements.length);
        else scattered.add(statement);
        continue;
      }
      if (all.length !== 1 || !use || use.block !== block || use.isBound) continue;
      if (result.type.kind === "record" && result.type.isUnion) continue; // It needs its type written out.
      if (isRowsOfTuples(statement) && use.statement?.kind === "load") continue; // So does this.
      if ((!isFoldable(statement) && statement.kind !== "if") || isPart.has(statement)) continue;
      if (keepsItsName(result, use)) continue;
      if (isLate(use.statement, result)) continue;
      if (statement.kind === "literal" && isAskedForLengths(use.statement, result.type)) continue;
      const target = use.statement ? final.get(use.statement)! : statements.length;
      if (use.statement && blocksOf(use.statement).length > 0 && !isPrintedFirst(use.statement, result)) continue;
      const reads = readsSomething(statement);
      if (reads && writes[target]! !== writes[k + 1]!) continue;
      // The length of a typed array stays what it is.
      const mayChange = reads && !(statement.kind === "length" && statement.object.type.kind === "typedArray");
      if (mayChange && use.statement && scattered.has(use.statement)) continue;
      folded.add(result);
      final.set(statement, target);
    }
    for (const statement of statements) {
      const result = resultOf(statement);
      if (!result || !folded.has(result) || statement.kind === "if") continue;
      const size = 1 + operandsOf(statement).reduce((sum, operand) => sum + sizeOf(operand), 0);
      const isFixed = isFree(statement) || isPrintedAnywhere(statement);
      if (!isFixed && size > (result.name === null ? largestWhole : largestExpression)) folded.delete(result);
      else sizes.set(result, size);
    }
  };

  /** Both branches are single expressions of modest size. */
  const becomesExpression = (statement: IfStatement): boolean => {
    if (expressions.has(statement)) return true;
    if (statement.results.length !== 1) return false;
    const fits = [statement.then, statement.else].every((block) => {
      const all = block.statements.every((inside) => {
        const result = resultOf(inside);
        return result !== null && folded.has(result);
      });
      return all && block.yields.reduce((sum, value) => sum + sizeOf(value), 0) <= largestExpression;
    });
    if (!fits) return false;
    expressions.add(statement);
    sizes.set(
      statement.results[0]!,
      3 + [statement.then, statement.else].reduce((sum, block) => sum + sizeOf(block.yields[0]!), 0),
    );
    return true;
  };

  decide(fn.body);
  return {
    isFolded: (value) => folded.has(value),
    isExpression: (statement) => expressions.has(statement),
    definitionOf: (value) => definitions.get(value),
    usesOf,
    partsOf: (statement) => parts.get(statement) ?? [],
  };
}

/** A literal that TypeScript takes for an array of arrays where nothing says that these are tuples. */
function isRowsOfTuples(statement: Statement): boolean {
  if (statement.kind !== "literal") return false;
  const { type } = statement.result;
  return type.kind === "array" && type.element.kind === "tuple";
}

function isCall(statement: Statement): boolean {
  return statement.kind === "runtimeCall" || statement.kind === "externalCall";
}

/** Statements that make a tuple, with the reads right behind them that are all its uses. */
function takenApart(block: Block, usesOf: (value: Value) => number): Map<Statement, readonly LoadStatement[]> {
  const found = new Map<Statement, readonly LoadStatement[]>();
  const enter = (inside: Block): void => {
    inside.statements.forEach((statement, k) => {
      blocksOf(statement).forEach(enter);
      const result = "result" in statement ? statement.result : null;
      if (result?.type.kind !== "tuple" || (!isCall(statement) && isFoldable(statement))) return;
      const reads: LoadStatement[] = [];
      for (const next of inside.statements.slice(k + 1)) {
        if (next.kind !== "load" || next.object !== result || next.key.kind !== "field") break;
        reads.push(next);
      }
      const fields = reads.map((read) => Number((read.key as { name: string }).name));
      const isAscending = fields.every((field, j) => j === 0 || field > fields[j - 1]!);
      if (reads.length > 0 && reads.length === usesOf(result) && isAscending) found.set(statement, reads);
    });
  };
  enter(block);
  return found;
}

/** Values that live in a variable of their own: not handed over by a loop or a branch, or a counter. */
function settledValues(fn: IrFunction): (value: Value) => boolean {
  const moving = new Set<Value>();
  const enter = (block: Block): void => {
    for (const statement of block.statements) {
      if (statement.kind === "if")
        [...statement.results, ...statement.then.yields, ...statement.else.yields].forEach((value) =>
          moving.add(value),
        );
      if (statement.kind === "loop")
        [...statement.parameters, ...statement.initial, ...statement.results, ...statement.body.yields].forEach(
          (value) => moving.add(value),
        );
      blocksOf(statement).forEach(enter);
    }
  };
  enter(fn.body);
  return (value) => !moving.has(value);
}

/** `i + 1` and the like, of values that never change: printed at every use. */
function isCheapOffset(
  statement: Statement,
  isSettled: (value: Value) => boolean,
  definitions: ReadonlyMap<Value, Statement>,
): boolean {
  if (statement.kind !== "apply" || statement.result.name !== null) return false;
  if (statement.primitive !== "add" && statement.primitive !== "subtract") return false;
  const isConstant = (value: Value): boolean => definitions.get(value)?.kind === "constant";
  const [a, b] = statement.arguments as [Value, Value];
  const isNamed = (value: Value): boolean => {
    const definition = definitions.get(value);
    const isOffset = definition?.kind === "apply" && isCheapOffset(definition, isSettled, definitions);
    return (
      isSettled(value) && !isOffset && (value.name !== null || definition === undefined || definition.kind === "length")
    );
  };
  return isConstant(b) && isNamed(a) && isSettled(statement.result);
}

function resultOf(statement: Statement): Value | null {
  if (statement.kind === "if") return statement.results.length === 1 ? statement.results[0]! : null;
  return "result" in statement ? (statement.result ?? null) : null;
}

/** Zeros of its shape ask an object for each of its lengths: it is not built for that. */
function isAskedForLengths(use: Statement | null, type: Type): boolean {
  if (use?.kind !== "zerosLike" || use.keepsIdentity || isRecursiveType(type)) return false;
  return [...typesWithin(type)].some(({ kind }) => kind === "array" || kind === "typedArray");
}

/** What the statement is given runs later, or every time. */
function isLate(statement: Statement | null, given: Value): boolean {
  if (statement?.kind === "closure") return true;
  return statement?.kind === "externalCall" && statement.callee.kind === "hook" && statement.arguments[0] !== given;
}

/** A name of the user's (or its adjoint) stays, unless the value flows on under the same name. */
function keepsItsName(value: Value, use: Use): boolean {
  if (value.name === null) return false;
  const into = use.into;
  return !(into && into.name === value.name && into.role === value.role);
}

/** The statement evaluates this operand before anything inside it runs. */
function isPrintedFirst(statement: Statement, value: Value): boolean {
  if (statement.kind === "if") return statement.condition === value;
  return statement.kind === "loop" && (statement.lower === value || statement.initial.includes(value));
}

/** The expression that would be printed reads memory somewhere. */
function readsSomething(statement: Statement): boolean {
  if (readsMemory(statement)) return true;
  if (statement.kind === "if")
    return [statement.then, statement.else].some((block) => block.statements.some((inside) => readsSomething(inside)));
  return false;
}
