/**
 * How Jacobians and Hessians are computed: by columns (forward mode, one for each input) or by rows (reverse mode, one
 * for each output), one after the other or all at once.
 *
 * Needs: the function as lowered, its output selected. Guarantees: a function that writes its arguments is run once.
 */
import type { IrFunction, Type, UserRule, Value } from "../ir/ir.js";
import { elementType, hasClearNumbers, isReference } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";
import type { Request } from "../requests.js";
import { typeAt } from "../ir/place.js";
import { aliasClasses } from "./aliases.js";
import { reachableFrom } from "./entangled.js";
import { requestedWrt } from "./requested.js";

export interface JacobianPlan {
  /** `gradient`: one output. `together`: all columns at once. `lanes`: some at a time. `columns`, `rows`: a call for each. */
  readonly kind: "gradient" | "together" | "lanes" | "columns" | "rows";
  /** As `explain` says it. */
  readonly reason: string;
}

/** As many columns are computed together, in code of so many statements. */
const mostTogether = 20;
const largestTogether = 4000;

/** So many columns are computed at a time, where their number is known at run time. */
export const lanes = 4;

/** Where functions and rules are found. */
export interface Lookup {
  functionOf(key: string): IrFunction;
  ruleOf(key: string): UserRule;
}

export function jacobianPlan(fn: IrFunction, request: Request, lookup: Lookup): JacobianPlan {
  const [output] = fn.body.yields as [Value];
  if (output.type.kind === "number") return { kind: "gradient", reason: "one output: the gradient" };
  const asked = requestedWrt(fn, request);
  const inputs = sum(asked.map(({ value, path }) => numbersIn(typeAt(value.type, path)!)));
  const outputs = numbersIn(output.type);
  const counted = (count: number | null, what: string): string =>
    count === null ? `${what}s whose number is known at run time` : `${count} ${what}${count === 1 ? "" : "s"}`;
  const shape = `${counted(inputs, "input")}, ${counted(outputs, "output")}`;
  const isWriting = writesArguments(fn);
  // A reverse sweep costs about twice a forward one.
  const isTall = inputs !== null ? outputs === null || inputs <= 2 * outputs : outputs === null;
  const byColumns = isTall && canPush(fn, lookup);
  const hasClearColumns = asked.every(({ value, path }) => hasClearNumbers(typeAt(value.type, path)!));
  if (byColumns && inputs !== null && inputs <= mostTogether && sizeOf(fn) * inputs <= largestTogether)
    return { kind: "together", reason: `forward mode, all columns at once: ${shape}` };
  const isFlat = asked.every(({ value, path }) => isNumberOrFlat(typeAt(value.type, path)!));
  if (byColumns && !isWriting && isFlat && !givesArgumentsBack(fn) && sizeOf(fn) * lanes <= largestTogether)
    return { kind: "lanes", reason: `forward mode, ${lanes} columns at a time: ${shape}` };
  if (byColumns && !isWriting && hasClearColumns)
    return { kind: "columns", reason: `forward mode, column by column: ${shape}` };
  return { kind: "rows", reason: `reverse mode, row by row: ${shape}` };
}

function isNumberOrFlat(type: Type): boolean {
  return type.kind === "number" || elementType(type)?.kind === "number";
}

/** Every rule that is met gives tangents, and no cotangent is asked for. */
function canPush(fn: IrFunction, lookup: Lookup, seen: Set<IrFunction> = new Set()): boolean {
  if (seen.has(fn)) return true;
  seen.add(fn);
  let canAll = true;
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "call") canAll &&= canPush(lookup.functionOf(statement.callee), lookup, seen);
    if (statement.kind !== "externalCall") return;
    if (statement.callee.kind === "hooked") canAll = false;
    if (statement.rule === null) return;
    const rule = lookup.ruleOf(statement.rule);
    canAll &&= rule.kind === "partials" || rule.pushforward !== null;
  });
  return canAll;
}

/** The rows of a Hessian stand in one piece of code, in which the primal's work is done once. */
export function isHessianTogether(fn: IrFunction, request: Request): boolean {
  const inputs = sum(requestedWrt(fn, request).map(({ value, path }) => numbersIn(typeAt(value.type, path)!)));
  const perStatement = 6;
  let isStraight = true;
  visitStatements(fn.body, ({ kind }) => {
    isStraight &&= kind !== "loop";
  });
  if (inputs === null || inputs > mostTogether || !isStraight) return false;
  return sizeOf(fn) * inputs * perStatement <= largestTogether;
}

function sum(counts: readonly (number | null)[]): number | null {
  return counts.reduce<number | null>((total, count) => (total === null || count === null ? null : total + count), 0);
}

/** The numbers in every value of the type, or null where that differs. */
export function numbersIn(type: Type): number | null {
  switch (type.kind) {
    case "number":
      return 1;
    case "tuple":
      return sum(type.elements.map(numbersIn));
    case "record":
      if (type.text !== undefined || type.isUnion || type.fields.some((field) => field.isOptional)) return null;
      return sum(type.fields.map((field) => numbersIn(field.type)));
    case "array":
    case "typedArray":
    case "optional":
      return null;
    default:
      return 0;
  }
}

function writesArguments(fn: IrFunction): boolean {
  const aliases = aliasClasses(fn);
  return fn.parameters.some(
    ({ value }) =>
      isReference(value.type) && [...reachableFrom(aliases, value)].some((memory) => memory.isWrittenThrough),
  );
}

/** The output may be or hold memory of an argument: its tangent is then what moves along, which changes. */
function givesArgumentsBack(fn: IrFunction): boolean {
  const aliases = aliasClasses(fn);
  return [...reachableFrom(aliases, fn.body.yields[0]!)].some((memory) => memory.isParameter);
}

/** Statements; calls are worth more than can be had together. */
function sizeOf(fn: IrFunction): number {
  let size = 0;
  visitStatements(fn.body, ({ kind }) => {
    size += kind === "call" || kind === "externalCall" ? Infinity : 1;
  });
  return size;
}
