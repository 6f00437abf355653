/**
 * Random programs over numbers, arrays, records, classes and functions, from a seed. They always end, index within range, and keep their
 * numbers of moderate size; beyond that they may do whatever a user may.
 */
import { both } from "./both.js";
import { declareTypes, type Types } from "./declareTypes.js";
import { literal } from "./expressions.js";
import type { ArrayKind, Program, ProgramFunction, ProgramParameter, Statement } from "./program.js";
import { type Random, randomFrom } from "./random.js";
import { emptyScope, type Generator, type Scope, type Topic, topics } from "./scope.js";
import { objectExpression, type Shape } from "./shapes.js";
import { returned } from "./controlStatements.js";
import { statements } from "./statements.js";
import { ending, summary } from "./summary.js";

/** The least number of elements in an array that is an argument. */
export const leastLength = 4;

export function generate(seed: number, wanted?: Topic): Program {
  const random = randomFrom(seed);
  const chosen = topics.filter((topic) => topic === wanted || random.chance(0.25));
  const named = { random, topics: new Set(chosen), names: 0 };
  const { declarations, ...types } = declareTypes(named);
  const helpers: ProgramFunction[] = random.chance(0.25) ? recursiveHelpers(named, types, seed) : [];
  const helperCount = random.pick([0, 0, 1, 2]);
  for (let k = 0; k < helperCount; k++) {
    const generator: Generator = { ...named, ...types, helpers: [], budget: 5 };
    const result = types.shapes.length > 0 && random.chance(0.3) ? random.pick(types.shapes) : "number";
    const parameters = helperParameters(generator);
    helpers.push(makeFunction(generator, `helper${seed}_${k}`, parameters, random.integer(0, 3), result));
  }
  const generator: Generator = { ...named, ...types, helpers, budget: random.pick([6, 14, 25]) };
  const parameters = mainParameters(generator);
  const main = makeFunction(generator, `f${seed}`, parameters, random.integer(2, 7), "main");
  const candidates = parameters.flatMap((parameter, k) => (parameter.kind === "integer" ? [] : [k]));
  const active = random.chance(0.5) ? candidates : candidates.filter(() => random.chance(0.4));
  return { seed, declarations, main, helpers, wrt: active.length > 0 ? active : [0] };
}

function mainParameters({ random, shapes }: Generator): ProgramParameter[] {
  const parameters: ProgramParameter[] = [{ name: "x", kind: "number" }];
  if (random.chance(0.7)) parameters.push({ name: "y", kind: "number" });
  const kind: ArrayKind = random.chance(0.65) ? "Float64Array" : "list";
  const arrays = random.pick([0, 1, 2, 2, 3]);
  for (let k = 0; k < arrays; k++)
    parameters.push({ name: "abc"[k]!, kind: random.chance(0.85) ? kind : otherKind(random) });
  if (random.chance(0.15)) parameters.push({ name: "matrix", kind: "matrix" });
  const plain = shapes.filter(isPlain);
  for (const name of ["thing", "other"])
    if (plain.length > 0 && random.chance(0.3)) parameters.push({ name, kind: "object", shape: random.pick(plain) });
  if (plain.length > 0 && random.chance(0.3))
    parameters.push({ name: "things", kind: "group", shape: random.pick(plain) });
  if (random.chance(0.5)) parameters.push({ name: "n", kind: "integer" });
  return parameters;
}

/** Made of records alone: arguments have no classes. */
function isPlain(shape: Shape): boolean {
  return (
    !shape.class && shape.fields.every((field) => !("shape" in field) || field.shape === shape || isPlain(field.shape))
  );
}

function otherKind(random: Random): ArrayKind {
  return random.pick(["Float64Array", "list", "Float32Array"]);
}

/** One function that calls itself, or two that may call one another; the last parameter limits the depth. */
function recursiveHelpers(
  named: Pick<Generator, "random" | "topics" | "names">,
  types: Omit<Types, "declarations">,
  seed: number,
): ProgramFunction[] {
  const { random } = named;
  const generator = (helpers: Generator["helpers"]): Generator => ({ ...named, ...types, helpers, budget: 7 });
  const signatures = Array.from({ length: random.pick([1, 1, 2]) }, (_, k) => ({
    name: `recursive${seed}_${k}`,
    parameters: [
      ...helperParameters(generator([])).filter(({ kind }) => !["optional", "defaulted", "rest"].includes(kind)),
      { name: "depth", kind: "depth" } as const,
    ],
    result: "number" as const,
  }));
  return signatures.map(({ name, parameters }) => {
    const scope = scopeOf(parameters, 3);
    const first: Statement = {
      kind: "line",
      text: both`if (depth < 1) return ${returned(generator([]), scope)};`,
      isPinned: true,
    };
    const rest = makeFunction(generator(signatures), name, parameters, random.integer(1, 3), "number");
    return { ...rest, body: [first, ...rest.body] };
  });
}

function helperParameters({ random, shapes }: Generator): ProgramParameter[] {
  const parameters: ProgramParameter[] = [{ name: "g", kind: "number" }];
  if (random.chance(0.5)) parameters.push({ name: "h", kind: "number" });
  if (random.chance(0.4)) parameters.push({ name: "z", kind: random.pick(["Float64Array", "list"]) });
  if (random.chance(0.1)) parameters.push({ name: "rows", kind: "matrix" });
  if (shapes.length > 0 && random.chance(0.5))
    parameters.push({ name: "thing", kind: "object", shape: random.pick(shapes) });
  if (shapes.length > 0 && random.chance(0.2))
    parameters.push({ name: "things", kind: "group", shape: random.pick(shapes) });
  if (random.chance(0.3)) parameters.push({ name: "m", kind: "integer" });
  if (random.chance(0.3)) parameters.push({ name: "last", kind: random.pick(["optional", "defaulted", "rest"]) });
  return parameters;
}

function scopeOf(parameters: readonly ProgramParameter[], least: number): Scope {
  const scope = emptyScope();
  for (const { name, kind, shape } of parameters) {
    if (kind === "number" || kind === "defaulted") scope.reals.push({ name, isConstant: false });
    else if (kind === "integer" || kind === "depth")
      scope.integers.push({ name, isConstant: true, range: null, indexes: null });
    else if (kind === "matrix") scope.matrices.push(name);
    else if (kind === "object") scope.objects.push({ name, shape: shape!, isConstant: false });
    else if (kind === "group") scope.groups.push({ name, shape: shape!, least: 2, isConstant: false });
    else if (kind === "rest") scope.stacks.push({ name });
    else if (kind !== "optional") scope.arrays.push({ name, kind, least, isConstant: false });
  }
  return scope;
}

function makeFunction(
  generator: Generator,
  name: string,
  parameters: readonly ProgramParameter[],
  count: number,
  result: "main" | ProgramFunction["result"],
): ProgramFunction {
  const scope = scopeOf(parameters, result === "main" ? leastLength : 3);
  const first: Statement[] = [];
  for (const parameter of parameters)
    if (parameter.kind === "optional") {
      scope.reals.push({ name: "given", isConstant: true });
      first.push({ kind: "line", text: both`const given = ${parameter.name} ?? ${literal(0.6)};` });
    }
  if (result !== "main") Object.assign(scope, { returns: result });
  const body = [...first, ...statements(generator, scope, count)];
  if (typeof result === "object")
    return { name, parameters, result, body: [...body, ending(objectExpression(generator, scope, result))] };
  const value = returned(generator, scope);
  if (result === "number") return { name, parameters, result, body: [...body, ending(value)] };
  return { name, parameters, result: "number", body: [...body, ...summary(generator, scope, value)] };
}
