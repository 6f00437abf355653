/**
 * Scratch of packages: objects and variables of their modules that a call writes before it reads them. Each differentiated
 * function has its own, holding stale values at first; that none of these is ever read is checked afterwards.
 */
import { isTypedArray } from "node:util/types";
import type { VariableDeclaration } from "ts-morph";
import { newValue, numberType } from "../ir/build.js";
import type { Type, TypedArrayName, Value } from "../ir/ir.js";
import { brandOf } from "./liveClasses.js";
import { isLiveFunction, lowerLive } from "./liveValues.js";
import { constant, declareVariable, type Lowering, placeholder } from "./lowering.js";
import { makeLiteral } from "./literals.js";
import { makeOpenRecord } from "./openRecords.js";
import { unknownType } from "./unknownTypes.js";

const largest = 64;

/** What an earlier call may have left. */
function staleValue(lowering: Lowering, type: Type, name: string): Value {
  const result = newValue(type, { name });
  lowering.builder.add({ kind: "placeholder", result, stale: name, span: lowering.builder.span });
  return result;
}

/** Declares the scratch variables that are known, at the beginning of a function. */
export function declareScratch(lowering: Lowering): void {
  for (const declaration of lowering.unit.lessons.scratchVariables) {
    const inside: Lowering = { ...lowering, scope: lowering.shared.packageScope };
    const name = (declaration as VariableDeclaration).getNameNode();
    declareVariable(inside, name, staleValue(lowering, unknownType(), name.getText()));
  }
}

/** The function's own instance of an object; null where it is no scratch, or too large for it. */
export function scratchOf(lowering: Lowering, object: object, name: string): Value | null {
  const { unit, shared } = lowering;
  if (!unit.lessons.scratchObjects.has(object)) return null;
  const known = shared.scratch.get(object);
  if (known) return known;
  const made = atEntry(lowering, (entry) => makeCopy(entry, object, name));
  if (made) shared.scratch.set(object, made);
  return made;
}

/** Builds at the beginning of the function, so that what is made is seen everywhere in it. */
function atEntry<T>(lowering: Lowering, build: (entry: Lowering) => T): T {
  const builder = lowering.shared.entry;
  const { length } = builder.statements;
  const built = build({ ...lowering, builder });
  builder.statements.unshift(...builder.statements.splice(length));
  return built;
}

function makeCopy(lowering: Lowering, object: object, name: string): Value | null {
  if (isTypedArray(object)) {
    const kind = object.constructor.name as TypedArrayName;
    if (object.length > largest || /^Big/.test(kind)) return null;
    const array = newValue({ kind: "typedArray", name: kind }, { name });
    const length = constant(lowering, object.length);
    lowering.builder.add({ kind: "allocate", result: array, length, fill: null, span: null });
    for (let k = 0; k < object.length; k++) {
      const key = { kind: "index" as const, index: constant(lowering, k) };
      lowering.builder.add({
        kind: "store",
        object: array,
        key,
        value: staleValue(lowering, numberType, name),
        span: null,
      });
    }
    return array;
  }
  if (Array.isArray(object)) {
    if (object.length > largest) return null;
    const items = object.map((item: unknown) => partOf(lowering, item, name));
    return makeLiteral(lowering, { kind: "array", element: items[0]?.type ?? unknownType() }, items, null, { name });
  }
  const fields = Object.entries(object).map(([key, held]) => [key, partOf(lowering, held, key)] as const);
  const brand = brandOf(object) ?? undefined;
  const record = makeOpenRecord(lowering, new Map(fields), {
    name: null,
    hint: { name },
    ...(brand !== undefined && { brand }),
  });
  if (brand !== undefined) lowering.shared.exactInstances.add(record);
  return record;
}

/** What a part of scratch holds at first: words are taken as they are, and told when they change. */
function partOf(lowering: Lowering, held: unknown, name: string): Value {
  if (typeof held === "number" || held === null || held === undefined)
    return staleValue(lowering, typeof held === "number" ? numberType : unknownType(), name);
  if (isLiveFunction(held)) return placeholder(lowering, { kind: "opaque", text: "Function" });
  if (typeof held === "object") return scratchOf(lowering, held, name) ?? lowerLive(lowering, held, name, null);
  return lowerLive(lowering, held, name, null);
}
