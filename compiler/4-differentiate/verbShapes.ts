/** What the verbs have in common: the parameters that are asked for, and the shapes of what is handed in and out. */
import { invariant } from "../diagnostics.js";
import { newValue } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import type { IrFunction, Parameter, Statement, Type, Value } from "../ir/ir.js";
import type { Request } from "../requests.js";

export const and = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

export function differentiated(fn: IrFunction, request: Request): readonly Parameter[] {
  return request.wrt.map((position) => {
    const parameter = fn.parameters[position];
    invariant(parameter, `no parameter ${position} in ${fn.name}`);
    return parameter;
  });
}

/** What the gradients are handed out as: the one, or all as a tuple. */
export function shaped(
  statements: Statement[],
  request: Request,
  parameters: readonly Parameter[],
  gradients: readonly Value[],
): Value {
  return request.isBare ? gradients[0]! : literal(statements, tupleType(parameters), gradients, null);
}

/** For each parameter one of the shape of its gradient. */
export function vectorsFor(parameters: readonly Parameter[], ending: "Dot" | "Vector"): readonly Parameter[] {
  return parameters.map((parameter): Parameter => {
    const type = gradientType(parameter.value.type);
    const value = newValue(type, { name: parameter.value.name, role: "tangent", span: parameter.value.span });
    return { value, name: `${parameter.name}${ending}`, typeText: null, isOptional: false, isRest: false };
  });
}

/** The arguments as one tuple, then the vectors: alone, or as one tuple. */
export function groupsFor(
  fn: IrFunction,
  request: Request,
  vectors: readonly Parameter[],
): NonNullable<IrFunction["groups"]> {
  return [
    { kind: "tuple", count: fn.parameters.length },
    { kind: request.isBare ? "alone" : "tuple", count: vectors.length },
  ];
}

export function tupleType(parameters: readonly Parameter[]): Type {
  const elements = parameters.map((parameter) => gradientType(parameter.value.type));
  return { kind: "tuple", elements, labels: parameters.map((parameter) => parameter.name) };
}

export function recordOf(types: Readonly<Record<string, Type>>): Type {
  const fields = Object.entries(types).map(([name, type]) => ({ name, type, isOptional: false }));
  return { kind: "record", name: null, fields };
}

export function literal(
  statements: Statement[],
  type: Type,
  elements: readonly Value[],
  fields: readonly string[] | null,
): Value {
  const result = newValue(type, { role: "adjoint" });
  statements.push({ kind: "literal", result, elements, fields, span: null });
  return result;
}
