/** Random loops, branches, switches and jumps. Every loop ends. */
import { both, type Both, differing } from "./both.js";
import { bounded, condition, integer, literal, operate, real, unit } from "./expressions.js";
import type { Statement } from "./program.js";
import { objectExpression } from "./shapes.js";
import { freshName, type Generator, inner, insideFunction, type Scope } from "./scope.js";
import { statements } from "./statements.js";

const line = (text: Both, isPinned = false): Statement => ({ kind: "line", text, isPinned });
const nest = (heads: readonly Both[], bodies: readonly (readonly Statement[])[], end: Both = both`}`): Statement => ({
  kind: "nest",
  heads,
  bodies,
  end,
});

type Maker = (generator: Generator, scope: Scope) => readonly Statement[] | null;

const branch: Maker = (generator, scope) => {
  const { random } = generator;
  const body = (): readonly Statement[] => statements(generator, inner(scope), random.integer(1, 3));
  const heads = [both`if (${condition(generator, scope)}) {`];
  const bodies = [body()];
  if (random.chance(0.2)) {
    heads.push(both`} else if (${condition(generator, scope)}) {`);
    bodies.push(body());
  }
  if (random.chance(0.5)) {
    heads.push(both`} else {`);
    bodies.push(body());
  }
  return [nest(heads, bodies)];
};

/** The inside of a loop that a `break` may leave, and the label in front of it. */
function loopScope(generator: Generator, scope: Scope): { scope: Scope; label: string } {
  const label = generator.random.chance(0.25) ? freshName(generator, "loop") : null;
  const jumps = [...scope.jumps, { kind: "loop" as const, label }];
  return { scope: inner(scope, { jumps, loops: scope.loops + 1 }), label: label === null ? "" : `${label}: ` };
}

const countedLoop: Maker = (generator, scope) => {
  const { random } = generator;
  const { scope: inside, label } = loopScope(generator, scope);
  const i = freshName(generator, "i");
  const array = scope.arrays.length > 0 && random.chance(0.4) ? random.pick(scope.arrays) : null;
  if (array !== null) {
    const isFixed = array.isConstant && array.kind !== "list";
    inside.integers.push({ name: i, isConstant: true, range: null, indexes: isFixed ? array.name : null });
    const body = statements(generator, inside, random.integer(1, 4));
    const size = differing(`${array.name}.length`, "length", array.name);
    const test = random.pick([both`${i} < ${size}`, both`${i} + 1 <= ${size}`, both`${size} > ${i}`]);
    return [nest([both`${label}for (let ${i} = 0; ${test}; ${i}++) {`], [body])];
  }
  const changes = random.chance(0.15);
  const [low, high] = [random.integer(0, 1), random.integer(1, 4)];
  const range = changes ? null : { low, high };
  inside.integers.push({ name: i, isConstant: true, range, indexes: null });
  const skip = changes ? [line(both`if (${condition(generator, inside)}) ${i}++;`, true)] : [];
  const body = [...skip, ...statements(generator, inside, random.integer(1, 4))];
  const head = random.pick([
    both`${label}for (let ${i} = ${low}; ${i} <= ${high}; ${i}++) {`,
    both`${label}for (let ${i} = ${low}; ${i} < ${high + 1}; ${i} += ${random.integer(1, 2)}) {`,
    both`${label}for (let ${i} = ${low}; 2 * ${i} + 1 < ${2 * high + random.integer(2, 3)}; ${i}++) {`,
    ...(changes ? [] : [both`${label}for (let ${i} = ${high}; ${i} >= ${low}; ${i}--) {`]),
  ]);
  return [nest([head], [body])];
};

/** A bound that is only known when the program runs. */
const openLoop: Maker = (generator, scope) => {
  const { random } = generator;
  const { scope: inside, label } = loopScope(generator, scope);
  const i = freshName(generator, "i");
  const fraction = operate(literal(2.5), "+", unit(generator, scope, 1));
  const limit = random.chance(0.5)
    ? both`(${integer(generator, scope)}) % 5`
    : differing(fraction.plain, "v", fraction);
  inside.integers.push({ name: i, isConstant: true, range: null, indexes: null });
  if (random.chance(0.3)) {
    const guard = line(both`if (${i} > 3 || (${condition(generator, inside)})) break;`, true);
    const body = statements(generator, inside, random.integer(1, 4));
    return [nest([both`${label}for (let ${i} = 0; ; ${i}++) {`], [[guard, ...body]])];
  }
  const body = statements(generator, inside, random.integer(1, 4));
  return [nest([both`${label}for (let ${i} = 0; ${i} < ${limit}; ${i}++) {`], [body])];
};

/** In strides that are known when the program runs, or that have a name; `continue` and `break` may stand in it. */
const stridedLoop: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.loops > 1) return null;
  const [width, end, i, j] = ["width", "end", "i", "j"].map((name) => freshName(generator, name)) as [
    string,
    string,
    string,
    string,
  ];
  const stride = random.chance(0.3)
    ? both`${random.integer(1, 3)}`
    : both`1 + Math.abs(${integer(generator, scope)}) % 3`;
  const array = scope.arrays.length > 0 && random.chance(0.5) ? random.pick(scope.arrays) : null;
  const size = array ? differing(`${array.name}.length`, "length", array.name) : both`${random.integer(2, 5)}`;
  const before = [line(both`const ${width} = ${stride};`), line(both`const ${end} = ${size};`)];
  const { scope: inside, label } = loopScope(generator, scope);
  inside.integers.push({ name: i, isConstant: true, range: null, indexes: null });
  const low = random.pick([0, 0, 1]);
  const test = random.pick([
    both`${i} < ${end}`,
    both`${i} <= ${end}`,
    both`${end} > ${i}`,
    both`${i} + ${width} <= ${end}`,
  ]);
  const { scope: within, label: innerLabel } = loopScope(generator, inside);
  within.integers.push({ name: j, isConstant: true, range: null, indexes: null });
  const row = nest(
    [both`${innerLabel}for (let ${j} = 0; ${j} < ${width}; ${j}++) {`],
    [statements(generator, within, random.integer(1, 3))],
  );
  const body = [row, ...statements(generator, inside, random.integer(1, 3))];
  if (random.chance(0.5))
    return [...before, nest([both`${label}for (let ${i} = ${low}; ${test}; ${i} += ${width}) {`], [body])];
  const down = nest([both`${label}for (let ${i} = ${end}; ${i} > ${low}; ${i} -= ${width}) {`], [body]);
  return [...before, down];
};

