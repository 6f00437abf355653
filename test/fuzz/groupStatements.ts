/** Random statements about arrays of records: making them, sharing their items, visiting, growing and shrinking them. */
import { line } from "./arrayStatements.js";
import { both, type Both } from "./both.js";
import { bounded, condition, integer, literal, operate } from "./expressions.js";
import { declare } from "./objectStatements.js";
import { construct, firstReal, itemOf, objectExpression, objectPlace } from "./shapes.js";
import type { Statement } from "./program.js";
import { freshName, type Generator, inner, insideFunction, type Scope } from "./scope.js";
import { statements } from "./statements.js";

type Maker = (generator: Generator, scope: Scope) => readonly Statement[] | null;

const nest = (head: Both, body: readonly Statement[], end = both`}`): Statement => ({
  kind: "nest",
  heads: [head],
  bodies: [body],
  end,
});

const declareGroup: Maker = (generator, scope) => {
  const { random } = generator;
  if (generator.shapes.length === 0) return null;
  const shape = random.pick(generator.shapes);
  const name = freshName(generator, "g");
  const isConstant = random.chance(0.6);
  const twice = random.chance(0.4) ? objectPlace(generator, scope, shape) : null;
  const known = scope.groups.filter((group) => group.shape === shape);
  const value =
    known.length > 0 && random.chance(0.4)
      ? random.pick([both`${known[0]!.name}`, both`${known[0]!.name}.slice()`, both`[...${known[0]!.name}]`])
      : twice
        ? both`[${twice.text}, ${twice.text}]`
        : both`[${objectExpression(generator, scope, shape)}, ${construct(generator, scope, shape)}]`;
  scope.groups.push({ name, shape, least: 2, isConstant });
  return [declare(isConstant ? "const" : "let", name, `${shape.name}[]`, value)];
};

/** Made in a loop, an item in each iteration. */
const fillGroup: Maker = (generator, scope) => {
  const { random } = generator;
  if (generator.shapes.length === 0 || scope.loops > 1) return null;
  const shape = random.pick(generator.shapes);
  const [name, i] = [freshName(generator, "g"), freshName(generator, "i")];
  // A jump over the push would leave the list shorter than what reads it takes it to be.
  const inside = inner(scope, { loops: scope.loops + 1, jumps: [] });
  inside.integers.push({ name: i, isConstant: true, range: null, indexes: null });
  const count = random.integer(2, 4);
  const body = statements(generator, inside, random.integer(0, 1));
  const push = both`${name}.push(${objectExpression(generator, inside, shape)});`;
  const loop = nest(both`for (let ${i} = 0; ${i} < ${count}; ${i}++) {`, [
    ...body,
    { kind: "line", text: push, isPinned: true },
  ]);
  scope.groups.push({ name, shape, least: 2, isConstant: true });
  return [declare("const", name, `${shape.name}[]`, both`[]`), loop];
};

const changeGroup: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.groups.length === 0) return null;
  const { name, shape } = random.pick(scope.groups);
  const kind = random.integer(0, 4);
  if (kind === 0) return [line(both`[${name}[0], ${name}[1]] = [${name}[1], ${name}[0]];`)];
  if (kind === 1)
    return [line(both`${itemOf(generator, scope, both`${name}`)} = ${objectExpression(generator, scope, shape)};`)];
  if (kind === 2) {
    const text = both`if (${name}.length < 6) ${name}.push(${objectExpression(generator, scope, shape)});`;
    return scope.mayResize ? [line(text)] : null;
  }
  if (kind === 3 && scope.mayResize) {
    const popped = freshName(generator, "o");
    const last: Both = { plain: `${name}.pop()!`, dual: `${name}.pop()` };
    const value = both`${name}.length > 2 ? ${last} : ${construct(generator, scope, shape)}`;
    scope.objects.push({ name: popped, shape, isConstant: true });
    return [declare("const", popped, shape.name, value)];
  }
  const other = scope.groups.find((group) => group.name !== name && group.shape === shape);
  const own = scope.groups.find((group) => group.name === name)!;
  return other && !own.isConstant ? [line(both`${name} = ${other.name};`)] : null;
};

