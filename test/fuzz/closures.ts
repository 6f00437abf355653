/** Random local functions: they capture and assign variables, are composed, chosen, made by others, and passed on. */
import { line } from "./arrayStatements.js";
import { both, type Both } from "./both.js";
import { bounded, condition, integer, literal, operate } from "./expressions.js";
import { localCall, parameterTexts } from "./functionCalls.js";
import type { ParameterType } from "./shapes.js";
import type { Statement } from "./program.js";
import type { Random } from "./random.js";
import { freshName, type Generator, inner, insideFunction, type Scope } from "./scope.js";
import { returned } from "./controlStatements.js";
import { statements } from "./statements.js";

type Maker = (generator: Generator, scope: Scope) => readonly Statement[] | null;

const number = (text: string): Both => ({ plain: `${text}: number`, dual: text });
const pinned = (text: Both): Statement => ({ kind: "line", text, isPinned: true });

function parameterTypes(random: Random): ParameterType[] {
  const types: ParameterType[] = random.chance(0.9) ? ["real"] : [];
  if (random.chance(0.3)) types.push("real");
  if (random.chance(0.2)) types.push("optional");
  if (random.chance(0.15)) types.push("rest");
  return types;
}

/** Adds parameters to what the inside of a function may mention. */
export function enter(inside: Scope, names: readonly string[], types: readonly ParameterType[]): void {
  types.forEach((type, k) => {
    if (type === "rest") inside.stacks.push({ name: names[k]! });
    else inside.reals.push({ name: names[k]!, isConstant: false });
  });
}

const declareFunction: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.loops > 2) return null;
  const name = freshName(generator, "f");
  const types = parameterTypes(random);
  const names = types.map(() => freshName(generator, "t"));
  const inside = insideFunction(scope, "number");
  enter(inside, names, types);
  const parameters = parameterTexts(names, types);
  const body = [...statements(generator, inside, random.integer(0, 3))];
  body.push(pinned(both`return ${returned(generator, inside)};`));
  const isCounted = body.some(({ kind }) => kind === "nest");
  scope.functions.push({ name, parameters: types, isCounted, isConstant: true });
  const result: Both = { plain: ": number", dual: "" };
  const [head, end] = random.pick([
    [both`const ${name} = (${parameters})${result} => {`, both`};`],
    [both`function ${name}(${parameters})${result} {`, both`}`],
    [both`const ${name} = function (${parameters})${result} {`, both`};`],
  ] as const);
  const usesThis = scope.objects.some((object) => object.name === "this");
  const arrow = [both`const ${name} = (${parameters})${result} => {`, both`};`] as const;
  const [first, last] = usesThis ? arrow : [head, end];
  return [{ kind: "nest", heads: [first], bodies: [body], end: last }];
};

/** A function that calls itself once or twice, so many levels deep, and a shorter name for its first call. */
const declareRecursive: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.loops > 1) return null;
  const [name, t, depth, short] = ["f", "t", "depth", "f"].map((stem) => freshName(generator, stem)) as [
    string,
    string,
    string,
    string,
  ];
  const inside = insideFunction(scope, "number");
  enter(inside, [t], ["real"]);
  inside.integers.push({ name: depth, isConstant: true, range: null, indexes: null });
  const parameters = both`${number(t)}, ${number(depth)}`;
  const result: Both = { plain: ": number", dual: "" };
  const first = pinned(both`if (${depth} < 1) return ${returned(generator, inside)};`);
  const again = (): Both => both`${name}(${bounded(generator, inside)}, ${depth} - 1)`;
  const body = [first, ...statements(generator, inside, random.integer(1, 3))];
  const sum = random.chance(0.3) ? operate(again(), "-", operate(literal(0.7), "*", again())) : again();
  body.push(pinned(both`return ${operate(returned(generator, inside), "+", operate(literal(0.5), "*", sum))};`));
  scope.functions.push({ name: short, parameters: ["real"], isCounted: true, isConstant: true });
  return [
    { kind: "nest", heads: [both`const ${name} = (${parameters})${result} => {`], bodies: [body], end: both`};` },
    pinned(both`const ${short} = (${number(t)}) => ${name}(${t}, ${random.integer(1, 3)});`),
  ];
};

const simple = (scope: Scope) =>
  scope.functions.filter(({ parameters }) => parameters.length === 1 && parameters[0] === "real");

