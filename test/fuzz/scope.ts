/** What a random program may mention at a place, and the state of making it. */
import type { ArrayKind, ProgramFunction } from "./program.js";
import type { Random } from "./random.js";
import type { ParameterType, Shape, Union } from "./shapes.js";

export interface RealName {
  readonly name: string;
  readonly isConstant: boolean;
}

/** A non-negative integer; `low` and `high` bound it where they are known. */
export interface IntegerName {
  readonly name: string;
  readonly isConstant: boolean;
  readonly range: { readonly low: number; readonly high: number } | null;
  /** The array whose indices it runs over, if it does. */
  readonly indexes: string | null;
}

export interface ArrayName {
  readonly name: string;
  readonly kind: ArrayKind;
  /** It never has fewer elements. */
  readonly least: number;
  readonly isConstant: boolean;
}

export interface ObjectName {
  readonly name: string;
  readonly shape: Shape;
  readonly isConstant: boolean;
}

/** An array of records. */
export interface GroupName extends ObjectName {
  /** It never has fewer items. */
  readonly least: number;
}

/** A number[] that may have become empty. */
export interface StackName {
  readonly name: string;
}

/** A local function that gives a number. */
export interface FunctionName {
  readonly name: string;
  readonly parameters: readonly ParameterType[];
  /** It may run long: not to be called in deep loops. */
  readonly isCounted: boolean;
  readonly isConstant: boolean;
}

/** Classes of one interface that are declared in a function; they have `value(t)` and perhaps `change(t)`. */
export interface Family {
  readonly name: string;
  /** The fields are numbers, and the parameters of the constructor. */
  readonly classes: readonly { readonly name: string; readonly fields: readonly string[] }[];
  readonly changes: boolean;
}

export interface JumpTarget {
  readonly kind: "loop" | "switch" | "block";
  readonly label: string | null;
}

export interface Scope {
  readonly reals: RealName[];
  readonly integers: IntegerName[];
  readonly arrays: ArrayName[];
  /** Names of number[][], at least 3 by 3. */
  readonly matrices: string[];
  /** Names of number[][] of at least two rows, each of at least one number. */
  readonly ragged: string[];
  readonly objects: ObjectName[];
  readonly groups: GroupName[];
  readonly stacks: StackName[];
  readonly functions: FunctionName[];
  /** Constants that hold one of several shapes. */
  readonly unions: { readonly name: string; readonly union: Union }[];
  /** Arrays of functions of a number, made in loops; never empty. */
  readonly functionLists: { readonly name: string }[];
  readonly families: Family[];
  /** Instances of some class of a family. */
  readonly members: { readonly name: string; readonly family: Family; readonly isConstant: boolean }[];
  /** Arrays of them, never empty. */
  readonly crowds: { readonly name: string; readonly family: Family }[];
  readonly jumps: readonly JumpTarget[];
  /** What `return` hands over; never where it must not stand. */
  readonly returns: "number" | "nothing" | "never" | Shape;
  /** A `throw` is caught here. */
  readonly catches: boolean;
  /** Where a value is computed whose place is already chosen, arrays must not become shorter. */
  readonly mayResize: boolean;
  readonly mayRecurse: boolean;
  readonly loops: number;
  readonly depth: number;
}

/** What a program is about, beside numbers, arrays and control flow. */
export const topics = ["records", "classes", "closures", "growth", "exits", "unions", "families"] as const;
export type Topic = (typeof topics)[number];

export interface Generator {
  readonly random: Random;
  readonly helpers: readonly Pick<ProgramFunction, "name" | "parameters" | "result">[];
  readonly shapes: readonly Shape[];
  readonly unions: readonly Union[];
  /** Functions that take a function and a number. */
  readonly higher: readonly string[];
  /** Functions that take a number and give a function of one. */
  readonly makers: readonly string[];
  readonly topics: ReadonlySet<Topic>;
  /** Statements still to be made; nested ones become rare when it is used up. */
  budget: number;
  names: number;
}

export function freshName(generator: Generator, stem: string): string {
  return `${stem}${++generator.names}`;
}

export function emptyScope(): Scope {
  return {
    reals: [],
    integers: [],
    arrays: [],
    matrices: [],
    ragged: [],
    objects: [],
    groups: [],
    stacks: [],
    functions: [],
    unions: [],
    functionLists: [],
    families: [],
    members: [],
    crowds: [],
    jumps: [],
    returns: "number",
    catches: false,
    mayResize: true,
    mayRecurse: true,
    loops: 0,
    depth: 0,
  };
}

/** A copy for a nested block: what it declares stays inside. */
export function inner(scope: Scope, changes: Partial<Scope> = {}): Scope {
  return {
    ...scope,
    reals: [...scope.reals],
    integers: [...scope.integers],
    arrays: [...scope.arrays],
    matrices: [...scope.matrices],
    ragged: [...scope.ragged],
    objects: [...scope.objects],
    groups: [...scope.groups],
    stacks: [...scope.stacks],
    functions: [...scope.functions],
    unions: [...scope.unions],
    functionLists: [...scope.functionLists],
    families: [...scope.families],
    members: [...scope.members],
    crowds: [...scope.crowds],
    depth: scope.depth + 1,
    ...changes,
  };
}

/** The inside of a function or callback that is called from here. */
export function insideFunction(scope: Scope, returns: Scope["returns"], changes: Partial<Scope> = {}): Scope {
  const limits = { jumps: [], catches: false, mayResize: false, mayRecurse: false, loops: scope.loops + 1 };
  return inner(scope, { ...limits, returns, ...changes });
}
