/**
 * What generated functions call, directly or through others.
 *
 * Needs: functions whose passes have run. Guarantees: everything that their texts name, in order of first call.
 */
import { invariant } from "../diagnostics.js";
import type { IrFunction, Statement } from "../ir/ir.js";
import { visitStatements } from "../ir/walk.js";
import { passOn } from "./passOn.js";
import type { Owned, Program } from "./program.js";

/** By key; `primals` no pass has seen. */
export function calledFunctions(
  made: readonly Owned[],
  primals: ReadonlyMap<string, IrFunction>,
): ReadonlyMap<string, IrFunction> {
  const found = new Map<string, IrFunction>();
  const calleeOf = (program: Program, key: string): Owned => {
    // A primal that is only called computes what the user wrote.
    const primal = primals.get(key);
    return { fn: primal ? passOn(program.prepare(primal)) : program.functionOf(key), program };
  };
  const derivativeOf = (program: Program, key: string): Owned => {
    const derivative = program.derivatives.functionOf(key);
    invariant(derivative, `no derivative ${key}`);
    return derivative;
  };
  const enter = ({ fn, program }: Owned): void =>
    visitStatements(fn.body, (statement) => {
      const key = calledKey(statement);
      if (key === null || found.has(key)) return;
      const callee = statement.kind === "externalCall" ? derivativeOf(program, key) : calleeOf(program, key);
      found.set(key, callee.fn);
      enter(callee);
    });
  made.forEach(enter);
  return found;
}

function calledKey(statement: Statement): string | null {
  if (statement.kind === "call" || statement.kind === "closure") return statement.callee;
  return statement.kind === "externalCall" && statement.callee.kind === "derivative" ? statement.callee.key : null;
}
