/** Random statements about arrays that grow and shrink, may become empty, or have rows of different lengths. */
import { line, store } from "./arrayStatements.js";
import { both, type Both, differing, joined } from "./both.js";
import { bounded, condition, element, indexOf, integer, literal, operate } from "./expressions.js";
import type { Statement } from "./program.js";
import { freshName, type Generator, inner, type Scope } from "./scope.js";
import { statements } from "./statements.js";

type Maker = (generator: Generator, scope: Scope) => readonly Statement[] | null;

const nest = (head: Both, body: readonly Statement[]): Statement => ({
  kind: "nest",
  heads: [head],
  bodies: [body],
  end: both`}`,
});

const pinned = (text: Both): Statement => ({ kind: "line", text, isPinned: true });

const list = (name: string, value: Both, type = "number[]"): Statement =>
  line({ plain: `const ${name}: ${type} = ${value.plain};`, dual: `const ${name} = ${value.dual};` });

const declareStack: Maker = (generator, scope) => {
  const { random } = generator;
  const name = freshName(generator, "stack");
  const count = random.integer(0, 3);
  const values = Array.from({ length: count }, () => bounded(generator, scope, 1));
  scope.stacks.push({ name });
  return [list(name, both`[${joined(values)}]`)];
};

/** Those that a condition lets through. */
const filtered: Maker = (generator, scope) => {
  const { random } = generator;
  const lists = scope.arrays.filter(({ kind }) => kind === "list");
  if (lists.length === 0) return null;
  const name = freshName(generator, "stack");
  const limit = random.pick([0, 0.4, 2]);
  const test: Both = { plain: `item > ${limit}`, dual: `$.v(item) > ${limit}` };
  const text = both`${random.pick(lists).name}.filter((item) => ${test})`;
  scope.stacks.push({ name });
  return [list(name, text)];
};

/** A value without calls: what stands under it must not move while it is computed. */
function still(generator: Generator, scope: Scope): Both {
  const { random } = generator;
  const reals = scope.reals.length > 0 ? both`${random.pick(scope.reals).name}` : literal(0.7);
  return operate(operate(literal(0.6), "*", reals), "%", literal(2));
}

const changeStack: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.stacks.length === 0) return null;
  const { name } = random.pick(scope.stacks);
  const kind = random.integer(0, 7);
  if (kind <= 1) return [line(both`if (${name}.length < 9) ${name}.push(${bounded(generator, scope, 1)});`)];
  if (kind <= 3) {
    const popped = freshName(generator, "popped");
    const method = random.pick(["pop", "pop", "shift"]);
    const value = both`${name}.${method}() ?? ${bounded(generator, scope, 1)}`;
    scope.reals.push({ name: popped, isConstant: true });
    return [line(both`const ${popped} = ${value};`)];
  }
  if (kind === 4)
    return [line(both`if (${name}.length > 0) ${name}[${name}.length - 1] = ${still(generator, scope)};`)];
  if (kind === 5) {
    const k = random.integer(1, 2);
    const [a, b] = [both`${name}[${name}.length - 1]`, both`${name}[${name}.length - 1 - ${k}]`];
    return [line(both`if (${name}.length > ${k}) [${a}, ${b}] = [${b}, ${a}];`)];
  }
  if (kind === 6) {
    const reals = scope.reals.filter(({ isConstant }) => !isConstant);
    if (reals.length === 0) return null;
    const sum = random.pick(reals).name;
    const head = both`while (${name}.length > ${random.integer(0, 2)}) {`;
    const taken: Both = { plain: `${name}.pop()!`, dual: `${name}.pop()` };
    const product = operate(literal(0.5), "*", operate(both`${sum}`, "+", taken));
    return [nest(head, [pinned(both`${sum} = ${product};`)])];
  }
  return random.chance(0.3)
    ? [line(both`${name}.length = 0;`)]
    : [line(both`if (${name}.length > 2) ${name}.length -= 2;`)];
};

