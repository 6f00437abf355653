/** Inner derivatives, as lowering and differentiation speak of them: their keys, what they give, how they are called. */
import { numberType } from "./build.js";
import { gradientType, rowsType } from "./gradientType.js";
import type { ExternalCallStatement, InnerDerivative, Span, Type, Value } from "./ir.js";
import { canCarryDerivative } from "./types.js";

/** The key of a derivative in the unit's table. */
export function derivativeKey({ verb, of, wrt, isBare }: Omit<InnerDerivative, "span">): string {
  return `${verb} ${of} ${wrt.join()} ${isBare}`;
}

/** The one, or all as a tuple. */
export function gathered(types: readonly Type[], isBare: boolean): Type {
  return isBare ? types[0]! : { kind: "tuple", elements: types, labels: null };
}

export function recordOf(types: Readonly<Record<string, Type>>): Type {
  const fields = Object.entries(types).map(([name, type]) => ({ name, type, isOptional: false }));
  return { kind: "record", name: null, fields };
}

/** What a derivative gives: `types` are those of the gradients, `given` that of what is differentiated. */
export function derivativeType(
  { verb, isBare }: Pick<InnerDerivative, "verb" | "isBare">,
  types: readonly Type[],
  given: Type,
): Type {
  const gradient = gathered(types, isBare);
  switch (verb) {
    case "grad":
    case "vjp":
      return gradient;
    case "valueAndGrad":
      return recordOf({ value: numberType, grad: gradient });
    case "jvp":
      return recordOf({ value: given, tangent: gradientType(given) });
    case "hvp":
      return recordOf({ grad: gradient, hvp: gradient });
    case "jacobian":
      return rowsType(gradientType(given), gradient);
    case "hessian":
      return rowsType(gradient, gradient);
  }
}

export interface DerivativeCall {
  readonly key: string;
  readonly name: string;
  readonly arguments: readonly Value[];
  readonly result: Value;
  readonly isPure: boolean;
  readonly span: Span | null;
}

/** A call of a derivative, through which derivatives flow from all that has numbers. */
export function derivativeCall({ key, ...call }: DerivativeCall): ExternalCallStatement {
  const flows = call.arguments.map(({ type }) => (canCarryDerivative(type) ? type : null));
  return { kind: "externalCall", callee: { kind: "derivative", key }, rule: null, flows, ...call };
}
