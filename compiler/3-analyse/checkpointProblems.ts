/**
 * What stands in the way of `@checkpoint`: what is run again must do the same again, and nothing that is seen from outside.
 * (Memory of modules is not written at all.)
 *
 * Needs: primals whose calls are summarised. Guarantees: where nothing is reported, a part that is run again from its
 * state computes what it computed before.
 */
import type { Diagnostic } from "../diagnostics.js";
import type { Block, IrFunction, Span, Statement, Value } from "../ir/ir.js";
import { canCarryDerivative, elementType, isRecursiveType, isReference, mayLackNumbers } from "../ir/types.js";
import { blocksOf, freeValues, scopedValuesOf, visitStatements } from "../ir/walk.js";
import type { Request } from "../requests.js";
import { activity, type ActivityFacts } from "./activity.js";
import { reachableFrom } from "./entangled.js";
import { finality, type FinalityFacts } from "./finality.js";
import { aliasClasses, type AliasFacts, madeIn } from "./aliases.js";
import { questionOf, requestedWrt } from "./requested.js";

export function checkpointProblems(
  functions: ReadonlyMap<string, IrFunction>,
  fn: IrFunction,
  request: Request,
): readonly Diagnostic[] {
  const aliases = aliasClasses(fn);
  let known: ActivityFacts | null = null;
  const hasShadow = (value: Value): boolean =>
    isReference(value.type) &&
    (known ??= activity(fn, aliases, questionOf(fn, requestedWrt(fn, request)))).hasShadow(value);
  const own = problemsIn(functions, { fn, aliases, hasShadow, span: request.span });
  // Of a function that is called everything may be active.
  const mayHaveShadow = ({ type }: Value): boolean => isReference(type) && canCarryDerivative(type);
  const called = functionsCalled(functions, fn).flatMap((callee) =>
    problemsIn(functions, {
      fn: callee,
      aliases: aliasClasses(callee),
      hasShadow: mayHaveShadow,
      span: callee.span ?? request.span,
    }),
  );
  return [...own, ...called];
}

function functionsCalled(functions: ReadonlyMap<string, IrFunction>, fn: IrFunction): readonly IrFunction[] {
  const found = new Set<IrFunction>();
  const enter = (caller: IrFunction): void =>
    visitStatements(caller.body, (statement) => {
      const callee = statement.kind === "call" ? functions.get(statement.callee) : undefined;
      if (!callee || found.has(callee)) return;
      found.add(callee);
      enter(callee);
    });
  enter(fn);
  return [...found];
}

interface Questioned {
  readonly fn: IrFunction;
  readonly aliases: AliasFacts;
  readonly hasShadow: (value: Value) => boolean;
  /** Of the function. */
  readonly span: Span;
}

function problemsIn(
  functions: ReadonlyMap<string, IrFunction>,
  { fn, aliases, hasShadow, span: whole }: Questioned,
): readonly Diagnostic[] {
  let finalityFacts: FinalityFacts | null = null;
  const isShapedAfter = (statement: Statement, object: Value): boolean =>
    (finalityFacts ??= finality(fn, aliases)).isShapedAfter(statement, object);
  const problems = new Map<number, Diagnostic>();
  const report = (span: Span | null, message: string, suggestion: string): void => {
    const at = span ?? whole;
    problems.set(at.start, { code: "checkpoint", severity: "error", span: at, message, suggestion });
  };
  const enter = (block: Block): void => {
    for (const statement of block.statements) {
      if (statement.kind === "loop" && statement.checkpoint) check(statement.body, statement);
      if (statement.kind === "if" && statement.isCheckpoint) check(statement.then, statement);
      blocksOf(statement).forEach(enter);
    }
  };
  const check = (body: Block, owner: Statement): void => {
    const impure = firstImpure(functions, body, new Set());
    if (impure)
      report(
        impure.span,
        "This is done once, and what has @checkpoint is run again in the reverse sweep.",
        "Do it before, and pass what it gives, or leave @checkpoint out.",
      );
    const reshaped = firstReshaping(body, hasShadow);
    if (reshaped)
      report(
        reshaped.span,
        "An array from outside grows or shrinks here, or is given other objects to hold: what has @checkpoint must leave their shapes alone.",
        "Write into elements that are there, make a new array, or leave @checkpoint out.",
      );
    const around = [...freeValues(body, owner), ...scopedValuesOf(owner)];
    const recursive = around.find((value) => hasShadow(value) && isRecursiveType(value.type));
    if (recursive)
      report(
        recursive.span ?? owner.span,
        "What has @checkpoint uses data of a type that contains itself, of which no states can be kept.",
        "Use arrays and plain records, or leave @checkpoint out.",
      );
    const unshaped = around.find((value) => hasShadow(value) && !isShapedAfter(owner, value));
    if (unshaped)
      report(
        owner.span,
        "What has @checkpoint uses an array or a record that is given other objects to hold afterwards.",
        "Give these to a new array or record, or leave @checkpoint out.",
      );
    const lacking = around.find(
      (value) => hasShadow(value) && mayLackNumbers(value.type) && isReshaped(aliases, value),
    );
    if (lacking)
      report(
        owner.span,
        "What has @checkpoint uses records in which numbers come or go.",
        "Write 0 or NaN for what is missing, or leave @checkpoint out.",
      );
  };
  enter(fn.body);
  return [...problems.values()];
}

function isReshaped(aliases: AliasFacts, value: Value): boolean {
  return [...reachableFrom(aliases, value)].some((memory) => memory.isReshaped);
}

function find(block: Block, isMeant: (statement: Statement) => boolean): Statement | null {
  for (const statement of block.statements) {
    if (isMeant(statement)) return statement;
    for (const nested of blocksOf(statement)) {
      const found = find(nested, isMeant);
      if (found) return found;
    }
  }
  return null;
}

/** The first statement that changes the shape of an object with a shadow which is not made in the block itself. */
function firstReshaping(body: Block, hasShadow: (value: Value) => boolean): Statement | null {
  const made = madeIn(body);
  const isOutside = (object: Value): boolean => !made.has(object) && hasShadow(object);
  return find(body, (statement) => {
    switch (statement.kind) {
      case "push":
      case "pop":
        return isOutside(statement.object);
      case "store":
      case "fill":
        return isReference(statement.value.type) && isOutside(statement.object);
      case "copy": {
        const element = elementType(statement.object.type);
        return element !== null && isReference(element) && isOutside(statement.object);
      }
      case "call":
        return statement.effects.parameters.some((position, k) => {
          const memory = position === null ? undefined : statement.effects.classes[position];
          return (memory?.isReshaped || memory?.referencesAreWritten) && isOutside(statement.arguments[k]!);
        });
      default:
        return false;
    }
  });
}

/** The first statement, or call of a function with one, that does what is seen, or gives something else each time. */
function firstImpure(functions: ReadonlyMap<string, IrFunction>, block: Block, seen: Set<string>): Statement | null {
  return find(block, (statement) => {
    if (statement.kind === "evaluate") return !statement.isPure;
    if (statement.kind !== "call" || seen.has(statement.callee)) return false;
    seen.add(statement.callee);
    const callee = functions.get(statement.callee);
    return callee !== undefined && firstImpure(functions, callee.body, seen) !== null;
  });
}
