/** Random statements about arrays, rows and records: making them, aliasing them, writing into them. */
import { both, type Both, differing, joined } from "./both.js";
import { bounded, element, indexOf, integer, literal, matrixElement, operate } from "./expressions.js";
import type { ArrayKind, Statement } from "./program.js";
import { freshName, type Generator, type Scope } from "./scope.js";

export const line = (text: Both): Statement => ({ kind: "line", text });

type Maker = (generator: Generator, scope: Scope) => readonly Statement[] | null;

const annotations: Readonly<Record<ArrayKind, string>> = {
  Float64Array: "Float64Array",
  Float32Array: "Float32Array",
  list: "number[]",
};

/** `array[index] = value`. */
export function store(array: string, index: Both, value: Both): Both {
  return differing(`${array}[${index.plain}] = ${value.plain}`, "set", array, index, value);
}

export function declareArray(
  scope: Scope,
  name: string,
  kind: ArrayKind,
  least: number,
  keyword: string,
  text: Both,
): Statement {
  scope.arrays.push({ name, kind, least, isConstant: keyword === "const" });
  const type = annotations[kind];
  return line({ plain: `${keyword} ${name}: ${type} = ${text.plain};`, dual: `${keyword} ${name} = ${text.dual};` });
}

/** A new array, filled in one way or another. */
const freshArray: Maker = (generator, scope) => {
  const { random } = generator;
  const name = freshName(generator, "w");
  const keyword = random.chance(0.5) ? "const" : "let";
  const size = random.integer(3, 5);
  const kind = random.integer(0, 6);
  const source = scope.arrays.length > 0 ? random.pick(scope.arrays) : null;
  if (kind === 0 || !source)
    return [
      declareArray(scope, name, "Float64Array", size, keyword, differing(`new Float64Array(${size})`, "typed", size)),
    ];
  if (kind === 1) {
    const value = bounded(generator, scope);
    const text = differing(`new Array<number>(${size}).fill(${value.plain})`, "list", size, value);
    return [declareArray(scope, name, "list", size, keyword, text)];
  }
  if (kind === 2) {
    const values = [0, 1, 2].map(() => bounded(generator, scope, 1));
    return [declareArray(scope, name, "list", 3, keyword, both`[${joined(values)}]`)];
  }
  if (kind === 3)
    return [
      declareArray(
        scope,
        name,
        source.kind,
        source.least,
        keyword,
        differing(`${source.name}.slice()`, "slice", source.name),
      ),
    ];
  if (kind === 4) {
    const text = differing(`Float64Array.from(${source.name})`, "typedFrom", source.name);
    return [declareArray(scope, name, "Float64Array", source.least, keyword, text)];
  }
  if (kind === 5)
    return [
      declareArray(
        scope,
        name,
        "list",
        source.least,
        keyword,
        differing(`[...${source.name}]`, "listFrom", source.name),
      ),
    ];
  const value = operate(both`item`, random.pick(["*", "+"]), bounded(generator, scope, 1));
  const text: Both = {
    plain: `${source.name}.map((item) => ${value.plain})`,
    dual: `$.map(${source.name}, (item) => ${value.dual})`,
  };
  return [declareArray(scope, name, source.kind, source.least, keyword, text)];
};

/** Another name for an array, or for a part of it, or for one of two. */
const alias: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.arrays.length === 0) return null;
  const source = random.pick(scope.arrays);
  const name = freshName(generator, "p");
  const keyword = random.chance(0.6) ? "let" : "const";
  const twin = scope.arrays.find((other) => other !== source && other.kind === source.kind);
  if (source.kind !== "list" && source.least > 3 && random.chance(0.4)) {
    const [start, end] = random.pick([
      [1, null],
      [0, 3],
      [1, 4],
      [2, null],
    ] as const);
    const rest = end === null ? "" : `, ${end}`;
    const text: Both = {
      plain: `${source.name}.subarray(${start}${rest})`,
      dual: `$.view(${source.name}, ${start}${rest})`,
    };
    return [declareArray(scope, name, source.kind, (end ?? source.least) - start, keyword, text)];
  }
  if (twin && random.chance(0.4)) {
    const test = both`${integer(generator, scope)} % 2 === 0`;
    const least = Math.min(source.least, twin.least);
    return [declareArray(scope, name, source.kind, least, keyword, both`${test} ? ${source.name} : ${twin.name}`)];
  }
  return [declareArray(scope, name, source.kind, source.least, keyword, both`${source.name}`)];
};

