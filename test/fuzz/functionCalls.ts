/** Calls of functions, local functions and methods with whatever is at hand. */
import { both, type Both, joined } from "./both.js";
import { bounded, integer, literal, real } from "./expressions.js";
import type { ProgramParameter } from "./program.js";
import { construct, objectExpression, objectPlace, type ParameterType, type Shape } from "./shapes.js";
import type { Generator, Scope } from "./scope.js";

/** A call of a helper function that gives a number, or a record of the shape. */
export function helperCall(generator: Generator, scope: Scope, result: "number" | Shape = "number"): Both | null {
  const { random } = generator;
  const helpers = generator.helpers.filter((helper) => helper.result === result);
  if (helpers.length === 0 || scope.loops > 2) return null;
  const helper = random.pick(helpers);
  const isDeep = helper.parameters.some(({ kind }) => kind === "depth");
  if (isDeep && (scope.loops > 1 || !scope.mayRecurse)) return null;
  const args: Both[] = [];
  for (const parameter of helper.parameters) {
    const arg = argument(generator, scope, parameter);
    if (arg === "impossible") return null;
    if (arg === "omitted") break;
    args.push(arg);
  }
  return both`${helper.name}(${joined(args)})`;
}

function argument(
  generator: Generator,
  scope: Scope,
  { kind, shape }: ProgramParameter,
): Both | "omitted" | "impossible" {
  const { random } = generator;
  switch (kind) {
    case "number":
      return real(generator, scope, 1);
    case "optional":
    case "defaulted":
      return random.chance(0.4) ? "omitted" : random.chance(0.2) ? both`undefined` : real(generator, scope, 1);
    case "rest":
      return restArguments(generator, scope);
    case "integer":
      return integer(generator, scope);
    case "depth":
      return depthOf(generator, scope);
    case "object":
      return objectExpression(generator, scope, shape!);
    case "group": {
      const known = scope.groups.filter((group) => group.shape === shape);
      if (known.length > 0 && random.chance(0.7)) return both`${random.pick(known).name}`;
      const twice = objectPlace(generator, scope, shape)?.text ?? construct(generator, scope, shape!, 0);
      return both`[${twice}, ${objectExpression(generator, scope, shape!, 0)}]`;
    }
    case "matrix":
      return scope.matrices.length > 0 ? both`${random.pick(scope.matrices)}` : "impossible";
    default: {
      const arrays = scope.arrays.filter((array) => array.kind === kind && array.least >= 3);
      return arrays.length > 0 ? both`${random.pick(arrays).name}` : "impossible";
    }
  }
}

/** Several arguments in a row, or those of an array. */
function restArguments(generator: Generator, scope: Scope): Both | "omitted" {
  const { random } = generator;
  if (random.chance(0.2)) return "omitted";
  const lists = [...scope.arrays.filter(({ kind }) => kind === "list"), ...scope.stacks];
  const values = [0, 1].slice(random.integer(0, 1)).map(() => bounded(generator, scope, 1));
  if (lists.length > 0 && random.chance(0.5)) values.push(both`...${random.pick(lists).name}`);
  return joined(values);
}

/** Inside of a function of limited depth one less, elsewhere a few. */
function depthOf(generator: Generator, scope: Scope): Both {
  const own = scope.integers.find(({ name }) => name === "depth");
  return own ? both`depth - 1` : both`${generator.random.integer(0, 3)}`;
}

function argumentsOf(generator: Generator, scope: Scope, parameters: readonly ParameterType[]): Both {
  const args: Both[] = [];
  for (const type of parameters) {
    if (type === "optional" && generator.random.chance(0.4)) break;
    const value = type === "rest" ? restArguments(generator, scope) : real(generator, scope, 1);
    if (value !== "omitted") args.push(value);
  }
  return joined(args);
}

/** A call of a local function that gives a number. */
export function localCall(generator: Generator, scope: Scope): Both | null {
  const { random } = generator;
  if (scope.functions.length === 0 || scope.loops > 2) return null;
  const { name, parameters, isCounted } = random.pick(scope.functions);
  // A function of functions of functions, each in a loop, would run too long.
  if (isCounted && scope.loops > 1) return null;
  const higher = parameters.length === 1 && parameters[0] === "real" ? generator.higher : [];
  if (higher.length > 0 && random.chance(0.3))
    return both`${random.pick(higher)}(${name}, ${bounded(generator, scope, 1)})`;
  return both`${name}(${argumentsOf(generator, scope, parameters)})`;
}

/** A call of a method that gives what is asked for; chains where the method gives its own class. */
export function calledMethod(generator: Generator, scope: Scope, result: "number" | "nothing" | Shape): Both | null {
  const { random } = generator;
  if (scope.loops > 2) return null;
  const place = objectPlace(generator, scope, typeof result === "object" ? result : undefined);
  if (!place?.shape.class) return null;
  const chains = place.shape.class.methods.filter((method) => method.result === place.shape);
  const fitting = place.shape.class.methods.filter((method) => method.result === result);
  if (fitting.length === 0) return null;
  let text = place.text;
  if (chains.length > 0 && random.chance(0.3)) {
    const { name, parameters } = random.pick(chains);
    text = both`${text}.${name}(${argumentsOf(generator, scope, parameters)})`;
  }
  const { name, parameters } = random.pick(fitting);
  return both`${text}.${name}(${argumentsOf(generator, scope, parameters)})`;
}

/** A list of parameters in both forms, and what a function that has them may mention. */
export function parameterTexts(names: readonly string[], types: readonly ParameterType[]): Both {
  return joined(
    types.map((type, k): Both => {
      const name = names[k]!;
      if (type === "rest") return { plain: `...${name}: number[]`, dual: `...${name}` };
      if (type === "optional") return { plain: `${name} = 0.7`, dual: `${name} = ${literal(0.7).dual}` };
      return { plain: `${name}: number`, dual: name };
    }),
  );
}
