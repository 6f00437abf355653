/** What is lifted, as data: what functions, and values with functions in them, are but for what is passed to them. */
import type { ts } from "ts-morph";
import type { InnerDerivative, Type, Value } from "../ir/ir.js";
import type { ClassNode } from "./classes.js";
import type { Environment } from "./environments.js";
import type { CallableNode, Cell, FunctionValue } from "./lowering.js";
import type { LiveFunction } from "./packageReader.js";

/** What a value of the caller is to the function: all but what is passed is the same in every call. */
export type Given =
  | { readonly kind: "passed"; readonly index: number }
  | { readonly kind: "constant"; readonly value: string | boolean | null | undefined }
  | { readonly kind: "function"; readonly fn: GivenFunction }
  /** A record with functions among its fields. */
  | { readonly kind: "record"; readonly data: Given; readonly functions: ReadonlyMap<string, Given> }
  /** An array with functions in it. */
  | { readonly kind: "list"; readonly type: Type; readonly items: readonly Given[] }
  /** An object of a package. */
  | { readonly kind: "live"; readonly object: object }
  /** A value that is there wherever the function can be called. */
  | { readonly kind: "there"; readonly value: Value };

export type GivenFunction =
  | {
      readonly kind: "closure";
      readonly node: CallableNode;
      /** Position among the scopes; null for functions of modules. */
      readonly scope: number | null;
      readonly self: Given | null | undefined;
    }
  | (Omit<FunctionValue & { readonly kind: "derivative" }, "fn"> & { readonly fn: GivenFunction })
  | { readonly kind: "pullback"; readonly derivative: InnerDerivative; readonly given: readonly Given[] }
  | { readonly kind: "partial"; readonly fn: GivenFunction; readonly first: readonly Given[] }
  | {
      readonly kind: "choice";
      readonly condition: Given;
      readonly whenTrue: GivenFunction;
      readonly whenFalse: GivenFunction;
    }
  /** Read from memory. */
  | {
      readonly kind: "kept";
      readonly environment: Environment;
      readonly object: Given;
      readonly part: string | null;
      readonly self: Given | null;
    }
  /** The same wherever it is named. */
  | { readonly kind: "fixed"; readonly fn: FunctionValue };

/** An activation around the function, as far as the function reads it. */
export interface GivenScope {
  outer: number | null;
  readonly live: LiveFunction | null;
  self: Given | null | undefined;
  readonly cells: GivenCell[];
  readonly classes: ClassNode[];
}

export interface GivenCell {
  readonly symbol: ts.Symbol;
  readonly name: string;
  /** Null for a variable that a failed statement would have assigned. */
  readonly given: Given | null;
  /** What is passed is a record that holds the variable's value. */
  readonly isShared: boolean;
  /** The variable itself is there wherever the function can be called. */
  readonly there?: Cell;
}

export interface Passed {
  readonly type: Type;
  readonly name: string | null;
}

/** What functions need to know of the activations around them. */
export interface Surroundings {
  readonly scopes: readonly GivenScope[];
  readonly passed: readonly Passed[];
}

/** A function, and what it is lowered for. */
export interface Lifted extends Surroundings {
  readonly fn: GivenFunction;
  readonly args: readonly Given[];
}
