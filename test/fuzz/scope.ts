/** What a random program may mention at a place, and the state of making it. */
import type { ArrayKind, ProgramFunction } from "./program.js";
import type { Random } from "./random.js";

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
  /** Names of { p, q, w }. */
  readonly records: string[];
  /** Names of arrays of records, at least 2. */
  readonly recordArrays: string[];
  readonly jumps: readonly JumpTarget[];
  /** Inside a callback `return` hands over nothing. */
  readonly returns: "number" | "nothing";
  readonly loops: number;
  readonly depth: number;
}

export interface Generator {
  readonly random: Random;
  readonly helpers: readonly Pick<ProgramFunction, "name" | "parameters">[];
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
    records: [],
    recordArrays: [],
    jumps: [],
    returns: "number",
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
    records: [...scope.records],
    recordArrays: [...scope.recordArrays],
    depth: scope.depth + 1,
    ...changes,
  };
}
