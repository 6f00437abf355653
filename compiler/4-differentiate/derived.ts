/**
 * What inner derivatives are made from: gradients of a function's value, of its tangent, or of its product with a seed; and
 * functions that are made of tangents and gradients, which are differentiated as they are.
 */
import { BlockBuilder, newBlock, newParameter, newValue, numberType } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import { derivativeCall, derivativeKey, derivativeType, gathered, recordOf } from "../ir/innerDerivatives.js";
import type { InnerDerivative, IrFunction, Parameter, Value } from "../ir/ir.js";
import { loadAt } from "../ir/place.js";
import type { Request, Verb } from "../requests.js";
import { dotNumbers } from "./everyNumber.js";
import { jacobianByColumns } from "./jacobian.js";
import type { Program } from "./program.js";
import { rowsAlongUnits } from "./rows.js";
import { tangentType } from "./tangentContext.js";
import { tangent } from "./tangentParameters.js";
import { literal } from "./verbShapes.js";

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
  const shape: Shape = { verb, isBare };
  const given = {
    name: `${program.stemFor(name, ending)}${ending}`,
    documentation: `${said} ${name}.`,
    isAgain: false,
    checked: [],
  };
  if (verb === "grad" || verb === "valueAndGrad")
    return { ...given, source: (own) => own.functionOf(of), gradient: { parts: wrt, shape } };
  if (verb === "vjp") {
    const source = (own: Program): IrFunction => seeded(own.functionOf(of));
    return { ...given, source, gradient: { parts: wrt, shape: { verb: "grad", isBare } } };
  }
  if (verb === "jacobian" || verb === "hessian") {
    const source = (own: Program): IrFunction => {
      const fn = own.prepare(own.functionOf(of));
      return verb === "jacobian"
        ? jacobianByColumns(fn, requestFor(inner, fn), own)
        : hessianByProducts(fn, inner, derivativeKey({ ...inner, verb: "hvp" }));
    };
    return { ...given, source, gradient: null };
  }
  const along = wrt.map((_, k) => parameters.length + k);
  const checked = wrt.map((position, k) => ({ of: position, along: along[k]! }));
  const isPair = verb === "jvp";
  const source = (own: Program): IrFunction => pushed(own, own.prepare(own.functionOf(of)), wrt, { isPair });
  const gradient = isPair ? null : { parts: [...along, ...wrt], shape };
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
function hessianByProducts(fn: IrFunction, inner: InnerDerivative, key: string): IrFunction {
  const builder = new BlockBuilder();
  const parts = inner.wrt.map((k) => fn.parameters[k]!.value);
  const types = parts.map(({ type }) => gradientType(type));
  const own = fn.parameters.map(({ value }) => value);
  const rows = rowsAlongUnits(
    builder,
    parts.map((object, k) => ({ object, type: types[k]!, name: object.name })),
    gathered(types, inner.isBare),
    (inside, along) => {
      const result = newValue(derivativeType({ ...inner, verb: "hvp" }, types, numberType));
      const args = [...own, ...along];
      inside.add(derivativeCall({ key, name: `hvp ${fn.name}`, arguments: args, result, isPure: true, span: null }));
      return loadAt(inside, result, ["hvp"], { name: "row" });
    },
  );
  const tuple = gathered(
    rows.map(({ type }) => type),
    false,
  );
  const result = inner.isBare ? rows[0]! : literal(builder.statements, tuple, rows, null);
  return { ...fn, returnTypeText: null, body: newBlock(builder.statements, [result]) };
}