const visitGroup: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.groups.length === 0 || scope.loops > 2) return null;
  const { name, shape } = random.pick(scope.groups);
  const item = freshName(generator, "v");
  if (random.chance(0.5)) {
    const label = { kind: "loop" as const, label: null };
    const inside = inner(scope, { loops: scope.loops + 1, jumps: [...scope.jumps, label] });
    inside.objects.push({ name: item, shape, isConstant: true });
    return [nest(both`for (const ${item} of ${name}) {`, statements(generator, inside, random.integer(1, 3)))];
  }
  const inside = insideFunction(scope, "nothing");
  inside.objects.push({ name: item, shape, isConstant: true });
  const body = statements(generator, inside, random.integer(1, 3));
  return [nest(both`${name}.forEach((${item}) => {`, body, both`});`)];
};

/** Numbers of the items, or one of them. */
const askGroup: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.groups.length === 0) return null;
  const { name, shape } = random.pick(scope.groups);
  const field = both`one.${firstReal(shape)}`;
  const limit = literal(random.pick([0.2, 0.6]));
  const test: Both = { plain: `${field.plain} > ${limit.plain}`, dual: `$.v(${field.dual}) > $.v(${limit.dual})` };
  const kind = random.integer(0, 2);
  if (kind === 0) {
    const found = freshName(generator, "o");
    const value = both`${name}.find((one) => ${test}) ?? ${objectExpression(generator, scope, shape, 0)}`;
    scope.objects.push({ name: found, shape, isConstant: true });
    return [declare("const", found, shape.name, value)];
  }
  if (kind === 1) {
    const list = freshName(generator, "w");
    const value = both`${name}.map((one) => ${operate(field, "*", bounded(generator, scope, 1))})`;
    scope.arrays.push({ name: list, kind: "list", least: 2, isConstant: true });
    return [declare("const", list, "number[]", value)];
  }
  const sum = freshName(generator, "s");
  const value = both`${name}.reduce((sum, one) => ${operate(both`sum`, "+", field)}, ${literal(0.2)})`;
  scope.reals.push({ name: sum, isConstant: false });
  return [line(both`let ${sum} = ${value};`)];
};

/** The best of several, kept while a loop goes on. */
const bestOf: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.groups.length === 0 || scope.loops > 1) return null;
  const { name, shape } = random.pick(scope.groups);
  const [best, item] = [freshName(generator, "o"), freshName(generator, "v")];
  const p = firstReal(shape);
  const test: Both = {
    plain: `${item}.${p} > ${best}.${p}`,
    dual: `$.v(${item}.${p}) > $.v(${best}.${p})`,
  };
  const inside = inner(scope, { loops: scope.loops + 1 });
  inside.objects.push({ name: item, shape, isConstant: true }, { name: best, shape, isConstant: false });
  const body = statements(generator, inside, random.integer(0, 2));
  const text = random.pick([both`${best} = ${test} ? ${item} : ${best};`, both`if (${test}) ${best} = ${item};`]);
  scope.objects.push({ name: best, shape, isConstant: false });
  return [
    declare("let", best, shape.name, both`${name}[${integer(generator, scope, 0)} % 2]`),
    nest(both`for (const ${item} of ${name}) {`, [...body, line(text)]),
  ];
};

/** A chain of records, walked some steps. */
const walkChain: Maker = (generator, scope) => {
  const { random } = generator;
  const shape = generator.shapes.find((one) =>
    one.fields.some((field) => field.kind === "maybe" && field.shape === one && field.name === "next"),
  );
  if (!shape || scope.loops > 1) return null;
  const [node, here, k] = [freshName(generator, "node"), freshName(generator, "o"), freshName(generator, "k")];
  const start = objectExpression(generator, scope, shape);
  const type = `${shape.name} | undefined`;
  const inside = inner(scope, { loops: scope.loops + 1 });
  inside.objects.push({ name: here, shape, isConstant: true });
  inside.integers.push({ name: k, isConstant: true, range: null, indexes: null });
  const body = statements(generator, inside, random.integer(1, 2));
  const test = random.chance(0.3) ? both` && (${condition(generator, scope)})` : both``;
  const pinned = (text: Both): Statement => ({ kind: "line", text, isPinned: true });
  return [
    declare("let", node, type, start),
    nest(both`for (let ${k} = 0; ${node} && ${k} < 4${test}; ${k}++) {`, [
      { ...declare("const", here, shape.name, both`${node}`), isPinned: true } as Statement,
      pinned(both`${node} = ${here}.next;`),
      ...body,
    ]),
  ];
};

export const groupStatements: readonly (readonly [number, Maker])[] = [
  [3, declareGroup],
  [1, fillGroup],
  [3, changeGroup],
  [3, visitGroup],
  [2, askGroup],
  [1, bestOf],
  [1, walkChain],
];