/** `const h = (t) => f(g(t))`. */
const compose: Maker = (generator, scope) => {
  const { random } = generator;
  const known = simple(scope);
  if (known.length === 0) return null;
  const [f, g] = [random.pick(known), random.pick(known)];
  const name = freshName(generator, "f");
  const t = freshName(generator, "t");
  scope.functions.push({ name, parameters: ["real"], isCounted: f.isCounted || g.isCounted, isConstant: true });
  return [line(both`const ${name} = (${number(t)}) => ${f.name}(${g.name}(${t}));`)];
};

/** `const h = test ? f : g`, or a variable that is assigned under a condition. */
const choose: Maker = (generator, scope) => {
  const { random } = generator;
  const known = simple(scope);
  if (known.length < 2) return null;
  const [f, g] = [random.pick(known), random.pick(known)];
  const name = freshName(generator, "f");
  const isCounted = f.isCounted || g.isCounted;
  const test = condition(generator, scope);
  scope.functions.push({ name, parameters: ["real"], isCounted, isConstant: random.chance(0.5) });
  if (random.chance(0.5)) return [line(both`const ${name} = ${test} ? ${f.name} : ${g.name};`)];
  return [line(both`let ${name} = ${f.name};`), line(both`if (${test}) ${name} = ${g.name};`)];
};

/** A function that a function of the module gives. */
const make: Maker = (generator, scope) => {
  const { random, makers } = generator;
  if (makers.length === 0) return null;
  const name = freshName(generator, "f");
  const text = both`const ${name} = ${random.pick(makers)}(${bounded(generator, scope, 1)});`;
  scope.functions.push({ name, parameters: ["real"], isCounted: false, isConstant: true });
  return [line(text)];
};

const callFunction: Maker = (generator, scope) => {
  const text = localCall(generator, scope);
  if (!text) return null;
  if (generator.random.chance(0.4)) return [line(both`${text};`)];
  const name = freshName(generator, "s");
  scope.reals.push({ name, isConstant: false });
  return [line(both`let ${name} = ${text};`)];
};

const pushed = (list: string, t: string, body: readonly Statement[]): Statement => ({
  kind: "nest",
  heads: [both`${list}.push((${number(t)}) => {`],
  bodies: [body],
  end: both`});`,
});

/** An array of functions that a loop fills, each with what it has captured. */
const declareList: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.loops > 1 || scope.objects.some((object) => object.name.startsWith("this"))) return null;
  const [name, i] = [freshName(generator, "list"), freshName(generator, "i")];
  const inside = inner(scope, { loops: scope.loops + 1, jumps: [] });
  inside.integers.push({ name: i, isConstant: true, range: null, indexes: null });
  const before = random.chance(0.6) ? statements(generator, inside, random.integer(1, 2)) : [];
  const one = (): Statement => {
    const t = freshName(generator, "t");
    const body = insideFunction(inside, "number");
    body.reals.push({ name: t, isConstant: false });
    return pushed(name, t, [
      ...statements(generator, body, random.integer(0, 2)),
      pinned(both`return ${returned(generator, body)};`),
    ]);
  };
  const fill: Statement[] = [...before, one()];
  if (random.chance(0.4))
    fill.push({ kind: "nest", heads: [both`if (${condition(generator, inside)}) {`], bodies: [[one()]], end: both`}` });
  const made: Both = { plain: `const ${name}: ((t: number) => number)[] = [];`, dual: `const ${name} = [];` };
  scope.functionLists.push({ name });
  return [
    pinned(made),
    {
      kind: "nest",
      heads: [both`for (let ${i} = 0; ${i} < ${random.integer(1, 3)}; ${i}++) {`],
      bodies: [fill],
      end: both`}`,
    },
  ];
};

const callListed: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.functionLists.length === 0 || scope.loops > 1) return null;
  const list = random.pick(scope.functionLists).name;
  const name = freshName(generator, "s");
  if (random.chance(0.5)) {
    const at = both`${list}[${integer(generator, scope, 0)} % ${list}.length]`;
    const text = both`let ${name} = ${at}(${bounded(generator, scope, 1)});`;
    scope.reals.push({ name, isConstant: false });
    return [line(text)];
  }
  const f = freshName(generator, "f");
  const start = line(both`let ${name} = ${bounded(generator, scope, 1)};`);
  const step = pinned(both`${name} = ${operate(both`${f}(${name})`, "%", literal(2))};`);
  scope.reals.push({ name, isConstant: false });
  return [start, { kind: "nest", heads: [both`for (const ${f} of ${list}) {`], bodies: [[step]], end: both`}` }];
};

export const closureStatements: readonly (readonly [number, Maker])[] = [
  [4, declareFunction],
  [2, declareRecursive],
  [1, compose],
  [1, choose],
  [1, make],
  [4, callFunction],
  [2, declareList],
  [3, callListed],
];

// ------------------------------------------------------------------------------------------ functions of functions

