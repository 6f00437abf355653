/**
 * Random programs over numbers, arrays and records, from a seed. They always end, index within range, and keep their
 * numbers of moderate size; beyond that they may do whatever a user may.
 */
import { both, type Both, differing } from "./both.js";
import { literal, operate } from "./expressions.js";
import type { ArrayKind, ParameterKind, Program, ProgramFunction, ProgramParameter, Statement } from "./program.js";
import { type Random, randomFrom } from "./random.js";
import { emptyScope, freshName, type Generator, type Scope } from "./scope.js";
import { returned } from "./controlStatements.js";
import { statements } from "./statements.js";

const line = (text: Both): Statement => ({ kind: "line", text });

/** A function always returns a number: this line stays when programs are made smaller. */
const ending = (result: Both): Statement => ({ kind: "line", text: both`return ${result};`, isPinned: true });

/** The least number of elements in an array that is an argument. */
export const leastLength = 4;

export function generate(seed: number): Program {
  const random = randomFrom(seed);
  const names = 0;
  const helperCount = random.pick([0, 0, 1, 2]);
  const helpers: ProgramFunction[] = random.chance(0.3) ? recursiveHelpers(random, seed) : [];
  for (let k = 0; k < helperCount; k++) {
    const generator: Generator = { random, helpers: [], budget: 5, names };
    helpers.push(makeFunction(generator, `helper${seed}_${k}`, helperParameters(random), random.integer(0, 3), false));
  }
  const generator: Generator = { random, helpers, budget: random.pick([6, 14, 25]), names };
  const parameters = mainParameters(random);
  const main = makeFunction(generator, `f${seed}`, parameters, random.integer(2, 7), true);
  const candidates = parameters.flatMap((parameter, k) => (parameter.kind === "integer" ? [] : [k]));
  const chosen = random.chance(0.75) ? candidates : candidates.filter(() => random.chance(0.6));
  return { seed, main, helpers, wrt: chosen.length > 0 ? chosen : [0] };
}

function mainParameters(random: Random): ProgramParameter[] {
  const parameters: ProgramParameter[] = [{ name: "x", kind: "number" }];
  if (random.chance(0.7)) parameters.push({ name: "y", kind: "number" });
  const kind: ArrayKind = random.chance(0.65) ? "Float64Array" : "list";
  const arrays = random.pick([0, 1, 2, 2, 3]);
  for (let k = 0; k < arrays; k++)
    parameters.push({ name: "abc"[k]!, kind: random.chance(0.85) ? kind : otherKind(random) });
  const extras: readonly ParameterKind[] = ["matrix", "record", "records"];
  for (const extra of extras) if (random.chance(0.15)) parameters.push({ name: extra, kind: extra });
  if (random.chance(0.5)) parameters.push({ name: "n", kind: "integer" });
  return parameters;
}

function otherKind(random: Random): ArrayKind {
  return random.pick(["Float64Array", "list", "Float32Array"]);
}

/** One function that calls itself, or two that may call one another; the last parameter limits the depth. */
function recursiveHelpers(random: Random, seed: number): ProgramFunction[] {
  const signatures = Array.from({ length: random.pick([1, 1, 2]) }, (_, k) => ({
    name: `recursive${seed}_${k}`,
    parameters: [...helperParameters(random), { name: "depth", kind: "depth" } as const],
  }));
  return signatures.map(({ name, parameters }) => {
    const generator: Generator = { random, helpers: signatures, budget: 7, names: 0 };
    const scope = scopeOf(parameters, 3);
    const first: Statement = {
      kind: "line",
      text: both`if (depth < 1) return ${returned({ ...generator, helpers: [] }, scope)};`,
      isPinned: true,
    };
    const rest = makeFunction(generator, name, parameters, random.integer(1, 3), false);
    return { name, parameters, body: [first, ...rest.body] };
  });
}

function helperParameters(random: Random): ProgramParameter[] {
  const parameters: ProgramParameter[] = [{ name: "g", kind: "number" }];
  if (random.chance(0.5)) parameters.push({ name: "h", kind: "number" });
  if (random.chance(0.4)) parameters.push({ name: "z", kind: random.pick(["Float64Array", "list"]) });
  if (random.chance(0.3)) parameters.push({ name: "m", kind: "integer" });
  return parameters;
}

function scopeOf(parameters: readonly ProgramParameter[], least: number): Scope {
  const scope = emptyScope();
  for (const { name, kind } of parameters) {
    if (kind === "number") scope.reals.push({ name, isConstant: false });
    else if (kind === "integer" || kind === "depth")
      scope.integers.push({ name, isConstant: true, range: null, indexes: null });
    else if (kind === "matrix") scope.matrices.push(name);
    else if (kind === "record") scope.records.push(name);
    else if (kind === "records") scope.recordArrays.push(name);
    else scope.arrays.push({ name, kind, least, isConstant: false });
  }
  return scope;
}

function makeFunction(
  generator: Generator,
  name: string,
  parameters: readonly ProgramParameter[],
  count: number,
  isMain: boolean,
): ProgramFunction {
  const scope = scopeOf(parameters, isMain ? leastLength : 3);
  const body = statements(generator, scope, count);
  const result = returned(generator, scope);
  if (!isMain) return { name, parameters, body: [...body, ending(result)] };
  return { name, parameters, body: [...body, ...summary(generator, scope, result)] };
}

/** Everything that is left goes into the result, so that little is dead. */
function summary(generator: Generator, scope: Scope, result: Both): Statement[] {
  const { random } = generator;
  const out = freshName(generator, "out");
  const weight = (): Both => literal(random.pick([0.5, 0.7, -0.3, 1.3]));
  const lines: Statement[] = [line(both`let ${out} = ${result};`)];
  const add = (term: Both): Statement => {
    const product = operate(weight(), "*", term);
    return line({ plain: `${out} += ${product.plain};`, dual: `${out} = $.add(${out}, ${product.dual});` });
  };
  for (const { name } of scope.reals) if (random.chance(0.6)) lines.push(add(both`${name}`));
  for (const name of scope.records) lines.push(add(operate(both`${name}.p`, "+", both`${name}.w[1]`)));
  for (const name of scope.recordArrays) lines.push(add(operate(both`${name}[0].q`, "*", both`${name}[1].w[0]`)));
  for (const name of scope.matrices) lines.push(add(operate(both`${name}[0][1]`, "*", both`${name}[2][0]`)));
  for (const { name } of scope.arrays) {
    if (!random.chance(0.8)) continue;
    const i = freshName(generator, "i");
    const item = differing(`${name}[${i}]`, "get", name, i);
    const size = differing(`${name}.length`, "length", name);
    const term = random.chance(0.5) ? item : operate(item, "*", differing(i, "c", i));
    const head = both`for (let ${i} = 0; ${i} < ${size}; ${i}++) {`;
    lines.push({ kind: "nest", heads: [head], bodies: [[add(term)]], end: both`}` });
  }
  return [...lines, ending(both`${out}`)];
}
