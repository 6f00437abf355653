/** Marker calls inside of what is differentiated, `grad(f, { wrt: 0 })`, as functions that are known. */
import { Node } from "ts-morph";
import type { InnerDerivative, Value } from "../ir/ir.js";
import type { Call } from "./callArguments.js";
import { functionValue, knownFunction } from "./functionValues.js";
import { refuseHere } from "./innerDerivatives.js";
import type { Lowering } from "./lowering.js";
import { unwrap } from "./syntax.js";

type Verb = InnerDerivative["verb"];

const verbs: readonly string[] = ["grad", "valueAndGrad", "vjp", "jvp", "hvp", "jacobian", "hessian"] satisfies Verb[];

export function isInnerVerb(name: string): name is Verb {
  return verbs.includes(name);
}

/** `grad(f, options)`: a function. */
export function derivativeValue(lowering: Lowering, node: Call, verb: Verb): Value {
  const [what, options] = node.getArguments();
  const fn = what && knownFunction(lowering, what);
  if (!fn)
    return refuseHere(
      what ?? node,
      `Which function ${verb} differentiates here is not known.`,
      "Name a function, or write it in place.",
    );
  const { wrt, isBare } = wrtOf(options);
  return functionValue(lowering, { kind: "derivative", verb, fn, wrt, isBare });
}

function wrtOf(options: Node | undefined): Pick<InnerDerivative, "wrt" | "isBare"> {
  if (!options) return { wrt: [0], isBare: true };
  const refuseOptions = (): never =>
    refuseHere(options, "These options are not written out.", "Write { wrt: 0 } or { wrt: [0, 1] }.");
  const literal = unwrap(options);
  if (!Node.isObjectLiteralExpression(literal)) return refuseOptions();
  const [property, ...others] = literal.getProperties();
  if (!property) return { wrt: [0], isBare: true };
  if (others.length > 0 || !Node.isPropertyAssignment(property) || property.getName() !== "wrt") return refuseOptions();
  const value = unwrap(property.getInitializerOrThrow());
  const position = (node: Node): number => {
    const one = unwrap(node);
    const number = Node.isNumericLiteral(one) ? one.getLiteralValue() : Number.NaN;
    return Number.isInteger(number) ? number : refuseOptions();
  };
  if (!Node.isArrayLiteralExpression(value)) return { wrt: [position(value)], isBare: true };
  const wrt = value.getElements().map(position);
  if (new Set(wrt).size < wrt.length || wrt.length === 0) return refuseOptions();
  return { wrt, isBare: false };
}
