/**
 * The verbs: from a request to the functions it asks for, as IR with the result's shape built by literals.
 */
import { invariant } from "../diagnostics.js";
import { newBlock, newValue } from "../ir/build.js";
import type { IrFunction, Parameter, Statement, Type, Value } from "../ir/ir.js";
import { gradientType } from "../ir/gradientType.js";
import type { Request, Verb } from "../requests.js";
import { adjoint } from "./adjoint.js";
import type { Program } from "./program.js";
import { tangent } from "./tangentParameters.js";

/** The function that a verb asks for. */
export function derivativeFunction(fn: IrFunction, request: Request, verb: Verb, program: Program): IrFunction {
  switch (verb) {
    case "grad":
    case "valueAndGrad":
      return gradientFunction(fn, request, verb, program);
    case "jvp":
      return tangentFunction(fn, request, program);
    default:
      return invariant(false, `the verb ${verb} has no transform`) as never;
  }
}

const and = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

function differentiated(fn: IrFunction, request: Request): readonly Parameter[] {
  return request.wrt.map((position) => {
    const parameter = fn.parameters[position];
    invariant(parameter, `no parameter ${position} in ${fn.name}`);
    return parameter;
  });
}

const field = (name: string, type: Type) => ({ name, type, isOptional: false });

/** `grad` and `valueAndGrad`. */
function gradientFunction(
  fn: IrFunction,
  request: Request,
  verb: "grad" | "valueAndGrad",
  program: Program,
): IrFunction {
  const parameters = differentiated(fn, request);
  const sweeps = adjoint(
    fn,
    parameters.map((parameter) => parameter.value),
    program,
  );
  const statements: Statement[] = [...sweeps.statements];
  const literal = (type: Type, elements: readonly Value[], fields: readonly string[] | null): Value => {
    const result = newValue(type, { role: "adjoint" });
    statements.push({ kind: "literal", result, elements, fields, span: null });
    return result;
  };
  const types = parameters.map((parameter) => gradientType(parameter.value.type));
  const tuple: Type = { kind: "tuple", elements: types, labels: parameters.map((parameter) => parameter.name) };
  const gradient = request.isBare ? sweeps.gradients[0]! : literal(tuple, sweeps.gradients, null);
  const gradientShape = request.isBare ? types[0]! : tuple;
  const pair: Type = {
    kind: "record",
    name: null,
    fields: [field("value", { kind: "number" }), field("grad", gradientShape)],
  };
  const result = verb === "grad" ? gradient : literal(pair, [sweeps.value, gradient], ["value", "grad"]);
  const subject = verb === "grad" ? "Gradient" : "Value and gradient";
  const names = and(parameters.map((parameter) => parameter.name));
  return {
    ...fn,
    name: `${verb}${request.stem}`,
    returnTypeText: null,
    body: newBlock(statements, [result]),
    documentation: [`${subject} of {@link ${request.displayName}} with respect to ${names}.`],
  };
}

/** `jvp`: takes the arguments as one tuple and the tangents shaped like the gradient. */
function tangentFunction(fn: IrFunction, request: Request, program: Program): IrFunction {
  const parameters = differentiated(fn, request);
  const tangents = parameters.map((parameter): Parameter => {
    const type = gradientType(parameter.value.type);
    const value = newValue(type, { name: parameter.value.name, role: "tangent", span: parameter.value.span });
    return { value, name: `${parameter.name}Dot`, typeText: null, isOptional: false, isRest: false };
  });
  const pushed = tangent(
    fn,
    parameters.map((parameter, k) => ({ primal: parameter.value, tangent: tangents[k]!.value })),
    program,
  );
  const pair: Type = {
    kind: "record",
    name: null,
    fields: [field("value", pushed.value.type), field("tangent", gradientType(pushed.value.type))],
  };
  const result = newValue(pair, { role: "tangent" });
  const literal: Statement = {
    kind: "literal",
    result,
    elements: [pushed.value, pushed.tangent],
    fields: ["value", "tangent"],
    span: null,
  };
  const names = and(parameters.map((parameter) => parameter.name));
  return {
    ...fn,
    name: `jvp${request.stem}`,
    parameters: [...fn.parameters, ...tangents],
    groups: [
      { kind: "tuple", count: fn.parameters.length },
      { kind: request.isBare ? "alone" : "tuple", count: tangents.length },
    ],
    returnTypeText: null,
    body: newBlock([...pushed.statements, literal], [result]),
    documentation: [`Value of {@link ${request.displayName}} and its tangent along a tangent of ${names}.`],
  };
}