/** Functions of the module that take a function, and functions that give one. */
export function higherFunctions(generator: Generator): {
  declarations: Statement[];
  higher: string[];
  makers: string[];
} {
  const { random } = generator;
  const [apply, make] = [freshName(generator, "apply"), freshName(generator, "make")];
  const t = literal(random.pick([0.3, 0.8]));
  const takesFunction: Both = { plain: "f: (t: number) => number", dual: "f" };
  const result: Both = { plain: ": number", dual: "" };
  const bodies: readonly Both[] = [
    both`return f(f(x));`,
    both`return ${operate(both`f(x)`, "+", operate(t, "*", both`f(${t})`))};`,
    both`let sum = ${t}; for (let k = 0; k < ${random.integer(1, 3)}; k++) sum = ${operate(both`f(sum)`, "%", literal(2))}; return sum;`,
    both`const g = (${number("t")}) => ${operate(both`f(t)`, "*", both`x`)}; return g(${t});`,
  ];
  const made: Both = { plain: ": (t: number) => number", dual: "" };
  const steps: readonly Both[] = [
    both`return (${number("t")}) => ${operate(both`a`, "*", both`t`)};`,
    both`let state = a; return (${number("t")}) => { state = ${operate(operate(both`state`, "+", both`t`), "%", literal(2))}; return state; };`,
    both`const kept = [a, ${t}]; return (${number("t")}) => { kept[0] = ${operate(both`kept[1]`, "*", both`t`)}; return kept[0]; };`,
  ];
  return {
    declarations: [
      line(both`function ${apply}(${takesFunction}, ${number("x")})${result} { ${random.pick(bodies)} }`),
      line(both`function ${make}(${number("a")})${made} { ${random.pick(steps)} }`),
    ],
    higher: [apply],
    makers: [make],
  };
}

// -------------------------------------------------------------------------------------------- callbacks with blocks

/** `array.map((item, i) => { … })` and the like, with statements that may write what is outside. */
const callback: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.arrays.length === 0 || scope.loops > 2) return null;
  const array = random.pick(scope.arrays);
  const [item, index] = [freshName(generator, "v"), freshName(generator, "i")];
  const inside = insideFunction(scope, "number");
  inside.reals.push({ name: item, isConstant: true });
  inside.integers.push({ name: index, isConstant: true, range: null, indexes: null });
  const name = freshName(generator, "w");
  if (random.chance(0.5)) {
    const body = statements(generator, inside, random.integer(1, 2));
    const head: Both = {
      plain: `const ${name} = ${array.name}.map((${item}, ${index}) => {`,
      dual: `const ${name} = $.map(${array.name}, (${item}, ${index}) => {`,
    };
    const end = pinned(both`return ${bounded(generator, inside)};`);
    scope.arrays.push({ name, kind: array.kind, least: array.least, isConstant: true });
    return [{ kind: "nest", heads: [head], bodies: [[...body, end]], end: both`});` }];
  }
  const sum = freshName(generator, "sum");
  const first = bounded(generator, scope, 1);
  inside.reals.push({ name: sum, isConstant: false });
  const body = statements(generator, inside, random.integer(1, 2));
  const head: Both = {
    plain: `const ${name} = ${array.name}.reduce((${sum}, ${item}, ${index}) => {`,
    dual: `const ${name} = $.reduce(${array.name}, (${sum}, ${item}, ${index}) => {`,
  };
  const end = pinned(
    both`return ${operate(operate(both`${sum}`, "*", literal(0.5)), "+", bounded(generator, inside, 1))};`,
  );
  scope.reals.push({ name, isConstant: true });
  const last: Both = { plain: `}, ${first.plain});`, dual: `}, ${first.dual});` };
  return [{ kind: "nest", heads: [head], bodies: [[...body, end]], end: last }];
};

/** `Array.from({ length }, (_, i) => …)`. */
const fromLength: Maker = (generator, scope) => {
  const { random } = generator;
  const [name, i] = [freshName(generator, "w"), freshName(generator, "i")];
  const inside = insideFunction(scope, "never");
  inside.integers.push({ name: i, isConstant: true, range: null, indexes: null });
  const value = bounded(generator, inside);
  const size = random.pick([both`3`, both`4`, both`${integer(generator, scope, 0)} % 3 + 3`]);
  scope.arrays.push({ name, kind: "list", least: 3, isConstant: true });
  return [line(both`const ${name} = Array.from({ length: ${size} }, (_, ${i}) => ${value});`)];
};

export const callbackStatements: readonly (readonly [number, Maker])[] = [
  [3, callback],
  [1, fromLength],
];
