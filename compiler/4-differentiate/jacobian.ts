/**
 * `jacobian`: for every number of the output a gradient. By rows: the reverse sweep for each unit seed. By columns: the
 * tangent along each unit vector, written into rows of zeros; or all of them at once, where the inputs are few.
 *
 * Needs: a prepared function and its plan. Guarantees: the primal runs once where its arguments are written.
 */
import { jacobianPlan } from "../3-analyse/rowPlans.js";
import { BlockBuilder, newBlock, newValue } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import type { IrFunction, Key, Statement, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import type { Request } from "../requests.js";
import { adjoint } from "./adjoint.js";
import type { Program } from "./program.js";
import { eachPart, pathInRow, rowsOfZeros, rowType, spread, zerosFor } from "./columns.js";
import { gradientOfNumbers, inputsOf } from "./inputs.js";
import { byLanes } from "./jacobianLanes.js";
import { halvesOf } from "./pullback.js";
import { read, rowByCall, rowsOf, structureOf } from "./rows.js";
import { tangent } from "./tangentParameters.js";
import { differentiated, type Made, type Making, namesOfParts, shaped, vectorsFor } from "./verbShapes.js";

export function jacobianFunction(fn: IrFunction, request: Request, program: Program): IrFunction {
  const parts = differentiated(fn, request);
  const { kind } = jacobianPlan(fn, request, program);
  const make = { gradient: asGradient, together: allTogether, lanes: byLanes, columns: byColumns, rows: byRows }[kind];
  const { statements, result } = make({ fn, request, program, parts });
  return {
    ...fn,
    name: `jacobian${request.stem}`,
    returnTypeText: null,
    body: newBlock(statements, [result]),
    documentation: [`Jacobian of {@link ${request.displayName}} with respect to ${namesOfParts(parts)}.`],
  };
}

function asGradient({ fn, request, program, parts }: Making): Made {
  const sweeps = adjoint(fn, parts, program);
  const statements = [...sweeps.statements];
  const result = shaped(statements, request, parts, sweeps.gradients);
  const { body } = program.finishAdjoint({ ...fn, body: newBlock(statements, [result]) });
  return { statements: body.statements, result: body.yields[0]! };
}

function byRows({ fn, request, program }: Making): Made {
  const { before, callee, crossing, type, output } = halvesOf(fn, request, program, { isPrivate: true });
  const builder = new BlockBuilder();
  before.forEach((statement) => builder.add(statement));
  const unit = newValue(gradientType(output.type), { name: "unit" });
  builder.add({ kind: "zerosLike", result: unit, object: output, keepsIdentity: false, span: null });
  const result = rowsOf(builder, unit, type, (inside) => rowByCall(inside, callee, [...crossing, unit], type));
  return { statements: builder.statements, result };
}

/** By columns, which other functions may differentiate again; for arguments that are not written. */
export function jacobianByColumns(fn: IrFunction, request: Request, program: Program): IrFunction {
  const { statements, result } = byColumns({ fn, request, program, parts: differentiated(fn, request) });
  return { ...fn, returnTypeText: null, body: newBlock(statements, [result]) };
}

function byColumns({ fn, request, program, parts }: Making): Made {
  const vectors = vectorsFor(parts, "Vector");
  const pushed = tangent(
    fn,
    parts.map(({ value, path }, k) => ({ primal: value, path, tangent: vectors[k]!.value })),
    program,
    { checksShapes: false },
  );
  const callee = program.add(
    program.finishTangent({
      ...fn,
      name: `${program.stemFor(fn.name, "Along")}Along`,
      parameters: [...fn.parameters, ...vectors],
      returnTypeText: null,
      body: newBlock(pushed.statements, [pushed.tangent]),
      documentation: [`The tangent of {@link ${fn.name}}.`],
    }),
  );
  const builder = new BlockBuilder();
  const units = parts.map((part) => zerosFor(builder, part, "Unit"));
  const args = fn.parameters.map(({ value }) => value);
  const column = (inside: BlockBuilder, along: readonly Value[]): Value =>
    rowByCall(inside, callee, [...args, ...along], gradientType(fn.body.yields[0]!.type), "column");
  // Along nothing the tangent is zero, in the shape of the output.
  const rows = rowsOfZeros(builder, column(builder, units), request, parts);
  units.forEach((unit, k) => {
    const first = pathInRow(request, k);
    const fill = (inside: BlockBuilder, along: readonly Value[], path: readonly Key[]): void =>
      spread(inside, rows, column(inside, along), [...first, ...path]);
    if (!isReference(unit.type)) return fill(builder, units.with(k, builder.constant(1)), []);
    eachUnit(builder, unit, [], (inside, path) => fill(inside, units, path));
  });
  return { statements: builder.statements, result: rows };
}

/** Runs the body while each number of `unit` in turn is 1, all others 0. */
function eachUnit(
  builder: BlockBuilder,
  unit: Value,
  path: readonly Key[],
  body: (inside: BlockBuilder, path: readonly Key[]) => void,
): void {
  eachPart(builder, unit, (inside, key, type) => {
    const here = [...path, key];
    if (type.kind === "number") {
      const [one, zero] = [inside.constant(1), inside.constant(0)];
      inside.add({ kind: "store", object: unit, key, value: one, span: null });
      body(inside, here);
      inside.add({ kind: "store", object: unit, key, value: zero, span: null });
    } else if (isReference(type)) eachUnit(inside, read(inside, unit, key, type), here, body);
  });
}

// ------------------------------------------------------------------------------------------- all columns at once

/** Tangents along all unit vectors, one transform after the other: the primal's work is done once. */
function allTogether({ fn, request, program, parts }: Making): Made {
  let current = fn;
  const columns = inputsOf(parts).map(({ part, path }): Value => {
    const { value, path: outer } = parts[part]!;
    const one = newValue({ kind: "number" });
    const start: Statement = { kind: "constant", result: one, value: 1, text: null, span: null };
    const direction = { primal: value, path: [...outer, ...path], tangent: one };
    const pushed = tangent(current, [direction], program, { checksShapes: false });
    current = { ...current, body: newBlock([start, ...pushed.statements], fn.body.yields) };
    return pushed.tangent;
  });
  const builder = new BlockBuilder();
  current.body.statements.forEach((statement) => builder.add(statement));
  const result = structureOf(builder, columns, rowType(request, parts), (inside, numbers) =>
    gradientOfNumbers(inside, request, parts, numbers()),
  );
  return { statements: builder.statements, result };
}
