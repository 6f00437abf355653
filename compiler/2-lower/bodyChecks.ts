/** What a body that is lowered must not hold: values where others of another kind, or class, are expected. */
import type { Node } from "ts-morph";
import { DiagnosticError } from "../diagnostics.js";
import type { Block, Type } from "../ir/ir.js";
import type { Environment } from "./environments.js";
import { mismatchIn, strayInstance } from "./kinds.js";
import { learnTogether } from "./lessons.js";
import { spanOf } from "./lowering.js";
import type { UnitContext } from "./unitContext.js";

/** Instances, and functions that were kept, where others are expected. */
export function refuseStray(body: Block, node: Node, unit: UnitContext): void {
  const parameterTypes = (key: string): readonly Type[] =>
    unit.functionOf(key)?.parameters.map(({ value }) => value.type) ?? [];
  const stray = strayInstance(body, parameterTypes);
  if (!stray) return;
  const { value, place, statement } = stray;
  const [one, other] = [value.type, place].map((type) => environmentIn(unit, type));
  if (one && other) learnTogether(unit.lessons, one.keptAt, other.keptAt);
  if (one || other)
    throw new DiagnosticError({
      code: "functionValue",
      severity: "error",
      span: statement.span ?? spanOf(node),
      message: "Functions that are written in several places are kept in one array, or one variable.",
      suggestion: "Write one function that tests which case it is.",
    });
  const nameOf = (type: Type): string => (type.kind === "record" && type.name) || "another kind";
  const given = value.type.kind === "record" && value.type.brands ? `An instance of ${nameOf(value.type)}` : "A record";
  throw new DiagnosticError({
    code: "unknownClass",
    severity: "error",
    span: statement.span ?? spanOf(node),
    message: `${given} is used where instances of the classes that implement ${nameOf(place)} are expected.`,
    suggestion: "Say with `implements` or `extends` what the class is.",
  });
}

/** What functions that the type holds have captured. */
function environmentIn(unit: UnitContext, type: Type): Environment | null {
  if (type.kind === "optional") return environmentIn(unit, type.of);
  if (type.kind === "array") return environmentIn(unit, type.element);
  return unit.environments.ofType(type);
}

/** A variable that holds one kind of value here and another there. */
export function refuseMixedKinds(body: Block, node: Node): void {
  const wrong = mismatchIn(body);
  if (!wrong) return;
  const { to, from } = wrong;
  const span = to.span ?? from.span ?? spanOf(node);
  throw new DiagnosticError({
    code: "unsupportedType",
    severity: "error",
    span,
    ...(to.type.kind === "tuple"
      ? {
          message: `${to.name ?? "A value"} holds tuples of several lengths.`,
          suggestion: "Use an array, or tuples that are as long as one another.",
        }
      : {
          message: `${to.name ?? "A value"} holds values of several kinds.`,
          suggestion: "Use a variable of its own for each kind of value.",
        }),
  });
}