/** Pushes and pops as a loop goes on, as conditions say. */
const stackMachine: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.stacks.length === 0 || scope.loops > 1) return null;
  const { name } = random.pick(scope.stacks);
  const [i, top] = [freshName(generator, "i"), freshName(generator, "top")];
  const inside = inner(scope, { loops: scope.loops + 1, jumps: [...scope.jumps, { kind: "loop", label: null }] });
  inside.integers.push({ name: i, isConstant: true, range: null, indexes: null });
  inside.reals.push({ name: top, isConstant: true });
  const body = [
    line(both`const ${top} = ${name}.pop() ?? ${literal(0.4)};`),
    ...statements(generator, inside, random.integer(1, 2)),
    line(
      both`if (${name}.length < 9 && (${condition(generator, inside)})) ${name}.push(${bounded(generator, inside)});`,
    ),
    line(both`if (${i} % 2 === 0 && ${name}.length < 9) ${name}.push(${bounded(generator, inside, 1)});`),
  ];
  const first = pinned(body[0]!.kind === "line" ? body[0]!.text : both``);
  return [nest(both`for (let ${i} = 0; ${i} < ${random.integer(2, 5)}; ${i}++) {`, [first, ...body.slice(1)])];
};

/** Rows of different lengths, each made in a loop. */
const declareRagged: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.loops > 1) return null;
  const [name, row, i, j] = ["ragged", "row", "i", "j"].map((stem) => freshName(generator, stem)) as [
    string,
    string,
    string,
    string,
  ];
  const inside = inner(scope, { loops: scope.loops + 2 });
  inside.integers.push({ name: i, isConstant: true, range: null, indexes: null });
  const value = bounded(generator, inside);
  const push = both`${row}.push(${value});`;
  const fill = nest(both`for (let ${j} = 0; ${j} <= ${i}; ${j}++) {`, [pinned(push)]);
  const rows: Both = { plain: `const ${row}: number[] = [];`, dual: `const ${row} = [];` };
  const made = random.chance(0.5)
    ? [pinned(rows), fill, pinned(both`${name}.push(${row});`)]
    : [
        pinned(
          both`${name}.push(${differing(`new Array<number>(${i} + 1).fill(${value.plain})`, "list", both`${i} + 1`, value)});`,
        ),
      ];
  const loop = nest(both`for (let ${i} = 0; ${i} < ${random.integer(2, 4)}; ${i}++) {`, made);
  scope.ragged.push(name);
  return [list(name, both`[]`, "number[][]"), loop];
};

const changeRagged: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.ragged.length === 0) return null;
  const name = random.pick(scope.ragged);
  const row = both`${name}[${integer(generator, scope, 0)} % 2]`;
  const kind = random.integer(0, 3);
  if (kind === 0) return [line(both`[${name}[0], ${name}[1]] = [${name}[1], ${name}[0]];`)];
  if (kind === 1 && scope.mayResize)
    return [line(both`if (${row}.length < 6) ${row}.push(${bounded(generator, scope, 1)});`)];
  if (kind === 2) return [line(both`${row} = [${bounded(generator, scope, 1)}, ${literal(0.4)}];`)];
  return [line(both`${row}[${integer(generator, scope, 0)} % ${row}.length] = ${bounded(generator, scope, 1)};`)];
};

/** `[a[i], a[j]] = [a[j], a[i]]`, and the same by hand. */
const swapElements: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.arrays.length === 0) return null;
  const array = random.pick(scope.arrays);
  const [i, j] = [indexOf(generator, scope, array), indexOf(generator, scope, array)];
  if (array.kind === "list" && random.chance(0.6)) {
    const [a, b] = [both`${array.name}[${i}]`, both`${array.name}[${j}]`];
    return [line(both`[${a}, ${b}] = [${b}, ${a}];`)];
  }
  const third = freshName(generator, "swap");
  return [
    line(both`const ${third} = ${element(array.name, i)};`),
    line(both`${store(array.name, i, element(array.name, j))};`),
    line(both`${store(array.name, j, both`${third}`)};`),
  ];
};

export const growthStatements: readonly (readonly [number, Maker])[] = [
  [3, declareStack],
  [1, filtered],
  [6, changeStack],
  [2, stackMachine],
  [2, declareRagged],
  [2, changeRagged],
  [2, swapElements],
];
