/**
 * Functions that a module makes when it loads, by calling another: `const twice = scaled(2)`. Each differentiated function
 * makes them again for itself, where they are named; what they have captured belongs to the module and is not written.
 */
import type { CallExpression } from "ts-morph";
import { lowerExpression } from "./expressions.js";
import { closuresIn } from "./functionValues.js";
import { type Cell, type FunctionValue, type Lowering, newScope, type Scope } from "./lowering.js";
import { staysAsMade } from "./madeAgain.js";
import { isRepeatableWhenLowered } from "./repeatable.js";

/** The function that the call gives; null where it may be something else, or nothing of the kind. */
export function madeInModule(lowering: Lowering, call: CallExpression): FunctionValue | null {
  const { moduleMade, functions } = lowering.shared;
  const known = moduleMade.get(call);
  if (known && isAlive(lowering, known)) return known;
  if (known === null || !isRepeatableWhenLowered(call) || !staysAsMade(call)) return null;
  moduleMade.set(call, null);
  const made = lowerExpression(
    { ...lowering, scope: newScope(null, null), throwTarget: null, jumpTargets: [], yieldTarget: null },
    call,
  );
  moduleMade.delete(call);
  const fn = functions.get(made) ?? null;
  if (!fn) return null;
  cellsOf(fn).forEach((cell) => freeze(lowering, cell));
  moduleMade.set(call, fn);
  return fn;
}

/** It was made on the way to here, and not in another branch. */
function isAlive(lowering: Lowering, fn: FunctionValue): boolean {
  return fn.kind === "closure" && cellsOf(fn).every((cell) => lowering.variables.has(cell));
}

function cellsOf(fn: FunctionValue): readonly Cell[] {
  const scopes = new Set<Scope>();
  for (const { scope } of closuresIn(fn)) for (let at = scope; at && !at.live; at = at.outer) scopes.add(at);
  return [...scopes].flatMap((scope) => [...scope.cells.values()]);
}

function freeze(lowering: Lowering, cell: Cell): void {
  const { frozen, globals, functions } = lowering.shared;
  if (frozen.has(cell)) return;
  frozen.add(cell);
  const value = lowering.variables.get(cell);
  if (!value) return;
  globals.add(value);
  const fn = functions.get(value);
  if (fn) cellsOf(fn).forEach((inner) => freeze(lowering, inner));
}
