/**
 * The verbs that differentiate twice: the gradient of the tangent along a vector. With respect to the vector that is the
 * gradient of the function, with respect to the arguments its Hessian times the vector: f'(x) v has the derivatives f'(x)
 * and f''(x) v. A tangent keeps nothing, so that there is one adjoint to decide what is kept.
 */
import { aliasClasses, type MemoryClass } from "../3-analyse/aliases.js";
import { reachableFrom } from "../3-analyse/entangled.js";
import { BlockBuilder, newBlock, newValue, numberType } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import type { IrFunction, Key, Parameter, Statement, Type, Value } from "../ir/ir.js";
import { countedLoop } from "../ir/loops.js";
import { elementType, isReference, mayLackNumbers } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";
import type { Request } from "../requests.js";
import { adjoint } from "./adjoint.js";
import { testsPresence } from "./presence.js";
import type { Callee, Program } from "./program.js";
import { tangent } from "./tangentParameters.js";
import { and, differentiated, groupsFor, literal, recordOf, shaped, vectorsFor } from "./verbShapes.js";

interface Second {
  readonly parameters: readonly Parameter[];
  /** One for each, after the function's own. */
  readonly vectors: readonly Parameter[];
  readonly statements: Statement[];
  readonly gradients: readonly Value[];
  /** The Hessian times the vectors. */
  readonly products: readonly Value[];
}

