/** Random statements about records and instances: making, replacing, sharing, writing, taking apart. */
import { line } from "./arrayStatements.js";
import { both, type Both, joined } from "./both.js";
import { bounded, condition, literal, math, operate } from "./expressions.js";
import { calledMethod, helperCall } from "./functionCalls.js";
import {
  construct,
  type Field,
  firstReal,
  listValue,
  objectExpression,
  objectPlace,
  optionalReal,
  type Place,
  type Shape,
  stillList,
} from "./shapes.js";
import type { Statement } from "./program.js";
import { freshName, type Generator, type Scope } from "./scope.js";

type Maker = (generator: Generator, scope: Scope) => readonly Statement[] | null;

/** A declaration of a variable of the type. */
export function declare(keyword: string, name: string, type: string, value: Both): Statement {
  return line({ plain: `${keyword} ${name}: ${type} = ${value.plain};`, dual: `${keyword} ${name} = ${value.dual};` });
}

const declareObject: Maker = (generator, scope) => {
  const { random } = generator;
  if (generator.shapes.length === 0) return null;
  const shape = random.pick(generator.shapes);
  const name = freshName(generator, "o");
  const isConstant = random.chance(0.5);
  const value = objectExpression(generator, scope, shape);
  scope.objects.push({ name, shape, isConstant });
  return [declare(isConstant ? "const" : "let", name, shape.name, value)];
};

/** Always, or under a condition: `best = test ? a : b`. */
const replaceObject: Maker = (generator, scope) => {
  const { random } = generator;
  const variables = scope.objects.filter(({ isConstant }) => !isConstant);
  if (variables.length === 0) return null;
  const { name, shape } = random.pick(variables);
  const value = objectExpression(generator, scope, shape);
  if (random.chance(0.4)) return [line(both`${name} = ${condition(generator, scope)} ? ${name} : ${value};`)];
  if (random.chance(0.4)) return [line(both`if (${condition(generator, scope)}) ${name} = ${value};`)];
  return [line(both`${name} = ${value};`)];
};

/** `target operator= value`; `target` has no effects. */
function compound(target: Both, operator: "+" | "-" | "*", value: Both): Statement {
  return line({
    plain: `${target.plain} ${operator}= ${value.plain};`,
    dual: `${target.dual} = ${operate(target, operator, value).dual};`,
  });
}

const writeObject: Maker = (generator, scope) => {
  const { random } = generator;
  const place = objectPlace(generator, scope);
  if (!place) return null;
  const setters = place.shape.class?.setters ?? [];
  if (setters.length > 0 && random.chance(0.3))
    return [line(both`${place.text}.${random.pick(setters)} = ${bounded(generator, scope)};`)];
  const field = random.pick(place.shape.fields);
  const target = both`${place.text}.${field.name}`;
  if (field.kind === "maybe" && random.chance(0.4)) {
    const name = freshName(generator, "maybe");
    const write = both`if (${name}) ${name}.${firstReal(field.shape)} = ${bounded(generator, scope, 1)};`;
    return [line(both`const ${name} = ${target};`), line(write)];
  }
  return [writeField(generator, scope, field, target)];
};

function writeField(generator: Generator, scope: Scope, field: Field, target: Both): Statement {
  const { random } = generator;
  switch (field.kind) {
    case "real": {
      if (random.chance(0.5)) return line(both`${target} = ${bounded(generator, scope)};`);
      const operator = random.pick(["+", "-", "*"] as const);
      return compound(target, operator, bounded(generator, scope, 1));
    }
    case "optional": {
      const value = optionalReal(generator, scope) ?? both`undefined`;
      return line(random.chance(0.3) ? both`${target} ??= ${literal(0.9)};` : both`${target} = ${value};`);
    }
    case "list":
      if (field.isStill && random.chance(0.4)) return line(both`${target} = ${stillList(random)};`);
      if (random.chance(0.3)) return line(both`${target} = ${listValue(generator, scope)};`);
      return line(both`${target}[${random.integer(0, 2)}] = ${bounded(generator, scope, 1)};`);
    case "object":
      return line(both`${target} = ${objectExpression(generator, scope, field.shape)};`);
    case "maybe": {
      const value = random.chance(0.2) ? both`undefined` : objectExpression(generator, scope, field.shape);
      return line(both`${target} = ${value};`);
    }
    case "group":
      return line(both`${target}[${random.integer(0, 1)}] = ${objectExpression(generator, scope, field.shape)};`);
  }
}

/** `const { p, e = 0.5, inside: { q } } = place`. */
const takeApart: Maker = (generator, scope) => {
  const place = objectPlace(generator, scope);
  if (!place) return null;
  const pattern = patternOf(generator, scope, place.shape, 1);
  return pattern && [line(both`const ${pattern} = ${place.text};`)];
};