const whileLoop: Maker = (generator, scope) => {
  const { random } = generator;
  const { scope: inside, label } = loopScope(generator, scope);
  const k = freshName(generator, "k");
  const kind = random.integer(0, 2);
  const start = line(both`let ${k} = ${kind === 1 ? random.integer(1, 4) : 0};`);
  const limit = random.integer(2, 4);
  // Inside, the counter is only read: what ends the loop must not be disturbed.
  inside.integers.push({ name: k, isConstant: true, range: null, indexes: null });
  const body = statements(generator, inside, random.integer(1, 4));
  if (kind === 1) return [start, nest([both`${label}while (${k}-- > 0) {`], [body])];
  scope.integers.push({ name: k, isConstant: true, range: null, indexes: null });
  const test = random.chance(0.6) ? both`${k} < ${limit} && (${condition(generator, scope)})` : both`${k} < ${limit}`;
  const step = line(both`${k}++;`, true);
  if (kind === 0) return [start, nest([both`${label}while (${test}) {`], [[step, ...body]])];
  return [start, nest([both`${label}do {`], [[step, ...body]], both`} while (${test});`)];
};

/** `for (const item of array)` and `array.forEach`. */
const itemLoop: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.arrays.length === 0) return null;
  const array = random.pick(scope.arrays);
  const item = freshName(generator, "v");
  if (random.chance(0.6)) {
    const { scope: inside, label } = loopScope(generator, scope);
    inside.reals.push({ name: item, isConstant: true });
    const body = statements(generator, inside, random.integer(1, 3));
    return [nest([both`${label}for (const ${item} of ${differing(array.name, "items", array.name)}) {`], [body])];
  }
  const inside = insideFunction(scope, "nothing", { mayResize: scope.mayResize });
  const index = freshName(generator, "i");
  inside.reals.push({ name: item, isConstant: true });
  inside.integers.push({ name: index, isConstant: true, range: null, indexes: null });
  const body = statements(generator, inside, random.integer(1, 3));
  const head: Both = {
    plain: `${array.name}.forEach((${item}, ${index}) => {`,
    dual: `$.forEach(${array.name}, (${item}, ${index}) => {`,
  };
  return [nest([head], [body], both`});`)];
};

const choice: Maker = (generator, scope) => {
  const { random } = generator;
  const inside = (): Scope => inner(scope, { jumps: [...scope.jumps, { kind: "switch", label: null }] });
  const labels = [0, 1, 2].map((k) => `case ${k}:`);
  labels.splice(random.integer(1, 3), 0, "default:");
  const head = both`switch ((${integer(generator, scope)}) % 4) {`;
  const heads = labels.map((label, k) => (k === 0 ? both`${head} ${label} {` : both`} ${label} {`));
  const bodies = labels.map(() => {
    const body = [...statements(generator, inside(), random.integer(0, 2))];
    if (random.chance(0.6)) body.push(line(both`break;`));
    return body;
  });
  return [nest(heads, bodies, both`} }`)];
};

const labelledBlock: Maker = (generator, scope) => {
  const label = freshName(generator, "block");
  const inside = inner(scope, { jumps: [...scope.jumps, { kind: "block", label }] });
  return [nest([both`${label}: {`], [statements(generator, inside, generator.random.integer(2, 4))])];
};

/** `break`, `continue` or `return`, mostly under a condition. */
export const jump: Maker = (generator, scope) => {
  const { random } = generator;
  const ways: Both[] = [];
  const plainBreak = scope.jumps.some((target) => target.kind !== "block");
  if (plainBreak) ways.push(both`break;`);
  if (scope.jumps.some((target) => target.kind === "loop")) ways.push(both`continue;`);
  for (const { kind, label } of scope.jumps) {
    if (label !== null) ways.push(both`break ${label};`);
    if (label !== null && kind === "loop") ways.push(both`continue ${label};`);
  }
  if (scope.returns === "nothing") ways.push(both`return;`);
  else if (scope.returns !== "never" && random.chance(0.4)) {
    const { returns } = scope;
    const value = returns === "number" ? returned(generator, scope) : objectExpression(generator, scope, returns);
    ways.push(both`return ${value};`);
  }
  if (scope.catches) ways.push(both`throw new Error("stop");`);
  if (ways.length === 0) return null;
  return [line(both`if (${condition(generator, scope)}) ${random.pick(ways)}`)];
};

export function returned(generator: Generator, scope: Scope): Both {
  return operate(bounded(generator, scope), "+", operate(literal(0.5), "*", real(generator, scope, 1)));
}

export const controlStatements: readonly (readonly [number, Maker])[] = [
  [5, branch],
  [6, countedLoop],
  [2, openLoop],
  [3, stridedLoop],
  [3, whileLoop],
  [3, itemLoop],
  [2, choice],
  [1, labelledBlock],
];
