/**
 * The verbs: from a request to the functions it asks for, as IR with the result's shape built by literals.
 */
import { aliasClasses, type MemoryClass } from "../3-analyse/aliases.js";
import { reachableFrom } from "../3-analyse/entangled.js";
import { invariant } from "../diagnostics.js";
import { BlockBuilder, newBlock, newValue, numberType } from "../ir/build.js";
import type { IrFunction, Parameter, Statement, Type, Value } from "../ir/ir.js";
import { gradientType } from "../ir/gradientType.js";
import { isReference, typesWithin } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";
import type { Request, Verb } from "../requests.js";
import { adjoint } from "./adjoint.js";
import { testsPresence } from "./presence.js";
import type { Program } from "./program.js";
import { tangent } from "./tangentParameters.js";

/** The function that a verb asks for. */
export function derivativeFunction(fn: IrFunction, request: Request, verb: Verb, program: Program): IrFunction {
  switch (verb) {
    case "grad":
    case "valueAndGrad":
      return gradientFunction(fn, request, verb, program);
    case "jvp":
      return tangentFunction(fn, request, program);
    case "hvp":
      return hvpFunction(fn, request, program);
    default:
      return invariant(false, `the verb ${verb} has no transform`) as never;
  }
}

const and = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

function differentiated(fn: IrFunction, request: Request): readonly Parameter[] {
  return request.wrt.map((position) => {
    const parameter = fn.parameters[position];
    invariant(parameter, `no parameter ${position} in ${fn.name}`);
    return parameter;
  });
}

/** For each parameter one of the shape of its gradient. */
function vectorsFor(parameters: readonly Parameter[], ending: "Dot" | "Vector"): readonly Parameter[] {
  return parameters.map((parameter): Parameter => {
    const type = gradientType(parameter.value.type);
    const value = newValue(type, { name: parameter.value.name, role: "tangent", span: parameter.value.span });
    return { value, name: `${parameter.name}${ending}`, typeText: null, isOptional: false, isRest: false };
  });
}

/** The arguments as one tuple, then the vectors: alone, or as one tuple. */
function groupsFor(fn: IrFunction, request: Request, vectors: readonly Parameter[]): NonNullable<IrFunction["groups"]> {
  return [
    { kind: "tuple", count: fn.parameters.length },
    { kind: request.isBare ? "alone" : "tuple", count: vectors.length },
  ];
}

function tupleType(parameters: readonly Parameter[]): Type {
  const elements = parameters.map((parameter) => gradientType(parameter.value.type));
  return { kind: "tuple", elements, labels: parameters.map((parameter) => parameter.name) };
}

function recordOf(types: Readonly<Record<string, Type>>): Type {
  const fields = Object.entries(types).map(([name, type]) => ({ name, type, isOptional: false }));
  return { kind: "record", name: null, fields };
}

function literal(
  statements: Statement[],
  type: Type,
  elements: readonly Value[],
  fields: readonly string[] | null,
): Value {
  const result = newValue(type, { role: "adjoint" });
  statements.push({ kind: "literal", result, elements, fields, span: null });
  return result;
}

/** `grad` and `valueAndGrad`. */
function gradientFunction(
  fn: IrFunction,
  request: Request,
  verb: "grad" | "valueAndGrad",
  program: Program,
): IrFunction {
  const parameters = differentiated(fn, request);
  const sweeps = adjoint(
    fn,
    parameters.map((parameter) => parameter.value),
    program,
  );
  const statements: Statement[] = [...sweeps.statements];
  const gradient = request.isBare
    ? sweeps.gradients[0]!
    : literal(statements, tupleType(parameters), sweeps.gradients, null);
  const pair = recordOf({ value: numberType, grad: gradient.type });
  const result = verb === "grad" ? gradient : literal(statements, pair, [sweeps.value, gradient], ["value", "grad"]);
  const subject = verb === "grad" ? "Gradient" : "Value and gradient";
  const names = and(parameters.map((parameter) => parameter.name));
  return {
    ...fn,
    name: `${verb}${request.stem}`,
    returnTypeText: null,
    body: newBlock(statements, [result]),
    documentation: [`${subject} of {@link ${request.displayName}} with respect to ${names}.`],
  };
}

/**
 * `hvp`: the gradient of the tangent along the vector. With respect to the vector that is the gradient of the function,
 * with respect to the arguments its Hessian times the vector: f'(x) v has the derivatives f'(x) and f''(x) v.
 */
