/**
 * What inner derivatives are made from: gradients of a function's value, of its tangent, or of its product with a seed; and
 * functions that are made of tangents and gradients, which are differentiated as they are.
 */
import { BlockBuilder, derivativeKey, newBlock, newParameter, newValue } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import type { InnerDerivative, IrFunction, Parameter, Type, Value } from "../ir/ir.js";
import { loadAt } from "../ir/place.js";
import { canCarryDerivative, isReference } from "../ir/types.js";
import type { Request, Verb } from "../requests.js";
import { dotNumbers } from "./everyNumber.js";
import { jacobianByColumns } from "./jacobian.js";
import type { Program } from "./program.js";
import { rowsOf } from "./rows.js";
import { tangentType } from "./tangentContext.js";
import { tangent } from "./tangentParameters.js";
import { literal, recordOf } from "./verbShapes.js";

/** A derivative as what it is made from. */
export interface Derived {
  readonly name: string;
  readonly documentation: string;
  /** Makes what is called, in a program; `base` is for what is made of it. */
  readonly source: (program: Program) => IrFunction;
  /** The gradient of the source's result with respect to these of its parameters; null for the result itself. */
  readonly gradient: { readonly parts: readonly number[]; readonly shape: Shape } | null;
  /** Differentiated at least once before: what it calls has been, too. */
  readonly isAgain: boolean;
  /** Directions among the parameters, of what the user gives, and what they are directions of. */
  readonly checked: readonly { readonly of: number; readonly along: number }[];
}

/** How gradients, and the value, are handed out. */
export interface Shape {
  readonly verb: InnerDerivative["verb"];
  readonly isBare: boolean;
}

const endings: Readonly<Record<InnerDerivative["verb"], readonly [ending: string, said: string]>> = {
  grad: ["Gradient", "Gradient of"],
  valueAndGrad: ["ValueAndGradient", "Value and gradient of"],
  vjp: ["Pullback", "Gradient of the product of a seed and"],
  jvp: ["Tangent", "Value and tangent of"],
  hvp: ["HessianTimes", "Gradient and Hessian times a vector of"],
  jacobian: ["Jacobian", "Jacobian of"],
  hessian: ["Hessian", "Hessian of"],
};

/** What the source asks for. */
export function derivedFrom(inner: InnerDerivative, program: Program): Derived {
  const { verb, of, wrt, isBare } = inner;
  const { name, parameters } = program.functionOf(of);
  const [ending, said] = endings[verb];
  const given = {
    name: `${program.stemFor(name, ending)}${ending}`,
    documentation: `${said} ${name}.`,
    isAgain: false,
    shape: { verb, isBare },
  };
  if (verb === "grad" || verb === "valueAndGrad")
    return { ...given, source: (own) => own.functionOf(of), gradient: { parts: wrt, shape: given.shape }, checked: [] };
  if (verb === "vjp") {
    const source = (own: Program): IrFunction => seeded(own.functionOf(of));
    return { ...given, source, gradient: { parts: wrt, shape: { verb: "grad", isBare } }, checked: [] };
  }
  if (verb === "jacobian" || verb === "hessian") {
    const source = (own: Program): IrFunction => {
      const fn = own.prepare(own.functionOf(of));
      return verb === "jacobian"
        ? jacobianByColumns(fn, requestFor(inner, fn), own)
        : hessianByProducts(fn, inner, { key: derivativeKey({ ...inner, verb: "hvp" }) });
    };
    return { ...given, source, gradient: null, checked: [] };
  }
  const along = wrt.map((_, k) => parameters.length + k);
  const checked = wrt.map((position, k) => ({ of: position, along: along[k]! }));
  const isPair = verb === "jvp";
  const source = (own: Program): IrFunction => pushed(own, own.prepare(own.functionOf(of)), wrt, { isPair });
  const gradient = isPair ? null : { parts: [...along, ...wrt], shape: given.shape };
  return { ...given, source, gradient, checked };
}

