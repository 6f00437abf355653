/**
 * `jacobian`, several columns at a time: one function pushes the tangents along some unit vectors, which share the primal's
 * work; the columns are gathered, and then put into rows.
 *
 * Needs: a prepared function without calls, which writes no argument; numbers and flat arrays to differentiate with respect
 * to. Guarantees: the output's structure with a gradient in place of each number, also where there are no inputs.
 *
 * before: x = jvp along e0; y = jvp along e1; …        after: [x, y, …] = jvps along [e0, e1, …]
 */
import { lanes } from "../3-analyse/rowPlans.js";
import { BlockBuilder, booleanType, newBlock, newParameter, newValue, numberType } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import type { Block, IrFunction, Key, Parameter, Statement, Type, Value } from "../ir/ir.js";
import { countedLoop, rangeLoop } from "../ir/loops.js";
import { loadAt } from "../ir/place.js";
import { isReference } from "../ir/types.js";
import { pathInRow, rowsOfZeros, spread, zerosFor } from "./columns.js";
import type { Callee, Program } from "./program.js";
import { read, rowByCall } from "./rows.js";
import { tangent } from "./tangentParameters.js";
import type { Differentiated, Made, Making } from "./verbShapes.js";

const arrayOf = (element: Type): Type => ({ kind: "array", element });
const at = (index: Value): Key => ({ kind: "index", index });

export function byLanes({ fn, request, program, parts }: Making): Made {
  const callee = tangentsAlong(fn, program, parts);
  const type = gradientType(fn.body.yields[0]!.type);
  const builder = new BlockBuilder();
  const units = parts.map((part) => unitsFor(builder, part));
  const args = [...fn.parameters.map(({ value }) => value), ...units];
  const push = (inside: BlockBuilder): Value => rowByCall(inside, callee, args, arrayOf(type), "columns");
  const columns = columnsOfNumbers(builder, units, push, type);
  parts.forEach((part, k) => {
    if (!isReference(part.type)) return;
    const object = loadAt(builder, part.value, part.path, { name: part.name });
    columns.set(k, columnsOfArray(builder, object, units[k]!, push, type));
  });
  const number = parts.findIndex((part) => !isReference(part.type));
  const some = number < 0 ? firstColumn(builder, columns.get(0)!, push, type) : columns.get(number)!;
  const rows = rowsOfZeros(builder, some, request, parts);
  for (const [k, of] of columns) {
    const path = pathInRow(request, k);
    if (!isReference(parts[k]!.type)) spread(builder, rows, of, path);
    else
      countedLoop(builder, lengthOf(builder, of), [], (inside, index) => {
        spread(inside, rows, read(inside, of, at(index), type), [...path, at(index)]);
        return [];
      });
  }
  return { statements: builder.statements, result: rows };
}

/** The function that gives the tangents along as many vectors of each part as there are lanes. */
function tangentsAlong(fn: IrFunction, program: Program, parts: readonly Differentiated[]): Callee {
  const vectors = parts.map(({ name, type, value }): Parameter =>
    newParameter(newValue(arrayOf(type), { name, role: "tangent", span: value.span }), `${name}Vectors`),
  );
  let statements: readonly Statement[] = fn.body.statements;
  const tangents: Value[] = [];
  // Each transform puts its statements before those of the last one.
  for (let lane = lanes - 1; lane >= 0; lane--) {
    const builder = new BlockBuilder();
    const index = builder.constant(lane);
    const directions = parts.map(({ value, path, name, type }, k) => {
      const along = newValue(type, { name, role: "tangent" });
      builder.add({ kind: "load", result: along, object: vectors[k]!.value, key: at(index), span: null });
      return { primal: value, path, tangent: along };
    });
    const current = { ...fn, body: newBlock(statements, fn.body.yields) };
    const pushed = tangent(current, directions, program, { checksShapes: false });
    statements = [...builder.statements, ...pushed.statements];
    tangents.unshift(pushed.tangent);
  }
  const result = newValue(arrayOf(tangents[0]!.type), { role: "tangent" });
  const all: Statement = { kind: "literal", result, elements: tangents, fields: null, span: null };
  return program.add(
    program.finishTangent({
      ...fn,
      name: `${program.stemFor(fn.name, "Along")}Along`,
      parameters: [...fn.parameters, ...vectors],
      returnTypeText: null,
      body: newBlock([...statements, all], [result]),
      documentation: [`The tangents of {@link ${fn.name}}, along ${lanes} vectors.`],
    }),
  );
}

