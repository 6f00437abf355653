/** Everything the adjoint of a function must know before it begins: analyses, and empty tables. */
import { activity, type Paths } from "../3-analyse/activity.js";
import { aliasClasses, type MemoryClass } from "../3-analyse/aliases.js";
import { derivativeUses } from "../3-analyse/derivativeUses.js";
import { finality, type FinalityFacts } from "../3-analyse/finality.js";
import { integers } from "../3-analyse/integers.js";
import { movingClasses } from "../3-analyse/movingClasses.js";
import { nestingOf } from "../3-analyse/nesting.js";
import type { ApplyStatement, CallStatement, IrFunction, Statement, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { resultsOf, scopedValuesOf, visitStatements } from "../ir/walk.js";
import type { AdjointContext } from "./adjointContext.js";
import type { Program } from "./program.js";
import { testsPresence } from "./presence.js";

export interface ContextQuestion {
  readonly wrt: readonly Value[];
  readonly paths?: Paths;
  readonly results: readonly Value[];
  /** Whoever calls the function gets the shadows of the results. */
  readonly isHandedOut?: boolean;
  /** References whose shadows are made in the forward sweep, for whoever calls the function. */
  readonly moving: readonly Value[];
  /** The two sweeps become two functions: whoever calls them may write what it sees in between. */
  readonly isCut: boolean;
}

/** Everything the adjoint of a function must know before it begins. */
export function newContext(fn: IrFunction, program: Program, question: ContextQuestion): AdjointContext {
  const { wrt, results, isHandedOut = false } = question;
  const aliases = aliasClasses(fn);
  const facts = activity(fn, aliases, { wrt, results, paths: question.paths, isHandedOut });
  const constants = new Map<Value, number>();
  const references: Value[] = [];
  const see = (value: Value): void => {
    if (isReference(value.type) && facts.hasShadow(value)) references.push(value);
  };
  const tested = new Set<Value>();
  const definitions = new Map<Value, ApplyStatement>();
  const calls: CallStatement[] = [];
  const parameters = fn.parameters.map((parameter) => parameter.value);
  parameters.forEach(see);
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "constant" && typeof statement.value === "number")
      constants.set(statement.result, statement.value);
    if (statement.kind === "call") calls.push(statement);
    if (statement.kind === "apply") definitions.set(statement.result, statement);
    if (statement.kind === "apply" && testsPresence(statement)) statement.arguments.forEach((one) => tested.add(one));
    [...resultsOf(statement), ...scopedValuesOf(statement)].forEach(see);
  });
  let final: FinalityFacts | null = null;
  const isSettledAfter = (statement: Statement, object: Value): boolean =>
    (final ??= finality(fn, aliases, { isCut: question.isCut })).isFinalAfter(statement, object);
  const moving = question.moving.map((value) => aliases.classOf(value));
  const movingInside = movingClasses(
    aliases,
    references,
    moving.filter((memory): memory is MemoryClass => memory !== null),
    calls.map((call) => call.arguments.filter((argument) => isReference(argument.type) && facts.hasShadow(argument))),
  );
  return {
    program,
    activity: facts,
    aliases,
    integers: integers(fn),
    uses: derivativeUses(fn),
    definitionOf: (value) => definitions.get(value) ?? null,
    mayBeMissing: (value) => value.type.kind === "optional" || tested.has(value),
    constantOf: (value) => constants.get(value) ?? null,
    nesting: nestingOf(fn.body, parameters),
    addedIn: new Map(),
    root: fn.body,
    parameters,
    wrt,
    missing: new Map(),
    missingBefore: new Map(),
    entryStructures: new Map(),
    entryShapes: new Map(),
    calls: new Map(),
    isSettledAfter,
    snapshots: new Map(),
    checkpoints: new Map(),
    runAgain: new Set(),
    frames: [],
    forwardShadows: new Map(),
    reverseShadows: new Map(),
    isReverseMade: (reference) => !movingInside.has(aliases.classOf(reference)!),
  };
}
