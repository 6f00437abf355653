/**
 * The functions that derivatives call: those of the unit, and those made from them on demand, one for each function
 * and mask of active arguments.
 */
import type { CallEffects, IrFunction, RecordType, Type, UserRule } from "../ir/ir.js";

/** A function that generated code calls. */
export interface Callee {
  readonly key: string;
  readonly effects: CallEffects;
}

export interface Program {
  functionOf(key: string): IrFunction;
  /** The rule of a function that is called as it stands. */
  ruleOf(key: string): UserRule;
  /** Adds a function made by differentiation. */
  add(fn: IrFunction): Callee;
  /** Whatever happens to tangents does so by operations that have derivatives. */
  readonly isDifferentiatedAgain: boolean;
  /** The function may call itself, directly or through others. */
  isRecursive(key: string): boolean;
  /** A stem for the name of what is made from a function: its own name, with a number where the whole is taken. */
  stemFor(name: string, ending: string): string;
  /** The adjoint of a function that is called; made once for each mask. */
  adjointPair(callee: string, mask: CallMask): AdjointPair;
  /** The tangent of a function that is called; made once for each mask. */
  tangentCallee(callee: string, mask: CallMask): TangentCallee;
  /** Derivatives that functions of the program call, and theirs. */
  readonly derivatives: Derivatives;
  /** The passes that run before a function is differentiated. */
  prepare(fn: IrFunction): IrFunction;
  /** The passes that run on an adjoint, keeping included, and on a tangent. */
  finishAdjoint(fn: IrFunction): IrFunction;
  finishTangent(fn: IrFunction): IrFunction;
}

/** A function, and the program that its calls belong to. */
export interface Owned {
  readonly fn: IrFunction;
  readonly program: Program;
}

/** Derivatives inside of what is differentiated, by key; `wanted` says of which parameters. */
export interface Derivatives {
  /** The function, made when it is first asked for, and the program that its calls belong to. */
  functionOf(key: string): Owned | null;
  /** Called with the arguments and a seed of the shape of the result's gradient; its result's parts are in the order of parameters. */
  pullback(key: string, wanted: readonly boolean[]): { readonly key: string; readonly parts: readonly Type[] };
  /** Called with the arguments and a tangent for each that is wanted; a derivative, too. */
  pushforward(key: string, wanted: readonly boolean[]): string;
}

/** Which arguments of a call carry derivatives (numbers: active; references: with a shadow), and whether its result does. */
export interface CallMask {
  readonly parameters: readonly boolean[];
  readonly result: boolean;
  /** Arguments whose shadows the caller makes in its forward sweep: they change with the arguments. */
  readonly isMoving: readonly boolean[];
}

/** The adjoint of a function that is called: a forward and a reverse function. */
export interface AdjointPair {
  readonly forward: Callee;
  /** Null when nothing flows back. */
  readonly reverse: Callee | null;
  /** What the forward function returns: a record with the value (and its shadow) under these names. */
  readonly kept: RecordType;
  readonly hasValue: boolean;
  readonly hasValueShadow: boolean;
  /** Positions of the arguments whose shadows the forward function takes, after the arguments. */
  readonly forwardShadows: readonly number[];
  /** Positions of the arguments whose shadows the reverse function takes, after what was kept and the seed. */
  readonly reverseShadows: readonly number[];
  readonly hasSeed: boolean;
  /** Positions of the numbers whose adjoints the reverse function returns, as a tuple or alone. */
  readonly adjoints: readonly number[];
}

/** The tangent of a function that is called. */
export interface TangentCallee {
  readonly callee: Callee;
  /** The record of the value and its tangent that is returned, or null where only the value is. */
  readonly pair: Type | null;
}

/** A text that is equal for equal masks of one function. */
export function describeMask(callee: string, mask: CallMask): string {
  const bits = [...mask.parameters, mask.result, ...mask.isMoving].map((bit) => (bit ? "1" : "0"));
  return `${callee}|${bits.join("")}`;
}