/** `[p, q] = [q, p]`, the same with a third name, or `p = q`. */
const moveReferences: Maker = (generator, scope) => {
  const { random } = generator;
  const movable = scope.arrays.filter((array) => !array.isConstant);
  if (movable.length === 0) return null;
  const p = random.pick(movable);
  const q = movable.find((other) => other !== p && other.kind === p.kind && other.least === p.least);
  if (q && random.chance(0.5)) return [line(both`[${p.name}, ${q.name}] = [${q.name}, ${p.name}];`)];
  if (q) {
    const third = freshName(generator, "swap");
    const lines = [both`const ${third} = ${p.name};`, both`${p.name} = ${q.name};`, both`${q.name} = ${third};`];
    return lines.map(line);
  }
  const source = scope.arrays.find((other) => other !== p && other.kind === p.kind && other.least >= p.least);
  return source ? [line(both`${p.name} = ${source.name};`)] : null;
};

export const writeElement: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.arrays.length === 0) return null;
  const array = random.pick(scope.arrays);
  const index = indexOf(generator, scope, array);
  if (random.chance(0.6)) return [line(both`${store(array.name, index, bounded(generator, scope))};`)];
  const operator = random.pick(["+", "-", "*"] as const);
  const by = operator === "*" ? bounded(generator, scope, 1) : operate(literal(0.3), "*", bounded(generator, scope, 1));
  const after = operate(element(array.name, index), operator, by);
  return [
    line({
      plain: `${array.name}[${index.plain}] ${operator}= ${by.plain};`,
      dual: `${store(array.name, index, after).dual};`,
    }),
  ];
};

const bulkWrite: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.arrays.length === 0) return null;
  const array = random.pick(scope.arrays);
  const kind = random.integer(0, 2);
  if (kind <= 1 || array.kind === "list") {
    const range = random.chance(0.5) ? "" : random.chance(0.5) ? ", 1" : ", 0, 2";
    const value = bounded(generator, scope, 1);
    return [
      line({
        plain: `${array.name}.fill(${value.plain}${range});`,
        dual: `$.fill(${array.name}, ${value.dual}${range});`,
      }),
    ];
  }
  const source = random.pick(scope.arrays.filter((other) => other.kind !== "list"));
  const end = Math.min(array.least - 1, source.least);
  const offset = random.integer(0, array.least - end);
  return [
    line({
      plain: `${array.name}.set(${source.name}.subarray(0, ${end}), ${offset});`,
      dual: `$.copy(${array.name}, $.view(${source.name}, 0, ${end}), ${offset});`,
    }),
  ];
};

const resize: Maker = (generator, scope) => {
  const { random } = generator;
  const lists = scope.arrays.filter((array) => array.kind === "list");
  if (lists.length === 0 || !scope.mayResize) return null;
  const array = random.pick(lists);
  if (random.chance(0.6)) {
    const value = bounded(generator, scope, 1);
    return [line(both`if (${array.name}.length < 9) ${array.name}.push(${value});`)];
  }
  const name = freshName(generator, "popped");
  scope.reals.push({ name, isConstant: true });
  const text: Both = {
    plain: `const ${name} = ${array.name}.length > 6 ? ${array.name}.pop()! : 0.5;`,
    dual: `const ${name} = ${array.name}.length > 6 ? ${array.name}.pop() : $.c(0.5);`,
  };
  return [line(text)];
};

const rows: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.matrices.length === 0) return null;
  const matrix = random.pick(scope.matrices);
  const [i, j] = [both`${integer(generator, scope, 0)} % 3`, both`${integer(generator, scope, 0)} % 3`];
  const kind = random.integer(0, 4);
  if (kind === 0) {
    const name = freshName(generator, "row");
    return [declareArray(scope, name, "list", 3, random.chance(0.5) ? "const" : "let", both`${matrix}[${i}]`)];
  }
  if (kind === 1) return [line(both`[${matrix}[${i}], ${matrix}[${j}]] = [${matrix}[${j}], ${matrix}[${i}]];`)];
  const lists = scope.arrays.filter((array) => array.kind === "list" && array.least >= 3);
  if (kind === 2 && lists.length > 0) return [line(both`${matrix}[${i}] = ${random.pick(lists).name};`)];
  if (kind === 3) {
    const name = freshName(generator, "grid");
    const value = bounded(generator, scope, 1);
    const row = (form: "plain" | "dual"): string => `[${Array(3).fill(value[form]).join(", ")}]`;
    scope.matrices.push(name);
    const text = (form: "plain" | "dual"): string => `[${row(form)}, ${row(form)}, ${row(form)}]`;
    return [line({ plain: `const ${name} = ${text("plain")};`, dual: `const ${name} = ${text("dual")};` })];
  }
  return [line(both`${matrixElement(generator, scope)} = ${bounded(generator, scope)};`)];
};

export const arrayStatements: readonly (readonly [number, Maker])[] = [
  [3, freshArray],
  [3, alias],
  [3, moveReferences],
  [8, writeElement],
  [2, bulkWrite],
  [2, resize],
  [2, rows],
];
