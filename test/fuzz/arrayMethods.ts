/** Random statements that reorder, search, join and shift arrays. */
import { declareArray, line } from "./arrayStatements.js";
import { both, type Both, differing } from "./both.js";
import { bounded, literal, operate } from "./expressions.js";
import type { Statement } from "./program.js";
import { freshName, type Generator, type Scope } from "./scope.js";

type Maker = (generator: Generator, scope: Scope) => readonly Statement[] | null;

/** Ascending or descending, or by a coarse key that many elements share. */
const comparators = ["a - b", "b - a", "Math.floor(2 * a) - Math.floor(2 * b)"] as const;

function comparator(generator: Generator): Both {
  const text = generator.random.pick(comparators);
  return { plain: `(a, b) => ${text}`, dual: `({ v: a }, { v: b }) => ${text}` };
}

/** In place. */
const reorder: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.arrays.length === 0) return null;
  const { name } = random.pick(scope.arrays);
  if (random.chance(0.4)) return [line(both`${differing(`${name}.reverse()`, "reverse", name)};`)];
  const compare = comparator(generator);
  return [line(both`${differing(`${name}.sort(${compare.plain})`, "sort", name, compare)};`)];
};

/** Into a new array. */
const derive: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.arrays.length === 0) return null;
  const { name: source, kind, least } = random.pick(scope.arrays);
  const name = freshName(generator, "w");
  const twin = scope.arrays.find((other) => other.kind === "list");
  if (kind === "list" && twin && random.chance(0.4)) {
    const text = differing(`${source}.concat(${twin.name})`, "concat", source, twin.name);
    return [declareArray(scope, name, kind, least + twin.least, "const", text)];
  }
  if (random.chance(0.4))
    return [declareArray(scope, name, kind, least, "const", differing(`${source}.toReversed()`, "toReversed", source))];
  const compare = comparator(generator);
  const text = differing(`${source}.toSorted(${compare.plain})`, "toSorted", source, compare);
  return [declareArray(scope, name, kind, least, "const", text)];
};

const queue: Maker = (generator, scope) => {
  const { random } = generator;
  const lists = scope.arrays.filter((array) => array.kind === "list");
  if (lists.length === 0 || !scope.mayResize) return null;
  const { name: list } = random.pick(lists);
  if (random.chance(0.2)) return [line(both`if (${list}.length > 7) ${list}.splice(${random.integer(-3, 5)}, 2);`)];
  if (random.chance(0.2)) {
    const values = both`${bounded(generator, scope, 1)}, ${bounded(generator, scope, 1)}`;
    return [line(both`if (${list}.length < 7) ${list}.splice(${random.integer(-2, 3)}, 1, ${values});`)];
  }
  if (random.chance(0.5)) {
    const value = bounded(generator, scope, 1);
    return [line(both`if (${list}.length < 9) ${list}.unshift(${value});`)];
  }
  const name = freshName(generator, "shifted");
  scope.reals.push({ name, isConstant: true });
  return [
    line({
      plain: `const ${name} = ${list}.length > 6 ? ${list}.shift()! : 0.5;`,
      dual: `const ${name} = ${list}.length > 6 ? ${list}.shift() : $.c(0.5);`,
    }),
  ];
};

/** What is found, or a number that counts what was looked at on the way. */
const search: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.arrays.length === 0) return null;
  const { name: array } = random.pick(scope.arrays);
  const limit = literal(random.pick([0.2, 0.5, 0.9]));
  const name = freshName(generator, "found");
  const test: Both = { plain: `item > ${limit.plain}`, dual: `item.v > ${limit.plain}` };
  const otherwise = bounded(generator, scope, 1);
  if (random.chance(0.5)) {
    const method = random.pick(["find", "findLast"]);
    const text: Both = {
      plain: `${array}.${method}((item) => ${test.plain}) ?? ${otherwise.plain}`,
      dual: `$.${method}(${array}, (item) => ${test.dual}) ?? ${otherwise.dual}`,
    };
    scope.reals.push({ name, isConstant: true });
    return [line(both`const ${name} = ${text};`)];
  }
  const method = random.pick(["some", "every"]);
  const sum = operate(both`${name}`, "+", operate(both`item`, "*", literal(0.2)));
  scope.reals.push({ name, isConstant: false });
  const walk = (form: "plain" | "dual"): string =>
    `((item) => { ${name} = ${sum[form]}; return ${test[form]}; }) ? ${name} : ${otherwise[form]};`;
  return [
    line({ plain: `let ${name} = 0.1;`, dual: `let ${name} = $.c(0.1);` }),
    line({
      plain: `${name} = ${array}.${method}${walk("plain")}`,
      dual: `${name} = $.${method}(${array}, ${walk("dual").slice(1)}`,
    }),
  ];
};

export const arrayMethods: readonly (readonly [number, Maker])[] = [
  [2, reorder],
  [1, derive],
  [2, queue],
  [2, search],
];
