/**
 * What a call of a function does to memory: a summary of the callee's alias classes, to be laid over the caller's.
 *
 * Needs: a verified function. Guarantees: every write and every alias that the callee may make between its parameters'
 * memory and its result is in the summary, whatever the caller passes.
 */
import type { CalleeMemory, CallEffects, CallStatement, IrFunction, Value } from "../ir/ir.js";
import { resultsOf, scopedValuesOf, visitStatements } from "../ir/walk.js";
import { aliasClasses, type AliasFacts, type MemoryClass } from "./aliases.js";
import { movingClasses } from "./movingClasses.js";

export function callEffects(fn: IrFunction): CallEffects {
  const aliases = aliasClasses(fn, { mergeParameters: false });
  const positions = new Map<MemoryClass, number>();
  const classes: CalleeMemory[] = [];
  // Inside of the callee, parameters that may be one object are one class: what moves there is asked of those.
  const merged = aliasClasses(fn);
  const moving = movingInside(fn, merged);
  const enter = (memory: MemoryClass, mergedMemory: MemoryClass): number => {
    const known = positions.get(memory);
    if (known !== undefined) return known;
    const position = classes.length;
    positions.set(memory, position);
    const contents: { key: string; memory: number }[] = [];
    const { isWritten, referencesAreWritten, isResized, isReshaped } = memory;
    classes.push({ contents, isWritten, referencesAreWritten, isResized, isReshaped, moves: moving.has(mergedMemory) });
    // In the order of their names: equal effects are equal as text.
    for (const key of [...aliases.keysOf(memory)].sort())
      contents.push({ key, memory: enter(aliases.contentsOf(memory, key)!, merged.contentsOf(mergedMemory, key)!) });
    return position;
  };
  const positionOf = (value: Value | undefined): number | null => {
    const memory = value ? aliases.classOf(value) : null;
    return memory && enter(memory, merged.classOf(value!)!);
  };
  return {
    parameters: fn.parameters.map((parameter) => positionOf(parameter.value)),
    result: positionOf(fn.body.yields[0]),
    classes,
    isPure: isPure(fn),
  };
}

/** Also what moves only because something moves that the caller does not see: a record made here that holds it. */
function movingInside(fn: IrFunction, aliases: AliasFacts): ReadonlySet<MemoryClass> {
  const references: Value[] = [];
  const together: (readonly Value[])[] = [];
  const isSeen = (value: Value): boolean => aliases.classOf(value) !== null;
  const see = (value: Value): void => {
    if (isSeen(value)) references.push(value);
  };
  fn.parameters.forEach(({ value }) => see(value));
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "call") together.push(statement.arguments.filter(isSeen));
    [...resultsOf(statement), ...scopedValuesOf(statement)].forEach(see);
  });
  const given = fn.body.yields.filter(isSeen).map((value) => aliases.classOf(value)!);
  return movingClasses(aliases, references, given, together);
}

function isPure(fn: IrFunction): boolean {
  let found = true;
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "throw" || (statement.kind === "evaluate" && !statement.isPure)) found = false;
    if (statement.kind === "externalCall" && !statement.isPure) found = false;
    if (statement.kind === "call" && !statement.effects.isPure) found = false;
    // A test of the arguments' shapes.
    if (statement.kind === "runtimeCall" && !statement.result && statement.writes.length === 0) found = false;
  });
  return found;
}

/** The caller's class for each of the callee's that can be reached from the arguments or the result. */
export function memoriesOfCall(aliases: AliasFacts, call: CallStatement): ReadonlyMap<CalleeMemory, MemoryClass> {
  const found = new Map<CalleeMemory, MemoryClass>();
  const enter = (position: number | null, memory: MemoryClass | null): void => {
    const callee = position === null ? null : call.effects.classes[position]!;
    if (!callee || !memory || found.has(callee)) return;
    found.set(callee, memory);
    for (const { key, memory: inside } of callee.contents) enter(inside, aliases.contentsOf(memory, key));
  };
  call.effects.parameters.forEach((position, k) => enter(position, aliases.classOf(call.arguments[k]!)));
  if (call.result) enter(call.effects.result, aliases.classOf(call.result));
  return found;
}
