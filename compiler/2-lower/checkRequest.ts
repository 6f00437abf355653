/**
 * Whether what a request asks of a function is there and has derivatives.
 *
 * Needs: the function as lowered. Guarantees: what a request names can be found, and is what its verbs want.
 */
import { Node } from "ts-morph";
import type { IrFunction, Type } from "../ir/ir.js";
import { outputAt, typeAt } from "../ir/place.js";
import { canCarryDerivative, hasClearNumbers, isAnyList, isEndlessType } from "../ir/types.js";
import type { Request, Verb } from "../requests.js";
import { kindOf } from "./keyed.js";
import { type FunctionNode, refuse } from "./lowering.js";
import { isMarkedConstant } from "./stop.js";
import { isOfInstance } from "./syntax.js";

/** Verbs of functions that give one number. */
const numberVerbs: ReadonlySet<string> = new Set<Verb>(["grad", "valueAndGrad", "hessian", "hvp"]);

/** What is differentiated is there, and is what the verbs want. */
function checkOutput(fn: IrFunction, request: Request, node: FunctionNode, isMarker: boolean): void {
  const wantsNumber = request.verbs.some((verb) => numberVerbs.has(verb));
  const result = fn.body.yields[0] ?? null;
  const types = request.of?.map((place): Type => {
    const found = outputAt(fn, place);
    if (found) return found.type;
    const name = place.written.join(".");
    return refuse(
      node,
      "unknownOutput",
      `${request.displayName} has no argument ${name} that it could write, and not every result has a field of that name.`,
      "Name a field that is always there, or an argument that the function writes.",
    );
  }) ?? [result && result.type];
  if (request.verbs.includes("jacobian") && types.some((type) => type && !hasClearNumbers(type)))
    refuse(
      node,
      "unclearRows",
      `Which numbers ${request.displayName} gives is known only at run time, and with them the rows of its Jacobian.`,
      "Give numbers that are always there, or ask for vjp or jvp.",
    );
  const isNumber = types.length === 1 && types[0]?.kind === "number";
  if (types.some((type) => !type || !canCarryDerivative(type)) || (wantsNumber && !isNumber))
    refuse(
      node,
      "resultNotANumber",
      `${request.displayName} does not return one number.`,
      isMarker
        ? "Take the number of it, as in (x) => f(x).value, or ask for vjp, jvp or jacobian."
        : "Return a number, name the field that is one with `of`, or ask for vjp, jvp or jacobian.",
    );
}

export interface CheckOptions {
  /** Asked for by a marker, which has other options than a tag. */
  readonly isMarker?: boolean;
}

export function checkRequest(
  fn: IrFunction,
  request: Request,
  node: FunctionNode,
  { isMarker = false }: CheckOptions = {},
): void {
  checkOutput(fn, request, node, isMarker);
  for (const [k, position] of request.wrt.entries()) {
    const parameter = fn.parameters[position]!;
    const path = request.wrtPaths[k]!;
    const type = typeAt(parameter.value.type, path);
    const source = node.getParameters()[isOfInstance(node) ? position - 1 : position] ?? node;
    if (!type)
      refuse(
        source,
        "unknownParameter",
        `There is no ${path.join(".")} in every ${parameter.name}.`,
        "Name fields that are always there, or the whole parameter.",
      );
    if (Node.isParameterDeclaration(source) && isMarkedConstant(source))
      refuse(
        source,
        "constantParameter",
        `The parameter ${parameter.name} is marked @constant, and the tag asks for a derivative with respect to it.`,
        "Take the mark away, or leave the parameter out of wrt.",
      );
    if (isEndlessType(type))
      refuse(
        node,
        "recursiveType",
        `The type of ${parameter.name} contains itself, but not as a field of a record.`,
        "Give each level a record of its own, with the levels below in one of its fields.",
      );
    const kind = kindOf(type);
    if (kind)
      refuse(
        source,
        "keyedData",
        `Which numbers ${parameter.name} holds is known only at run time, so that it has no gradient.`,
        "Pass the numbers as an array or as a record of known keys.",
      );
    if (!canCarryDerivative(type))
      refuse(
        node,
        "parameterNotDifferentiable",
        isAnyList(type)
          ? `Which kind of array ${parameter.name} is, and its gradient, is known only at run time.`
          : `${path.length === 0 ? `The parameter ${parameter.name}` : [parameter.name, ...path].join(".")} holds no real numbers.`,
        isAnyList(type)
          ? "Declare one kind: number[] or Float64Array."
          : "Differentiate with respect to numbers, float arrays or records of them.",
      );
  }
  if (request.verbs.includes("into") && !request.verbs.some((verb) => fillsBuffer(verb, fn, request)))
    refuse(
      node,
      "intoNothing",
      `What is asked of ${request.displayName} is one number or a pullback, which cannot be written into a buffer.`,
      "Leave into out, or ask for a verb whose result holds more.",
    );
}

/** The verb's result is more than one number, and no function. */
function fillsBuffer(verb: Verb, fn: IrFunction, { wrt, wrtPaths, isBare, of }: Request): boolean {
  const isNumber = isBare && typeAt(fn.parameters[wrt[0]!]!.value.type, wrtPaths[0]!)?.kind === "number";
  const gives = of ? outputAt(fn, of[0]!)?.type : fn.body.yields[0]?.type;
  const givesNumber = gives?.kind === "number" && (of?.length ?? 1) === 1;
  switch (verb) {
    case "grad":
    case "valueAndGrad":
    case "hessian":
      return !isNumber;
    case "jacobian":
      return !(isNumber && givesNumber);
    case "jvp":
      return !givesNumber;
    case "hvp":
      return true;
    case "vjp":
    case "into":
      return false;
  }
}