/** The tangent of a function along vectors for these of its parameters, which it takes behind them. */
export function pushed(
  program: Program,
  fn: IrFunction,
  positions: readonly number[],
  { isPair }: { readonly isPair: boolean },
): IrFunction {
  const moving = positions.map((k) => fn.parameters[k]!);
  const along = moving.map(({ value, name }): Parameter => {
    const vector = newValue(tangentType(value), { name: value.name ?? name, role: "tangent", span: value.span });
    return newParameter(vector, `${name}Dot`);
  });
  const directions = moving.map(({ value }, k) => ({ primal: value, path: [], tangent: along[k]!.value }));
  const one = tangent(fn, directions, program, { checksShapes: false });
  const statements = [...one.statements];
  const types = recordOf({ value: one.value.type, tangent: gradientType(one.value.type) });
  const result = isPair ? literal(statements, types, [one.value, one.tangent], ["value", "tangent"]) : one.tangent;
  return {
    ...fn,
    parameters: [...fn.parameters, ...along],
    groups: null,
    returnTypeText: null,
    body: newBlock(statements, [result]),
  };
}

/** ⟨seed, f⟩, of a function and a seed. */
function seeded(fn: IrFunction): IrFunction {
  const [value] = fn.body.yields as [Value];
  const seed = newValue(gradientType(value.type), { name: "seed", role: "adjoint" });
  const builder = new BlockBuilder();
  fn.body.statements.forEach((statement) => builder.add(statement));
  const product = dotNumbers(builder, value, seed);
  const body = newBlock(builder.statements, [product]);
  return { ...fn, parameters: [...fn.parameters, newParameter(seed, "seed")], body };
}

/** The same as a request would ask it. */
function requestFor({ verb, of, wrt, isBare, span }: InnerDerivative, { name }: IrFunction): Request {
  const wrtPaths = wrt.map(() => []);
  return { function: of, displayName: name, stem: "", verbs: [verb as Verb], wrt, wrtPaths, isBare, of: null, span };
}

/** The Hessian times one unit vector after the other. */
function hessianByProducts(
  fn: IrFunction,
  { wrt, isBare }: InnerDerivative,
  hvp: { readonly key: string },
): IrFunction {
  const builder = new BlockBuilder();
  const parts = wrt.map((k) => fn.parameters[k]!.value);
  const types = parts.map(({ type }) => gradientType(type));
  const units = parts.map((object, k): Value => {
    if (!isReference(object.type)) return builder.constant(0);
    const unit = newValue(types[k]!, { name: `${object.name}Unit` });
    builder.add({ kind: "zerosLike", result: unit, object, keepsIdentity: false, span: null });
    return unit;
  });
  const gradient: Type = isBare ? types[0]! : { kind: "tuple", elements: types, labels: null };
  const own = fn.parameters.map(({ value }) => value);
  const row = (inside: BlockBuilder, along: readonly Value[]): Value => {
    const result = newValue(recordOf({ grad: gradient, hvp: gradient }));
    const args = [...own, ...along];
    inside.add({
      kind: "externalCall",
      result,
      callee: { kind: "derivative", key: hvp.key },
      name: `hvp ${fn.name}`,
      arguments: args,
      rule: null,
      flows: args.map(({ type }) => (canCarryDerivative(type) ? type : null)),
      isPure: true,
      span: null,
    });
    return loadAt(inside, result, ["hvp"], { name: "row" });
  };
  const rows = units.map((unit, k) =>
    isReference(unit.type)
      ? rowsOf(builder, unit, gradient, (inside) => row(inside, units))
      : row(builder, units.with(k, builder.constant(1))),
  );
  const tuple: Type = { kind: "tuple", elements: rows.map(({ type }) => type), labels: null };
  const result = isBare ? rows[0]! : literal(builder.statements, tuple, rows, null);
  return { ...fn, returnTypeText: null, body: newBlock(builder.statements, [result]) };
}
