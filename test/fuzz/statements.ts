/** Random statements: which kind comes next, and those about single numbers. */
import { arrayMethods } from "./arrayMethods.js";
import { arrayStatements, line } from "./arrayStatements.js";
import { both, type Both } from "./both.js";
import { controlStatements, jump } from "./controlStatements.js";
import { callbackStatements, closureStatements } from "./closures.js";
import { exitStatements } from "./exits.js";
import { bounded, integer, literal, operate, real } from "./expressions.js";
import { helperCall } from "./functionCalls.js";
import { familyStatements } from "./families.js";
import { groupStatements } from "./groupStatements.js";
import { growthStatements } from "./growth.js";
import { objectStatements } from "./objectStatements.js";
import type { Statement } from "./program.js";
import { freshName, type Generator, type Scope, type Topic } from "./scope.js";
import { unionStatements } from "./unions.js";

export type Maker = (generator: Generator, scope: Scope) => readonly Statement[] | null;

const declareReal: Maker = (generator, scope) => {
  const { random } = generator;
  const name = freshName(generator, "s");
  const isConstant = random.chance(0.4);
  const value = random.chance(0.15) ? helperCall(generator, scope) : null;
  const text = both`${isConstant ? "const" : "let"} ${name} = ${value ?? bounded(generator, scope)};`;
  scope.reals.push({ name, isConstant });
  return [line(text)];
};

const assignReal: Maker = (generator, scope) => {
  const { random } = generator;
  const variables = scope.reals.filter((real) => !real.isConstant);
  if (variables.length === 0) return null;
  const { name } = random.pick(variables);
  const kind = random.integer(0, 7);
  if (kind === 0 && variables.length > 1) {
    const other = random.pick(variables).name;
    if (other !== name) return [line(both`[${name}, ${other}] = [${other}, ${name}];`)];
  }
  if (kind === 1 && variables.length > 1) {
    const other = random.pick(variables).name;
    return [line(both`${name} = ${other} = ${bounded(generator, scope)};`)];
  }
  if (kind <= 4) return [line(both`${name} = ${bounded(generator, scope)};`)];
  return [compound(generator, scope, name)];
};

function compound(generator: Generator, scope: Scope, name: string): Statement {
  const { random } = generator;
  const operator = random.pick(["+", "+", "-", "*", "/", "%"] as const);
  const by = operator === "/" || operator === "%" ? literal(random.pick([1.5, 2, 2.75])) : bounded(generator, scope);
  const after: Both = operate(both`${name}`, operator, by);
  return line({ plain: `${name} ${operator}= ${by.plain};`, dual: `${name} = ${after.dual};` });
}

const integers: Maker = (generator, scope) => {
  const { random } = generator;
  const variables = scope.integers.filter((one) => !one.isConstant);
  if (variables.length > 0 && random.chance(0.6)) {
    const { name } = random.pick(variables);
    return [line(random.chance(0.5) ? both`${name}++;` : both`${name} = (${integer(generator, scope)}) % 7;`)];
  }
  const name = freshName(generator, "n");
  const text = both`let ${name} = ${integer(generator, scope)};`;
  scope.integers.push({ name, isConstant: false, range: null, indexes: null });
  return [line(text)];
};

/** A pair that is taken apart, or a variable that may hold nothing. */
const pairs: Maker = (generator, scope) => {
  const [a, b] = [freshName(generator, "u"), freshName(generator, "u")];
  const [first, second] = [bounded(generator, scope, 1), real(generator, scope, 1)];
  scope.reals.push({ name: a, isConstant: true }, { name: b, isConstant: true });
  return [line(both`const [${a}, ${b}] = [${first}, ${operate(literal(0.5), "*", second)}];`)];
};

type Weighted = readonly (readonly [number, Maker])[];

const simple: Weighted = [
  [5, declareReal],
  [9, assignReal],
  [2, integers],
  [1, pairs],
  ...arrayStatements,
  ...arrayMethods,
];

/** What a topic adds to the simple statements, and to those that nest. */
const ofTopic = (): Readonly<Record<Topic, { readonly simple?: Weighted; readonly nested?: Weighted }>> => ({
  records: { simple: [...objectStatements, ...groupStatements] },
  classes: { simple: [...objectStatements, ...groupStatements] },
  closures: { simple: closureStatements, nested: callbackStatements },
  growth: { simple: growthStatements },
  exits: { nested: exitStatements },
  unions: { simple: unionStatements },
  families: { simple: familyStatements },
});

/** A topic's statements are about as frequent as the others together. */
function pick(generator: Generator, kind: "simple" | "nested"): Maker {
  const lists = [...generator.topics].flatMap((topic) => ofTopic()[topic][kind] ?? []);
  if (lists.length > 0 && generator.random.chance(kind === "simple" ? 0.55 : 0.35)) return pickFrom(generator, lists);
  return pickFrom(generator, kind === "simple" ? simple : controlStatements);
}

function pickFrom(generator: Generator, makers: Weighted): Maker {
  const total = makers.reduce((sum, [weight]) => sum + weight, 0);
  let at = generator.random.unit() * total;
  for (const [weight, maker] of makers) if ((at -= weight) < 0) return maker;
  return makers[0]![1];
}

/** About `count` statements; declares into `scope`. */
export function statements(generator: Generator, scope: Scope, count: number): Statement[] {
  const result: Statement[] = [];
  for (let k = 0; k < count; k++) {
    generator.budget--;
    const mayNest = scope.depth < 4 && scope.loops < 3 && generator.budget > 0;
    const mayJump = scope.depth > 0 && generator.random.chance(0.2);
    const nests = mayNest && generator.random.chance(scope.depth === 0 ? 0.45 : 0.3);
    const maker = mayJump ? jump : pick(generator, nests ? "nested" : "simple");
    result.push(...(maker(generator, scope) ?? declareReal(generator, scope) ?? []));
  }
  return result;
}