/** As many vectors of zeros as there are lanes. */
function unitsFor(builder: BlockBuilder, part: Differentiated): Value {
  const isNumber = part.type.kind === "number";
  const result = newValue(arrayOf(part.type), { name: `${part.name}Units` });
  const length = builder.constant(lanes);
  const fill = isNumber ? builder.constant(0) : null;
  builder.add({ kind: "allocate", result, length, fill, span: null });
  if (!isNumber)
    countedLoop(builder, length, [], (inside, index) => {
      const value = zerosFor(inside, part, "Unit");
      inside.add({ kind: "store", object: result, key: at(index), value, span: null });
      return [];
    });
  return result;
}

/** The columns of the parts that are numbers, as many at a time as there are lanes; by part. */
function columnsOfNumbers(
  builder: BlockBuilder,
  units: readonly Value[],
  push: (inside: BlockBuilder) => Value,
  type: Type,
): Map<number, Value> {
  const columns = new Map<number, Value>();
  const isNumber = ({ type: of }: Value): boolean => of.kind === "array" && of.element.kind === "number";
  const numbers = units.flatMap((unit, k) => (isNumber(unit) ? [{ unit, k }] : []));
  for (let first = 0; first < numbers.length; first += lanes) {
    const here = numbers.slice(first, first + lanes);
    const set = (number: 0 | 1): void =>
      here.forEach(({ unit }, lane) => {
        const [index, value] = [builder.constant(lane), builder.constant(number)];
        builder.add({ kind: "store", object: unit, key: at(index), value, span: null });
      });
    set(1);
    const made = push(builder);
    here.forEach(({ k }, lane) => columns.set(k, read(builder, made, at(builder.constant(lane)), type)));
    set(0);
  }
  return columns;
}

/** The columns of a flat array, one for each of its numbers. */
function columnsOfArray(
  builder: BlockBuilder,
  object: Value,
  units: Value,
  push: (inside: BlockBuilder) => Value,
  type: Type,
): Value {
  const count = lengthOf(builder, object);
  const columns = newValue(arrayOf(type), { name: "columns" });
  builder.add({ kind: "allocate", result: columns, length: count, fill: null, span: null });
  const range = { lower: builder.constant(0), upper: count, step: lanes };
  rangeLoop(
    builder,
    range,
    [],
    () => ({}),
    (inside, start) => {
      const rest = inside.apply("subtract", [count, start]);
      const used = inside.apply("min", [inside.constant(lanes), rest], numberType, { name: "lanes" });
      const each = (body: (here: BlockBuilder, lane: Value, place: Key) => void): void =>
        void countedLoop(inside, used, [], (here, lane) => {
          body(here, lane, at(here.apply("add", [start, lane])));
          return [];
        });
      const set = (here: BlockBuilder, lane: Value, key: Key, number: 0 | 1): void => {
        const unit = read(here, units, at(lane), object.type);
        here.add({ kind: "store", object: unit, key, value: here.constant(number), span: null });
      };
      each((here, lane, place) => set(here, lane, place, 1));
      const made = push(inside);
      each((here, lane, place) => {
        const value = read(here, made, at(lane), type);
        here.add({ kind: "store", object: columns, key: place, value, span: null });
        set(here, lane, place, 0);
      });
      return [];
    },
  );
  return columns;
}

/** The first column; where there is none, the tangent along nothing has the shape of the output as well. */
function firstColumn(builder: BlockBuilder, columns: Value, push: (inside: BlockBuilder) => Value, type: Type): Value {
  const count = lengthOf(builder, columns);
  const zero = builder.constant(0);
  const condition = builder.apply("greater", [count, zero], booleanType);
  const branch = (from: (inside: BlockBuilder) => Value): Block => {
    const inside = new BlockBuilder(null, builder);
    const value = read(inside, from(inside), at(inside.constant(0)), type);
    return newBlock(inside.statements, [value]);
  };
  const result = newValue(type, { name: "column" });
  const results = [result];
  builder.add({ kind: "if", condition, then: branch(() => columns), else: branch(push), results, span: null });
  return result;
}

function lengthOf(builder: BlockBuilder, object: Value): Value {
  const result = newValue(numberType);
  builder.add({ kind: "length", result, object, span: null });
  return result;
}