function differentiatedTwice(
  fn: IrFunction,
  request: Request,
  program: Program,
  options: { readonly checksShapes: boolean },
): Second {
  const parameters = differentiated(fn, request);
  const vectors = vectorsFor(parameters, "Vector");
  const pushed = tangent(
    fn,
    parameters.map((parameter, k) => ({ primal: parameter.value, tangent: vectors[k]!.value })),
    program,
    options,
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
  const gradients = sweeps.gradients.slice(0, vectors.length).map((gradient, k) => {
    if (!zeros[k]) return gradient;
    const result = newValue(gradient.type, gradient);
    const args = [zeros[k], gradient];
    statements.push({ kind: "runtimeCall", result, name: "inShapeOf", arguments: args, writes: [0], span: null });
    return result;
  });
  return { parameters, vectors, statements, gradients, products: sweeps.gradients.slice(vectors.length) };
}

/** `hvp`: the gradient, and the Hessian times a vector. */
export function hvpFunction(fn: IrFunction, request: Request, program: Program): IrFunction {
  const { parameters, vectors, statements, gradients, products } = differentiatedTwice(fn, request, program, {
    checksShapes: true,
  });
  const grad = shaped(statements, request, parameters, gradients);
  const hvp = shaped(statements, request, parameters, products);
  const type = recordOf({ grad: grad.type, hvp: hvp.type });
  const result = literal(statements, type, [grad, hvp], ["grad", "hvp"]);
  const names = and(parameters.map((parameter) => parameter.name));
  return {
    ...fn,
    name: `hvp${request.stem}`,
    parameters: [...fn.parameters, ...vectors],
    groups: groupsFor(fn, request, vectors),
    returnTypeText: null,
    body: newBlock(statements, [result]),
    documentation: [
      `Gradient of {@link ${request.displayName}} with respect to ${names}, and its Hessian times a vector.`,
    ],
  };
}

/**
 * `hessian`: the Hessian times each unit vector. It is symmetric, so that its columns are its rows: each has the shape of
 * the gradient, and they stand where the numbers of the gradient do.
 */
export function hessianFunction(fn: IrFunction, request: Request, program: Program): IrFunction {
  const { parameters, vectors, statements, products } = differentiatedTwice(fn, request, program, {
    checksShapes: false,
  });
  const product = shaped(statements, request, parameters, products);
  const name = `${program.stemFor(fn.name, "HessianTimes")}HessianTimes`;
  const callee = program.add(
    program.finishAdjoint({
      ...fn,
      name,
      parameters: [...fn.parameters, ...vectors],
      returnTypeText: null,
      body: newBlock(statements, [product]),
      documentation: [`The Hessian of {@link ${fn.name}} times a vector.`],
    }),
  );
  const builder = new BlockBuilder();
  const units = parameters.map(({ value }, k): Value => {
    if (!isReference(value.type)) return builder.constant(0);
    const unit = newValue(vectors[k]!.value.type, { name: `${value.name}Unit` });
    builder.add({ kind: "zerosLike", result: unit, object: value, keepsIdentity: false, span: null });
    return unit;
  });
  const args = fn.parameters.map(({ value }) => value);
  const row = (inside: BlockBuilder, along: readonly Value[]): Value =>
    rowAlong(inside, callee, [...args, ...along], product.type);
  const rows = units.map((unit, k) =>
    isReference(unit.type)
      ? rowsOf(builder, unit, product.type, (inside) => row(inside, units))
      : row(builder, units.with(k, builder.constant(1))),
  );
  const types = rows.map(({ type }) => type);
  const tuple: Type = { kind: "tuple", elements: types, labels: parameters.map((parameter) => parameter.name) };
  const all: Statement[] = [...builder.statements];
  const result = request.isBare ? rows[0]! : literal(all, tuple, rows, null);
  const names = and(parameters.map((parameter) => parameter.name));
  return {
    ...fn,
    name: `hessian${request.stem}`,
    returnTypeText: null,
    body: newBlock(all, [result]),
    documentation: [`Hessian of {@link ${request.displayName}} with respect to ${names}.`],
  };
}

function rowAlong(builder: BlockBuilder, { key, effects }: Callee, args: readonly Value[], type: Type): Value {
  const result = newValue(type, { name: "row" });
  builder.add({ kind: "call", result, callee: key, arguments: args, effects, span: null });
  return result;
}

/** The structure of `unit` with a row in place of each number; `row` gives it while that number is 1, all others 0. */
function rowsOf(builder: BlockBuilder, unit: Value, type: Type, row: (inside: BlockBuilder) => Value): Value {
  const at = (inside: BlockBuilder, key: Key, of: Type): Value => {
    if (of.kind === "number") {
      const [one, zero] = [inside.constant(1), inside.constant(0)];
      inside.add({ kind: "store", object: unit, key, value: one, span: null });
      const made = row(inside);
      inside.add({ kind: "store", object: unit, key, value: zero, span: null });
      return made;
    }
    const part = newValue(of);
    inside.add({ kind: "load", result: part, object: unit, key, span: null });
    return isReference(of) ? rowsOf(inside, part, type, row) : part;
  };
  const element = elementType(unit.type);
  if (element) {
    const length = newValue(numberType);
    builder.add({ kind: "length", result: length, object: unit, span: null });
    const rows = newValue(rowsType(unit.type, type), { name: "rows" });
    builder.add({ kind: "allocate", result: rows, length, fill: null, span: null });
    countedLoop(builder, length, [], (inside, index) => {
      const value = at(inside, { kind: "index", index }, element);
      inside.add({ kind: "store", object: rows, key: { kind: "index", index }, value, span: null });
      return [];
    });
    return rows;
  }
  const result = newValue(rowsType(unit.type, type), { name: "rows" });
  const parts =
    unit.type.kind === "record"
      ? unit.type.fields.map(({ name, type: of }) => [name, of] as const)
      : unit.type.kind === "tuple"
        ? unit.type.elements.map((of, k) => [String(k), of] as const)
        : [];
  const elements = parts.map(([name, of]) => at(builder, { kind: "field", name }, of));
  const fields = unit.type.kind === "record" ? parts.map(([name]) => name) : null;
  builder.add({ kind: "literal", result, elements, fields, span: null });
  return result;
}

/** The type with rows in place of numbers; of a typed array an array. */
function rowsType(type: Type, row: Type): Type {
  switch (type.kind) {
    case "number":
      return row;
    case "typedArray":
      return { kind: "array", element: row };
    case "array":
      return { kind: "array", element: rowsType(type.element, row) };
    case "tuple":
      return { ...type, elements: type.elements.map((element) => rowsType(element, row)) };
    case "record":
      return { ...type, fields: type.fields.map((field) => ({ ...field, type: rowsType(field.type, row) })) };
    default:
      return type;
  }
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