function hvpFunction(fn: IrFunction, request: Request, program: Program): IrFunction {
  const parameters = differentiated(fn, request);
  const vectors = vectorsFor(parameters, "Vector");
  const pushed = tangent(
    fn,
    parameters.map((parameter, k) => ({ primal: parameter.value, tangent: vectors[k]!.value })),
    program,
    { isDifferentiatedAgain: true },
  );
  const along: IrFunction = {
    ...fn,
    parameters: [...fn.parameters, ...vectors],
    body: newBlock(pushed.statements, [pushed.tangent]),
  };
  const wrt = [...vectors, ...parameters].map(({ value }) => value);
  const sweeps = adjoint(program.prepare(along), wrt, program);
  const shapes = new BlockBuilder();
  const zeros = shapesAtEntry(shapes, fn, parameters);
  const statements: Statement[] = [...shapes.statements, ...sweeps.statements];
  const first = sweeps.gradients.slice(0, vectors.length).map((gradient, k) => {
    if (!zeros[k]) return gradient;
    const result = newValue(gradient.type, gradient);
    const args = [zeros[k], gradient];
    statements.push({ kind: "runtimeCall", result, name: "inShapeOf", arguments: args, writes: [0], span: null });
    return result;
  });
  const second = sweeps.gradients.slice(vectors.length);
  const shaped = (gradients: readonly Value[]): Value =>
    request.isBare ? gradients[0]! : literal(statements, tupleType(parameters), gradients, null);
  const [grad, hvp] = [shaped(first), shaped(second)];
  const type = recordOf({ grad: grad.type, hvp: hvp.type });
  const result = literal(statements, type, [grad, hvp], ["grad", "hvp"]);
  const names = and(parameters.map((parameter) => parameter.name));
  return {
    ...along,
    name: `hvp${request.stem}`,
    groups: groupsFor(fn, request, vectors),
    returnTypeText: null,
    body: newBlock(statements, [result]),
    documentation: [
      `Gradient of {@link ${request.displayName}} with respect to ${names}, and its Hessian times a vector.`,
    ],
  };
}

/** Zeros in the shapes of arguments whose numbers may be missing, or come and go; null for others. */
function shapesAtEntry(
  builder: BlockBuilder,
  fn: IrFunction,
  parameters: readonly Parameter[],
): readonly (Value | null)[] {
  const aliases = aliasClasses(fn);
  /** Arrays in which something is looked for that may not be there. */
  const gaps = new Set<MemoryClass | null>();
  const tested = new Set<Value>();
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "apply" && testsPresence(statement)) statement.arguments.forEach((one) => tested.add(one));
  });
  visitStatements(fn.body, (statement) => {
    if (statement.kind !== "load" || statement.key.kind !== "index") return;
    const mayBeMissing = statement.result.type.kind === "optional" || tested.has(statement.result);
    if (mayBeMissing) gaps.add(aliases.classOf(statement.object));
  });
  return parameters.map(({ value }) => {
    if (!isReference(value.type)) return null;
    const memories = reachableFrom(aliases, value);
    const changesShape = [...memories].some((memory) => memory.isResized || memory.isReshaped || gaps.has(memory));
    if (!changesShape && !mayLackNumbers(value.type)) return null;
    const result = newValue(gradientType(value.type), { name: value.name, role: "adjoint" });
    builder.add({ kind: "zerosLike", result, object: value, keepsIdentity: false, span: null });
    return result;
  });
}

/** Some number of the type may be missing. */
function mayLackNumbers(type: Type): boolean {
  return [...typesWithin(type)].some(
    (inside) =>
      (inside.kind === "optional" && inside.of.kind === "number") ||
      (inside.kind === "record" && inside.fields.some((field) => field.isOptional && field.type.kind === "number")),
  );
}

/** `jvp`: takes the arguments as one tuple and the tangents shaped like the gradient. */
function tangentFunction(fn: IrFunction, request: Request, program: Program): IrFunction {
  const parameters = differentiated(fn, request);
  const tangents = vectorsFor(parameters, "Dot");
  const pushed = tangent(
    fn,
    parameters.map((parameter, k) => ({ primal: parameter.value, tangent: tangents[k]!.value })),
    program,
  );
  const pair = recordOf({ value: pushed.value.type, tangent: gradientType(pushed.value.type) });
  const statements: Statement[] = [...pushed.statements];
  const result = literal(statements, pair, [pushed.value, pushed.tangent], ["value", "tangent"]);
  const names = and(parameters.map((parameter) => parameter.name));
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
