/** What a body that is lowered must not hold: values where others of another kind, or class, are expected. */
import type { Node } from "ts-morph";
import { DiagnosticError } from "../diagnostics.js";
import type { Block, LoadStatement, Statement, Type, Value } from "../ir/ir.js";
import { resultsOf, visitStatements } from "../ir/walk.js";
import type { Environment } from "./environments.js";
import { implementsWith } from "./families.js";
import { hasBehaviour, lineage } from "./classes.js";
import { mismatchIn, strayInstance } from "./kinds.js";
import { learnTogether } from "./lessons.js";
import { spanOf } from "./lowering.js";
import type { UnitContext } from "./unitContext.js";

/** Instances, and functions that were kept, where others are expected. */
export function refuseStray(body: Block, node: Node, unit: UnitContext): void {
  const stray = strayInstance(body, {
    parametersOf: (key) => unit.functionOf(key)?.parameters.map(({ value }) => value.type) ?? [],
    passesFor: (given, expected) => {
      const [one, other] = [given, expected].map((brand) => unit.classNamed(brand));
      if (!one || !other || !hasBehaviour(other)) return true;
      // Of one family: what depends on the class is asked of the instance.
      return lineage(one).some((base) => lineage(other).includes(base)) || implementsWith(one, other);
    },
  });
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

/** A field like #x of an instance that a module has: only its class can read that. */
export function refusePrivateReads(body: Block, node: Node): void {
  const definitions = new Map<Value, Statement>();
  const reads: LoadStatement[] = [];
  visitStatements(body, (statement) => {
    resultsOf(statement).forEach((result) => definitions.set(result, statement));
    const isPrivate = statement.kind === "load" && statement.key.kind === "field" && statement.key.name.startsWith("#");
    if (isPrivate) reads.push(statement);
  });
  const isOfModule = (value: Value): boolean => {
    const made = definitions.get(value);
    if (made?.kind === "load" || made?.kind === "view") return isOfModule(made.object);
    if (made?.kind === "narrow") return isOfModule(made.value);
    if (made?.kind === "if") {
      const k = made.results.indexOf(value);
      return [made.then, made.else].some((block) => block.yields[k] !== undefined && isOfModule(block.yields[k]));
    }
    if (made?.kind === "loop") {
      const k = made.results.indexOf(value);
      return k >= 0 && isOfModule(made.initial[k]!);
    }
    return made?.kind === "global";
  };
  const read = reads.find((one) => isOfModule(one.object));
  if (!read || read.key.kind !== "field") return;
  throw new DiagnosticError({
    code: "privateField",
    severity: "error",
    span: read.span ?? spanOf(node),
    message: `The field ${read.key.name} of what a module holds is read here, which only its own class can read.`,
    suggestion: "Make the field private in TypeScript's way, or make the instance in the differentiated function.",
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
