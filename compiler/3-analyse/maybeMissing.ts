import type { ApplyStatement, Block, IrFunction, Statement, Value } from "../ir/ir.js";
import { blocksOf, constantsIn, operandsOf, visitStatements } from "../ir/walk.js";
import type { AliasFacts, MemoryClass } from "./aliases.js";

/**
 * Numbers of which it matters that they may be `undefined`, read behind the end of an array: they are tested for it, or
 * put into an array as they are. Storage of numbers would make NaN of them.
 */
export function maybeMissing(body: Block): ReadonlySet<Value> {
  return missingAmong(body, whereItMatters);
}

/** Numbers read, or chosen among such, that reach what `matters` names. */
function missingAmong(body: Block, matters: (statement: Statement) => readonly Value[]): ReadonlySet<Value> {
  const sources = new Map<Value, Value[]>();
  const read = new Set<Value>();
  const wanted: Value[] = [];
  const from = (value: Value, source: Value): void => void sources.set(value, [...(sources.get(value) ?? []), source]);
  visitStatements(body, (statement) => {
    if (statement.kind === "load" || statement.kind === "pop") read.add(statement.result);
    if (statement.kind === "narrow") from(statement.result, statement.value);
    if (statement.kind === "if" || statement.kind === "loop")
      statement.results.forEach((result, k) => {
        for (const block of blocksOf(statement)) if (block.yields[k]) from(result, block.yields[k]!);
      });
    if (statement.kind === "loop")
      statement.parameters.forEach((parameter, k) => {
        from(parameter, statement.initial[k]!);
        from(parameter, statement.body.yields[k]!);
        from(statement.results[k]!, statement.initial[k]!);
      });
    wanted.push(...matters(statement));
  });
  const found = new Set<Value>();
  for (let value = wanted.pop(); value; value = wanted.pop()) {
    if (found.has(value) || value.type.kind !== "number") continue;
    found.add(value);
    wanted.push(...(sources.get(value) ?? []));
  }
  const passesOn = (value: Value): boolean => read.has(value) || sources.has(value);
  return new Set([...found].filter(passesOn));
}

function whereItMatters(statement: Statement): readonly Value[] {
  switch (statement.kind) {
    case "apply":
      return statement.primitive === "isNullish" || statement.primitive === "isUndefined" ? statement.arguments : [];
    case "store":
    case "push":
      return statement.object.type.kind === "typedArray" ? [] : [statement.value];
    case "literal":
      return statement.elements;
    default:
      return [];
  }
}

/**
 * Of arrays of numbers, those into which `undefined` may be put as it was read, and out of which it is told from NaN: as
 * typed arrays they would hold NaN.
 */
export function holdsMissing(
  fn: IrFunction,
  aliases: AliasFacts,
  arrays: ReadonlySet<MemoryClass>,
): ReadonlySet<MemoryClass> {
  const told = new Set<MemoryClass>();
  const put = new Set<MemoryClass>();
  const classOf = (array: Value): MemoryClass | null => {
    const memory = aliases.classOf(array);
    return memory && arrays.has(memory) ? memory : null;
  };
  const writtenInto = (statement: Statement): readonly [Value, Value] | null => {
    if (statement.kind === "store" || statement.kind === "push" || statement.kind === "fill")
      return [statement.object, statement.value];
    return statement.kind === "allocate" && statement.fill ? [statement.result, statement.fill] : null;
  };
  const isKeptBy = (array: Value): boolean => {
    const memory = classOf(array);
    return memory ? told.has(memory) : array.type.kind !== "typedArray";
  };
  const tellsApart = (statement: Statement): readonly Value[] => {
    if (statement.kind === "apply") return tests.has(statement.primitive) ? statement.arguments : [];
    const written = writtenInto(statement);
    if (written) return isKeptBy(written[0]) ? [written[1]] : [];
    return passesNumbersOn(statement) ? operandsOf(statement) : [];
  };
  const leaving = new Set(fn.body.yields);
  const through = (statement: Statement): readonly Value[] => [...tellsApart(statement), ...leaving];
  for (let before = -1; before < told.size;) {
    before = told.size;
    const found = missingAmong(fn.body, through);
    visitStatements(fn.body, (statement) => {
      const memory = statement.kind === "load" && found.has(statement.result) ? classOf(statement.object) : null;
      if (memory) told.add(memory);
      // What is copied is told apart where its copy is.
      const copied = statement.kind === "slice" ? [classOf(statement.object), classOf(statement.result)] : [];
      if (copied.some((one) => one && told.has(one))) copied.forEach((one) => one && told.add(one));
    });
  }
  const asRead = missingAmong(fn.body, (statement) => writtenInto(statement)?.slice(1) ?? []);
  const holds = (array: Value): void => {
    const memory = classOf(array);
    if (memory) put.add(memory);
  };
  for (let before = -1; before < put.size;) {
    before = put.size;
    visitStatements(fn.body, (statement) => {
      const written = writtenInto(statement);
      if (written && asRead.has(written[1])) holds(written[0]);
      const source = statement.kind === "slice" ? classOf(statement.object) : null;
      if (statement.kind === "slice" && source && put.has(source)) holds(statement.result);
    });
  }
  return new Set([...told].filter((memory) => put.has(memory)));
}

/** Some number that was read, or chosen among such, is told from NaN when it is `undefined`. */
export function tellsMissing(body: Block): boolean {
  const constants = constantsIn(body);
  const { size } = missingAmong(body, (statement) =>
    statement.kind === "apply" && tests.has(statement.primitive) && !isWithConstant(statement, constants)
      ? statement.arguments
      : [],
  );
  return size > 0;
}

/** Neither is the constant. */
function isWithConstant(
  { primitive, arguments: compared }: ApplyStatement,
  constants: ReadonlyMap<Value, number>,
): boolean {
  return /^(equal|notEqual)$/.test(primitive) && compared.some((value) => constants.has(value));
}

/** These tell `undefined` from NaN; for all other operations on numbers they are alike. */
const tests: ReadonlySet<string> = new Set(["isNullish", "isUndefined", "isNaN", "equal", "notEqual"]);

/** It neither reads memory nor chooses: who gets the number may ask what it is. */
function passesNumbersOn({ kind }: Statement): boolean {
  return !["load", "length", "addTo", "narrow", "if", "loop", "view", "slice", "pop"].includes(kind);
}
