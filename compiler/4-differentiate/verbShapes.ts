/** What the verbs have in common: the parameters that are asked for, and the shapes of what is handed in and out. */
import { invariant } from "../diagnostics.js";
import { type RequestedWrt, requestedWrt } from "../3-analyse/requested.js";
import { newParameter, newValue } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import type { IrFunction, Parameter, Statement, TupleType, Type, Value } from "../ir/ir.js";
import { typeAt } from "../ir/place.js";
import type { Request } from "../requests.js";
import type { Program } from "./program.js";

const and = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** One thing that a request differentiates with respect to. */
export interface Differentiated extends RequestedWrt {
  /** Of the parameter, or of the field. */
  readonly name: string;
  /** Of its gradient. */
  readonly type: Type;
}

export function differentiated(fn: IrFunction, request: Request): readonly Differentiated[] {
  return requestedWrt(fn, request).map((wrt) => {
    const type = typeAt(wrt.value.type, wrt.path);
    invariant(type, `no ${wrt.text} in ${fn.name}`);
    return { ...wrt, name: wrt.path.at(-1) ?? wrt.text, type: gradientType(type) };
  });
}

/** What derivatives of several rows are made from. */
export interface Making {
  readonly fn: IrFunction;
  readonly request: Request;
  readonly program: Program;
  readonly parts: readonly Differentiated[];
}

/** Statements, and the value that they end with. */
export interface Made {
  readonly statements: readonly Statement[];
  readonly result: Value;
}

/** What the gradients are handed out as: the one, or all as a tuple. */
export function shaped(
  statements: Statement[],
  request: Request,
  parts: readonly Differentiated[],
  gradients: readonly Value[],
): Value {
  return request.isBare ? gradients[0]! : literal(statements, tupleType(parts), gradients, null);
}

/** For each part one of the shape of its gradient. */
export function vectorsFor(parts: readonly Differentiated[], ending: "Dot" | "Vector"): readonly Parameter[] {
  return parts.map(({ value: of, path, name, type }): Parameter => {
    const value = newValue(type, { name: path.length > 0 ? name : of.name, role: "tangent", span: of.span });
    return newParameter(value, `${name}${ending}`);
  });
}

/** The names of the parts, as a sentence says them. */
export function namesOfParts(parts: readonly Differentiated[]): string {
  return and(parts.map(({ text }) => text));
}

/** The arguments as one tuple, then the vectors: alone, or as one tuple. */
export function groupsFor(
  fn: IrFunction,
  request: Request,
  vectors: readonly Parameter[],
): NonNullable<IrFunction["groups"]> {
  const captured = fn.parameters.filter((one) => one.capturedAs !== undefined);
  return [
    ...captured.map(() => ({ kind: "alone", count: 1 }) as const),
    { kind: "tuple", count: fn.parameters.length - captured.length },
    { kind: request.isBare ? "alone" : "tuple", count: vectors.length },
  ];
}

export function tupleType(parts: readonly Differentiated[]): TupleType {
  const names = parts.map(({ name }) => name);
  const labels = names.every((name) => /^[A-Za-z_$][\w$]*$/.test(name)) ? names : null;
  return { kind: "tuple", elements: parts.map(({ type }) => type), labels };
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
