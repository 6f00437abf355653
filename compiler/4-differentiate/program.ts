/**
 * The functions that derivatives call: those of the unit, and those made from them on demand, one for each function
 * and mask of active arguments.
 */
import type { CallEffects, IrFunction } from "../ir/ir.js";

/** A function that generated code calls. */
export interface Callee {
  readonly key: string;
  readonly fn: IrFunction;
  readonly effects: CallEffects;
}

export interface Program {
  functionOf(key: string): IrFunction;
  /** Adds a function made by differentiation. */
  add(fn: IrFunction): Callee;
  /** A stem for the name of what is made from a function: its own name, with a number where the whole is taken. */
  stemFor(name: string, ending: string): string;
  /** What was made before under this description, or makes it. */
  remember<T>(description: string, make: () => T): T;
  /** The passes that run before a function is differentiated. */
  prepare(fn: IrFunction): IrFunction;
  /** The passes that run on an adjoint, keeping included, and on a tangent. */
  finishAdjoint(fn: IrFunction): IrFunction;
  finishTangent(fn: IrFunction): IrFunction;
}

/** Which arguments of a call carry derivatives (numbers: active; references: with a shadow), and whether its result does. */
export interface CallMask {
  readonly parameters: readonly boolean[];
  readonly result: boolean;
}

export function describeMask(callee: string, mask: CallMask): string {
  const bits = [...mask.parameters, mask.result].map((bit) => (bit ? "1" : "0"));
  return `${callee}|${bits.join("")}`;
}