function patternOf(generator: Generator, scope: Scope, shape: Shape, depth: number): Both | null {
  const { random } = generator;
  const parts: Both[] = [];
  for (const field of shape.fields) {
    if (!random.chance(0.6)) continue;
    const name = freshName(generator, "d");
    if (field.kind === "real" || field.kind === "optional") {
      scope.reals.push({ name, isConstant: true });
      const rest = field.kind === "real" ? both`` : both` = ${literal(0.5)}`;
      parts.push(both`${field.name}: ${name}${rest}`);
    } else if (field.kind === "list") {
      scope.arrays.push({ name, kind: "list", least: 3, isConstant: true });
      parts.push(both`${field.name}: ${name}`);
    } else if (field.kind === "object") {
      const inside = depth > 0 && random.chance(0.5) ? patternOf(generator, scope, field.shape, depth - 1) : null;
      if (!inside) scope.objects.push({ name, shape: field.shape, isConstant: true });
      parts.push(both`${field.name}: ${inside ?? name}`);
    } else if (field.kind === "group") {
      scope.groups.push({ name, shape: field.shape, least: 2, isConstant: true });
      parts.push(both`${field.name}: ${name}`);
    }
  }
  return parts.length > 0 ? both`{ ${joined(parts)} }` : null;
}

/** `({ p: s, q: o.p } = place)`, or a swap of two fields. */
const assignApart: Maker = (generator, scope) => {
  const { random } = generator;
  const [source, target] = [objectPlace(generator, scope), objectPlace(generator, scope)];
  if (!source || !target) return null;
  const reals = (place: Place): readonly Field[] => place.shape.fields.filter(({ kind }) => kind === "real");
  const [from, to] = [random.pick(reals(source)), random.pick(reals(target))];
  if (random.chance(0.5)) return [line(both`({ ${from.name}: ${target.text}.${to.name} } = ${source.text});`)];
  const [a, b] = [both`${source.text}.${from.name}`, both`${target.text}.${to.name}`];
  return [line(both`[${a}, ${b}] = [${b}, ${a}];`)];
};

/** A method called for what it does; the result may be a new instance that is kept. */
const callMethod: Maker = (generator, scope) => {
  const { random } = generator;
  const place = objectPlace(generator, scope);
  const methods = place?.shape.class?.methods ?? [];
  if (!place || methods.length === 0) return null;
  const result = random.pick(methods).result;
  const text = calledMethod(generator, scope, result);
  if (!text) return null;
  if (typeof result !== "object" || random.chance(0.4)) return [line(both`${text};`)];
  const name = freshName(generator, "o");
  scope.objects.push({ name, shape: result, isConstant: true });
  return [declare("const", name, result.name, text)];
};

/** A copy, changed in one field. */
const copyObject: Maker = (generator, scope) => {
  const place = objectPlace(generator, scope);
  if (!place || place.shape.class) return null;
  const name = freshName(generator, "o");
  const value = both`{ ...${place.text}, p: ${bounded(generator, scope, 1)} }`;
  scope.objects.push({ name, shape: place.shape, isConstant: true });
  return [declare("const", name, place.shape.name, value)];
};

/** One made in front of what changes it. */
const freshObject: Maker = (generator, scope) => {
  if (generator.shapes.length === 0) return null;
  const shape = generator.random.pick(generator.shapes);
  const name = freshName(generator, "o");
  const value = construct(generator, scope, shape);
  scope.objects.push({ name, shape, isConstant: false });
  return [declare("let", name, shape.name, value)];
};

/** What a helper gives, or does with a new record, and what has become of both. */
const throughHelper: Maker = (generator, scope) => {
  const { random } = generator;
  const shapes = generator.helpers.flatMap(({ parameters, result }) => [
    ...parameters.flatMap(({ shape }) => (shape ? [shape] : [])),
    ...(typeof result === "object" ? [result] : []),
  ]);
  if (shapes.length === 0 || scope.loops > 1) return null;
  const shape = random.pick(shapes);
  const [made, sum] = [freshName(generator, "o"), freshName(generator, "s")];
  const given = random.chance(0.5) ? helperCall(generator, scope, shape) : null;
  const value = given ?? construct(generator, scope, shape, 0);
  const first = declare("const", made, shape.name, value);
  scope.objects.push({ name: made, shape, isConstant: true });
  const list = shape.fields.find(({ kind }) => kind === "list");
  const write =
    list && random.chance(0.5) ? [line(both`${made}.${list.name}[1] = ${bounded(generator, scope, 1)};`)] : [];
  const call = helperCall(generator, scope) ?? literal(0.7);
  const read = shape.fields.flatMap(({ name, kind }) =>
    kind === "real" ? [both`${made}.${name}`] : kind === "list" ? [both`${made}.${name}[1]`] : [],
  );
  const product = read.reduce((all, one) => operate(all, "*", math("sin", one)), math("cos", call));
  scope.reals.push({ name: sum, isConstant: true });
  return [first, ...write, line(both`const ${sum} = ${product};`)];
};

export const objectStatements: readonly (readonly [number, Maker])[] = [
  [4, declareObject],
  [2, freshObject],
  [4, replaceObject],
  [6, writeObject],
  [2, takeApart],
  [1, assignApart],
  [3, callMethod],
  [1, copyObject],
  [4, throughHelper],
];
