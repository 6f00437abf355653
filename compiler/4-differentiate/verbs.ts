/**
 * The verbs: from a request to the functions it asks for, as IR with the result's shape built by literals.
 */
import { invariant } from "../diagnostics.js";
import { newBlock } from "../ir/build.js";
import type { IrFunction, Statement } from "../ir/ir.js";
import { gradientType } from "../ir/gradientType.js";
import type { Request, Verb } from "../requests.js";
import { adjoint } from "./adjoint.js";
import type { Program } from "./program.js";
import { jacobianFunction } from "./jacobian.js";
import { vjpFunction } from "./pullback.js";
import { hessianFunction, hvpFunction } from "./secondVerbs.js";
import { tangent } from "./tangentParameters.js";
import { differentiated, groupsFor, literal, namesOfParts, shaped, vectorsFor } from "./verbShapes.js";
import { recordOf } from "../ir/innerDerivatives.js";

/** The function that a verb asks for. */
export function derivativeFunction(fn: IrFunction, request: Request, verb: Verb, program: Program): IrFunction {
  switch (verb) {
    case "grad":
    case "valueAndGrad":
      return gradientFunction(fn, request, verb, program);
    case "jvp":
      return tangentFunction(fn, request, program);
    case "jacobian":
      return jacobianFunction(fn, request, program);
    case "vjp":
      return vjpFunction(fn, request, program);
    case "hvp":
      return hvpFunction(fn, request, program);
    case "hessian":
      return hessianFunction(fn, request, program);
    default:
      return invariant(false, `the verb ${verb} has no transform`) as never;
  }
}

/** `grad` and `valueAndGrad`. */
function gradientFunction(
  fn: IrFunction,
  request: Request,
  verb: "grad" | "valueAndGrad",
  program: Program,
): IrFunction {
  const parameters = differentiated(fn, request);
  const sweeps = adjoint(fn, parameters, program);
  const statements: Statement[] = [...sweeps.statements];
  const gradient = shaped(statements, request, parameters, sweeps.gradients);
  const value = fn.body.yields.at(-1)!;
  const pair = recordOf({ value: value.type, grad: gradient.type });
  const result = verb === "grad" ? gradient : literal(statements, pair, [value, gradient], ["value", "grad"]);
  const subject = verb === "grad" ? "Gradient" : "Value and gradient";
  const names = namesOfParts(parameters);
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
  const tangents = vectorsFor(parameters, "Dot");
  const pushed = tangent(
    fn,
    parameters.map(({ value, path }, k) => ({ primal: value, path, tangent: tangents[k]!.value })),
    program,
  );
  const value = fn.body.yields.at(-1)!;
  const pair = recordOf({ value: value.type, tangent: gradientType(pushed.value.type) });
  const statements: Statement[] = [...pushed.statements];
  const result = literal(statements, pair, [value, pushed.tangent], ["value", "tangent"]);
  const names = namesOfParts(parameters);
  return {
    ...fn,
    name: `jvp${request.stem}`,
    parameters: [...fn.parameters, ...tangents],
    groups: groupsFor(fn, request, tangents),
    returnTypeText: null,
    body: newBlock(statements, [result]),
    documentation: [`Value of {@link ${request.displayName}} and its tangent along a tangent of ${names}.`],
  };
}
