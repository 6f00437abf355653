/**
 * What cannot be differentiated twice: calls whose rule gives a pullback, of which no derivative is known, and arguments
 * of recursive types that are written.
 *
 * Needs: primals whose calls are summarised. Guarantees: where nothing is reported, the tangent can be differentiated.
 */
import type { Diagnostic } from "../diagnostics.js";
import type { IrFunction, Type, Unit } from "../ir/ir.js";
import { canCarryDerivative, isRecursiveType, isReference, mayLackNumbers, typesWithin } from "../ir/types.js";
import type { Request, Verb } from "../requests.js";
import { activity } from "./activity.js";
import { aliasClasses } from "./aliases.js";
import { reachableFrom } from "./entangled.js";
import { questionOf, requestedWrt } from "./requested.js";
import { pullbackCalls } from "./pullbackCalls.js";

export function secondDerivativeProblems(
  functions: ReadonlyMap<string, IrFunction>,
  rules: Unit["rules"],
  fn: IrFunction,
  request: Request,
  verb: Verb,
): readonly Diagnostic[] {
  const problem = (span: Diagnostic["span"], message: string, suggestion: string): Diagnostic => ({
    code: "secondDerivative",
    severity: "error",
    span,
    message,
    suggestion,
  });
  const aliases = aliasClasses(fn);
  const asked = requestedWrt(fn, request);
  const wrt = asked.map(({ value }) => value);
  const facts = activity(fn, aliases, questionOf(fn, asked));
  const ofRules = pullbackCalls(functions, rules, fn, request, () => true).map(({ name, span, isHook }) =>
    isHook
      ? problem(
          span,
          `What a hook makes of a cotangent has no derivative, which ${verb} of ${request.displayName} would need.`,
          `Leave ${verb} out of the tag, or the hook out of what is differentiated twice.`,
        )
      : problem(
          span,
          `The rule of ${name} gives a pullback, of which ${verb} of ${request.displayName} would need the derivative.`,
          `Give the rule partials, or leave ${verb} out of the tag.`,
        ),
  );
  /** It is made of several calls, with one number after another moved. */
  const ofHessian = (): readonly Diagnostic[] => {
    const writes = fn.parameters.filter(
      ({ value }) =>
        isReference(value.type) && [...reachableFrom(aliases, value)].some((memory) => memory.isWrittenThrough),
    );
    const mayLack = (type: Type): boolean =>
      [...typesWithin(type)].some((one) => one.kind === "optional" && canCarryDerivative(one));
    const unclear = wrt.filter(({ type }) => mayLackNumbers(type) || mayLack(type) || isRecursiveType(type));
    return [
      ...writes.map(({ name, value }) =>
        problem(
          value.span ?? request.span,
          `${request.displayName} writes ${name}, and a Hessian takes several calls.`,
          "Make a copy with the changes, or ask for hvp.",
        ),
      ),
      ...unclear.map(({ name, span }) =>
        problem(
          span ?? request.span,
          `Which numbers ${name} holds is known only at run time, and with them the rows of the Hessian.`,
          "Ask for hvp, or pass the numbers that are there.",
        ),
      ),
    ];
  };
  const written = fn.parameters.filter(
    ({ value }) =>
      isReference(value.type) &&
      facts.hasShadow(value) &&
      isRecursiveType(value.type) &&
      [...reachableFrom(aliases, value)].some((memory) => memory.isWritten),
  );
  const ofParameters = written.map(({ name, value }) =>
    problem(
      value.span ?? request.span,
      `${name} is of a type that contains itself, and is written: it cannot be differentiated twice.`,
      "Make a copy with the changes, and leave the argument as it is.",
    ),
  );
  return [...ofRules, ...ofParameters, ...(verb === "hessian" ? ofHessian() : [])];
}
