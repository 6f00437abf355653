/**
 * The verbs that differentiate twice: the gradient of the tangent along a vector. With respect to the vector that is the
 * gradient of the function, with respect to the arguments its Hessian times the vector: f'(x) v has the derivatives f'(x)
 * and f''(x) v. A tangent keeps nothing, so that there is one adjoint to decide what is kept.
 */
import { aliasClasses, type MemoryClass } from "../3-analyse/aliases.js";
import { reachableFrom } from "../3-analyse/entangled.js";
import { isHessianTogether } from "../3-analyse/rowPlans.js";
import { BlockBuilder, newBlock, newValue, numberType } from "../ir/build.js";
import type { IrFunction, Parameter, Statement, Type, Value } from "../ir/ir.js";
import { copyBlock } from "../ir/copyBlock.js";
import { loadAt } from "../ir/place.js";
import { isReference, mayLackNumbers } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";
import type { Request } from "../requests.js";
import { adjoint } from "./adjoint.js";
import { inputsOf, overInputs } from "./inputs.js";
import { testsPresence } from "./presence.js";
import type { Program } from "./program.js";
import { tangent } from "./tangentParameters.js";
import { rowByCall, rowsAlongUnits } from "./rows.js";
import {
  type Differentiated,
  differentiated,
  groupsFor,
  literal,
  namesOfParts,
  shaped,
  vectorsFor,
} from "./verbShapes.js";
import { recordOf } from "../ir/innerDerivatives.js";

interface Second {
  readonly parameters: readonly Differentiated[];
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
    parameters.map(({ value, path }, k) => ({ primal: value, path, tangent: vectors[k]!.value })),
    program,
    options,
  );
  const along: IrFunction = {
    ...fn,
    parameters: [...fn.parameters, ...vectors],
    body: newBlock(pushed.statements, [pushed.tangent]),
  };
  const wrt = [...vectors.map(({ value }) => ({ value, path: [] })), ...parameters];
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
  const names = namesOfParts(parameters);
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
  const { statements, result } = isHessianTogether(fn, request)
    ? rowsTogether(fn, request, program)
    : rowsByCalls(fn, request, program);
  return {
    ...fn,
    name: `hessian${request.stem}`,
    returnTypeText: null,
    body: newBlock(statements, [result]),
    documentation: [
      `Hessian of {@link ${request.displayName}} with respect to ${namesOfParts(differentiated(fn, request))}.`,
    ],
  };
}

interface Rows {
  readonly statements: readonly Statement[];
  readonly result: Value;
}

/**
 * The gradient of the tangent along every unit vector, one behind the other; what they have in common is shared later. Of
 * two numbers that are equal by symmetry one is computed.
 */
function rowsTogether(fn: IrFunction, request: Request, program: Program): Rows {
  const parts = differentiated(fn, request);
  const inputs = inputsOf(parts);
  const builder = new BlockBuilder();
  const rows = inputs.map(({ part, path }): readonly Value[] => {
    const { value, path: outer } = parts[part]!;
    const one = newValue(numberType);
    const start: Statement = { kind: "constant", result: one, value: 1, text: null, span: null };
    const direction = { primal: value, path: [...outer, ...path], tangent: one };
    const pushed = tangent(fn, [direction], program, { checksShapes: false });
    const along = { ...fn, body: newBlock([start, ...pushed.statements], [pushed.tangent]) };
    const sweeps = adjoint(program.prepare(along), parts, program);
    const finished = program.finishAdjoint({ ...fn, body: newBlock(sweeps.statements, sweeps.gradients) });
    const { block } = copyBlock(finished.body);
    block.statements.filter(({ kind }) => kind !== "note").forEach((statement) => builder.add(statement));
    return inputs.map((input) => loadAt(builder, block.yields[input.part]!, input.path, { role: "adjoint" }));
  });
  const result = overInputs(builder, request, parts, (inside, i) =>
    overInputs(inside, request, parts, (_, j) => rows[Math.min(i, j)]![Math.max(i, j)]!),
  );
  return { statements: builder.statements, result };
}

/** A call for every unit vector. */
function rowsByCalls(fn: IrFunction, request: Request, program: Program): Rows {
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
  const over = parameters.map(({ value, path, name: label, type }) => ({
    object: loadAt(builder, value, path, { name: label }),
    type,
    name: label,
  }));
  const args = fn.parameters.map(({ value }) => value);
  const rows = rowsAlongUnits(builder, over, product.type, (inside, along) =>
    rowByCall(inside, callee, [...args, ...along], product.type),
  );
  const types = rows.map(({ type }) => type);
  const tuple: Type = { kind: "tuple", elements: types, labels: parameters.map((part) => part.name) };
  const all: Statement[] = [...builder.statements];
  const result = request.isBare ? rows[0]! : literal(all, tuple, rows, null);
  return { statements: all, result };
}

/** Zeros in the shapes of arguments whose numbers may be missing, or come and go; null for others. */
function shapesAtEntry(
  builder: BlockBuilder,
  fn: IrFunction,
  parameters: readonly Differentiated[],
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
  return parameters.map(({ value, path, name, type }) => {
    if (!isReference(type)) return null;
    const memories = reachableFrom(aliases, value);
    const changesShape = [...memories].some((memory) => memory.isResized || memory.isReshaped || gaps.has(memory));
    if (!changesShape && !mayLackNumbers(value.type)) return null;
    const result = newValue(type, { name, role: "adjoint" });
    const object = loadAt(builder, value, path, { name });
    builder.add({ kind: "zerosLike", result, object, keepsIdentity: false, span: null });
    return result;
  });
}
